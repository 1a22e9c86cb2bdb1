"""Splits a CMake listfile into commands and arguments without losing a character.

Own because nothing fits: cmakelang is GPL, tree-sitter-cmake is an sdist that needs a
compiler and gives no offsets inside generator expressions, and the language has seven
tokens. They are those of CMake's manual, cmake-language(7), *Syntax*, with the legacy
forms of unquoted arguments (``-Da="b c"``, ``$(VAR)``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.common.kept_parses import KeptParses
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, Token, scan
from no_libpython_dlopen.model.limits import CMAKE_DEPTH

#: An unquoted argument from its first character on, which no bracket or quotation may be.
_UNQUOTED = r"""
        (?=[^ \t\r\n\f\v()\#"\\] | \\.)
        [^ \t\r\n\f\v()\#"\\$]*
        (?:
          (?: \\. | \$\([A-Za-z0-9_]*\) | \$ | "[^"\\\r\n()\#]*(?:\\.[^"\\\r\n()\#]*)*" )
          [^ \t\r\n\f\v()\#"\\$]*
        )*
"""
_QUOTED = r'"[^"\\]*(?:\\[\s\S][^"\\]*)*"'
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n\f\v]+)
    | (?P<block_comment>\#\[(?P<hashes>=*)\[[\s\S]*?\](?P=hashes)\])
    | (?P<comment>\#(?!\[=*\[)[^\n]*(?:(?<!\r)|(?!\n)))
    | (?P<bracket>\[(?P<equals>=*)\[[\s\S]*?\](?P=equals)\])
    | (?P<quoted>{_QUOTED})
    | (?P<open>\()
    | (?P<close>\))
    | (?P<unquoted> (?!\[=*\[)(?!") {_UNQUOTED})
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
#: A line that ``configure_file`` fills in; CMake's own modules ship such templates as ``.cmake``.
_PLACEHOLDER = re.compile(r"@[A-Za-z0-9_]+@\Z")


class Argument(NamedTuple):
    """One argument, or a parenthesis inside a command.

    ``text`` is what is between the quotes or brackets, with escapes as written,
    and starts at ``inner``. ``kind`` is ``unquoted``, ``quoted``, ``bracket``,
    ``open`` or ``close``. ``gap`` is where the white space before it starts;
    ``after_comment`` tells that a line comment is there, whose line must not grow.
    """

    kind: str
    text: str
    start: int
    end: int
    inner: int
    gap: int
    after_comment: bool


class Command(NamedTuple):
    """``name(arguments)``: the name in lower case, offsets from its first letter to past ``)``.

    ``comments`` tells whether a comment is between the parentheses.
    """

    name: str
    start: int
    end: int
    arguments: tuple[Argument, ...]
    comments: bool


def tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a listfile; their texts, joined, are the file.

    Raises ``LexError`` where nothing of the language matches.
    """
    return scan(_TOKEN, text, _complaint)


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the line comments, up to what does not lex."""
    with suppress(LexError):
        for token in tokens(text):
            if token.kind == "comment":
                yield token.start, token.end


def code_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of what is not layout or a comment. Raises ``LexError``."""
    commands(text)  # what does not parse is left alone
    for token in tokens(text):
        if token.kind not in ("space", "comment", "block_comment"):
            yield token.kind, token.text


def _complaint(text: str, position: int) -> str:
    if text.startswith('"', position):
        return "a string is not closed"
    if text.startswith(("[", "#["), position):
        return "a bracket argument or comment is not closed"
    return "unexpected character"


@KeptParses
def commands(text: str) -> tuple[Command, ...]:
    """Return the commands of a listfile, in order.

    Raises ``LexError`` where the text is not CMake.
    """
    found: list[Command] = []
    name: Token | None = None
    arguments: list[Argument] | None = None
    depth = gap = 0
    comments = after_comment = False
    for token in tokens(text):
        kind = token.kind
        if kind == "space":
            continue
        if kind in ("comment", "block_comment"):
            comments, gap, after_comment = True, token.end, kind == "comment"
            continue
        if arguments is None:
            if kind == "open" and name is not None:
                arguments, depth, comments = [], 0, False
            elif kind == "unquoted" and name is None and _NAME.match(token.text):
                name = token
            else:
                if name is None and _PLACEHOLDER.match(token.text):
                    continue
                raise LexError("expected a command", token.start)
        elif kind == "close" and depth == 0:
            assert name is not None
            spelled = name.text.lower()
            found.append(Command(spelled, name.start, token.end, tuple(arguments), comments))
            name = arguments = None
        else:
            depth += (kind == "open") - (kind == "close")
            if depth > CMAKE_DEPTH:
                raise LexError("parentheses are nested too deeply", token.start)
            arguments.append(_argument(text, token, gap, after_comment))
        gap, after_comment = token.end, False
    if name is not None:
        raise LexError("a command has no closing parenthesis", name.start)
    return tuple(found)


def _argument(text: str, token: Token, gap: int, after_comment: bool) -> Argument:
    """Return the argument that a token is, without its quotes or brackets."""
    inner, stop = token.start, token.end
    if token.kind == "quoted":
        inner, stop = inner + 1, stop - 1
    elif token.kind == "bracket":
        width = text.index("[", inner + 1) + 1 - inner
        inner, stop = inner + width, stop - width
    return Argument(token.kind, text[inner:stop], token.start, token.end, inner, gap, after_comment)
