"""What the lexers of several languages share: their error, tokens, and the scan for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.limits import LEXER_MARKS

#: What a regular expression keeps a record of while it is inside of one token.
_MARKS = "\\\"'$"


#: A line with a statement of Jinja's, as in the templates of cookiecutter.
_TEMPLATE_PATH = re.compile(r"\{\{|\.(?:te?mpl|template|tpl|j2|jinja2?)(?:\.|\Z)|\btemplates?[/\\]")
_STATEMENT = re.compile(r"^[ \t]*\{%[^\n]*%\}", re.MULTILINE)


class LexError(NolibpyError, ValueError):
    """Text that is not of the language: a reason and its offset."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Token(NamedTuple):
    """A piece of the text; ``kind`` is the name of a group of the lexer's pattern."""

    kind: str
    text: str
    start: int
    end: int


def scan(
    pattern: re.Pattern[str], text: str, complaint: Callable[[str, int], str]
) -> Iterator[Token]:
    """Yield the tokens of a text; joined they are the text.

    Raises ``LexError`` where nothing of the language matches, with the reason that
    ``complaint`` gives for an offset, and ``LimitReached`` when the file's time is over.
    """
    if len(text) > LEXER_MARKS and sum(map(text.count, _MARKS)) > LEXER_MARKS:
        raise analysis.LimitReached(LEXER_MARKS)
    position = 0
    # As `re.Scanner` does. `finditer` would search all that follows where nothing matches.
    match_next = pattern.scanner(text).match  # type: ignore[attr-defined]
    matches: Iterator[re.Match[str]] = iter(match_next, None)
    for match in analysis.watch(matches):
        position = match.end()
        yield Token(match.lastgroup or "", match[0], match.start(), position)
    if position != len(text):
        raise LexError(complaint(text, position), position)


def is_template(path: str, text: str) -> bool:
    """Return whether a text that does not lex is a template by its path and by what it says."""
    return bool(_TEMPLATE_PATH.search(path) and _STATEMENT.search(text))
