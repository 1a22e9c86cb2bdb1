"""SARIF 2.1.0, as code scanning services read it.

The whole report is one object, so it is written at the end. Places are regions counted
in code points, relative to the root of the repository. Suppressed findings are not in
it, as in every other format (semgrep #7121).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import quote

from no_libpython_dlopen import __version__, rules
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.facts import path_with_member
from no_libpython_dlopen.model.finding import Finding, Fix, Location
from no_libpython_dlopen.model.rule import DOCUMENTATION, Rule
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context
from no_libpython_dlopen.report.common import paths, severity
from no_libpython_dlopen.report.common.fingerprint import Fingerprints

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
BASE = "SRCROOT"
#: Of this version: change it when the recipe in ``_fingerprint`` changes.
FINGERPRINT = "nolibpyFinding/v1"

Object = dict[str, Any]

NUMBER_SIGN = r"\u0023"


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write one run with all rules and all findings."""
    json.dump(log_of(results), out, indent=2)
    out.write("\n")


def log_of(results: Iterable[FileResult]) -> Object:
    """Return the SARIF object."""
    every = rules.rules()
    index = {rule.code: number for number, rule in enumerate(every)}
    found: list[Object] = []
    prints = Fingerprints()
    root = None
    unreadable = False
    for result in paths.map_notebook_cells(results):
        root = root or paths.root_for(result.path)
        unreadable |= result.unreadable
        found += [
            _result(finding, result.source, root, prints, index[finding.code])
            for finding in result.findings
        ]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(every)},
                "invocations": [{"executionSuccessful": not unreadable}],
                "originalUriBaseIds": {BASE: {"uri": _uri(root or os.getcwd()) + "/"}},
                "columnKind": "unicodeCodePoints",
                "results": found,
            }
        ],
    }


def _driver(every: list[Rule]) -> Object:
    return {
        "name": "nolibpy",
        "fullName": "no-libpython-dlopen",
        "informationUri": DOCUMENTATION.removesuffix("rules/"),
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in every],
    }


def _rule(rule: Rule) -> Object:
    summary = f"{rule.summary()}."
    page = rule.page()
    return {
        "id": rule.code,
        "name": rule.name.title().replace("-", ""),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": _paragraph(page, "Why is this bad?") or summary},
        "help": {"text": page, "markdown": page},
        "helpUri": rule.url(),
        "defaultConfiguration": {"level": _level(rule.code)},
        "properties": {
            "tags": ["correctness", "libpython"],
            "precision": "high",
            "problem.severity": "error" if severity.is_error(rule.code) else "recommendation",
        },
    }


def _paragraph(page: str, heading: str) -> str:
    """Return the first paragraph under a heading, on one line."""
    _, _, after = page.partition(f"## {heading}\n")
    return " ".join(after.partition("\n\n")[0].split())


def _level(code: str) -> str:
    return "error" if severity.is_error(code) else "note"


def _result(
    finding: Finding, source: Source | None, root: str, prints: Fingerprints, index: int
) -> Object:
    file, member = paths.split_archive(finding.path)
    path = paths.relative(file, root)
    region = _region(finding.start, finding.end, paths.excerpt(finding, source))
    result: Object = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _level(finding.code),
        "message": {"text": finding.message},
        "locations": [_place(finding.path, root, region)],
        "partialFingerprints": {
            FINGERPRINT: prints.next(finding, path_with_member(path, member), source)
        },
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": related.message},
                **_place(related.path or finding.path, root, _region(related.start, related.end)),
            }
            for number, related in enumerate(finding.related, start=1)
        ]
    if finding.fix and finding.fix.edits and source is not None:
        result["fixes"] = [_fix(finding.fix, source, path)]
    return result


def _place(path: str, root: str, region: Object) -> Object:
    """Return the location of a region; a member of an archive is a logical one in its file."""
    file, member = paths.split_archive(path)
    artifact = _artifact(paths.relative(file, root))
    location: Object = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    if member:
        location["logicalLocations"] = [
            {"fullyQualifiedName": member, "name": os.path.basename(member), "kind": "member"}
        ]
    return location


def _fix(fix: Fix, source: Source, path: str) -> Object:
    kind = fix.applicability.value
    return {
        "description": {"text": "; ".join((f"{kind} fix: {fix.message}", *fix.caveats))},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {
                        "deletedRegion": _region(
                            source.locate(edit.start), source.locate(edit.end)
                        ),
                        "insertedContent": {"text": edit.new},
                    }
                    for edit in fix.edits
                ],
            }
        ],
        "properties": {"applicability": kind},
    }


def _region(start: Location, end: Location, snippet: str = "") -> Object:
    region: Object = {
        "startLine": start.row,
        "startColumn": start.column,
        "endLine": end.row,
        "endColumn": end.column,
    }
    if snippet:
        region["snippet"] = {"text": snippet}
    return region


def _artifact(path: str) -> Object:
    if os.path.isabs(path):
        return {"uri": _uri(path)}
    return {"uri": _quote(path), "uriBaseId": BASE}


def _uri(path: str) -> str:
    return "file://" + _quote(path if path.startswith("/") else f"/{path}")


def _quote(path: str) -> str:
    return quote(os.fsencode(path.replace(os.sep, "/")), safe="/~+@,=")
