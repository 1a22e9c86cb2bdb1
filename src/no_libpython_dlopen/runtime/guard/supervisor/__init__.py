"""The parent of a guarded program: the launch, the wait, and the report afterwards."""
