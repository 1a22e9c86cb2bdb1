"""The change of one file as a unified diff that ``patch`` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator


def diff(path: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without their line feeds.

    Lines end at a line feed only, as ``patch`` reads them; a carriage return before it
    is part of the line.
    """
    old, new = before.split("\n"), after.split("\n")
    for line in difflib.unified_diff(_with_line_feeds(old), _with_line_feeds(new), path, path):
        if line.endswith("\n"):
            yield line[:-1]
        else:
            yield line
            yield "\\ No newline at end of file"


def _with_line_feeds(lines: list[str]) -> list[str]:
    """Return the lines with their line feeds; the last has none, and is left out if empty."""
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


#: How lines are shown on a terminal, by how they begin: as git does it.
_STYLES = (("---", 1), ("+++", 1), ("@@", 36), ("-", 31), ("+", 32))


def style_line(line: str) -> str:
    """Return a line of a diff with the escapes that colour it."""
    for start, style in _STYLES:
        if line.startswith(start):
            return f"\x1b[{style}m{line}\x1b[0m"
    return line
