"""What the readers of all build languages share: the link fact, deletions, sibling files."""
