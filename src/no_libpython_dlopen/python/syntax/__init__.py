"""Text to syntax trees: parsing, positions, and the scanner of strings."""
