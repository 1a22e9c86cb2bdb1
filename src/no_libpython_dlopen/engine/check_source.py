"""One text file: its facts, judged by the rules, less what is suppressed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from no_libpython_dlopen import rules
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine import dispatch
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import Analysis, LimitReached
from no_libpython_dlopen.model.facts import (
    Bundled,
    Embedded,
    Fact,
    Link,
    Load,
    Needed,
    Unread,
    UnusedSuppression,
)
from no_libpython_dlopen.model.finding import START, Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.limits import CHARACTERS, SETTINGS_CHARACTERS
from no_libpython_dlopen.model.rule import FactRule
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.suppressions import directives
from no_libpython_dlopen.suppressions.unused import unused_suppressions

#: The beginning of the codes that judge a fact, so that only those rules are imported.
_FAMILY: dict[type, str] = {
    Load: "NLP1",
    Link: "NLP2",
    Needed: "NLP3",
    Bundled: "NLP3",
    Embedded: "NLP3",
    Unread: "NLP900",
    UnusedSuppression: "NLP901",
}

#: File types that the standard library parses as a whole, which takes much memory.
_SETTINGS = frozenset((Kind.SETUP_CFG, Kind.PYPROJECT, Kind.CARGO, Kind.CARGO_CONFIG, Kind.TOX))

NOT_FIXABLE = "fixes of this rule are disabled (`fixable`, `unfixable`)"


def check_source(source: Source, settings: Settings, *, always: bool = False) -> list[Finding]:
    """Return the findings in a text file, in the order of its text.

    With ``always`` the file is parsed even if no reader could see anything in it.
    """
    return read_and_check(source, settings, always=always)[0]


def read_and_check(
    source: Source, settings: Settings, *, always: bool = False
) -> tuple[list[Finding], bool]:
    """Return as ``check_source`` does, and whether the file could be read.

    That it could not may be silenced by a comment, or not be among what is reported.
    """
    with file_tree.Snapshot(), analysis.begin(len(source.data)) as running:
        facts = facts_of(source, running, always=always)
        findings = apply_rules(facts, source.path)
        unread = any(isinstance(fact, Unread) for fact in facts)
        running.leave_time()
        try:
            kept = _drop_suppressed(source, settings, findings, unread=unread)
        except Unreadable as error:
            cut = Unread(error.reason, error.location)
            kept = findings if unread else [*findings, *apply_rules([cut], source.path)]
            unread = True
        if running.reached and not unread:
            kept += apply_rules([Unread(running.reason, START)], source.path)
            unread = True
    kept = select_findings(kept, settings, source.path)
    if unread:
        kept = without_fixes(kept, analysis.PARTLY_READ)
    elif any(finding.fix for finding in kept) and not source.is_reversible:
        reason = f"writing {source.encoding} would change other bytes of the file as well"
        kept = without_fixes(kept, reason)
    return sorted(kept, key=lambda finding: (finding.start, finding.code)), not unread


def select_findings(findings: Iterable[Finding], settings: Settings, path: str) -> list[Finding]:
    """Return the findings of rules that are on, with the fixes that are allowed."""
    findings = list(findings)
    selected = {code for code in {one.code for one in findings} if settings.selects_in(code, path)}
    return [
        finding
        if finding.fix is None or settings.fixes(finding.code)
        else replace(finding, fix=None, no_fix_reason=NOT_FIXABLE)
        for finding in findings
        if finding.code in selected
    ]


def without_fixes(findings: list[Finding], reason: str) -> list[Finding]:
    """Return findings without their fixes, and why."""
    return [
        replace(finding, fix=None, no_fix_reason=reason) if finding.fix else finding
        for finding in findings
    ]


def _drop_suppressed(
    source: Source, settings: Settings, findings: list[Finding], *, unread: bool
) -> list[Finding]:
    """Return the findings that no comment silences, and the comments that silence none."""
    known = source.prefiltered
    if not findings and known is not None and not known.may_suppress:
        return findings
    comments = directives.suppressions(source, noqa=settings.noqa)
    if not comments:
        return findings
    kept = directives.drop_suppressed(findings, comments)
    if not unread and settings.selects("NLP901"):
        checked = {code for code in rules.codes() if settings.selects_in(code, source.path)}
        with analysis.until_limit():
            unused = analysis.watch(unused_suppressions(source, comments, checked))
            kept += directives.drop_suppressed(apply_rules(unused, source.path), comments)
    return kept


def facts_of(source: Source, running: Analysis, *, always: bool = False) -> list[Fact]:
    """Return the facts of a text file; what stops the reading is an ``Unread`` fact.

    What was found before a limit cut the reading is among them.
    """
    found: list[Fact] = []
    reason = ""
    try:
        with analysis.until_limit():
            most = SETTINGS_CHARACTERS if source.kind in _SETTINGS else CHARACTERS
            if len(source.text) > most:
                raise LimitReached(most)
            found.extend(dispatch.read(source, always=always))
    except Unreadable as error:
        return [Unread(error.reason, error.location)]
    except RecursionError:
        reason = "nested too deeply to be analysed"
    except MemoryError:
        reason = "needs too much memory to be analysed"
    except Exception as error:  # noqa: BLE001  the other files must still be checked
        reason = internal_error(error)
    reason = reason or running.reason
    return [*found, Unread(reason, START)] if reason else found


def internal_error(error: BaseException) -> str:
    """Return the one line that reports a mistake in nolibpy itself."""
    first = str(error).partition("\n")[0]
    return f"internal error: {type(error).__name__}: {first}; please report this, with the file"


def apply_rules(facts: Iterable[Fact], path: str) -> list[Finding]:
    """Return the findings of the rules about facts."""
    findings = []
    for fact in facts:
        family = _FAMILY[type(fact)]
        for code in rules.codes():
            rule = rules.rule(code) if code.startswith(family) else None
            if isinstance(rule, FactRule) and rule.fact is type(fact):
                finding = rule.judge(fact, path)
                if finding is not None:
                    findings.append(finding)
    return findings
