"""Keeps the originals of installed files that are fixed, and restores them.

They lie in ``.nolibpy-backup`` of the site-packages directory, each under its SHA-256, until
they are restored or somebody deletes the directory. ``manifest.json`` there has, for each fixed
file, the hash before, those after each fix, and its old row of ``RECORD``. Nothing that it says is
believed: only files of the directory, and those that its ``RECORD`` files list, are restored, with
content that has the hash it is named by.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO

from no_libpython_dlopen.engine.installed.record_rows import (
    FollowingRows,
    find_row,
    find_rows,
    name_in,
    name_in_row,
    path_of,
    true_rows,
    write_row,
)
from no_libpython_dlopen.files.atomic_write import (
    WriteRefused,
    flush_folder,
    replace_binary,
    write_file,
)
from no_libpython_dlopen.files.given_paths import LEADS_OUT, GivenPaths
from no_libpython_dlopen.files.record import RECORD, parse_row, renew_row, rows
from no_libpython_dlopen.files.safe_open import MAX_JSON, read_file, safe_open

FOLDER = ".nolibpy-backup"
_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = ("old", "new", "record", "row")

Entry = dict[str, str]


def hash_of(path: str, method: str = "sha256") -> str:
    """Return the hash of a regular file in hexadecimal. Raises ``OSError``."""
    digest = hashlib.new(method)
    descriptor, _ = safe_open(path)
    with open(descriptor, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


#: Seconds to wait for a lock, and between two tries.
PATIENCE, _PAUSE = 60.0, 0.05
#: Directories that stayed locked: the run does not wait again for their other files.
_locked: set[str] = set()


@contextmanager
def lock(site: str) -> Iterator[None]:
    """Keep other runs out of a site-packages directory and its backup. Raises ``OSError``.

    Each run reads the manifest and writes it as a whole. Where the system has no ``flock``
    (Windows), nobody is kept out. Whoever may read the directory can lock it: so nobody waits for
    longer than ``PATIENCE`` seconds.
    """
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # pragma: no cover - as on Windows
        yield
        return
    descriptor = os.open(site, os.O_RDONLY)
    try:
        end = time.monotonic() + (0 if site in _locked else PATIENCE)
        while True:
            try:
                flock(descriptor, LOCK_EX | LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    _locked.add(site)
                    reason = f"another process has locked {site}"
                    raise OSError(errno.EWOULDBLOCK, reason) from None
            time.sleep(_PAUSE)
        _locked.discard(site)
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
        self._prepared: tuple[Entry, str, FollowingRows] | None = None

    def _read(self) -> dict[str, Entry]:
        try:
            found = json.loads(read_file(self._manifest, MAX_JSON))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(
            _is_entry(self.site, *one) for one in found.items()
        ):
            raise WriteRefused(f"not written: `{FOLDER}/manifest.json` is corrupt")
        return found

    def _write(self) -> None:
        data = json.dumps(self.entries, indent=1, sort_keys=True).encode()
        write_file(self._manifest, lambda file: file.write(data))

    def original(self, old: str) -> str:
        """Return the path of the original with the hash ``old``."""
        return os.path.join(self.folder, old)

    def prepare(self, path: str, fixed: IO[bytes]) -> None:
        """Keep the file at a real path, and update ``RECORD``, before ``fixed`` replaces it.

        In this order each state is whole in which a killed process can leave the directory:
        ``undo`` restores all of it, and another run of the fix completes it.
        """
        name = name_in(self.site, path)
        old = hash_of(path)
        new = hashlib.sha256()
        for piece in pieces_of(fixed):
            new.update(piece)
        rows = find_rows(self.site, name)
        right = [*true_rows(rows, partial(hash_of, path))]
        # A row with a wrong hash is updated only if no other row has the right one, or none.
        plain = [
            one for one in rows if parse_row(one[1].encode("utf-8", "surrogateescape"))[1] == ""
        ]
        record, row = (right or plain or rows or [("", "")])[0]
        others = FollowingRows(self.site, right[1:])
        entry = {"old": old, "new": "", "record": record, "row": row}
        before = self.entries.get(name)
        if before is not None and before["record"] == record:
            if old in before["new"].split():
                entry = before  # it is fixed further: the first original counts
            elif old == before["old"]:
                entry["row"] = before["row"]  # a killed run may have replaced it already
        if entry is not before:
            self._keep(path, old)
        entry["new"] = f"{entry['new']} {new.hexdigest()}".strip()
        self.entries[name] = entry
        self._prepared = entry, row, others
        self._write()
        if record:
            line = renew_row(row.encode("utf-8", "surrogateescape"), pieces_of(fixed))
            write_row(self.site, record, line)
            others.renew(lambda: pieces_of(fixed))

    def _keep(self, path: str, old: str) -> None:
        if not os.path.isdir(self.folder):
            os.makedirs(self.folder, exist_ok=True)
            flush_folder(self.site)
        kept = self.original(old)
        if not os.path.lexists(kept):
            try:  # the fix does not write into the file, it replaces it
                os.link(path, kept)
            except OSError:
                _copy(path, path, kept)
        if os.path.islink(kept) or hash_of(kept) != old:
            raise WriteRefused(f"not written: `{FOLDER}/{old}` is corrupt")

    def finish(self, path: str) -> bool:
        """Return whether the file was replaced after ``prepare``, which is undone otherwise."""
        if self._prepared is None:
            return False
        entry, row, others = self._prepared
        name = name_in(self.site, path)
        fixed = entry["new"].split()
        now = hash_of(path)
        if now == fixed[-1]:
            return True
        self._write_row(entry["record"], entry["row"] if now == entry["old"] else row)
        others.restore()
        entry["new"] = " ".join(fixed[:-1])
        if now == entry["old"] or not entry["new"]:
            del self.entries[name]
        self._clean()
        return False

    def undo(self, given: GivenPaths) -> tuple[list[str], list[tuple[str, str]]]:
        """Restore the files below ``given``; return them, and those that are not restored, and why.

        The originals of uninstalled packages are forgotten.
        """
        done: list[str] = []
        problems: list[tuple[str, str]] = []
        for name in sorted(self.entries):
            path = path_of(self.site, name)
            if not given.hold(path):
                continue
            record = self.entries[name]["record"]
            if record and not any(map(os.path.lexists, (path, path_of(self.site, record)))):
                del self.entries[name]  # its package was uninstalled
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
        inside = path.startswith(self.site + os.sep)
        if os.path.realpath(path) != path or not (inside or find_row(self.site, name)[0]):
            raise WriteRefused(f"not restored: {LEADS_OUT}")
        kept = self.original(entry["old"])
        if not os.path.lexists(path):
            raise WriteRefused(f"not restored: it has been deleted since it was fixed ({kept})")
        now = hash_of(path)
        rows = find_rows(self.site, name) if entry["record"] else []
        own = _identity(entry["record"], entry["row"])
        fixed = [one for one in rows if _identity(*one) != own]
        digests = [partial(_known_digest, one) for one in entry["new"].split()]
        true = true_rows(fixed, partial(hash_of, path), *digests)
        others = FollowingRows(self.site, true)
        if now != entry["old"]:
            if now not in entry["new"].split():
                raise WriteRefused(f"not restored: it has changed since it was fixed ({kept})")
            if os.path.islink(kept) or hash_of(kept) != entry["old"]:
                raise WriteRefused(f"not restored: `{FOLDER}/{entry['old']}` is corrupt")
            _copy(kept, path)
        self._write_row(entry["record"], entry["row"])
        with open(path, "rb") as file:
            others.renew(partial(pieces_of, file))
        del self.entries[name]
        self._write()

    def _write_row(self, record: str, row: str) -> None:
        if record:
            write_row(self.site, record, row.encode("utf-8", "surrogateescape"))

    def _clean(self) -> None:
        """Delete originals that nothing refers to, and the directory when it is empty."""
        if not os.path.isdir(self.folder):
            return
        self._write()
        needed = {entry["old"] for entry in self.entries.values()}
        for kept in os.listdir(self.folder):
            if _HASH.fullmatch(kept) and kept not in needed:
                os.unlink(self.original(kept))
        if not self.entries:
            with suppress(OSError):
                os.unlink(self._manifest)
            with suppress(OSError):
                os.rmdir(self.folder)


def _copy(content: str, path: str, output: str | None = None) -> None:
    """Replace the file at ``path``, or ``output``, by the ``content`` of a file."""
    with open(content, "rb") as file:
        replace_binary(path, output, os.stat(path), lambda new: shutil.copyfileobj(file, new))


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield an open file from its start, piece by piece."""
    file.seek(0)
    return iter(lambda: file.read(1 << 20), b"")


def _identity(record: str, row: str) -> tuple[str, str]:
    """Return a ``RECORD`` and the path in a row of it, as it is there."""
    return record, parse_row(row.encode("utf-8", "surrogateescape"))[0]


def _known_digest(sha256: str, method: str) -> str:
    """Return the digest of a content of which only the ``sha256`` is known, else an empty one."""
    return sha256 if method == "sha256" else ""


def _is_entry(site: str, name: str, value: object) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(key), str) for key in _KEYS)
        and _HASH.fullmatch(value["old"]) is not None
        and (not value["record"] or _is_row(site, name, value["record"], value["row"]))
    )


def _is_row(site: str, name: str, record: str, text: str) -> bool:
    """Return whether a text is the one row of a file in a ``RECORD`` of the directory."""
    try:
        row = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    one, *more = rows(io.BytesIO(row))
    return not any(more) and name_in_row(site, one) == name and bool(RECORD.fullmatch(record))
