"""Python programs in the strings of a Python file, which are handed to a Python."""
