"""Waf: the features of the targets in a ``wscript``."""
