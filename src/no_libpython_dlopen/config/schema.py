"""The JSON schema of the settings, made from the keys and from what reads their values."""

from __future__ import annotations

from collections.abc import Callable

from no_libpython_dlopen.config import keys

#: One part of a pattern of paths: characters, classes, and any character behind a backslash.
_PART = r"(?:[^\[\\/]|\\[^/]|\[(?:[!^]|(?![!^]))(?:\\.|[^\\])(?:\\.|[^\]\\])*\])+"
#: The mark of a negated pattern, which is never part of what follows it.
_NOT = "(?:!|(?!!))"
#: A pattern of paths, without alternatives in braces or a brace of one kind only.
_GLOB = (
    r"(?!#)(?!.*\{.*,)(?!.*,.*\{)(?![^}]*\{[^}]*$)(?![^{]*\}[^{]*$)"
    rf"{_NOT}/?{_PART}(?:/{_PART})*/? *$"
)
_RELEASE = r"\s*v?\d+(?:\.\d+)"
_CLAUSE = rf"\s*(?:(?:==|!=)?{_RELEASE}*(?:\.\*)?|~={_RELEASE}+|(?:===|[<>]=?){_RELEASE}*)\s*"


def _globs() -> dict[str, object]:
    return {"type": "array", "items": {"type": "string", "pattern": f"^(?! *$){_GLOB}"}}


def _codes() -> dict[str, object]:
    return {"type": "array", "items": {"$ref": "#/definitions/rules"}}


def _selectors() -> dict[str, object]:
    """Return the schema of what means rules: the values for an editor, and their other spellings."""
    from no_libpython_dlopen import rules

    prefixes = {code[:length] for code in rules.codes() for length in range(1, len(code) + 1)}
    selectors = sorted({*prefixes, *rules.codes_of_names(), "ALL"})
    spelled = "|".join("".join(map(_in_either_case, one)) for one in selectors)
    pattern = rf"^\s*(?:{spelled})\s*$"
    return {"type": "string", "anyOf": [{"enum": selectors}, {"pattern": pattern}]}


def _in_either_case(character: str) -> str:
    return f"[{character.upper()}{character.lower()}]" if character.isalpha() else character


def _formats() -> dict[str, object]:
    from no_libpython_dlopen import report

    return {"type": "string", "enum": report.formats()}


#: What a value may be, by what reads it.
_SCHEMAS: dict[Callable[[object], object], Callable[[], dict[str, object]]] = {
    keys.read_codes: _codes,
    keys.read_globs: _globs,
    keys.read_per_file: lambda: {
        "type": "object",
        "propertyNames": {"pattern": f"^{_NOT}(?! *$){_GLOB}"},
        "additionalProperties": _codes(),
    },
    keys.read_bool: lambda: {"type": "boolean"},
    keys.read_jobs: lambda: {"type": "integer", "minimum": 0},
    keys.read_path: lambda: {"type": "string", "pattern": r"^[^\u0000]*$"},
    keys.read_version: lambda: {"type": "string", "pattern": rf"^(?:{_CLAUSE}(?:,{_CLAUSE})*)?$"},
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
        # Some rule has to be selected, here or by the file that is extended.
        "anyOf": [
            {"properties": {"select": {"minItems": 1}}},
            {"properties": {"extend-select": {"minItems": 1}}, "required": ["extend-select"]},
            {"required": ["extend"]},
        ],
        "definitions": {"rules": _selectors()},
    }
