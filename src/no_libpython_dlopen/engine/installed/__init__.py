"""Fixes of installed files: who owns them, their backup, and the ``RECORD`` that lists them."""
