"""What the lexers of several languages share: their error, and a token with its text."""

from __future__ import annotations

from dataclasses import dataclass

from no_libpython_dlopen.model.errors import NolibpyError


class LexError(NolibpyError, ValueError):
    """Text that is not of the language: a reason and the offset where it stands."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; ``kind`` is the name of a group of the lexer's pattern."""

    kind: str
    text: str
    start: int
    end: int
