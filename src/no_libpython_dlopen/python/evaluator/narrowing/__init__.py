"""What the tests around an expression tell of its value."""
