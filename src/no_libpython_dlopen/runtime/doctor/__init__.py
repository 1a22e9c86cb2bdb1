"""The doctor: how an interpreter is linked, which libpythons are around, what that means."""
