"""The loops around a command of a shell, whose bodies run for each of a few values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.shell.lexer import Token

#: A loop over more values runs once, and all loops of a script run so often once more.
_MOST_TURNS = 8
_MOST_TURNS_OF_ALL = 64
#: A body without this links no module.
_LINKS = re.compile(r"shared|bundle|dynamiclib", re.IGNORECASE)


class Loop(NamedTuple):
    """A loop: the token that its body starts with, and the further values of its variable."""

    start: int = 0
    name: str = ""
    values: Sequence[TrackedText] = ()


class Loops:
    """The loops that were entered and not left, the innermost last."""

    def __init__(self) -> None:
        self._entered: list[Loop] = []
        self._turns = 0

    def enter(self, start: int = 0, name: str = "", values: Sequence[TrackedText] = ()) -> None:
        """Enter a loop; one that is not followed has no name."""
        self._entered.append(Loop(start, name, values if len(values) < _MOST_TURNS else ()))

    def next_turn(self, text: str, tokens: Sequence[Token], end: int) -> Loop | None:
        """Return the innermost loop if it runs again behind ``done`` at an offset, else leave it."""
        if not self._entered:
            return None
        loop = self._entered.pop()
        if not loop.values or self._turns >= _MOST_TURNS_OF_ALL:
            return None
        if not _LINKS.search(text, tokens[loop.start].start, end):
            return None
        self._turns += 1
        self._entered.append(loop._replace(values=loop.values[1:]))
        return loop
