"""One line a finding: ``path:row:column: CODE message``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context, one_line


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a line for each finding."""
    for result in results:
        for finding in result.findings:
            print(line(finding, result.source), file=out)


def line(finding: Finding, source: Source | None = None) -> str:
    """Return the line of one finding, without control characters."""
    at = finding.start
    place = f"{at.row}:{at.column}"
    if source is not None and source.path.endswith(".ipynb"):
        from no_libpython_dlopen.report.common import paths

        place = paths.row_and_column(at, source)
    return one_line(f"{finding.path}:{place}: {finding.code} {finding.message}")
