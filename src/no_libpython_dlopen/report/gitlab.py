"""GitLab's code quality report: one JSON array, made from a subset of Code Climate's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.facts import path_with_member
from no_libpython_dlopen.model.finding import Finding, Location
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context, escape_controls
from no_libpython_dlopen.report.common import paths, severity
from no_libpython_dlopen.report.common.fingerprint import Fingerprints

NUMBER_SIGN = r"\u0023"


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write the array."""
    prints = Fingerprints()
    found = [_issue(finding, source, prints) for finding, source in paths.findings_of(results)]
    json.dump(found, out, indent=2)
    out.write("\n")


def _issue(finding: Finding, source: Source | None, prints: Fingerprints) -> dict[str, object]:
    file, member = paths.split_archive(finding.path)
    path = paths.relative(file, paths.root_for(file))
    return {
        "description": f"{finding.code}: {f'{member}: ' if member else ''}{finding.message}",
        "check_name": finding.code,
        "fingerprint": prints.next(finding, path_with_member(path, member), source),
        "severity": severity.word(finding, "major", "minor"),
        "location": {
            "path": escape_controls(path),
            "positions": {"begin": _position(finding.start), "end": _position(finding.end)},
        },
    }


def _position(location: Location) -> dict[str, int]:
    return {"line": location.row, "column": location.column}
