"""The guard: audit events, what they show of libpython, and how a process comes to have it."""
