"""One JSON array, each element in the shape of ruff's JSON output (DESIGN, section 6)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen import rules
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Finding, Fix, Location
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context

NUMBER_SIGN = r"\u0023"


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write the array; an element is written as soon as its file is checked."""
    between = "[\n"
    for result in results:
        for finding in result.findings:
            element = json.dumps(element_of(finding, result.source), indent=2)
            out.write(between + "  " + element.replace("\n", "\n  "))
            between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


def element_of(finding: Finding, source: Source | None) -> dict[str, object]:
    """Return the JSON object of a finding."""
    rule = rules.rule(finding.code)
    cell, start = source.cell_of(finding.start) if source else (0, finding.start)
    _, end = source.cell_of(finding.end) if source else (0, finding.end)
    _, noqa = source.cell_of(Location(finding.noqa_row, 1)) if source else (0, None)
    element: dict[str, object] = {
        "code": finding.code,
        "name": rule.name,
        "severity": rule.severity,
        "message": finding.message,
        "filename": os.path.abspath(finding.path),
        "location": _location(start),
        "end_location": _location(end),
        "fix": _fix(finding.fix, source) if finding.fix else None,
        "url": rule.url(),
        "noqa_row": noqa.row if noqa else finding.noqa_row,
    }
    if cell:  # as in ruff's output, places are in the cell then
        element["cell"] = cell
    return element


def _location(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}


def _fix(fix: Fix, source: Source | None) -> dict[str, object]:
    edits = fix.edits if source else ()
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "caveats": list(fix.caveats),
        "edits": [
            {
                "content": edit.new,
                "location": _location(source.cell_of(source.locate(edit.start))[1]),
                "end_location": _location(source.cell_of(source.locate(edit.end))[1]),
            }
            for edit in edits
            if source
        ],
    }
