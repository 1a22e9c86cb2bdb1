"""Code frames: the rows a finding is about, with marks under the columns.

Works on display cells: a tab is shown as blanks up to the next stop, a control
character as its escape, and wide characters count double, so that the marks stand
where the reader sees the text. Long rows are cut to the window around the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from no_libpython_dlopen.model.finding import Finding, Location, Related
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import escape

#: A piece of a line and what it is: "", "gutter", "mark", "aside", "elided".
Piece = tuple[str, str]
Line = list[Piece]

TAB = 4
#: A range over more rows than this is shown by its first and last ones.
MOST_ROWS = 6
#: A longer row is not shown: cutting it for each of its findings would take quadratic time.
LONGEST_ROW = 20_000
#: Code points, for each column of a page, that are looked at on both sides of a mark.
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A range to be marked on one row, in code points, with a note behind it."""

    row: int
    start: int
    end: int
    note: str
    main: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to write on: its columns, the line numbers' ones, and its characters."""

    width: int
    gutter: int
    encoding: str = "utf-8"

    @property
    def room(self) -> int:
        """The columns right of the gutter and its bar."""
        return max(self.width - self.gutter - 3, 16)


def frame(
    finding: Finding, source: Source, note: str, width: int, encoding: str = "utf-8"
) -> list[Line]:
    """Return the lines of the code frame of a finding, at most ``width`` columns wide."""
    paper = Page(width, gutter_of(finding, source), encoding)
    edge: Line = [(f"{'':{paper.gutter}} |", "gutter")]
    if row_length(source, finding.start.row) > LONGEST_ROW:
        length = row_length(source, finding.start.row)
        about = f"(a line of {length:,} characters) {note}".rstrip()
        return [
            edge,
            [(f"{number(source, finding.start.row)} | ", "gutter"), (about, "aside")],
            edge,
        ]
    marks = list(_marks(source, finding.start, finding.end, note))
    marks += [_first_mark(source, related) for related in _in_file(finding)]
    last = len(source.line_starts)
    rows = {mark.row for mark in marks}
    cell = source.cell_of(finding.start)[0]
    around = {max(finding.start.row - 1, 1), min(finding.end.row + 1, last)}
    rows |= {row for row in around if source.cell_of(Location(row, 1))[0] == cell}
    rows = {row for row in rows if row_length(source, row) <= LONGEST_ROW}
    lines: list[Line] = [edge]
    previous = 0
    for row in sorted(rows):
        here = sorted((m for m in marks if m.row == row), key=lambda m: (not m.main, m.start))
        if not here and not source.line(row).strip():
            continue
        if previous and row > previous + 1:
            lines.append([("...", "gutter")])
        previous = row
        lines += _row(source.line(row), number(source, row), here, paper)
    lines.append(edge)
    return lines


def row_length(source: Source, row: int) -> int:
    """Return the characters of a row, its line ending included."""
    starts = source.line_starts
    return (starts[row] if row < len(starts) else len(source.text)) - starts[row - 1]


def gutter_of(finding: Finding, source: Source) -> int:
    """Return the width of the line numbers of a finding's frame, in columns."""
    rows = [finding.end.row + 1, *(related.start.row for related in _in_file(finding))]
    rows = [min(row, len(source.line_starts)) for row in (finding.start.row, *rows)]
    return max(len(str(number(source, row))) for row in rows)


def _in_file(finding: Finding) -> list[Related]:
    """Return the related places that are in the finding's own file."""
    return [related for related in finding.related if not related.path]


def number(source: Source, row: int) -> int:
    """Return the name of a row: in a notebook, its number in the cell."""
    return source.cell_of(Location(row, 1))[1].row


def _first_mark(source: Source, related: Related) -> Mark:
    """Return the mark of what led to a finding: of several rows, the first."""
    start, end = related.start, related.end
    if end.row > start.row:
        text = source.line(start.row) if row_length(source, start.row) <= LONGEST_ROW else ""
        end = Location(start.row, max(len(text.rstrip()), start.column) + 1)
    (mark,) = _marks(source, start, end, related.message, main=False)
    return mark


