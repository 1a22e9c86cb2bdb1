"""The parent of a guarded program: the launch, the wait, and what is told afterwards."""
