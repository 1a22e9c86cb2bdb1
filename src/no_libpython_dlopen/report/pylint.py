"""One line a finding as pylint writes it, for tools that read that: ``path:row: [CODE] text``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.report import Context, escape_controls
from no_libpython_dlopen.report.common import paths


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a line for each finding."""
    for finding, _ in paths.findings_of(results):
        place = f"{finding.path}:{finding.start.row}"
        print(escape_controls(f"{place}: [{finding.code}] {finding.message}"), file=out)
