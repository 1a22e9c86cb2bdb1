"""Puts comments on findings that suppress them, for code that cannot be changed now.

Where a comment may stand is a matter of the language: at the end of the row, of the
statement, or on a line of its own. Each place is tried, and kept only if reading the
result again shows that just this finding went away; so no comment is ever put into a
string, into a continued line, or where it would change what the file means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.registry import LANGUAGES
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.check_source import check_source, read_and_check
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

#: Rules that no comment is for: there is nothing to read, or it is about comments.
NEVER = frozenset({"NLP900", "NLP901"})
#: Kinds whose comments flake8 and ruff know as well; elsewhere the comment is ours.
_NOQA_KINDS = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.CYTHON, Kind.SCONS, Kind.WAF})
_CODES = re.compile(r"#\s*noqa\s*:\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*", re.IGNORECASE)
_OURS = re.compile(r"(?:#|//)\s*nolibpy:\s*ignore\s*\[[^\]\r\n]*")


def add_suppressions(source: Source, settings: Settings) -> tuple[Source, int]:
    """Return the source with comments on its findings, and how many are silenced."""
    current = source
    before = len(_unsuppressed_findings(source, settings))
    stubborn: set[tuple[str, str]] = set()
    while True:
        findings = _unsuppressed_findings(current, settings)
        todo = [finding for finding in findings if _key(finding, current) not in stubborn]
        if not todo:
            return current, before - len(findings)
        following = suppress(todo[0], current, settings, findings)
        if following is None:
            stubborn.add(_key(todo[0], current))
        else:
            current = following


def _unsuppressed_findings(source: Source, settings: Settings) -> list[Finding]:
    return [found for found in check_source(source, settings) if found.code not in NEVER]


def _key(finding: Finding, source: Source) -> tuple[str, str]:
    text = source.text[source.offset(finding.start) : source.offset(finding.end)]
    return finding.code, text


def suppress(
    finding: Finding, source: Source, settings: Settings, findings: list[Finding]
) -> Source | None:
    """Return the source in which a comment silences the finding; ``None`` if none can."""
    for text in _candidates(finding, source):
        try:
            following = source.with_data(source.encode(text))
        except UnicodeError:
            continue
        after, readable = read_and_check(following, settings)
        if not readable:
            continue
        left = [found.code for found in after if found.code not in NEVER]
        expected = [found.code for found in findings]
        if len(left) < len(expected) and finding.code in expected:
            unused_before = sum(f.code == "NLP901" for f in check_source(source, settings))
            if sum(found.code == "NLP901" for found in after) <= unused_before:
                return following
    return None


def _candidates(finding: Finding, source: Source) -> Iterator[str]:
    """Yield texts with a comment at each place that may do, the most usual first."""
    code = finding.code
    mark = LANGUAGES[source.kind].comment_mark
    noqa = source.kind in _NOQA_KINDS
    comment = f"# noqa: {code}" if noqa else f"{mark} nolibpy: ignore[{code}]"
    for row in dict.fromkeys((finding.noqa_row, finding.end.row, finding.start.row)):
        line = source.line(row)
        start = source.line_starts[row - 1]
        existing = (_CODES if noqa else _OURS).search(line)
        if existing:
            at = start + existing.end()
            separator = "," if noqa else ", "
            yield f"{source.text[:at]}{separator}{code}{source.text[at:]}"
        if not line.rstrip().endswith("\\"):
            at = start + len(line.rstrip())
            yield f"{source.text[:at]}  {comment}{source.text[at:]}"
    start = source.line_starts[finding.start.row - 1]
    line = source.line(finding.start.row)
    indent = line[: len(line) - len(line.lstrip())]
    ours = f"{mark} nolibpy: ignore[{code}]"
    newline = re.search("\r\n|\r|\n", source.text)
    ending = newline[0] if newline else "\n"
    yield f"{source.text[:start]}{indent}{ours}{ending}{source.text[start:]}"
