"""JUnit XML, which nearly every build server can show.

A file with findings is a test suite, a finding a test that failed, a file that could
not be read one with an error. Where nothing was found, one test passes, since build
servers take a report without tests for a broken build.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO
from xml.etree import ElementTree

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context, escape_controls
from no_libpython_dlopen.report.common import paths
from no_libpython_dlopen.report.concise import line

NUMBER_SIGN = "&#35;"


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write the document."""
    suites = [_suite(result) for result in results if result.findings] or [_passed_case()]
    top = ElementTree.Element("testsuites", {"name": "nolibpy", **_sums(suites)})
    top.extend(suites)
    ElementTree.indent(top)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(ElementTree.tostring(top, encoding="unicode"))
    out.write("\n")


def _suite(result: FileResult) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": escape_controls(result.path)})
    suite.extend(_case(finding, result.source) for finding in result.findings)
    errors = sum(finding.is_unreadable for finding in result.findings)
    suite.attrib |= _counts(len(result.findings), len(result.findings) - errors, errors)
    return suite


def _case(finding: Finding, source: Source | None) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        {
            "name": f"{finding.code}:{paths.row_and_column(finding.start, source)}",
            "classname": escape_controls(finding.path),
            "time": "0",
        },
    )
    kind = "error" if finding.is_unreadable else "failure"
    what = ElementTree.SubElement(
        case, kind, {"message": escape_controls(finding.message), "type": finding.code}
    )
    what.text = line(finding, source)
    return case


def _passed_case() -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": "nolibpy", **_counts(1, 0, 0)})
    attributes = {"name": "no findings", "classname": "nolibpy", "time": "0"}
    ElementTree.SubElement(suite, "testcase", attributes)
    return suite


def _counts(tests: int, failures: int, errors: int) -> dict[str, str]:
    return {"tests": str(tests), "failures": str(failures), "errors": str(errors), "time": "0"}


def _sums(suites: list[ElementTree.Element]) -> dict[str, str]:
    def total(name: str) -> int:
        return sum(int(suite.attrib[name]) for suite in suites)

    return _counts(total("tests"), total("failures"), total("errors"))
