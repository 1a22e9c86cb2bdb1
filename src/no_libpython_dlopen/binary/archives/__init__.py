"""Members of zip and tar archives, without unpacking them to disk."""
