"""Verifies that a database holds what a survey writes, since anybody may have made it.

SQLite keeps any value in any column, and a view may take a table's place and never end.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from no_libpython_dlopen import rules
from no_libpython_dlopen.survey.models import Cause, Status

#: Characters of a text, and the largest number: no size that is written here is larger.
_MAX_TEXT, _MAX_NUMBER = 1_000_000, 1 << 53
_TABLES = ("survey", "package", "wheel", "finding")
_NO_NUMBER = "(value GLOB '*[^0-9]*' OR length(value) > 15)"
#: Whether a value is not of a column's type.
_WRONG = {
    "TEXT": f"typeof({{0}}) != 'text' OR length({{0}}) > {_MAX_TEXT}",
    "INTEGER": f"typeof({{0}}) != 'integer' OR {{0}} NOT BETWEEN 0 AND {_MAX_NUMBER}",
    "REAL": f"typeof({{0}}) != 'real' OR {{0}} NOT BETWEEN 0 AND {_MAX_NUMBER}",
}


def is_sound(connection: sqlite3.Connection, schema: str) -> bool:
    """Return whether the database has the tables of ``schema``, and values that fit into them.

    Raises ``sqlite3.Error``.
    """
    return _objects(connection) == _objects_of(schema) and not any(
        connection.execute(f"{query} LIMIT 1").fetchone() for query in _queries(connection)
    )


def _objects(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    return set(connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL"))


def _objects_of(schema: str) -> set[tuple[str, ...]]:
    connection = sqlite3.connect(":memory:")
    try:
        for statement in schema.split(";\n"):
            connection.execute(statement)
        return _objects(connection)
    finally:
        connection.close()


def _queries(connection: sqlite3.Connection) -> list[str]:
    """Return queries that find rows which no survey writes."""
    connection.create_function("has_paths", 1, _has_paths, deterministic=True)
    queries = [
        f"SELECT 1 FROM {table} WHERE {_WRONG[column[2]].format(column[1])}"
        for table in _TABLES
        for column in connection.execute(f"PRAGMA table_info({table})")
    ]
    statuses = _quote_list(status.value for status in Status)
    causes = _quote_list(["", *(cause.value for cause in Cause)])
    return [
        *queries,
        f"SELECT 1 FROM package WHERE status NOT IN ({statuses}) OR NOT has_paths(paths)",
        f"SELECT 1 FROM finding WHERE cause NOT IN ({causes})",
        f"SELECT 1 FROM finding WHERE code NOT IN ({_quote_list(rules.codes())})",
        "SELECT 1 FROM finding LEFT JOIN wheel USING (package, filename) WHERE platform IS NULL",
        "SELECT 1 FROM wheel LEFT JOIN package ON package = name WHERE name IS NULL",
        f"SELECT 1 FROM survey WHERE key = 'population' AND {_NO_NUMBER}",
    ]


def _quote_list(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _has_paths(text: str) -> bool:
    """Return whether a value is empty or a JSON array of strings."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and all(isinstance(one, str) for one in found)
