"""The row for a file in the ``RECORD`` files of a site-packages directory: found, and replaced."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from functools import lru_cache

from no_libpython_dlopen.files.atomic_write import WriteRefused, replace_content
from no_libpython_dlopen.files.given_paths import GivenPaths
from no_libpython_dlopen.files.record import RECORD, parse_row, replace_row, rows
from no_libpython_dlopen.files.safe_open import read_file


def name_in(site: str, path: str) -> str:
    """Return a file's path as ``RECORD`` has it, ``../../../bin/spam`` for a script."""
    return os.path.relpath(path, site).replace(os.sep, "/")


def path_of(site: str, name: str) -> str:
    """Return the path of the file that ``RECORD`` calls ``name``."""
    return os.path.normpath(os.path.join(site, *name.split("/")))


def find_row(site: str, name: str) -> tuple[str, str]:
    """Return the ``RECORD`` that lists a file, and its row; both empty if none does.

    Raises ``WriteRefused`` where that file is read-only, or where none lists the file and one
    cannot be read: it may be the one.
    """
    records = (f"{folder}/RECORD" for folder in sorted(os.listdir(site)))
    listed, problem = _listed_files(site, tuple(filter(RECORD.fullmatch, records)))
    record = listed.get(name, "")
    path = path_of(site, record)
    for row in _rows_in(path) if record else ():
        if parse_row(row)[0] == name:
            if not os.access(path, os.W_OK):
                raise WriteRefused(f"not written: `{record}` is read-only")
            return record, row.decode("utf-8", "surrogateescape")
    if problem:
        raise WriteRefused(f"not written: {problem}")
    return "", ""


@lru_cache(maxsize=8)
def _listed_files(site: str, records: tuple[str, ...]) -> tuple[dict[str, str], str]:
    """Return which of ``records`` lists each file, and why one cannot be read.

    They are read once for all files that a run fixes.
    """
    found: dict[str, str] = {}
    problem = ""
    for record in records:
        try:
            for row in _rows_in(path_of(site, record)):
                found.setdefault(parse_row(row)[0], record)
        except OSError as error:  # noqa: PERF203
            problem = f"`{record}`, which may list it, cannot be read: {error.strerror or error}"
    return found, problem


def _rows_in(path: str) -> Iterator[bytes]:
    try:
        data = read_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from rows(io.BytesIO(data))


def write_row(site: str, record: str, name: str, row: bytes) -> None:
    """Replace the row for a file in ``record``. Raises ``OSError``, ``WriteRefused``."""
    path = path_of(site, record)
    try:
        old = read_file(path)
    except FileNotFoundError:  # it was uninstalled
        return
    new = replace_row(old, name, row)
    if new != old:
        replace_content(path, old, new, given=GivenPaths((site,)))
