"""Keeps what was parsed last, as long as its texts have few characters together.

What is made of a text takes a hundred times its memory, and a project may have hundreds of large
texts.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

#: Characters of the texts that are kept; the listfiles of large projects have some 300,000.
_KEPT_CHARACTERS = 1 << 21

Parsed = TypeVar("Parsed")


class KeptParses(Generic[Parsed]):
    """A parser that keeps what it made of the texts that were asked for last, of one at least.

    >>> split = KeptParses(str.split)
    >>> first, again, long = split("a b"), split("a b"), split("a " * (1 << 20))
    >>> first is again, first is split("a b"), first == split("a b")
    (True, False, True)
    """

    def __init__(self, parse: Callable[[str], Parsed]) -> None:
        self._parse = parse
        self._kept: dict[str, Parsed] = {}
        self._characters = 0
        self._lock = Lock()

    def __call__(self, text: str) -> Parsed:
        """Return a text as it was parsed, which nobody may change."""
        with self._lock:
            if text in self._kept:
                self._kept[text] = known = self._kept.pop(text)
                return known
        found = self._parse(text)
        with self._lock:
            self._keep(text, found)
        return found

    def _keep(self, text: str, found: Parsed) -> None:
        if text in self._kept:  # by another thread
            return
        self._characters += len(text)
        while self._kept and self._characters > _KEPT_CHARACTERS:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._characters -= len(oldest)
        self._kept[text] = found
