"""Comments that suppress findings.

* ``# noqa`` and ``# noqa: NLP101,E501``: flake8's comment, with its grammar (any case,
  codes are prefixes, separated by commas or spaces).
* ``# nolibpy: ignore`` and ``# nolibpy: ignore[NLP101] reason``.
* ``# nolibpy: ignore-file`` and ``# nolibpy: ignore-file[NLP101]`` for a whole file;
  also flake8's ``# flake8: noqa`` in Python.

Only comments count, not text that looks like one inside a string, unless the string or
here-document is code in which the finding is. A comment counts for a finding if it is on a
row of the finding, or on the first or the last row of its statement. In build files, where
a line that is continued cannot end in a comment, one of ours on a line of its own counts
for the statement that begins below it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from no_libpython_dlopen.buildsystems import registry
from no_libpython_dlopen.buildsystems.statements import statements
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

#: One item of a list of codes; flake8 wants digits, a bare ``NLP`` is ours.
_ITEM = r"(?:[A-Z]+[0-9]+|NLP)\b"
DIRECTIVE = re.compile(
    rf"""
    (?P<mark>\#|//)\s*
    (?:
        (?P<noqa>noqa\b) (?:\s*:\s*(?P<codes>{_ITEM}(?:[,\s]+{_ITEM})*))?
      | nolibpy:\s*ignore\b (?P<file>-file\b)? (?:\s*\[(?P<listed>[^\[\]\r\n]*)\])?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
FLAKE8_FILE = re.compile(
    rf"\#\s*flake8[:=]\s*noqa(?::\s?(?P<codes>{_ITEM}(?:[,\s]+{_ITEM})*))?\s*$", re.IGNORECASE
)
_ANY = re.compile("noqa|nolibpy", re.IGNORECASE)
CODE = re.compile(r"[^,\s]+")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One directive: its position, and what it suppresses.

    ``[start, end)`` is the directive in the text, ``[comment, stop)`` the comment that
    holds it. ``codes`` are prefixes in upper case, empty for all. ``rows`` are the rows
    it counts for, first and last; ``None`` for the whole file. ``embedded`` says that it
    may be data.
    """

    start: int
    end: int
    comment: int
    stop: int
    codes: tuple[str, ...]
    rows: tuple[tuple[int, int], ...] | None
    ours: bool
    embedded: bool = False
    used: set[str] = field(default_factory=set, compare=False)

    def suppresses(self, code: str) -> bool:
        """Return whether it suppresses a code in its rows, and mark its code that does as used."""
        if not self.codes:
            if code == "NLP901" and self.ours:
                return False  # a comment must not hide that it is unused
            self.used.add("")
            return True
        found = [each for each in self.codes if code.startswith(each)]
        self.used.update(found)
        return bool(found)


class _Near:
    """The findings near comments, by their codes: many comments may count for the same rows."""

    def __init__(self, findings: list[Finding]) -> None:
        self._at: dict[int, dict[str, set[int]]] = {}
        self._all: dict[str, set[int]] = {}
        for index, finding in enumerate(findings):
            self._all.setdefault(finding.code, set()).add(index)
            for row in {finding.noqa_row, finding.start.row, finding.end.row}:
                self._at.setdefault(row, {}).setdefault(finding.code, set()).add(index)
        self._rows = sorted(self._at)
        self._found: dict[tuple[tuple[int, int], ...] | None, dict[str, set[int]]] = {
            None: self._all
        }

    def by_code(self, rows: tuple[tuple[int, int], ...] | None) -> dict[str, set[int]]:
        """Return the indexes of the findings in some ranges of rows; ``None`` for all."""
        if rows not in self._found:
            found: dict[str, set[int]] = {}
            for first, last in rows or ():
                at, stop = bisect_left(self._rows, first), bisect_right(self._rows, last)
                for row in self._rows[at:stop]:
                    for code, indexes in self._at[row].items():
                        found.setdefault(code, set()).update(indexes)
            self._found[rows] = found
        return self._found[rows]


def drop_suppressed(findings: Iterable[Finding], comments: list[Suppression]) -> list[Finding]:
    """Return the findings that no comment suppresses; the comments note what they did."""
    findings = list(findings)
    if not findings or not comments:
        return findings
    near = _Near(findings)
    silent = {
        (comment.rows, code)
        for comment in comments
        for code in near.by_code(comment.rows)
        if comment.suppresses(code)
    }
    dropped = {index for rows, code in silent for index in near.by_code(rows)[code]}
    return [finding for index, finding in enumerate(findings) if index not in dropped]


def suppressions(source: Source, *, noqa: bool = True) -> list[Suppression]:
    """Return the directives of a file, in order. Raises ``source.Unreadable``.

    ``noqa`` is false where flake8's comments are left to flake8.
    """
    if not _ANY.search(source.text):
        return []
    layout = Layout(source)
    found = [
        one
        for span in analysis.watch(layout.comments)
        for one in _directives(source, layout, *span)
    ]
    certain = {one.start for one in found}
    found += [
        replace(one, embedded=True)
        for span in analysis.watch(registry.embedded_comments(source))
        for one in _directives(source, layout, *span)
        if one.start not in certain and one.rows is not None
    ]
    return [one for one in found if noqa or one.ours]


def _directives(source: Source, layout: Layout, start: int, stop: int) -> Iterator[Suppression]:
    text = source.text
    whole = FLAKE8_FILE.match(text, start, stop) if source.kind is Kind.PYTHON else None
    if whole:
        codes = tuple(code.upper() for code in CODE.findall(whole["codes"] or ""))
        yield Suppression(start, whole.end(), start, stop, codes, None, ours=False)
        return
    for match in DIRECTIVE.finditer(text, start, stop):
        ours = not match["noqa"]
        listed = match["listed"] if ours else match["codes"]
        codes = tuple(code_of(item, ours=ours) for item in CODE.findall(listed or ""))
        rows = None if match["file"] else layout.rows(start, ours=ours)
        yield Suppression(match.start(), match.end(), start, stop, codes, rows, ours=ours)


def code_of(item: str, *, ours: bool) -> str:
    """Return the prefix of codes that an item of a directive means; ours may name a rule.

    A name that no rule has is returned as it is written.
    """
    if ours and item.islower():
        from no_libpython_dlopen import rules

        return rules.codes_of_names().get(item, item if "-" in item else item.upper())
    return item.upper()


class Layout:
    """Where a file's comments are, and which rows are one statement."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.comments = list(analysis.watch(registry.comments(source)))
        self._statements = statements(source)
        self._starts = [first for first, _ in self._statements]
        #: The last rows of directives that were seen, and the row below them.
        self._directives = range(0)

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
        following = self._below_directives(row + 1)
        first, last = self.statement(following)
        return here, (following, last if following == first else following)

    def _below_directives(self, row: int) -> int:
        """Return the first row from this one on that is not a directive alone."""
        if row not in self._directives:
            stop = row
            while self._is_directive(stop):
                stop += 1
            self._directives = range(row, stop + 1)
        return self._directives[-1]

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
        match = DIRECTIVE.match(self._source.line(row).lstrip())
        return match is not None and match["noqa"] is None
