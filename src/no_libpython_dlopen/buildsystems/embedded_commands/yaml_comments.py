"""Tells the comments in YAML with scripts from its texts: YAML's own, and those of the scripts."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence

from no_libpython_dlopen.buildsystems.commands.provenance import Span
from no_libpython_dlopen.buildsystems.embedded_commands import script
from no_libpython_dlopen.buildsystems.embedded_commands.yaml_commands import EXPRESSION, blocks
from no_libpython_dlopen.buildsystems.embedded_commands.yaml_lines import Entry
from no_libpython_dlopen.buildsystems.shell.comments import code_tokens as shell_tokens
from no_libpython_dlopen.buildsystems.shell.comments import comments as shell_comments
from no_libpython_dlopen.model import analysis

#: A line of YAML up to its comment.
_LINE = re.compile(
    r"([^\"'#]*(?:(?:(?<=\S)#|(?<=[^\s\[{,:])[\"']"
    r"|(?<![^\s\[{,:])(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^']*'))[^\"'#]*)*)(?:(?<!\S)#.*)?"
)
#: How the line before a block ends, whatever its key looks like.
_HEADER = re.compile(r"(?:^|[\s:-])[|>][-+0-9]{0,9}[ \t]*(?:#.*)?\Z")
_ROW = re.compile(r"[^\r\n]+")


def values(text: str) -> Iterator[Span]:
    """Yield the blocks that are one value, each with its key: no comment is inside of them."""
    return ((entry.header, end) for entry, end in _values(text))


def _values(text: str) -> Iterator[tuple[Entry, int]]:
    for entry, is_value in blocks(text):
        if is_value:
            yield entry, max(entry.lines)[1]


def comments(text: str) -> Iterator[Span]:
    """Yield the spans of the comments, of YAML and of the scripts in it.

    What stands in quotation marks, or in a here-document of a script, may be data.
    """
    at = 0
    for entry, is_value in blocks(text):
        yield from _yaml_comments(text, at, min(entry.lines)[0], entry.header)
        if not is_value:
            yield from _script_comments(text, entry.lines)
        at = max(entry.lines)[1]
    yield from _yaml_comments(text, at, len(text))


def embedded_comments(text: str) -> Iterator[Span]:
    """Yield the spans of what may be comments, outside of blocks that are one value."""
    values_left = [(min(entry.lines)[0], end) for entry, end in _values(text)][::-1]
    for start, end in script.comments(text):
        while values_left and values_left[-1][1] <= start:
            values_left.pop()
        if not values_left or start < values_left[-1][0]:
            yield start, end


def _yaml_comments(text: str, start: int, stop: int, header: int = -1) -> Iterator[Span]:
    """Yield the spans of the comments between two blocks, outside of quoted texts.

    Below the header of a block that is not the one at ``header``, all is text: its key was not
    understood.
    """
    quoted_below = -1
    for line in analysis.watch(_ROW.finditer(text, start, stop)):
        indent = len(line[0]) - len(line[0].lstrip(" "))
        if quoted_below >= 0 and line[0].strip() and indent <= quoted_below:
            quoted_below = -1
        kept = _LINE.fullmatch(line[0])
        is_header = not line.start() <= header < line.end() and _HEADER.search(line[0])
        if kept is None or is_header:
            quoted_below = indent if quoted_below < 0 else quoted_below
        elif quoted_below < 0 and kept.end(1) < len(line[0]):
            yield line.start() + kept.end(1), line.end()


def _script_comments(text: str, lines: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans of the comments in the lines of a script, without their indentation."""
    rows = [text[start:end] for start, end in lines]
    begun = [0, *itertools.accumulate(len(row) + 1 for row in rows)]
    joined = EXPRESSION.sub(lambda found: "x" * len(found[0]), "\n".join(rows))
    for start, end in shell_comments(joined + "\n"):
        row = bisect.bisect_right(begun, start) - 1
        moved = lines[row][0] - begun[row]
        yield start + moved, end + moved


def code_tokens(text: str) -> Iterator[object]:
    """Yield the lines without their comments.

    Raises ``ValueError`` where quotes span lines, and where the key of a block is not understood.
    """
    at = 0
    for entry, is_value in blocks(text):
        yield from _without_comments(text[at : entry.header])
        yield from _without_comments(text[entry.header : min(entry.lines)[0]], is_header=True)
        lines = [text[start:end] for start, end in entry.lines]
        if is_value:
            yield lines
        else:
            yield list(shell_tokens(EXPRESSION.sub("x", "\n".join(lines)) + "\n"))
        at = max(entry.lines)[1]
    yield from _without_comments(text[at:])


def _without_comments(text: str, *, is_header: bool = False) -> Iterator[str]:
    for line in text.splitlines():
        kept = _LINE.fullmatch(line)
        if kept is None:
            raise ValueError("a quoted text over several lines")
        if not is_header and _HEADER.search(line):
            raise ValueError("a block whose key is not understood")
        if kept[1].strip():
            yield kept[1].rstrip()
