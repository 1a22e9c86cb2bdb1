"""The row for a file in the ``RECORD`` files of a site-packages directory: found, and replaced."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.atomic_write import WriteRefused, is_protected, replace_content
from no_libpython_dlopen.files.given_paths import GivenPaths
from no_libpython_dlopen.files.record import (
    RECORD,
    has_hash_of,
    line_ending,
    parse_row,
    place_below,
    renew_row,
    rows,
)
from no_libpython_dlopen.files.safe_open import read_file


def name_in(site: str, path: str) -> str:
    """Return a file's path as ``RECORD`` has it, ``../../../bin/spam`` for a script."""
    return os.path.relpath(path, site).replace(os.sep, "/")


def path_of(site: str, name: str) -> str:
    """Return the path of the file that ``RECORD`` calls ``name``."""
    return os.path.normpath(os.path.join(site, *name.split("/")))


def find_row(site: str, name: str) -> tuple[str, str]:
    """Return a ``RECORD`` that lists a file, and its row; both empty if none does.

    Raises ``WriteRefused`` where that file is read-only, or where none lists the file and one
    cannot be read: it may be the one.
    """
    return next(iter(find_rows(site, name)), ("", ""))


def find_rows(site: str, name: str) -> list[tuple[str, str]]:
    """Return the rows for a file, each after its ``RECORD``: one for each form of the path.

    Raises ``WriteRefused`` as ``find_row``.
    """
    problem = ""
    found: list[tuple[str, str]] = []
    for record in sorted(f"{folder}/RECORD" for folder in os.listdir(site)):
        if not RECORD.fullmatch(record):
            continue
        path = path_of(site, record)
        try:
            listed = name in _record_at(path, site).names()
        except OSError as error:
            problem = f"`{record}`, which may list it, cannot be read: {error.strerror or error}"
            continue
        rows: dict[str, bytes] = {}
        for row in _rows_in(path) if listed else ():
            if name_in_row(site, row) == name:
                rows.setdefault(parse_row(row)[0], row)
        if rows and is_protected(path, os.stat(path)):
            raise WriteRefused(f"not written: `{record}` is read-only")
        found += [(record, row.decode("utf-8", "surrogateescape")) for row in rows.values()]
    if problem and not found:
        raise WriteRefused(f"not written: {problem}")
    return found


def name_in_row(site: str, row: bytes) -> str:
    """Return the path in a row of a ``RECORD`` as ``name_in`` has it, empty if there is none."""
    return place_below(site, parse_row(row)[0])


def true_rows(
    rows: Iterable[tuple[str, str]], *digests: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Yield the rows that have a hash of the content with these ``digests``; see ``has_hash_of``."""
    for record, row in rows:
        if any(has_hash_of(row.encode("utf-8", "surrogateescape"), one) for one in digests):
            yield record, row


class _Record:
    """The names of the files that a ``RECORD`` lists, read again whenever it has changed."""

    def __init__(self, path: str, site: str) -> None:
        self._path = path
        self._site = site
        self._stamp: object = None
        self._names: frozenset[str] = frozenset()

    def names(self) -> frozenset[str]:
        """Return the listed names, none where there is no ``RECORD``. Raises ``OSError``."""
        stamp = file_tree.stamp_of(self._path)
        if stamp != self._stamp or stamp is None:
            self._names = frozenset(name_in_row(self._site, row) for row in _rows_in(self._path))
            self._stamp = stamp
        return self._names


#: One for each path: a run fixes many files of few distributions, whose ``RECORD`` it writes.
_record_at = lru_cache(maxsize=4096)(_Record)


def _rows_in(path: str) -> Iterator[bytes]:
    try:
        data = read_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from rows(io.BytesIO(data))


def write_row(site: str, record: str, row: bytes) -> None:
    """Replace the row with the same path in ``record``. Raises ``OSError``, ``WriteRefused``."""
    path = path_of(site, record)
    try:
        old = read_file(path)
    except FileNotFoundError:  # it was uninstalled
        return
    name = parse_row(row)[0]
    new = b"".join(
        row.rstrip(b"\r\n") + line_ending(line) if parse_row(line)[0] == name else line
        for line in rows(io.BytesIO(old))
    )
    if new == old:
        return
    try:
        replace_content(path, old, new, given=GivenPaths((site,)))
    except WriteRefused as refused:  # its reason is about `record`, and does not name that
        reason = str(refused).partition(": ")[2]
        raise WriteRefused(f"not written: `{record}`: {reason}") from None


class FollowingRows:
    """The rows of one file in the ``RECORD`` files of a directory, which change with its content."""

    def __init__(self, site: str, rows: Iterable[tuple[str, str]]) -> None:
        self._site = site
        self._rows = list(rows)

    def renew(self, content: Callable[[], Iterable[bytes]]) -> None:
        """Write the rows of a file with this content. Raises as ``write_row``."""
        for record, row in self._rows:
            new = renew_row(row.encode("utf-8", "surrogateescape"), content())
            write_row(self._site, record, new)

    def restore(self) -> None:
        """Write the rows as they were. Raises as ``write_row``."""
        for record, row in self._rows:
            write_row(self._site, record, row.encode("utf-8", "surrogateescape"))
