"""Comments that suppress findings, and those that suppress nothing."""
