"""Puts comments on findings that suppress them, for code that cannot be changed now.

Where a comment may stand is a matter of the language: at the end of the row, of the
statement, or on a line of its own. Each place is tried, and kept only if reading the
result again shows that just this finding went away; so no comment is ever put into a
string, into a continued line, into a comment in which Cython takes settings, or where it
would change what the file means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems import registry
from no_libpython_dlopen.buildsystems.shell.comments import code_tokens as shell_tokens
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.check_source import check_source, read_and_check
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.suppressions.changed_code import changed_code
from no_libpython_dlopen.suppressions.directives import Layout

#: Rules that no comment is for: there is nothing to read, or it is about comments.
NEVER = frozenset({"NLP900", "NLP901"})
#: Kinds whose comments flake8 and ruff know as well; elsewhere the comment is ours.
_NOQA_KINDS = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.CYTHON, Kind.SCONS, Kind.WAF})
#: Kinds in which a comment has a line of its own: elsewhere in a line `#` is text.
_OWN_LINE = frozenset({Kind.DOCKERFILE, Kind.SETUP_CFG})
#: Kinds of which a part in Python may have comments wherever one is found.
_IN_SHELL = frozenset({Kind.SHELL, Kind.DOCKERFILE})
_CODES = re.compile(r"#\s*noqa\s*:\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*", re.IGNORECASE)
_OURS = re.compile(r"(?:#|//)\s*nolibpy:\s*ignore\s*\[[^\]\r\n]*")


def add_suppressions(source: Source, settings: Settings) -> tuple[Source, int, list[Finding]]:
    """Return the source with comments on its findings, how many are silenced, and the rest."""
    current = source
    findings = _unsuppressed_findings(source, settings)
    before = len(findings)
    index = 0
    while index < len(findings):
        following = suppress(findings[index], current, settings, findings)
        if following is None:
            index += 1
            continue
        after = _unsuppressed_findings(following, settings)
        # A comment may suppress several, also some that had no place of their own.
        index = max(index - (len(findings) - len(after) - 1), 0)
        current, findings = following, after
    return current, before - len(findings), findings


def _unsuppressed_findings(source: Source, settings: Settings) -> list[Finding]:
    return [found for found in check_source(source, settings) if found.code not in NEVER]


def suppress(
    finding: Finding, source: Source, settings: Settings, findings: list[Finding]
) -> Source | None:
    """Return the source in which a comment silences the finding; ``None`` if none can."""
    for text in _candidates(finding, source):
        try:
            following = source.with_data(source.encode(text))
        except UnicodeError:
            continue
        if not _is_comment(finding, source, following):
            continue
        after, readable = read_and_check(following, settings)
        if not readable or following.text != text:
            continue
        left = [found.code for found in after if found.code not in NEVER]
        expected = [found.code for found in findings]
        if len(left) < len(expected) and finding.code in expected:
            unused_before = sum(f.code == "NLP901" for f in check_source(source, settings))
            if sum(found.code == "NLP901" for found in after) <= unused_before:
                return following
    return None


def reason_without_comment(source: Source | None) -> str:
    """Return the reason why no comment was put on a finding of a file."""
    if source is None:
        return "binaries and archives have no comments"
    if not source.is_reversible:
        return f"writing {source.encoding} would change other bytes of the file as well"
    return "a comment there would change what the file means"


def _is_comment(finding: Finding, before: Source, after: Source) -> bool:
    """Return whether nothing was added but a comment, perhaps to code in a string.

    That is Python in a build file, or a here-document that a shell reads.
    """
    if finding.code.startswith("NLP1") and before.kind in _IN_SHELL:
        return True
    changed = changed_code(before, after)
    if not changed:
        return True
    if not all(isinstance(one, tuple) and one[:1] == ("here",) for one in changed):
        return False
    both = zip(_here_documents(before), _here_documents(after), strict=True)
    try:
        return all(one == other or _is_same_shell(one, other) for one, other in both)
    except ValueError:  # no shell, or a quotation that stays open
        return False


def _here_documents(source: Source) -> list[str]:
    """Return the text of each here-document. Raises ``ValueError`` where there are no tokens."""
    found = (one for one in registry.code_tokens(source) if isinstance(one, tuple))
    return [one[1] for one in found if one[0] == "here"]


def _is_same_shell(one: str, other: str) -> bool:
    """Return whether a shell runs the same commands of two texts. Raises ``LexError``."""
    return list(shell_tokens(one)) == list(shell_tokens(other))


def _candidates(finding: Finding, source: Source) -> Iterator[str]:
    """Yield texts with a comment at each place that may do.

    Behind the finding's line, or the last one of its statement, then above them.
    """
    layout = Layout(source)
    code = finding.code
    mark = registry.LANGUAGES[source.kind].comment_mark
    noqa = source.kind in _NOQA_KINDS
    comment = f"# noqa: {code}" if noqa else f"{mark} nolibpy: ignore[{code}]"
    first, last = layout.statement(finding.start.row)
    in_comment = layout.is_in_comment(source.offset(finding.start))
    if not in_comment:
        rows = (finding.noqa_row, finding.end.row, finding.start.row, last)
        for row in dict.fromkeys(rows):
            line = source.line(row)
            start = source.line_starts[row - 1]
            existing = (_CODES if noqa else _OURS).search(line)
            if existing:
                yield _join_code(source.text, start + existing.end(), code, "," if noqa else ", ")
            if source.kind not in _OWN_LINE and not line.rstrip().endswith("\\"):
                at = start + len(line.rstrip())
                yield f"{source.text[:at]}  {comment}{source.text[at:]}"
    for row in dict.fromkeys((first, finding.start.row)):
        above = _OURS.search(source.line(row - 1)) if row > 1 else None
        if above and layout.is_in_comment(source.line_starts[row - 2] + above.start()):
            yield _join_code(source.text, source.line_starts[row - 2] + above.end(), code, ", ")
        yield _line_above(source, row, f"{mark} nolibpy: ignore[{code}]")


def _join_code(text: str, at: int, code: str, separator: str) -> str:
    """Return the text with a code added to the list that ends at an offset."""
    return f"{text[:at]}{separator}{code}{text[at:]}"


def _line_above(source: Source, row: int, comment: str) -> str:
    """Return the text with a comment on a line of its own above a row."""
    start = source.line_starts[row - 1]
    line = source.line(row)
    indent = line[: len(line) - len(line.lstrip())]
    if source.kind is Kind.MAKE and indent.startswith("\t"):
        indent = ""  # behind a tab it is a command
    newline = re.search("\r\n|\r|\n", source.text)
    ending = newline[0] if newline else "\n"
    return f"{source.text[:start]}{indent}{comment}{ending}{source.text[start:]}"
