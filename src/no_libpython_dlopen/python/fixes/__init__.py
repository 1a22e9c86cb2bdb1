"""Uses of a load, whether its fix is safe, and the edits that make it."""
