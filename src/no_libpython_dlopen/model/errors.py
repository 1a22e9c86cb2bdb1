"""The base class of this package's own exceptions.

It imports nothing, so that every layer, the guard in a stranger's process included, can
derive from it.
"""

from __future__ import annotations


class NolibpyError(Exception):
    """What this package raises on purpose; the text is one clause for the user."""
