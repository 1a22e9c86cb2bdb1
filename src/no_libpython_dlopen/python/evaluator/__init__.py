"""The abstract interpreter: the values that an expression may have."""
