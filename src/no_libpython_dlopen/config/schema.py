"""The JSON schema of the settings, made from the keys and from what reads their values."""

from __future__ import annotations

from collections.abc import Callable

from no_libpython_dlopen.config import keys

_STRINGS: dict[str, object] = {"type": "array", "items": {"type": "string", "minLength": 1}}


def _codes() -> dict[str, object]:
    from no_libpython_dlopen import rules

    prefixes = {code[:length] for code in rules.codes() for length in range(1, len(code) + 1)}
    selectors = sorted({*prefixes, *rules.codes_of_names(), "ALL"})
    return {"type": "array", "items": {"type": "string", "enum": selectors}}


def _formats() -> dict[str, object]:
    from no_libpython_dlopen import report

    return {"type": "string", "enum": report.formats()}


#: What a value may be, by what reads it.
_SCHEMAS: dict[Callable[[object], object], Callable[[], dict[str, object]]] = {
    keys.read_codes: _codes,
    keys.read_globs: lambda: _STRINGS,
    keys.read_per_file: lambda: {"type": "object", "additionalProperties": _codes()},
    keys.read_bool: lambda: {"type": "boolean"},
    keys.read_jobs: lambda: {"type": "integer", "minimum": 0},
    keys.read_path: lambda: {"type": "string", "minLength": 1},
    keys.read_extend: lambda: {"type": "string"},
    keys.read_version: lambda: {"type": "string"},
    keys.read_format: _formats,
}


def schema(descriptions: dict[str, str]) -> dict[str, object]:
    """Return the schema of ``nolibpy.toml`` and of the table ``[tool.nolibpy]``."""
    properties = {
        key: {"description": descriptions.get(key, ""), **_SCHEMAS[read]()}
        for key, read in keys.KEYS.items()
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of nolibpy",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
