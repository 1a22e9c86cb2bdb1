"""What the tests around an expression imply about its value."""
