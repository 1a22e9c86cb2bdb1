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

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.shell import comments as shell
from no_libpython_dlopen.buildsystems.shell.comments import embedded_comments
from no_libpython_dlopen.buildsystems.shell.lexer import tokens
from no_libpython_dlopen.model import analysis

__all__ = ["Instruction", "code_tokens", "comments", "embedded_comments", "escape_of"]
__all__ += ["instructions"]

_DIRECTIVE = re.compile(r"#[ \t]*(?P<name>\w+)[ \t]*=[ \t]*(?P<value>\S+)[ \t]*\r?\n")
_COMMENT = re.compile(r"[ \t]*#")
#: What BuildKit may take for a directive in the first lines: ``# escape=`` or ``//syntax=``.
_FIRST_LINES = re.compile(r"(?:#![^\n]*\n)?(?:[ \t]*(?:#|//)[ \t]*\w+[ \t]*=[^\n]*(?:\n|\Z))*")
#: Where ``RUN`` may not be for a shell of Unix.
_OTHER_SHELL = re.compile(
    r"^[ \t]*(?:SHELL\b|FROM\b.*(?:windows|nanoserver|servercore))", re.IGNORECASE | re.MULTILINE
)
_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)(?P<gap>[ \t]+|\Z|(?=\r?\n)|(?=[\\`]))")
_HERE = re.compile(
    r"(?<=\s)\d*<<(?P<tabs>-?)(?P<quote>[\"']?)(?P<word>[^\s<>\"'|&;()$]+)(?P=quote)(?=\s)"
    r"|(?<!<)<<(?P<joined_tabs>-?)[ \t]*([\"']?)(?P<joined>[A-Za-z_][\w.]*)\5(?![<\w])"
)
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
                tabs = here["tabs"] or here["joined_tabs"]
                at = _here_end(text, at, here["word"] or here["joined"], tabs=bool(tabs))
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


def _here_end(text: str, at: int, word: str, *, tabs: bool) -> int:
    while at < len(text):
        start, at = at, _line_end(text, at)
        line = text[start:at].rstrip("\r\n")
        if (line.lstrip("\t") if tabs else line) == word:
            break
    return at


def _line_end(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the comments: lines, and what ends a command for the shell."""
    has_shell = not _OTHER_SHELL.search(text)
    for each in analysis.watch(instructions(text)):
        lines = each.comments if each.name else ((each.start, each.end),)
        for start, end in lines:
            if _COMMENT.match(text, start, end):
                yield text.index("#", start), start + len(text[start:end].rstrip("\r\n"))
        if each.name == "RUN" and has_shell and each.end == each.stop:
            yield from _shell_comment(text, each)


def _shell_comment(text: str, each: Instruction) -> Iterator[tuple[int, int]]:
    """Yield the comment that ends a command; one before its last line would hide the rest."""
    try:
        found = [token for token in tokens(_arguments(text, each)) if token.kind != "newline"]
    except LexError:
        return
    marks = [token for token in found if token.kind == "comment"]
    if len(marks) == 1 and marks[0] is found[-1]:
        end = each.value + len(text[each.value : each.stop].rstrip("\r\n"))
        yield end - (marks[0].end - marks[0].start), end


def code_tokens(text: str) -> Iterator[tuple[object, ...]]:
    """Yield the directives, and the name, arguments and here-documents of each instruction."""
    first = _FIRST_LINES.match(text)
    yield (first[0] if first else "",)
    for each in instructions(text):
        if each.name:
            yield each.name, _meaning(text, each)
            yield "here", text[each.stop : each.end]


def _meaning(text: str, each: Instruction) -> tuple[object, ...]:
    body = _arguments(text, each)
    if each.name == "RUN":
        try:
            return tuple(shell.code_tokens(body))
        except LexError:
            pass
    return (body,)


def _arguments(text: str, each: Instruction) -> str:
    """Return an instruction's arguments without the comment lines in between."""
    at, parts = each.value, []
    for start, end in each.comments:
        parts.append(text[at:start])
        at = end
    return "".join([*parts, text[at : each.stop]])
