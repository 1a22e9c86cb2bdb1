"""Files as bytes: opened without waiting, replaced atomically, searched for many words."""
