"""The imports of a file: those that a fix brings along, and those that it leaves unused."""
