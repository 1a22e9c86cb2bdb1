"""Splits a shell word into its parts: text, quoted or not, variables, and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.shell.lexer import BACKQUOTED, IN_DOUBLE, PLAIN, SINGLE, Lexer


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a word.

    ``kind`` is ``text`` (as written), ``variable`` (``name``, and ``rest`` is what
    follows the name inside the braces), ``command`` (``[start, end)`` is the whole,
    ``inner`` the commands) or ``other``.
    """

    kind: str
    start: int
    end: int
    quoted: bool
    name: str = ""
    rest: str = ""
    inner: tuple[int, int] = (0, 0)


def word_at(text: str, start: int) -> tuple[list[int], int] | None:
    """Return the offsets of a word's characters, quotation taken off, and where it ends.

    Expansions are left as they are written. A backquote may be the one that ends a command
    substitution around the word. ``None`` where no word begins, or none ends.
    """
    lexer = Lexer(text)
    for lexer.size in (len(text), text.find("`", start)):
        with suppress(LexError):
            end = lexer.word(start)
            kept = parts(text, start, end)
            return [at for part in kept for at in range(part.start, part.end)], end
    return None


def parts(text: str, start: int, end: int, *, quoted: bool = False) -> Iterator[Part]:
    """Yield the parts of a word, in order; quotation marks are left out.

    Raises ``LexError`` as ``tokens`` does.
    """
    lexer = Lexer(text)
    lexer.size, lexer.depth = end, 1
    at = start
    plain = IN_DOUBLE if quoted else PLAIN
    while at < end:
        char = text[at]
        if char == "\\":
            stop = min(end, at + (3 if text.startswith("\r\n", at + 1) else 2))
            if text[at + 1 : stop].strip("\r\n"):
                kept = at if quoted and text[at + 1] not in '"\\$`' else at + 1
                yield Part("text", kept, stop, True)
            at = stop
        elif char == "'" and not quoted:
            stop = lexer.match_end(SINGLE, at, "a quoted string is not closed")
            yield Part("text", at + 1, stop - 1, True)
            at = stop
        elif char == '"' and not quoted:
            stop = lexer.double(at)
            yield Part("text", at + 1, at + 1, True)
            yield from parts(text, at + 1, stop - 1, quoted=True)
            at = stop
        elif char == "`":
            stop = lexer.match_end(BACKQUOTED, at, "a backquote is not closed")
            yield Part("command", at, stop, quoted, inner=(at + 1, stop - 1))
            at = stop
        elif char == "$":
            stop = lexer.dollar(at, quoted=quoted)
            yield _expansion(text, at, stop, quoted)
            at = stop
        else:
            run = (_RUN_IN_DOUBLE if quoted else plain).match(text, at, end)
            stop = run.end() if run else at + 1
            yield Part("text", at, stop, quoted)
            at = stop


_RUN_IN_DOUBLE = re.compile(r"[^\\$`]+")
_BRACED = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*|[\s\S]*)\}")


def _expansion(text: str, start: int, end: int, quoted: bool) -> Part:
    spelled = text[start:end]
    if spelled.startswith("$("):
        if spelled.startswith("$((") and spelled.endswith("))"):
            return Part("other", start, end, quoted)
        return Part("command", start, end, quoted, inner=(start + 2, end - 1))
    if spelled.startswith("${"):
        braced = _BRACED.fullmatch(spelled)
        if braced:
            return Part("variable", start, end, quoted, braced["name"], braced["rest"])
        return Part("other", start, end, quoted)
    if re.fullmatch(r"\$\w+", spelled):
        return Part("variable", start, end, quoted, spelled[1:])
    if spelled == "$":
        return Part("text", start, end, quoted)
    if spelled.startswith(("$'", '$"')):
        plain = "\\" not in spelled and "$" not in spelled[1:] and "`" not in spelled
        return Part("text", start + 2, end - 1, True) if plain else Part("other", start, end, True)
    return Part("other", start, end, quoted)
