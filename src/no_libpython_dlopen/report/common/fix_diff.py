"""A fix as a small diff: the rows that it takes away and those that it puts there."""

from __future__ import annotations

from collections.abc import Iterator

from no_libpython_dlopen.engine.edits import length_of_common_start
from no_libpython_dlopen.model.finding import Edit, Fix
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report.common.code_frame import (
    LONGEST_ROW,
    Line,
    Page,
    excerpt,
    number,
    row_length,
)

#: A side of a diff with more rows than this is shown by its first and last ones.
MOST_ROWS = 5

Row = tuple[int, str]


def fix_diff(fix: Fix, source: Source, paper: Page) -> Iterator[Line]:
    """Yield the lines of the diff, part by part of the text; nothing for a binary's fix."""
    for edits in _parts(fix, source):
        first, last = source.locate(edits[0].start).row, source.locate(edits[-1].end).row
        if any(row_length(source, row) > LONGEST_ROW for row in (first, last)):
            continue
        before, after = _rows(edits, source)
        at = length_of_common_start(before[0][1], after[0][1]) if before and after else 0
        yield from _side(before, "-", "removed", at, paper)
        yield from _side(after, "+", "added", at, paper)


def _parts(fix: Fix, source: Source) -> list[list[Edit]]:
    """Return the edits by the rows they stand on: those of neighbouring rows are together."""
    parts: list[list[Edit]] = []
    last = -1
    for edit in sorted(fix.edits, key=lambda edit: edit.start):
        if source.locate(edit.start).row <= last:
            parts[-1].append(edit)
        else:
            parts.append([edit])
        last = source.locate(edit.end).row
    return parts


def _rows(edits: list[Edit], source: Source) -> tuple[list[Row], list[Row]]:
    """Return the rows of a part before and after, without those that stay as they are."""
    first = source.locate(edits[0].start).row
    last = source.locate(edits[-1].end).row
    start = source.line_starts[first - 1]
    end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    new, position = "", start
    for edit in edits:
        new += source.text[position : edit.start] + edit.new
        position = edit.end
    new += source.text[position:end]
    old = _split_lines(source.text[start:end])
    changed = _split_lines(new)
    while old and changed and old[-1] == changed[-1]:
        old.pop()
        changed.pop()
    same = 0
    while same < min(len(old), len(changed)) and old[same] == changed[same]:
        same += 1
    numbers = [number(source, first + same + index) for index in range(len(old) - same)]
    before = list(zip(numbers, old[same:], strict=True))
    at = numbers[0] if numbers else number(source, min(first + same, len(source.line_starts)))
    return before, [(at + index, text) for index, text in enumerate(changed[same:])]


def _split_lines(text: str) -> list[str]:
    """Return the lines of a text, which may end in any way that Python takes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def _side(rows: list[Row], sign: str, kind: str, at: int, paper: Page) -> Iterator[Line]:
    """Yield the rows of one side; of long ones what is around the column ``at``."""
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 2], (0, ""), *rows[-1:]]
    for row, text in rows:
        if not row:
            yield [("...", "gutter")]
            continue
        shown, _ = excerpt(text, at, paper)
        yield [(f"{row:>{paper.gutter}} ", "gutter"), (f"{sign} {shown}".rstrip(), kind)]
