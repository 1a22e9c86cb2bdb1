"""Reviewdog's diagnostic format: one JSON object, with fixes as suggestions.

Its columns count bytes of UTF-8. A suggestion replaces one range, so a fix of several
edits becomes one replacement from the first to the last of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from no_libpython_dlopen import rules
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Finding, Fix, Location, Related
from no_libpython_dlopen.model.rule import DOCUMENTATION
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context, escape_controls
from no_libpython_dlopen.report.common import paths, severity

Object = dict[str, Any]

NUMBER_SIGN = r"\u0023"


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write the object."""
    report = {
        "source": {"name": "nolibpy", "url": DOCUMENTATION.removesuffix("rules/")},
        "diagnostics": [_diagnostic(*one) for one in paths.findings_of(results)],
    }
    json.dump(report, out, indent=2)
    out.write("\n")


def _diagnostic(finding: Finding, source: Source | None) -> Object:
    path, member = paths.in_repository(finding.path)
    path = escape_controls(path)
    diagnostic: Object = {
        "message": member + finding.message,
        "location": {"path": path, "range": _range(finding.start, finding.end, source)},
        "severity": severity.word(finding, "ERROR", "INFO"),
        "code": {"value": finding.code, "url": rules.rule(finding.code).url()},
    }
    if finding.fix and finding.fix.edits and source is not None:
        diagnostic["suggestions"] = [_suggestion(finding.fix, source)]
    if finding.related:
        diagnostic["relatedLocations"] = [
            _related_place(related, path, source) for related in finding.related
        ]
    return diagnostic


def _related_place(related: Related, path: str, source: Source | None) -> Object:
    """Return a related place, which may be in another file than the finding's."""
    member = ""
    if related.path:
        path, member = paths.in_repository(related.path)
        path, source = escape_controls(path), None
    place = {"path": path, "range": _range(related.start, related.end, source)}
    return {"message": member + related.message, "location": place}


def _suggestion(fix: Fix, source: Source) -> Object:
    edits = sorted(fix.edits, key=lambda edit: edit.start)
    start, end = edits[0].start, max(edit.end for edit in edits)
    text, position = "", start
    for edit in edits:
        text += source.text[position : edit.start] + edit.new
        position = edit.end
    return {"range": _range(source.locate(start), source.locate(end), source), "text": text}


def _range(start: Location, end: Location, source: Source | None) -> Object:
    return {"start": _position(start, source), "end": _position(end, source)}


def _position(location: Location, source: Source | None) -> dict[str, int]:
    return {"line": location.row, "column": paths.byte_column(location, source)}
