"""The other modules of a file's project: where they are, and what their names mean."""
