"""What a file replaces of the names that its loads are made with, seen or unseen."""
