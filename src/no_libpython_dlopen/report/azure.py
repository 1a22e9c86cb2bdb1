"""Logging commands of Azure Pipelines, which become issues of the build.

A line a finding. Text in it is escaped as the agent unescapes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.report import Context, one_line
from no_libpython_dlopen.report.common import paths, severity

NUMBER_SIGN = ""


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a command for each finding."""
    for finding, _ in paths.findings_of(results):
        print(_command(finding), file=out)


def _command(finding: Finding) -> str:
    path, member = paths.in_repository(finding.path)
    properties = {
        "type": severity.word(finding, "error", "warning"),
        "sourcepath": one_line(path),
        "linenumber": finding.start.row,
        "columnnumber": finding.start.column,
        "code": finding.code,
    }
    told = "".join(f"{name}={_escape(str(value))};" for name, value in properties.items())
    return f"##vso[task.logissue {told}]{_escape(one_line(member + finding.message))}"


def _escape(text: str) -> str:
    for character, escape in (("%", "%AZP25"), (";", "%3B"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(character, escape)
    return text.replace("]", "%5D")
