"""Keeps the originals of installed files that are fixed, and restores them.

They lie in ``.nolibpy-backup`` of the site-packages directory, each under its SHA-256, until
they are restored or somebody deletes the directory. ``manifest.json`` there has, for each fixed
file, the hashes before and after the fix, and its old row of ``RECORD``. Nothing that it says is
believed: only files of the directory are restored, with content that has the hash it is named by.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from no_libpython_dlopen.files.atomic_write import (
    WriteRefused,
    replace_binary,
    replace_content,
    write_file,
)
from no_libpython_dlopen.files.given_paths import LEADS_OUT, GivenPaths
from no_libpython_dlopen.files.record import RECORD, parse_row, replace_row, row_of, rows
from no_libpython_dlopen.files.safe_open import read_file, safe_open

FOLDER = ".nolibpy-backup"
_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = ("old", "new", "record", "row")

Entry = dict[str, str]


def hash_of(path: str) -> str:
    """Return the SHA-256 of a regular file. Raises ``OSError``."""
    digest = hashlib.sha256()
    descriptor, _ = safe_open(path)
    with open(descriptor, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def locked(site: str) -> Iterator[None]:
    """Keep other runs out of a site-packages directory and its backup. Raises ``OSError``.

    Each run reads the manifest and writes it as a whole. Where the system has no ``flock``
    (Windows), nobody is kept out.
    """
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:
        yield
        return
    descriptor = os.open(site, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Backup:
    """The backup of one site-packages directory. Raises ``WriteRefused`` where it is damaged."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.folder = os.path.join(site, FOLDER)
        self._manifest = os.path.join(self.folder, "manifest.json")
        if os.path.realpath(self._manifest) != self._manifest:
            raise WriteRefused(f"not written: `{FOLDER}` is a link")
        self.entries = self._read()

    def _read(self) -> dict[str, Entry]:
        try:
            found = json.loads(read_file(self._manifest))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(map(_is_entry, found, found.values())):
            raise WriteRefused(f"not written: `{FOLDER}/manifest.json` is damaged")
        return found

    def _write(self) -> None:
        data = json.dumps(self.entries, indent=1, sort_keys=True).encode()
        write_file(self._manifest, lambda file: file.write(data))

    def original(self, old: str) -> str:
        """Return the path of the original with the hash ``old``."""
        return os.path.join(self.folder, old)

    def keep(self, path: str) -> None:
        """Keep the file at a real path of the directory, which is about to be fixed."""
        name = self._name(path)
        old = hash_of(path)
        record, row = self._row(name)
        before = self.entries.get(name)
        if before is not None and before["new"] == old:  # fixed further: the first one counts
            return
        os.makedirs(self.folder, exist_ok=True)
        kept = self.original(old)
        if not os.path.lexists(kept):
            try:  # the fix does not write into the file, it replaces it
                os.link(path, kept)
            except OSError:
                shutil.copyfile(path, kept)
        if os.path.islink(kept) or hash_of(kept) != old:
            raise WriteRefused(f"not written: `{FOLDER}/{old}` is damaged")
        self.entries[name] = {"old": old, "new": "", "record": record, "row": row}
        self._write()

    def finish(self, path: str) -> bool:
        """Record the fix of a kept file, also in ``RECORD``; return whether it has changed."""
        name = self._name(path)
        entry = self.entries[name]
        new = hash_of(path)
        if new == entry["old"]:
            del self.entries[name]
            self._clean()
            return False
        if new == entry["new"]:
            return False
        entry["new"] = new
        self._write()
        if entry["record"]:
            try:
                self._update_record(name, entry, row=None)
            except WriteRefused:
                self._put_back(path, entry)
                del self.entries[name]
                self._clean()
                raise
        return True

    def undo(self, given: GivenPaths) -> tuple[list[str], list[tuple[str, str]]]:
        """Restore the files below ``given``; return them, and those that are not, and why."""
        done: list[str] = []
        problems: list[tuple[str, str]] = []
        for name in sorted(self.entries):
            path = os.path.join(self.site, *name.split("/"))
            if not given.hold(path):
                continue
            try:
                self._undo(name, path)
                done.append(path)
            except WriteRefused as refused:
                problems.append((path, str(refused)))
            except OSError as error:
                problems.append((path, f"cannot be restored: {error.strerror or error}"))
        self._clean()
        return done, problems

    def _undo(self, name: str, path: str) -> None:
        entry = self.entries[name]
        if os.path.realpath(path) != path or not path.startswith(self.site + os.sep):
            raise WriteRefused(f"not restored: {LEADS_OUT}")
        now = hash_of(path)
        if now not in (entry["new"], entry["old"]):
            kept = self.original(entry["old"])
            raise WriteRefused(f"not restored: it has changed since it was fixed ({kept})")
        if now != entry["old"]:
            self._put_back(path, entry)
        if entry["record"]:
            self._update_record(name, entry, row=entry["row"])
        del self.entries[name]
        self._write()

    def _put_back(self, path: str, entry: Entry) -> None:
        kept = self.original(entry["old"])
        if os.path.islink(kept) or hash_of(kept) != entry["old"]:
            raise WriteRefused(f"not restored: `{FOLDER}/{entry['old']}` is damaged")

        def fill(new: IO[bytes]) -> None:
            with open(kept, "rb") as file:
                shutil.copyfileobj(file, new)

        replace_binary(path, None, os.stat(path), fill)

    def _name(self, path: str) -> str:
        return os.path.relpath(path, self.site).replace(os.sep, "/")

    def _row(self, name: str) -> tuple[str, str]:
        """Return the ``RECORD`` that lists a file, and its row; both empty if none does."""
        for folder in sorted(os.listdir(self.site)):
            record = f"{folder}/RECORD"
            if not RECORD.fullmatch(record):
                continue
            path = os.path.join(self.site, folder, "RECORD")
            with suppress(OSError):
                for row in rows(io.BytesIO(read_file(path))):
                    if parse_row(row)[0] == name:
                        if not os.access(path, os.W_OK):
                            raise WriteRefused(f"not written: `{record}` is read-only")
                        return record, row.decode("utf-8", "surrogateescape")
        return "", ""

    def _update_record(self, name: str, entry: Entry, *, row: str | None) -> None:
        """Put ``row`` into ``RECORD`` for a file, by default that of what it is now."""
        record = os.path.join(self.site, *entry["record"].split("/"))
        try:
            old = read_file(record)
        except FileNotFoundError:  # it was uninstalled
            return
        if row is None:
            method = parse_row(entry["row"].encode("utf-8", "surrogateescape"))[1]
            with open(os.path.join(self.site, *name.split("/")), "rb") as file:
                content = iter(lambda: file.read(1 << 20), b"")
                line = row_of(name, method, content)
        else:
            line = row.encode("utf-8", "surrogateescape")
        new = replace_row(old, name, line)
        if new != old:
            replace_content(record, old, new, given=GivenPaths((self.site,)))

    def _clean(self) -> None:
        """Delete originals that nothing refers to, and the directory when it is empty."""
        if not os.path.isdir(self.folder):
            return
        needed = {entry["old"] for entry in self.entries.values()}
        for kept in os.listdir(self.folder):
            if _HASH.fullmatch(kept) and kept not in needed:
                os.unlink(self.original(kept))
        if self.entries:
            self._write()
            return
        with suppress(OSError):
            os.unlink(self._manifest)
        with suppress(OSError):
            os.rmdir(self.folder)


def _is_entry(name: str, value: object) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(key), str) for key in _KEYS)
        and _HASH.fullmatch(value["old"]) is not None
        and (not value["record"] or _is_row(name, value["record"], value["row"]))
    )


def _is_row(name: str, record: str, text: str) -> bool:
    """Return whether a text is the one row of a file in a ``RECORD`` of the directory."""
    try:
        row = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    one, *more = rows(io.BytesIO(row))
    return not any(more) and parse_row(one)[0] == name and bool(RECORD.fullmatch(record))
