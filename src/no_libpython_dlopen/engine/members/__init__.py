"""The texts in archives: checked like files, where they are."""
