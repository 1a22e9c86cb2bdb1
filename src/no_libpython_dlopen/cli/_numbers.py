"""Numbers of the command line, with errors that say what is expected."""

from __future__ import annotations

from argparse import ArgumentTypeError


def whole(text: str) -> int:
    """Return a whole number. Raises ``ArgumentTypeError``."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: must be a whole number") from None


def positive(text: str) -> int:
    """Return a whole number above 0. Raises ``ArgumentTypeError``."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text}: must be a number above 0")
    return int(text)


def seconds(text: str) -> float:
    """Return a time limit. Raises ``ArgumentTypeError``."""
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0 < limit < float("inf"):
        raise ArgumentTypeError(f"{text}: must be a number of seconds above 0")
    return limit
