"""Splits a ``meson.build`` into tokens without losing a character.

Own because meson's ``mparser`` fails on CRLF and comes with all of meson, and no other
library keeps offsets. The tokens are those of Meson's manual, *Syntax*: identifiers,
numbers, strings of one or many lines with an ``f`` or without, and punctuation. Line
ends count outside brackets only, as in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, Token, scan
from no_libpython_dlopen.model.limits import MESON_DEPTH

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\f]+ | \\[ \t]*(?:\#[^\r\n]*)?(?:\r\n|\r|\n))
    | (?P<newline>[\r\n]+)
    | (?P<comment>\#[^\r\n]*)
    | (?P<string>f?'''[\s\S]*?''' | f?'(?!'')[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*' | f?'')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>0[bB][01]+ | 0[oO][0-7]+ | 0[xX][0-9a-fA-F]+ | [0-9]+)
    | (?P<mark>\+= | == | != | <= | >= | [-+*/%=<>()\[\]{},.:?])
    """,
    re.VERBOSE,
)
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())


def tokens(text: str) -> Iterator[Token]:
    """Return all tokens of a text, white space and comments too; joined they are the text.

    Raises ``LexError`` where nothing of the language matches.
    """
    return scan(_TOKEN, text, _complaint)


def _complaint(text: str, position: int) -> str:
    quote = text[position] == "'" or text.startswith("f'", position)
    return "a string is not closed" if quote else "unexpected character"


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the comments, up to what does not lex."""
    with suppress(LexError):
        for token in tokens(text):
            if token.kind == "comment":
                yield token.start, token.end


def code_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of what ``significant`` returns, empty lines left out."""
    last = "newline"
    for token in significant(text):
        if not token.kind == last == "newline":
            last = token.kind
            yield last, "" if last == "newline" else token.text


def significant(text: str) -> list[Token]:
    """Return the tokens that mean something, with line ends only where they end a statement.

    Raises ``LexError`` for text that is not Meson or whose brackets do not match.
    """
    found: list[Token] = []
    stack: list[Token] = []
    for token in tokens(text):
        if token.kind in ("space", "comment"):
            continue
        if token.kind == "newline" and (stack or (found and found[-1].kind == "newline")):
            continue  # one ends a statement, and there may be millions
        if token.kind == "mark" and token.text in _OPENING:
            stack.append(token)
            if len(stack) > MESON_DEPTH:
                raise LexError("brackets are nested too deeply", token.start)
        elif token.kind == "mark" and token.text in _CLOSING:
            if not stack or _OPENING[stack[-1].text] != token.text:
                raise LexError(f"unmatched `{token.text}`", token.start)
            stack.pop()
        found.append(token)
    if stack:
        raise LexError(f"`{stack[-1].text}` is not closed", stack[-1].start)
    found.append(Token("newline", "", len(text), len(text)))
    return found
