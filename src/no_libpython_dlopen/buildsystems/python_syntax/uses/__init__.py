"""The uses of a list of a build script that an edit would take an item out of."""
