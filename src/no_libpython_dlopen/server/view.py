"""A document of the editor, or a notebook's cells together, with what is found in it.

An editor counts rows from 0 and columns in units that it chooses (UTF-16, as a rule); the
engine counts both from 1, in code points. A notebook comes as one document a cell, and is
read as one source: a name that one cell sets is known in the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from no_libpython_dlopen.config import Configuration, Settings
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.finding import Finding, Location
from no_libpython_dlopen.model.kind import BY_LANGUAGE_ID, Kind, kind_of
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.notebook.source import NotebookSource

_NO_TEXT = frozenset({Kind.BINARY, Kind.ARCHIVE, Kind.NOTEBOOK})


class TextSource(Source):
    """A source of text that the editor has decoded already, whatever it declares."""

    @property
    def encoding(self) -> str:
        """UTF-8, in which ``data`` is."""
        return "utf-8"


class View:
    """A source, its findings, and the documents it is made of.

    ``uris`` are by number of the cell; a file that is no notebook has number 0.
    """

    def __init__(self, source: Source, uris: dict[int, str], settings: Settings) -> None:
        self.source = source
        self.uris = uris
        self.settings = settings
        self.findings: list[Finding] = []

    def check(self) -> None:
        """Find what there is to find."""
        kind = Kind.NOTEBOOK if isinstance(self.source, NotebookSource) else self.source.kind
        if self.settings.excludes(self.source.path):
            return
        if not prefilter(kind, self.source.data, self.source.path).may_contain_finding:
            return
        from no_libpython_dlopen.engine.check_source import check_source

        self.findings = check_source(self.source, self.settings)

    def to_document(self, location: Location, encoding: str) -> tuple[str, int, int]:
        """Return the document of a place, and its row and column as the editor counts."""
        cell, inside = self.source.cell_of(location)
        try:
            before = self.source.line(location.row)[: location.column - 1]
        except IndexError:
            before = ""
        uri = self.uris.get(cell) or next(iter(self.uris.values()))
        return uri, inside.row - 1, units(before, encoding)

    def to_source(self, uri: str, row: int, column: int, encoding: str) -> Location:
        """Return the place in the source of a place in a document."""
        number = next((number for number, known in self.uris.items() if known == uri), 0)
        first = 1
        if number:
            rows = range(1, len(self.source.line_starts) + 1)
            cells = (self.source.cell_of(Location(row, 1))[0] for row in rows)
            first = next((row for row, cell in zip(rows, cells, strict=True) if cell == number), 1)
        at = min(first + row, len(self.source.line_starts))
        return Location(at, points(self.source.line(at), column, encoding) + 1)

    def findings_in(self, start: Location, end: Location) -> Iterator[Finding]:
        """Yield the findings that a range touches."""
        for finding in self.findings:
            if finding.start <= end and start <= finding.end:
                yield finding


def view_of_document(uri: str, path: str, language: str, text: str) -> View | None:
    """Return the view of a document, ``None`` where it is of no kind that is checked."""
    kind = kind_of(path) or BY_LANGUAGE_ID.get(language)
    if kind is None or kind in _NO_TEXT:
        return None
    source = TextSource(path, kind, text.encode("utf-8", "surrogatepass"))
    return View(source, {0: uri}, Configuration().for_file(path))


def view_of_notebook(path: str, cells: Sequence[tuple[str, str, str]]) -> View:
    """Return the view of a notebook's cells: the URI, the language and the text of each."""
    document = {
        "cells": [
            {
                "cell_type": "code",
                "metadata": {"vscode": {"languageId": language}},
                "source": text,
            }
            for _, language, text in cells
        ]
    }
    source = NotebookSource(path, Kind.NOTEBOOK, json.dumps(document).encode())
    uris = {number: uri for number, (uri, _, _) in enumerate(cells, start=1)}
    return View(source, uris, Configuration().for_file(path))


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
