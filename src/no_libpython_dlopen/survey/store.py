"""The results of a survey, in a SQLite file that a killed process leaves whole.

One process writes. A package is written with its wheels and findings in one transaction,
so that it is counted as a whole or stays to be done; its name is a key, so that nothing is
counted twice. The file holds no credentials, neither of an index nor of a page.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.files.output_file import require_inside
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.package_index.pip_settings import without_credentials
from no_libpython_dlopen.survey import soundness
from no_libpython_dlopen.survey.models import Item, Outcome, Status

if TYPE_CHECKING:
    from no_libpython_dlopen.package_index.simple_api import File

#: So that another program's database is not taken for ours: "NLPs".
_APPLICATION = 0x4E4C5073
_VERSION = 2
_SCHEMA = """
CREATE TABLE survey (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE package (
    name TEXT PRIMARY KEY,
    requirement TEXT NOT NULL,
    rank INTEGER NOT NULL,
    paths TEXT NOT NULL,
    index_url TEXT NOT NULL,
    status TEXT NOT NULL,
    version TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    finished TEXT NOT NULL DEFAULT ''
);
CREATE INDEX package_status ON package (status);
CREATE TABLE wheel (
    package TEXT NOT NULL REFERENCES package (name),
    filename TEXT NOT NULL,
    platform TEXT NOT NULL,
    python TEXT NOT NULL,
    abi TEXT NOT NULL,
    size INTEGER NOT NULL,
    traffic INTEGER NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (package, filename)
) WITHOUT ROWID;
CREATE TABLE finding (
    package TEXT NOT NULL REFERENCES package (name),
    filename TEXT NOT NULL,
    code TEXT NOT NULL,
    member TEXT NOT NULL,
    library TEXT NOT NULL,
    cause TEXT NOT NULL,
    message TEXT NOT NULL,
    fixable INTEGER NOT NULL
);
CREATE INDEX finding_package ON finding (package);
"""


#: The columns of a wheel, in the table's order behind the package.
_COLUMNS_OF_WHEEL = attrgetter(
    *("filename", "platform", "python", "abi", "size", "traffic", "problem")
)
#: Errors of a full disk, or of a damaged file: SQLite's message may quote what is no text.
DATABASE_ERROR = (sqlite3.Error, UnicodeDecodeError)


class InvalidStore(NolibpyError):
    """A file that is no store of a survey, or cannot be used; the text says why."""


class Store:
    """An open store; to be used with ``with``. Raises ``InvalidStore``."""

    def __init__(self, path: str, *, create: bool = True) -> None:
        self.path = path
        if not create and not os.path.exists(path):
            raise InvalidStore(f"{path}: no such file; `nolibpy survey INPUT` starts a survey")
        if create and os.path.islink(path) and not os.path.exists(path):
            raise InvalidStore(f"{path}: not written: it is a link that leads nowhere")
        try:
            require_inside(path)
        except WriteRefused as refused:
            raise InvalidStore(f"{path}: {refused}") from None
        try:
            self.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        except sqlite3.Error as error:
            raise InvalidStore(f"{path}: {error}") from None
        try:
            self._prepare(create=create)
        except DATABASE_ERROR as error:
            self.connection.close()
            reason = error if isinstance(error, sqlite3.Error) else "corrupt"
            raise InvalidStore(f"{path}: {reason}") from None
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _prepare(self, *, create: bool) -> None:
        run = self.connection.execute
        application = run("PRAGMA application_id").fetchone()[0]
        version = run("PRAGMA user_version").fetchone()[0]
        empty = not run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if create and empty and not application:
            run("PRAGMA journal_mode = WAL")
            with self._transaction():
                for statement in _SCHEMA.split(";\n"):
                    run(statement)
                run(f"PRAGMA application_id = {_APPLICATION}")
                run(f"PRAGMA user_version = {_VERSION}")
        elif application != _APPLICATION:
            raise InvalidStore(f"{self.path}: not the database of a survey")
        elif version != _VERSION:
            raise InvalidStore(f"{self.path}: written by another version of nolibpy ({version})")
        elif not soundness.is_sound(self.connection, _SCHEMA):
            raise InvalidStore(f"{self.path}: corrupt; start the survey again with another --store")
        run("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, also where the process is killed."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def setting(self, key: str) -> str:
        """Return the value of ``key``, empty where there is none."""
        row = self.connection.execute("SELECT value FROM survey WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def keep(self, settings: Iterable[tuple[str, str]]) -> None:
        """Keep settings of the survey."""
        with self._transaction():
            self.connection.executemany("INSERT OR REPLACE INTO survey VALUES (?, ?)", settings)

    def add(self, items: Iterable[Item]) -> None:
        """Add items that are to be done, except those that are known already."""
        with self._transaction():
            self.connection.executemany(
                "INSERT OR IGNORE INTO package (name, requirement, rank, paths, index_url, status)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        item.name,
                        item.requirement,
                        item.rank,
                        _paths(item),
                        without_credentials(item.index),
                        Status.PENDING.value,
                    )
                    for item in items
                ),
            )

    def retry_failures(self) -> int:
        """Make what failed, wholly or for one wheel, to be done again; return how many."""
        with self._transaction():
            return self.connection.execute(
                "UPDATE package SET status = ? WHERE status = ?"
                " OR name IN (SELECT package FROM wheel WHERE problem != '')",
                (Status.PENDING.value, Status.FAILED.value),
            ).rowcount

    def pending_items(self) -> list[Item]:
        """Return the packages that are left, in the order of ranks and of adding."""
        rows = self.connection.execute(
            "SELECT name, requirement, rank, paths, index_url FROM package WHERE status = ?"
            " ORDER BY rank = 0, rank, rowid",
            (Status.PENDING.value,),
        )
        return [
            Item(name, wanted, rank, _files(paths), index)
            for name, wanted, rank, paths, index in rows
        ]

    def counts(self) -> dict[Status, int]:
        """Return the number of packages of each status."""
        rows = self.connection.execute("SELECT status, count(*) FROM package GROUP BY status")
        return {Status(status): count for status, count in rows}

    def count_affected(self) -> int:
        """Return the number of packages that are done and have a finding that affects users."""
        query = (
            "SELECT count(DISTINCT package) FROM finding JOIN package ON package = name"
            " WHERE cause != '' AND status != ?"
        )
        return int(self.connection.execute(query, (Status.PENDING.value,)).fetchone()[0])

    def write(self, item: Item, outcome: Outcome) -> None:
        """Keep what came of an item, in place of what was kept of it before."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        run = self.connection.execute
        with self._transaction():
            run("DELETE FROM finding WHERE package = ?", (item.name,))
            run("DELETE FROM wheel WHERE package = ?", (item.name,))
            run(
                "UPDATE package SET status = ?, version = ?, reason = ?, seconds = ?, finished = ?"
                " WHERE name = ?",
                (
                    outcome.status.value,
                    outcome.version,
                    outcome.reason,
                    outcome.seconds,
                    now,
                    item.name,
                ),
            )
            for wheel in outcome.wheels:
                run(
                    "INSERT INTO wheel VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (item.name, *_COLUMNS_OF_WHEEL(wheel)),
                )
                self.connection.executemany(
                    "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        (
                            item.name,
                            wheel.filename,
                            found.code,
                            found.member,
                            found.library,
                            found.cause.value if found.cause else "",
                            found.message,
                            found.fixable,
                        )
                        for found in wheel.findings
                    ),
                )

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        yield from self.connection.execute(query, values)


def _paths(item: Item) -> str:
    from no_libpython_dlopen.package_index.simple_api import is_remote

    places = [
        without_credentials(file.address) if is_remote(file.address) else file.address
        for file in item.files
    ]
    return json.dumps(places) if places else ""


def _files(paths: str) -> tuple[File, ...]:
    if not paths:  # a report needs no extra
        return ()
    from no_libpython_dlopen.package_index.simple_api import file_at

    found = (file_at(path) for path in json.loads(paths))
    return tuple(file for file in found if file is not None)
