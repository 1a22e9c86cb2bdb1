"""The change of one file as a unified diff that ``patch`` takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

#: So many lines of both files are searched for the end of a change. For each change, Python's
#: ``difflib`` looks at all lines that follow, which takes quadratic time.
_AHEAD = 100
#: Lines that are shown before and after a change.
_CONTEXT = 3

#: Characters of a path that end its line, steer a terminal, or would be read as part of a quotation.
_SPECIAL = re.compile(r'[\x00-\x1f\x7f"\\]')

#: What happens to lines of the old file, from one to another, and of the new one, as in ``difflib``.
_Change = tuple[str, int, int, int, int]


def diff(path: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without their line feeds.

    Lines end at a line feed only, as ``patch`` reads them; a carriage return before it
    is part of the line.
    """
    if before == after:
        return
    old, new = (_with_line_feeds(text.split("\n")) for text in (before, after))
    matcher = difflib.SequenceMatcher[str]()
    matcher.opcodes = [*_changes(old, new)]  # type: ignore[attr-defined]
    name = _quote(path)
    yield from (f"--- {name}", f"+++ {name}")
    for hunk in matcher.get_grouped_opcodes(_CONTEXT):
        (_, start, _, to, _), (_, _, stop, _, end) = hunk[0], hunk[-1]
        yield f"@@ -{_span(start, stop)} +{_span(to, end)} @@"
        for change in hunk:
            yield from _lines(change, old, new)


def _quote(path: str) -> str:
    """Return a path as ``git`` and ``patch`` read it: with control characters, in C's quotes.

    >>> print(_quote("a\\nb"))
    "a\\012b"
    """
    if not _SPECIAL.search(path):
        return path
    return '"' + _SPECIAL.sub(lambda found: f"\\{ord(found[0]):03o}", path) + '"'


def _with_line_feeds(lines: list[str]) -> list[str]:
    """Return the lines with their line feeds; the last has none, and is left out if empty."""
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _changes(old: list[str], new: list[str]) -> Iterator[_Change]:
    """Yield equal and changed lines by turns, up to the ends of both files."""
    rest = _length_of_common_start(old[::-1], new[::-1])
    stop, end = len(old) - rest, len(new) - rest
    at = to = 0
    while at < stop or to < end:
        same = 0
        while at + same < stop and to + same < end and old[at + same] == new[to + same]:
            same += 1
        if same:
            yield "equal", at, at + same, to, to + same
        at, to = at + same, to + same
        if at < stop or to < end:
            ahead = old[at : min(at + _AHEAD, stop)], new[to : min(to + _AHEAD, end)]
            deleted, added = _size_of_change(*ahead)
            tag = "replace" if deleted and added else "delete" if deleted else "insert"
            yield tag, at, at + deleted, to, to + added
            at, to = at + deleted, to + added
    if rest:
        yield "equal", stop, len(old), end, len(new)


def _length_of_common_start(old: list[str], new: list[str]) -> int:
    pairs = zip(old, new, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _size_of_change(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return after how many lines both go on alike, or end.

    Two lines that are alike are preferred to one, which may be blank, or alike by chance.
    """
    found, last = (len(old), len(new)), len(old) + len(new)
    for size in range(1, last):
        if size > last:
            break
        for deleted in range(max(0, size - len(new)), min(size, len(old)) + 1):
            added = size - deleted
            if old[deleted : deleted + 1] != new[added : added + 1]:
                continue
            if old[deleted : deleted + 2] == new[added : added + 2]:
                return deleted, added
            if found == (len(old), len(new)):
                found, last = (deleted, added), min(size + 2, last)
    return found


def _span(start: int, stop: int) -> str:
    """Return the lines of a hunk as its head names them."""
    length = stop - start
    return f"{start + 1}" if length == 1 else f"{start + bool(length)},{length}"


def _lines(change: _Change, old: list[str], new: list[str]) -> Iterator[str]:
    tag, start, stop, to, end = change
    sides = (
        [(" ", old[start:stop])] if tag == "equal" else [("-", old[start:stop]), ("+", new[to:end])]
    )
    for mark, lines in sides:
        for line in lines:
            yield f"{mark}{line}".removesuffix("\n")
            if not line.endswith("\n"):
                yield "\\ No newline at end of file"


#: How lines are shown on a terminal, by how they begin: as git does it.
_STYLES = (("---", 1), ("+++", 1), ("@@", 36), ("-", 31), ("+", 32))


def style_line(line: str) -> str:
    """Return a line of a diff with the escapes that colour it."""
    for start, style in _STYLES:
        if line.startswith(start):
            return f"\x1b[{style}m{line}\x1b[0m"
    return line
