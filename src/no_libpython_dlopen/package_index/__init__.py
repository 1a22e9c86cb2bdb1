"""Wheels of a package index: pip's settings, the simple API, selection, range reads."""