def _marks(
    source: Source, start: Location, end: Location, note: str, *, main: bool = True
) -> Iterator[Mark]:
    """Yield one mark a row of a range; the note stands at the last one."""
    rows = list(range(start.row, end.row + 1)) or [start.row]
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 2], *rows[-2:]]
    for row in rows:
        text = source.line(row) if row_length(source, row) <= LONGEST_ROW else ""
        first = start.column - 1 if row == start.row else len(text) - len(text.lstrip())
        last = end.column - 1 if row == end.row else len(text.rstrip())
        yield Mark(row, first, max(last, first + 1), note if row == rows[-1] else "", main)


def _row(text: str, row: int, marks: list[Mark], paper: Page) -> list[Line]:
    shown, place = excerpt(text, marks[0].start if marks else 0, paper)
    blank = f"{'':{paper.gutter}} | "
    lines: list[Line] = [[(f"{row:>{paper.gutter}} | ", "gutter"), (shown.rstrip(), "")]]
    for mark in marks:
        start = min(place(mark.start), paper.room - 1)
        end = max(min(place(mark.end), paper.room), start + 1)
        sign, kind = ("^", "mark") if mark.main else ("-", "aside")
        under = " " * start + sign * (end - start)
        beside = f"{under} {mark.note}".rstrip()
        if _measure(beside)(beside) <= paper.room:
            lines.append([(blank, "gutter"), (beside, kind)])
            continue
        lines.append([(blank, "gutter"), (under, kind)])
        lines += [
            [(blank, "gutter"), (part, kind)] for part in _notes_below(mark.note, start, paper)
        ]
    return lines


def _notes_below(note: str, start: int, paper: Page) -> list[str]:
    """Return a note that does not fit beside its mark, for the lines under it."""
    width = _measure(note)(note)
    if width <= paper.room:
        return [" " * min(start, paper.room - width) + note]
    if note.isascii():
        import textwrap

        return textwrap.wrap(note, paper.room)
    from rich.cells import chop_cells

    return chop_cells(note, paper.room)


def excerpt(text: str, at: int, paper: Page) -> tuple[str, Callable[[int], int]]:
    """Return the visible part of a row, and the function from an offset to its column.

    A row that is too long is cut to the columns around the offset ``at``.
    """
    first = max(at - _NEAR * paper.room, 0)
    text = text[first : at + _NEAR * paper.room]
    at -= first
    cells = _cells(text, paper.encoding)
    edges = _edges(cells)
    left, right, head, tail = 0, edges[-1], "", ""
    whole, room = edges[-1], paper.room
    if whole > room:
        left = _edge(edges, at) - (room - 6) // 4
        if left <= 3:
            left, right = 0, room - 3
        elif left + room - 6 >= whole - 3:
            left = whole - room + 3
        else:
            right = left + room - 6
        head, tail = "..." * (left > 0), "..." * (right < whole)

    def place(offset: int) -> int:
        at = _edge(edges, max(offset - first, 0))
        shown = max(at - left, 0) if at <= right or not tail else right - left + len(tail)
        return shown + len(head)

    return f"{head}{_cut_columns(''.join(cells), left, right)}{tail}", place


def _cells(text: str, encoding: str) -> list[str]:
    """Return the display of each code point: itself, or its escape."""
    cells: list[str] = []
    at = 0
    for char in text:
        if char == "\t":
            shown = " " * (TAB - at % TAB)
        else:
            shown = char if char.isprintable() and _can_show(char, encoding) else escape(char)
        cells.append(shown)
        at += len(shown)
    return cells


def _can_show(char: str, encoding: str) -> bool:
    """Return whether an output of this encoding has a character."""
    if char.isascii():
        return True
    try:
        char.encode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


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


def _cut_columns(shown: str, left: int, right: int) -> str:
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
