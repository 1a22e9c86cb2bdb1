"""Chooses which fixes go together and applies their edits to a text.

Edits that overlap or touch do not go together, since each was made for the text as it
was read; what is left out comes in the next pass. An edit that several fixes share
(the same import added by two of them) is applied once. Deletions of unused suppressions
may touch: that all of them together leave the code as it is was verified when they were made.
"""

from __future__ import annotations

import sys
from bisect import bisect_right, insort
from collections.abc import Collection, Iterable

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.finding import UNUSED_SUPPRESSION, Edit, Finding


class MisplacedEdit(NolibpyError):
    """An edit does not stand where it says, so nothing of its fix may be applied."""


def select_compatible(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Return the findings, in their order, whose fixes can be applied together.

    Fixes whose edits do not match ``text``, or overlap each other, are left out.
    """
    chosen: list[Finding] = []
    taken: set[Edit] = set()
    whole: set[int] = set()  # edits that many findings have in common, looked at once
    spans: list[tuple[int, int]] = []
    touchable: set[tuple[int, int]] = set()
    for finding in findings:
        edits = finding.fix.edits if finding.fix is not None else ()
        if id(edits) in whole:
            chosen.append(finding)
            continue
        if not edits or not fits(edits, text):
            continue
        new = [edit for edit in edits if edit not in taken]
        may_touch = finding.code == UNUSED_SUPPRESSION
        if not any(_collides(edit, spans, touchable if may_touch else ()) for edit in new):
            chosen.append(finding)
            whole.add(id(edits))
            taken.update(new)
            for edit in new:
                insort(spans, (edit.start, edit.end))
                if may_touch and not edit.new:
                    touchable.add((edit.start, edit.end))
    return chosen


def fits(edits: Iterable[Edit], text: str) -> bool:
    """Return whether each edit stands where it says and none overlaps another."""
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position or edit.end < edit.start:
            return False
        if text[edit.start : edit.end] != edit.old:
            return False
        position = edit.end
    return position <= len(text)


def apply_fixes(findings: Iterable[Finding], text: str) -> str:
    """Return ``text`` with the edits of compatible findings made.

    Raises ``MisplacedEdit`` where an edit does not match the text.
    """
    edits = {edit for finding in findings if finding.fix for edit in finding.fix.edits}
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if not fits(ordered, text):
        raise MisplacedEdit
    pieces = []
    position = 0
    for edit in ordered:
        pieces += [text[position : edit.start], edit.new]
        position = edit.end
    return "".join([*pieces, text[position:]])


def _collides(
    edit: Edit, spans: list[tuple[int, int]], touchable: Collection[tuple[int, int]]
) -> bool:
    """Return whether an edit overlaps a span, or touches one that it may not touch.

    ``spans`` are sorted, none overlap.
    """
    after = bisect_right(spans, (edit.end, sys.maxsize))
    while after and spans[after - 1][1] >= edit.start:
        after -= 1
        start, end = spans[after]
        touches = (end == edit.start or start == edit.end) and start < end and not edit.new
        if not (touches and edit.start < edit.end and (start, end) in touchable):
            return True
    return False


def length_of_common_start(one: str, other: str) -> int:
    """Return the number of characters with which two texts begin alike, found by bisection."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least
