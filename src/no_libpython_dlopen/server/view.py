"""A document of the editor, or a notebook's cells together, with what is found in it.

An editor counts rows from 0 and columns in units that it chooses (UTF-16, as a rule); the
engine counts both from 1, in code points. A notebook comes as one document a cell, and is
read as one source: a name that one cell sets is known in the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.edits import length_of_common_start
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.finding import Edit, Finding, Location
from no_libpython_dlopen.model.kind import BY_LANGUAGE_ID, Kind, kind_of
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.notebook.source import NotebookSource
from no_libpython_dlopen.python.path_configuration import PathConfigurationSource

_NO_TEXT = frozenset({Kind.BINARY, Kind.ARCHIVE, Kind.NOTEBOOK})


class TextSource(Source):
    """A source of text that the editor has decoded already, whatever it declares."""

    @property
    def encoding(self) -> str:
        """UTF-8, in which ``data`` is."""
        return "utf-8"


class View:
    """A source, its findings, and the documents it is made of.

    ``uris`` are by number of the cell; a file that is no notebook has number 0. Until it
    ``is_checked`` the findings are those of an earlier text, where they are now.
    """

    def __init__(
        self, source: Source, uris: dict[int, str], settings: Settings, version: int | None = None
    ) -> None:
        self.source = source
        self.uris = uris
        self.settings = settings
        self.version = version
        self.findings: list[Finding] = []
        self.is_checked = False

    @property
    def is_notebook(self) -> bool:
        """Whether the documents are cells."""
        return isinstance(self.source, NotebookSource)

    @property
    def kind(self) -> Kind:
        """The file type that the documents are read as; a notebook's source is Python."""
        if isinstance(self.source, PathConfigurationSource):
            return Kind.PATH_CONFIGURATION
        return Kind.NOTEBOOK if self.is_notebook else self.source.kind

    def set_findings(self, findings: list[Finding]) -> None:
        """Set what was found in this text."""
        self.findings = findings
        self.is_checked = True

    def is_clean(self) -> bool:
        """Return whether the bytes say already that nothing can be found."""
        if self.settings.excludes(self.source.path):
            return True
        return not prefilter(self.kind, self.source.data, self.source.path).may_contain_finding

    def to_document(self, location: Location, encoding: str) -> tuple[str, int, int]:
        """Return the document of a place, and its row and column as the editor counts."""
        cell, inside = self.source.cell_of(location)
        before = self.line(location.row)[: location.column - 1]
        uri = self.uris.get(cell) or next(iter(self.uris.values()))
        return uri, inside.row - 1, units(before, encoding)

    def line(self, row: int) -> str:
        """Return a line of the source, nothing where it has none or is no text (a NUL)."""
        try:
            return self.source.line(row)
        except (IndexError, Unreadable):
            return ""

    def to_source(self, uri: str, row: int, column: int, encoding: str) -> Location:
        """Return the place in the source of a place in a document."""
        if not is_text(self.source):
            return Location(row + 1, 1)
        number = next((number for number, known in self.uris.items() if known == uri), 0)
        first = 1
        if number:
            rows = range(1, len(self.source.line_starts) + 1)
            cells = (self.source.cell_of(Location(row, 1))[0] for row in rows)
            first = next((row for row, cell in zip(rows, cells, strict=True) if cell == number), 1)
        at = min(first + row, len(self.source.line_starts))
        return Location(at, points(self.line(at), column, encoding) + 1)

    def findings_in(self, start: Location, end: Location) -> Iterator[Finding]:
        """Yield the findings that a range touches."""
        for finding in self.findings:
            if finding.start <= end and start <= finding.end:
                yield finding


def is_text(source: Source) -> bool:
    """Return whether a source can be read as text: it contains no NUL."""
    try:
        return source.text is not None
    except Unreadable:
        return False


def source_of(path: str, kind: Kind, data: bytes) -> Source:
    """Return the source that a document's content is."""
    if kind is Kind.PATH_CONFIGURATION:
        return PathConfigurationSource(path, kind, data)
    return (NotebookSource if kind is Kind.NOTEBOOK else TextSource)(path, kind, data)


def kind_of_document(path: str, language: str) -> Kind | None:
    """Return the file type that a document is read as, ``None`` where it is not checked."""
    kind = kind_of(path) or BY_LANGUAGE_ID.get(language)
    return None if kind in _NO_TEXT else kind


def notebook_data(cells: Sequence[tuple[str, str, str]]) -> bytes:
    """Return a notebook of cells: the URI, the language and the text of each."""
    document = {
        "cells": [
            {"cell_type": "code", "metadata": {"vscode": {"languageId": language}}, "source": text}
            for _, language, text in cells
        ]
    }
    return json.dumps(document).encode()


def move_findings(earlier: View, source: Source) -> Iterator[Finding]:
    """Yield the findings of an earlier text at their places in a later one.

    Those that the change touches are left out, and so are fixes and related places.
    """
    before, after = earlier.source, source
    if not (is_text(before) and is_text(after)):
        return
    change = difference(before.text, after.text)
    delta = len(change.new) - len(change.old)

    def line_shift(start: int, end: int) -> int | None:
        """Return the lines by which a range moves; ``None`` where its text changes."""
        if end <= change.start:
            return 0
        return delta if start >= change.end else None

    def place(location: Location, by: int) -> Location:
        return after.locate(before.offset(location) + by)

    for finding in earlier.findings:
        by = line_shift(before.offset(finding.start), before.offset(finding.end))
        if by is None:
            continue
        start = place(finding.start, by)
        fix = finding.fix
        if fix is not None:
            ways = [line_shift(edit.start, edit.end) for edit in fix.edits]
            edits = [
                replace(edit, start=edit.start + way, end=edit.end + way)
                for edit, way in zip(fix.edits, ways, strict=True)
                if way is not None
            ]
            fix = replace(fix, edits=tuple(edits), alternative=None) if None not in ways else None
        related = []
        for item in finding.related:
            way = 0 if item.path else line_shift(before.offset(item.start), before.offset(item.end))
            if item.path:
                related.append(item)
            elif way is not None:
                start_there, end_there = place(item.start, way), place(item.end, way)
                related.append(replace(item, start=start_there, end=end_there))
        yield replace(
            finding,
            start=start,
            end=place(finding.end, by),
            noqa_row=finding.noqa_row + start.row - finding.start.row,
            fix=fix,
            related=tuple(related),
        )


def difference(before: str, after: str) -> Edit:
    """Return the smallest single edit between two texts."""
    start = length_of_common_start(before, after)
    end = length_of_common_start(before[start:][::-1], after[start:][::-1])
    stop = len(before) - end
    return Edit(start, stop, before[start:stop], after[start : len(after) - end])


def units(text: str, encoding: str) -> int:
    """Return the length of a text in the units of an encoding of the protocol."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def points(text: str, column: int, encoding: str) -> int:
    """Return the number of code points before a column; the text's length if beyond it."""
    if encoding == "utf-32" or text.isascii():
        return min(column, len(text))
    count = 0
    for index, char in enumerate(text):
        if count >= column:
            return index
        count += units(char, encoding)
    return len(text)
