"""What undoes a link in a listfile: edits, conditions for other platforms, strict links."""
