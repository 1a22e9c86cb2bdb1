"""What frameworks give a program: options of the command line, and values for tests."""
