"""Fixes one text to a fixpoint, in memory.

A pass reads the text, applies the fixes that go together, and reads the result again
before it counts: a result that does not parse is taken back, and halves of its fixes are
tried. The passes end when nothing is left to apply, when a text comes back that was there
before, after ten, or when they have taken long.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine import edits
from no_libpython_dlopen.engine.check_source import read_and_check
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import UNUSED_SUPPRESSION, Finding
from no_libpython_dlopen.model.limits import FIX_MILLISECONDS, FIX_PASSES
from no_libpython_dlopen.model.source import Source


def fix_text(source: Source, settings: Settings, *, unsafe: bool) -> FileResult:
    """Return the findings left after the allowed fixes, and the changed source if any."""
    findings, readable = read_and_check(source, settings)
    found = tuple(findings)
    texts = {source.text} if readable else set()
    current = source
    applied: list[Finding] = []
    broken: dict[tuple[str, str], str] = {}
    deadline = time.thread_time() + FIX_MILLISECONDS / 1000
    for _ in range(FIX_PASSES if texts else 0):
        if time.thread_time() > deadline:
            break
        wanted = [f for f in _findings_to_fix(findings, unsafe) if _key(f) not in broken]
        chosen = edits.select_compatible(wanted, current.text)
        if not chosen:
            break
        only_comments = len(chosen) == len(findings) and all(map(_is_unused, chosen))
        step = _step(current, chosen, settings, only_comments=only_comments)
        if step is None:
            chosen, step = _working_part(current, chosen, settings, broken, deadline)
        if step is None:
            continue
        following, after = step
        if following.text in texts:
            break
        texts.add(following.text)
        applied += chosen
        current, findings = following, after
    return FileResult(
        source.path,
        tuple(findings),
        current,
        before=source if current is not source else None,
        found=found if current is not source else (),
        applied=tuple(applied),
        skipped=tuple(
            (finding, broken.get(_key(finding), "it conflicts with another fix"))
            for finding in _findings_to_fix(findings, unsafe)
        ),
        analysed=readable,
    )


def _findings_to_fix(findings: list[Finding], unsafe: bool) -> Iterator[Finding]:
    """Yield the findings that have an allowed fix of a text, each with that fix."""
    for finding in findings:
        fix = finding.fix.choose(unsafe=unsafe) if finding.fix is not None else None
        if fix is not None and fix.edits:
            yield finding if fix is finding.fix else replace(finding, fix=fix)


def _key(finding: Finding) -> tuple[str, str]:
    """Return the identity of a finding, which stays while the text around it moves."""
    assert finding.fix is not None
    return finding.code, repr([(edit.old, edit.new) for edit in finding.fix.edits])


def _is_unused(finding: Finding) -> bool:
    return finding.code == UNUSED_SUPPRESSION


def _step(
    source: Source, chosen: list[Finding], settings: Settings, *, only_comments: bool = False
) -> tuple[Source, list[Finding]] | None:
    """Return the source with fixes applied and its findings, ``None`` if it broke.

    Where the fixes delete ``only_comments``, and all that was found, the code is the same
    and is not analysed again.
    """
    try:
        text = edits.apply_fixes(chosen, source.text)
        data = source.encode(text)
    except (edits.MisplacedEdit, UnicodeError):
        return None
    following = source.with_data(data)
    if only_comments and following.text == text:
        return following, []
    findings, readable = read_and_check(following, settings, always=True)
    if not readable or following.text != text:
        return None
    return following, findings


def _working_part(
    source: Source,
    chosen: list[Finding],
    settings: Settings,
    broken: dict[tuple[str, str], str],
    deadline: float,
) -> tuple[list[Finding], tuple[Source, list[Finding]] | None]:
    """Return some fixes that work together; note as broken those that do not work even alone."""
    waiting = [chosen]
    while waiting and time.thread_time() <= deadline:
        part = waiting.pop()
        step = _step(source, part, settings) if part is not chosen else None
        if step is not None:
            return part, step
        if len(part) == 1:
            broken[_key(part[0])] = "the fixed file could not be parsed"
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return [], None
