"""Workflow commands, which GitHub Actions turns into annotations of the changed lines.

A line a finding. Text in it is escaped as the runner unescapes it: ``%``, CR and LF, and
in properties ``:`` and ``,`` as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.report import Context, one_line
from no_libpython_dlopen.report.common import paths, severity
from no_libpython_dlopen.report.concise import line

NUMBER_SIGN = ""


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a workflow command for each finding."""
    for finding, _ in paths.findings_of(results):
        print(command(finding), file=out)


def command(finding: Finding) -> str:
    """Return the command of one finding."""
    path, _ = paths.in_repository(finding.path)
    properties = {
        "title": f"nolibpy ({finding.code})",
        "file": one_line(path),
        "line": finding.start.row,
        "endLine": finding.end.row,
    }
    if finding.start.row == finding.end.row:  # columns are for one line only
        properties["col"] = finding.start.column
        properties["endColumn"] = finding.end.column
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    kind = severity.word(finding, "error", "warning")
    return f"::{kind} {told}::{_data(line(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
