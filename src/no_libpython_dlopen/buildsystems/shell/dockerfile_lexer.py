"""Splits a Dockerfile into instructions, without losing a character.

The syntax is that of Docker's *Dockerfile reference*: one instruction a logical line,
continued by a backslash (or the character of the ``escape`` directive), with comment
lines allowed in between, and here-documents behind it. Own because dockerfile-parse
normalizes what it reads and keeps line numbers only, and the language is four kinds of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#[ \t]*(?P<name>\w+)[ \t]*=[ \t]*(?P<value>\S+)[ \t]*\r?\n")
_COMMENT = re.compile(r"[ \t]*#")
_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)(?P<gap>[ \t]+|\Z|(?=\r?\n)|(?=[\\`]))")
_HERE = re.compile(r"(?<!<)<<-?[ \t]*([\"']?)(?P<word>[A-Za-z_][\w.]*)\1(?![<\w])")
_TAKES_HERE = frozenset({"RUN", "COPY", "ADD"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction, a comment or blank line (no ``name``), from its start to past its end.

    Its arguments are at ``[value, stop)``; what follows up to ``end`` are here-documents.
    ``comments`` are the spans of comment lines between its lines.
    """

    name: str
    start: int
    end: int
    value: int
    stop: int
    comments: tuple[tuple[int, int], ...] = ()


def escape_of(text: str) -> str:
    """Return the character that continues a line."""
    at = 0
    while directive := _DIRECTIVE.match(text, at):
        if directive["name"].lower() == "escape":
            return directive["value"][:1]
        at = directive.end()
    return "\\"


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile; joined they are the text."""
    escape = re.escape(escape_of(text))
    continued = re.compile(rf"{escape}[ \t]*\r?\n?\Z")
    at = 0
    while at < len(text):
        start = at
        at = _line_end(text, at)
        name = _INSTRUCTION.match(text, start, at)
        if name is None or _COMMENT.match(text, start, at):
            yield Instruction("", start, at, start, at)
            continue
        comments = []
        while at < len(text) and continued.search(text, max(start, at - 200), at):
            at, skipped = _skip_comments(text, at)
            comments += skipped
            at = _line_end(text, at)
        stop = at
        word = name["name"].upper()
        if word in _TAKES_HERE:
            for here in _HERE.finditer(text, name.end(), stop):
                at = _here_end(text, at, here["word"])
        yield Instruction(word, start, at, name.end(), stop, tuple(comments))


def _skip_comments(text: str, at: int) -> tuple[int, list[tuple[int, int]]]:
    """Pass over the comment and blank lines that may be inside an instruction."""
    found = []
    while at < len(text):
        end = _line_end(text, at)
        if text[at:end].strip() and not _COMMENT.match(text, at, end):
            break
        found.append((at, end))
        at = end
    return at, found


def _here_end(text: str, at: int, word: str) -> int:
    while at < len(text):
        start, at = at, _line_end(text, at)
        if text[start:at].strip() == word:
            break
    return at


def _line_end(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)
