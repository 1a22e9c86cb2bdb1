"""One line a finding: ``path:row:column: CODE message``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.finding import Finding
from no_libpython_dlopen.report import Context, visible


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a line for each finding."""
    for result in results:
        for finding in result.findings:
            print(line(finding), file=out)


def line(finding: Finding) -> str:
    """Return the line of one finding, without control characters."""
    at = finding.start
    return visible(f"{finding.path}:{at.row}:{at.column}: {finding.code} {finding.message}")
