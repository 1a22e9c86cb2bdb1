"""Where a finding is, as programs want it: relative to the repository, from any folder.

Services that read reports (code scanning, review bots) know files by their path in the
repository, whatever folder the command was started in (zizmor #2095).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from no_libpython_dlopen.config import folders_to_root, is_root
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import START, Finding, Location
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Source, Unreadable


@cache
def repository(folder: str) -> str | None:
    """Return the root of the repository that a folder (absolute) is in, if it is in one."""
    *_, root = folders_to_root(folder)
    return root if is_root(root) else None


def root_for(path: str) -> str:
    """Return the base of relative paths: the repository of where we are, else the file's."""
    here = os.getcwd()
    file, _ = split_archive(path)
    return repository(here) or repository(os.path.dirname(os.path.abspath(file))) or here


def relative(path: str, root: str) -> str:
    """Return a path relative to ``root`` with slashes; absolute where it is elsewhere."""
    absolute = os.path.abspath(path)
    folder, name = os.path.split(absolute)
    for whole in (absolute, os.path.join(os.path.realpath(folder), name)):
        if whole.startswith(root.rstrip(os.sep) + os.sep):
            return os.path.relpath(whole, root).replace(os.sep, "/")
    return absolute.replace(os.sep, "/")


def split_archive(path: str) -> tuple[str, str]:
    """Return the file and the member in it (``""`` for a file that is no archive)."""
    at = path.find("!")
    while at >= 0:
        if kind_of(path[:at]) is Kind.ARCHIVE or os.path.isfile(path[:at]):
            return path[:at], path[at + 1 :]
        at = path.find("!", at + 1)
    return path, ""


def in_repository(path: str) -> tuple[str, str]:
    """Return the path of a file in its repository, and ``member: `` of one in an archive."""
    file, member = split_archive(path)
    return relative(file, root_for(file)), f"{member}: " if member else ""


def row_and_column(location: Location, source: Source | None) -> str:
    """Return ``row:column``, in a notebook as ``cell 3:row:column``."""
    cell, inside = source.cell_of(location) if source else (0, location)
    place = f"{inside.row}:{inside.column}"
    return f"cell {cell}:{place}" if cell else place


def map_notebook_cells(results: Iterable[FileResult]) -> Iterator[FileResult]:
    """Yield the results with a notebook's places as those in its file.

    For readers that know files only. A fix is left out then: it is of the code.
    """
    for result in results:
        source = result.source
        if source is not None and source.cell_of(START)[0]:
            findings = tuple(_map_cell(finding, source) for finding in result.findings)
            file = Source(source.path, Kind.NOTEBOOK, source.data)
            result = FileResult(result.path, findings, file)
        yield result


def findings_of(results: Iterable[FileResult]) -> Iterator[tuple[Finding, Source | None]]:
    """Yield each finding, a notebook's as of its file, with the source."""
    for result in map_notebook_cells(results):
        yield from ((finding, result.source) for finding in result.findings)


def _map_cell(finding: Finding, source: Source) -> Finding:
    related = (
        item
        if item.path
        else replace(item, start=source.in_file(item.start), end=source.in_file(item.end))
        for item in finding.related
    )
    return replace(
        finding,
        start=source.in_file(finding.start),
        end=source.in_file(finding.end),
        related=tuple(related),
        fix=None,
    )


def text_of(source: Source | None) -> Source | None:
    """Return the source if positions in it are places in a text, else ``None``."""
    if source is None:
        return None
    try:
        return source if source.text else None
    except Unreadable:
        return None


def excerpt(finding: Finding, source: Source | None) -> str:
    """Return the text that a finding marks, ``""`` where there is none."""
    text = text_of(source)
    if text is None:
        return ""
    try:
        return text.text[text.offset(finding.start) : text.offset(finding.end)]
    except IndexError:  # a fact about the file as a whole
        return ""


def byte_column(location: Location, source: Source | None) -> int:
    """Return a column counted in bytes of UTF-8, from 1."""
    text = text_of(source)
    if text is None:
        return location.column
    before = text.line(location.row)[: location.column - 1]
    beyond = location.column - 1 - len(before)  # the place after a line's end
    return len(before.encode("utf-8", "replace")) + beyond + 1
