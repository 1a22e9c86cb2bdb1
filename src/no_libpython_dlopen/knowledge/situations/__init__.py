"""The situations in which an error message names libpython."""
