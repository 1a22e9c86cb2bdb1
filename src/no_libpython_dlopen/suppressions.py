"""Comments that suppress findings, and which of them suppress nothing.

* ``# noqa`` and ``# noqa: NLP101,E501``: flake8's comment, with its grammar (any case,
  codes are prefixes, separated by commas or spaces).
* ``# nolibpy: ignore`` and ``# nolibpy: ignore[NLP101] reason``.
* ``# nolibpy: ignore-file`` and ``# nolibpy: ignore-file[NLP101]`` for a whole file;
  also flake8's ``# flake8: noqa`` in Python.

Only comments count, never text that looks like one inside a string. A comment counts
for a finding if it is on a row of the finding, or on the first or the last row of its
statement. In build files, where a line that is continued cannot end in a comment, one of
ours on a line of its own counts for the statement that begins below it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems import registry
from no_libpython_dlopen.buildsystems.statements import statements
from no_libpython_dlopen.model.facts import UnusedSuppression
from no_libpython_dlopen.model.finding import Applicability, Edit, Finding, Fix
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source, Unreadable

#: Comments times findings near them that are compared in one file.
MAX_PAIRS = 1_000_000
#: One item of a list of codes; flake8 wants digits, a bare ``NLP`` is ours.
_ITEM = r"(?:[A-Z]+[0-9]+|NLP)\b"
_DIRECTIVE = re.compile(
    rf"""
    (?P<mark>\#|//)\s*
    (?:
        (?P<noqa>noqa\b) (?:\s*:\s*(?P<codes>{_ITEM}(?:[,\s]+{_ITEM})*))?
      | nolibpy:\s*ignore\b (?P<file>-file\b)? (?:\s*\[(?P<listed>[^\]\r\n]*)\])?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FLAKE8_FILE = re.compile(
    rf"\#\s*flake8[:=]\s*noqa(?::\s?(?P<codes>{_ITEM}(?:[,\s]+{_ITEM})*))?\s*$",
    re.IGNORECASE,
)
_ANY = re.compile("noqa|nolibpy", re.IGNORECASE)
_CODE = re.compile(r"[^,\s]+")
_MARK = re.compile("#+|//")
#: A declaration of the encoding in one of two lines (PEP 263).
_CODING = re.compile(r"(?:[^\r\n]*(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*coding[:=]")
_NEWLINE = re.compile("\r\n|\r|\n|")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One directive: its position, and what it suppresses.

    ``[start, end)`` is the directive in the text, ``[comment, stop)`` the comment that
    holds it. ``codes`` are prefixes in upper case, empty for all. ``rows`` are the rows
    it counts for, first and last; ``None`` for the whole file.
    """

    start: int
    end: int
    comment: int
    stop: int
    codes: tuple[str, ...]
    rows: tuple[tuple[int, int], ...] | None
    ours: bool
    used: set[str] = field(default_factory=set, compare=False)

    def suppresses(self, finding: Finding) -> bool:
        """Return whether it suppresses the finding, and remember under which code."""
        if self.rows is not None and not any(
            first <= row <= last
            for first, last in self.rows
            for row in (finding.noqa_row, finding.start.row, finding.end.row)
        ):
            return False
        if not self.codes:
            if finding.code == "NLP901" and self.ours:
                return False  # a comment must not hide that it is unused
            self.used.add("")
            return True
        found = [code for code in self.codes if finding.code.startswith(code)]
        self.used.update(found)
        return bool(found)


def drop_suppressed(findings: Iterable[Finding], comments: list[Suppression]) -> list[Finding]:
    """Return the findings that no comment suppresses; the comments note what they did.

    Raises ``source.Unreadable`` where too many of both meet.
    """
    findings = list(findings)
    if not findings or not comments:
        return findings
    by_row: dict[int, set[int]] = {}
    for index, finding in enumerate(findings):
        for row in (finding.noqa_row, finding.start.row, finding.end.row):
            by_row.setdefault(row, set()).add(index)
    rows = sorted(by_row)
    silent: set[int] = set()
    pairs = 0
    for comment in comments:
        near: Collection[int] = range(len(findings))
        if comment.rows is not None:
            near = {
                index
                for first, last in comment.rows
                for row in rows[bisect_left(rows, first) : bisect_right(rows, last)]
                for index in by_row[row]
            }
        pairs += len(near)
        if pairs > MAX_PAIRS:
            raise Unreadable("too many findings and suppression comments")
        silent.update([index for index in near if comment.suppresses(findings[index])])
    return [finding for index, finding in enumerate(findings) if index not in silent]


def suppressions(source: Source, *, noqa: bool = True) -> list[Suppression]:
    """Return the directives of a file, in order. Raises ``source.Unreadable``.

    ``noqa`` is false where flake8's comments are left to flake8.
    """
    if not _ANY.search(source.text):
        return []
    layout = Layout(source)
    return [
        found
        for start, stop in layout.comments
        for found in _directives(source, layout, start, stop)
        if noqa or found.ours
    ]


def _directives(source: Source, layout: Layout, start: int, stop: int) -> Iterator[Suppression]:
    text = source.text
    whole = _FLAKE8_FILE.match(text, start, stop) if source.kind is Kind.PYTHON else None
    if whole:
        codes = tuple(code.upper() for code in _CODE.findall(whole["codes"] or ""))
        yield Suppression(start, whole.end(), start, stop, codes, None, ours=False)
        return
    for match in _DIRECTIVE.finditer(text, start, stop):
        ours = not match["noqa"]
        listed = match["listed"] if ours else match["codes"]
        codes = tuple(code.upper() for code in _CODE.findall(listed or ""))
        rows = None if match["file"] else layout.rows(start, ours=ours)
        yield Suppression(match.start(), match.end(), start, stop, codes, rows, ours=ours)


def unused_suppressions(
    source: Source, comments: Iterable[Suppression], checked: set[str]
) -> Iterator[UnusedSuppression]:
    """Yield the directives that suppress nothing, of the codes that were checked in this run.

    A directive with a code that was not checked says nothing about that code, and a
    bare one of ours is judged only where every code was checked that it covers.
    """
    for comment in comments:
        if not comment.codes:
            if comment.ours and not comment.used and checked >= _STATIC:
                yield _fact(source, comment, ())
            continue
        idle = tuple(
            code
            for code in dict.fromkeys(comment.codes)
            if code not in comment.used and _was_checked(code, comment.ours, checked)
        )
        if idle:
            yield _fact(source, comment, idle)


#: A bare directive of ours is unused only if at least these were looked for.
_STATIC = frozenset({"NLP101", "NLP102", "NLP103", "NLP201", "NLP202"})


def _was_checked(prefix: str, ours: bool, checked: set[str]) -> bool:
    if not prefix.startswith("NLP"):
        return ours  # `ignore[E501]` can never silence anything of ours
    from no_libpython_dlopen import rules

    meant = [code for code in rules.codes() if code.startswith(prefix)]
    judged = [code for code in meant if rules.rule(code).suppressions_are_checked]
    return all(code in checked for code in judged) and (bool(judged) or not meant)


def _fact(source: Source, comment: Suppression, idle: tuple[str, ...]) -> UnusedSuppression:
    """Return the fact with the edit that deletes the codes, or the whole directive."""
    text = source.text
    kept = [code for code in comment.codes if code not in idle]
    edit = _code_deletion(text, comment, idle) if kept else _directive_deletion(source, comment)
    return UnusedSuppression(
        spelled=text[comment.start : comment.end],
        codes=idle,
        start=source.locate(comment.start),
        end=source.locate(comment.end),
        fix=Fix(
            Applicability.SAFE,
            f"delete {', '.join(idle)} from the comment" if kept else "delete the comment",
            (edit,),
        ),
    )


def _code_deletion(text: str, comment: Suppression, idle: tuple[str, ...]) -> Edit:
    """Return the edit that leaves the other codes as they are spelled."""
    match = _DIRECTIVE.match(text, comment.start) or _FLAKE8_FILE.match(text, comment.start)
    assert match is not None
    group = "listed" if comment.ours else "codes"
    start, end = match.span(group)
    items = list(_CODE.finditer(text, start, end))
    kept = [item[0] for item in items if item[0].upper() not in idle]
    between = text[items[0].end() : items[1].start()]
    return Edit(start, end, text[start:end], between.join(kept))


def _directive_deletion(source: Source, comment: Suppression) -> Edit:
    """Return the edit that deletes the directive, and what would be left bare by that.

    Text after it stays as a comment. A comment that becomes empty goes, with the blanks
    before it, or with its line where it is alone there.
    """
    text = source.text
    start, end = comment.start, comment.end
    rest = text[end : comment.stop]
    if rest.strip():
        follows = len(rest) - len(rest.lstrip())
        mark = _MARK.match(text, start)
        new = "" if mark is None or rest.lstrip().startswith(("#", "//")) else f"{mark[0]} "
        end += follows
        return Edit(start, end, text[start:end], new)
    end = comment.stop
    line = source.line_starts[source.locate(start).row - 1]
    before = text[line:start]
    if not before.strip():
        newline = _NEWLINE.match(text, end)
        assert newline is not None
        if line in source.line_starts[:2] and _CODING.match(text, newline.end()):
            return Edit(line, end, text[line:end], "")  # no other line may become the second
        return Edit(line, newline.end(), text[line : newline.end()], "")
    start -= len(before) - len(before.rstrip())
    return Edit(start, end, text[start:end], "")


class Layout:
    """Where a file's comments are, and which rows are one statement."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.comments = list(registry.comments(source))
        self._statements = statements(source)
        self._starts = [first for first, _ in self._statements]

    def statement(self, row: int) -> tuple[int, int]:
        """Return the first and last row of the statement that a row is part of."""
        index = bisect_right(self._starts, row) - 1
        if index >= 0 and row <= self._statements[index][1]:
            return self._statements[index]
        return row, row

    def is_in_comment(self, offset: int) -> bool:
        """Return whether a place in the text is inside of a comment."""
        index = bisect_right(self.comments, (offset, len(self._source.text))) - 1
        return index >= 0 and offset < self.comments[index][1]

    def rows(self, comment: int, *, ours: bool) -> tuple[tuple[int, int], ...]:
        """Return the ranges of rows for which a comment at that offset counts."""
        row = self._source.locate(comment).row
        first, last = self.statement(row)
        here = (first, last) if row in (first, last) else (row, row)
        if not ours or not self._is_alone(row, comment):
            return (here,)
        following = row + 1
        while self._is_directive(following):
            following += 1
        first, last = self.statement(following)
        return here, (following, last if following == first else following)

    def _is_alone(self, row: int, comment: int) -> bool:
        """Return whether a comment is for the next row: it has its row to itself.

        In Python only the comments in which Cython takes settings are meant by that.
        """
        source = self._source
        if source.text[source.line_starts[row - 1] : comment].strip():
            return False
        if source.kind is not Kind.PYTHON:
            return True
        return row < len(source.line_starts) and source.line(row + 1).lstrip().startswith("#")

    def _is_directive(self, row: int) -> bool:
        """Return whether a row is nothing but a comment of ours, for what comes below."""
        if row > len(self._source.line_starts):
            return False
        match = _DIRECTIVE.match(self._source.line(row).lstrip())
        return match is not None and match["noqa"] is None
