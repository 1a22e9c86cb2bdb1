"""Deletion of a whole statement from a text, as a person would do it.

The statement's line goes, with a comment at its end, and ``pass`` stays where a block
would be empty. Blank lines on both sides are not added up. Other statements on the line
stay, and the comment with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import libcst as cst

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.python.syntax.positions import Positions

_BLANK_BEFORE = re.compile(r"(?:(?<=\n)[ \t]*\r?\n)+\Z")
_BLANK_AFTER = re.compile(r"(?:[ \t]*\r?\n)*")


def delete_statement(
    positions: Positions, small: cst.CSTNode, *, is_last: bool = False
) -> Edit | None:
    """Return the edit that deletes a simple statement; ``None`` if there is none.

    It leaves ``pass`` if, after the other edits, the statement ``is_last`` in its block.
    """
    text = positions.text
    line = positions.parent(small)
    if not isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        return None
    if len(line.body) > 1:
        return _among_others(positions, line.body, small)
    start, end = positions.span(small)
    rest = text[end:].splitlines(keepends=True)[:1]
    tail = rest[0].rstrip("\r\n") if rest else ""
    if tail.strip() and not tail.lstrip(" \t;").startswith("#") and tail.strip() != ";":
        return None
    end += len(tail)
    block = positions.parent(line)
    is_last = is_last or isinstance(line, cst.SimpleStatementSuite)
    if is_last or (isinstance(block, cst.IndentedBlock) and len(block.body) == 1):
        return Edit(start, end, text[start:end], "pass")
    start -= len(text[:start]) - len(text[:start].rstrip(" \t"))
    end += len(rest[0]) - len(tail) if rest else 0
    start, end = without_blank_lines(text, start, end)
    return Edit(start, end, text[start:end], "")


def _among_others(
    positions: Positions, statements: Sequence[cst.BaseSmallStatement], small: cst.CSTNode
) -> Edit:
    """Return the edit that deletes a statement between semicolons."""
    index = next(i for i, one in enumerate(statements) if one is small)
    start, end = positions.span(small)
    if index + 1 < len(statements):
        end = positions.span(statements[index + 1])[0]
    else:
        start = positions.span(statements[index - 1])[1]
        semicolon = re.compile(r"[ \t]*;").match(positions.text, end)
        end = semicolon.end() if semicolon else end
    return Edit(start, end, positions.text[start:end], "")


def join_deletions(text: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Join deletions that touch; none leaves a blank line at the beginning of a block."""
    joined: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        start, end = edit.start, edit.end
        if joined and joined[-1].end == start:
            start = joined.pop().start
        if text[:start].rstrip(" \t").endswith((":\n", ":\r\n")) and text[end - 1] == "\n":
            blank = _BLANK_AFTER.match(text, end)
            end = blank.end() if blank else end
        joined.append(Edit(start, end, text[start:end], ""))
    return tuple(joined)


def without_blank_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a range of whole lines so that the blank lines around it do not add up."""
    before = _BLANK_BEFORE.search(text, 0, start)
    after = _BLANK_AFTER.match(text, end)
    above = before[0].count("\n") if before else 0
    below = after[0].count("\n") if after else 0
    if before and (end == len(text) or (above and below >= above)):
        return before.start(), end
    if after and above and below:
        return start, after.end()
    return start, end
