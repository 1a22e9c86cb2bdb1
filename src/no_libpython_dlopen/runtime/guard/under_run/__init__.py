"""What a process under ``nolibpy run`` does for its parent: the loader's log and the notes."""
