"""Chooses which fixes go together and applies their edits to a text.

Edits that overlap or touch do not go together, since each was made for the text as it
was read; what is left out comes in the next pass. An edit that several fixes share
(the same import added by two of them) is applied once.
"""

from __future__ import annotations

import sys
from bisect import bisect_right, insort
from collections.abc import Iterable

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.finding import Edit, Finding


class MisplacedEdit(NolibpyError):
    """An edit does not stand where it says, so nothing of its fix may be applied."""


def select_compatible(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Return the findings, in their order, whose fixes can be applied together.

    Fixes whose edits do not match ``text``, or overlap each other, are left out.
    """
    chosen: list[Finding] = []
    taken: set[Edit] = set()
    spans: list[tuple[int, int]] = []
    for finding in findings:
        if finding.fix is None or not finding.fix.edits or not fits(finding.fix.edits, text):
            continue
        new = [edit for edit in finding.fix.edits if edit not in taken]
        if not any(_collides(edit, spans) for edit in new):
            chosen.append(finding)
            taken.update(new)
            for edit in new:
                insort(spans, (edit.start, edit.end))
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


def _collides(edit: Edit, spans: list[tuple[int, int]]) -> bool:
    """Return whether an edit overlaps or touches a span; ``spans`` are sorted, none overlap."""
    after = bisect_right(spans, (edit.end, sys.maxsize))
    return after > 0 and spans[after - 1][1] >= edit.start
