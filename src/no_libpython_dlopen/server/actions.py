"""What an editor can offer to do about a finding, as edits of the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from no_libpython_dlopen.model.finding import Applicability, Edit, Finding
from no_libpython_dlopen.server.view import View


@dataclass(frozen=True, slots=True)
class Action:
    """A change: its title, its edits, and whether it may be made without asking."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


def fixes_of(finding: Finding) -> Iterator[Action]:
    """Yield the actions that make the fix of a finding, and its simpler alternative."""
    for fix in (finding.fix, finding.fix.alternative if finding.fix else None):
        if fix is not None and fix.edits:
            safe = fix.applicability is Applicability.SAFE
            title = f"{fix.message[:1].upper()}{fix.message[1:]} ({finding.code})"
            if not safe:
                why = f": {fix.caveats[0]}" if fix.caveats else ""
                title += f" – unsafe{why}"
            yield Action(title, fix.edits, preferred=safe)


def suppression_of(finding: Finding, view: View) -> Action | None:
    """Return the action that puts a comment on a finding, if one can stand there."""
    from no_libpython_dlopen.engine import add_suppressions

    if finding.code in add_suppressions.NEVER:
        return None
    following = add_suppressions.suppress(finding, view.source, view.settings, view.findings)
    if following is None:
        return None
    edit = _difference(view.source.text, following.text)
    return Action(f"Suppress {finding.code} here", (edit,))


def fix_all(view: View) -> Action | None:
    """Return the action that makes all safe fixes, if there are any."""
    from no_libpython_dlopen.engine.fix_text import fix_text

    result = fix_text(view.source, view.settings, unsafe=False)
    if result.source is None or result.before is None:
        return None
    edit = _difference(view.source.text, result.source.text)
    return Action("Apply all safe fixes of nolibpy", (edit,))


def _difference(before: str, after: str) -> Edit:
    """Return the smallest single edit between two texts."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    limit = min(len(before), len(after)) - start
    while end < limit and before[-1 - end] == after[-1 - end]:
        end += 1
    stop = len(before) - end
    return Edit(start, stop, before[start:stop], after[start : len(after) - end])
