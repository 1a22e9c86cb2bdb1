"""The reports that services define in prose, as JSON schemas: nothing but what is defined.

GitLab: "Code Quality report format" of its documentation on importing external reports.
reviewdog: ``DiagnosticResult`` of its definition (rdf), with the names of its JSON form.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def an_object(required: str, optional: str = "", **properties: Any) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    assert set(properties) == {*required.split(), *optional.split()}
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}
#: Relative, and not a way out of the repository.
PATH = {"type": "string", "pattern": r"^(?!/|\./|\.\./).+"}

_AT = an_object("line column", line=COUNT, column=COUNT)
GITLAB = {
    "type": "array",
    "items": an_object(
        "description check_name fingerprint severity location",
        description=TEXT,
        check_name=TEXT,
        fingerprint={"type": "string", "pattern": "^[0-9a-f]{32,}$"},
        severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
        location=an_object(
            "path positions", path=PATH, positions=an_object("begin end", begin=_AT, end=_AT)
        ),
    ),
}

_RANGE = an_object("start end", start=_AT, end=_AT)
_PLACE = an_object("path range", path=PATH, range=_RANGE)
RDJSON = an_object(
    "source diagnostics",
    source=an_object("name url", name=TEXT, url=TEXT),
    diagnostics={
        "type": "array",
        "items": an_object(
            "message location severity code",
            "suggestions relatedLocations",
            message=TEXT,
            location=_PLACE,
            severity={"enum": ["ERROR", "WARNING", "INFO"]},
            code=an_object("value url", value=TEXT, url=TEXT),
            suggestions={
                "type": "array",
                "items": an_object("range text", range=_RANGE, text={"type": "string"}),
            },
            relatedLocations={
                "type": "array",
                "items": an_object("message location", message=TEXT, location=_PLACE),
            },
        ),
    },
)
