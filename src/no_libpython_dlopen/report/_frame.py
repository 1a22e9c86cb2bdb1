"""Code frames: the rows a finding is about, with marks under the columns.

Works on display cells: a tab is shown as blanks up to the next stop, a control
character as its escape, and wide characters count double, so that the marks stand
where the reader sees the text. Long rows are cut to the window around the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from no_libpython_dlopen.finding import Finding, Location
from no_libpython_dlopen.report import escaped
from no_libpython_dlopen.source import Source

#: A piece of a line and what it is: "", "gutter", "mark", "aside", "elided".
Piece = tuple[str, str]
Line = list[Piece]

TAB = 4
#: A range over more rows than this is shown by its first and last ones.
MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """A range to be marked on one row, in code points, with a note behind it."""

    row: int
    start: int
    end: int
    note: str
    main: bool


def frame(finding: Finding, source: Source, note: str, width: int) -> list[Line]:
    """Return the lines of the code frame of a finding."""
    marks = list(_marks(source, finding.start, finding.end, note, main=True))
    for related in finding.related:
        marks += _marks(source, related.start, related.end, related.message, main=False)
    last = len(source.line_starts)
    rows = {mark.row for mark in marks}
    cell = source.cell_of(finding.start)[0]
    around = {max(finding.start.row - 1, 1), min(finding.end.row + 1, last)}
    rows |= {row for row in around if source.cell_of(Location(row, 1))[0] == cell}
    gutter = len(str(max(_number(source, row) for row in rows)))
    lines: list[Line] = [[(f"{'':{gutter}} |", "gutter")]]
    previous = 0
    for row in sorted(rows):
        here = sorted((m for m in marks if m.row == row), key=lambda m: (not m.main, m.start))
        if not here and not source.line(row).strip():
            continue
        if previous and row > previous + 1:
            lines.append([("...", "gutter")])
        previous = row
        lines += _row(source.line(row), _number(source, row), here, gutter, width)
    lines.append([(f"{'':{gutter}} |", "gutter")])
    return lines


def _number(source: Source, row: int) -> int:
    """Return what a row is called: in a notebook, its number in the cell."""
    return source.cell_of(Location(row, 1))[1].row


def _marks(
    source: Source, start: Location, end: Location, note: str, *, main: bool
) -> Iterator[Mark]:
    """Yield one mark a row of a range; the note stands at the last one."""
    rows = list(range(start.row, end.row + 1)) or [start.row]
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 2], *rows[-2:]]
    for row in rows:
        text = source.line(row)
        first = start.column - 1 if row == start.row else len(text) - len(text.lstrip())
        last = end.column - 1 if row == end.row else len(text.rstrip())
        yield Mark(row, first, max(last, first + 1), note if row == rows[-1] else "", main)


def _row(text: str, row: int, marks: list[Mark], gutter: int, width: int) -> list[Line]:
    cells = _cells(text)
    shown = "".join(cells)
    edges = _edges(cells)
    left, right = _window(edges, marks, max(width - gutter - 4, 20))
    body = _cut(shown, left, right)
    elided_left = left > 0
    head = "..." if elided_left else ""
    tail = "..." if right < edges[-1] else ""
    lines: list[Line] = [[(f"{row:>{gutter}} | ", "gutter"), (f"{head}{body}{tail}".rstrip(), "")]]
    for mark in marks:
        start = max(_edge(edges, mark.start) - left, 0)
        end = max(min(_edge(edges, mark.end), right) - left, start + 1)
        sign, kind = ("^", "mark") if mark.main else ("-", "aside")
        under = " " * (start + len(head)) + sign * (end - start)
        note = f" {mark.note}" if mark.note else ""
        lines.append([(f"{'':{gutter}} | ", "gutter"), (f"{under}{note}", kind)])
    return lines


def _window(edges: list[int], marks: list[Mark], room: int) -> tuple[int, int]:
    """Return the cells to show of a row: all of it, or those around its first mark."""
    if edges[-1] <= room:
        return 0, edges[-1]
    start = _edge(edges, marks[0].start) if marks else 0
    left = max(min(start - room // 4, edges[-1] - room), 0)
    return left, left + room


def _cells(text: str) -> list[str]:
    """Return what is shown for each code point."""
    cells: list[str] = []
    at = 0
    for char in text:
        if char == "\t":
            shown = " " * (TAB - at % TAB)
        else:
            shown = char if char.isprintable() else escaped(char)
        cells.append(shown)
        at += len(shown)
    return cells


def _edges(cells: list[str]) -> list[int]:
    """Return the display column at which each code point begins, and the end."""
    measure = _measure("".join(cells))
    edges = [0]
    for cell in cells:
        edges.append(edges[-1] + measure(cell))
    return edges


def _measure(text: str) -> Callable[[str], int]:
    if text.isascii():
        return len
    from rich.cells import cell_len

    return cell_len


def _edge(edges: list[int], offset: int) -> int:
    """Return the display column of an offset; one cell a code point past the end."""
    return edges[offset] if offset < len(edges) else edges[-1] + offset - len(edges) + 1


def _cut(shown: str, left: int, right: int) -> str:
    """Return the display columns ``[left, right)`` of a text."""
    measure = _measure(shown)
    pieces = []
    at = 0
    for char in shown:
        width = measure(char)
        if left <= at and at + width <= right:
            pieces.append(char)
        elif at < right and at + width > left:
            pieces.append(" " * (min(at + width, right) - max(at, left)))
        at += width
    return "".join(pieces)
