"""The rows of a ``RECORD``: the files of an installed distribution or a wheel, with their hashes.

Rows that do not change stay as they are, byte for byte. That is what the libraries do not do:
``importlib.metadata`` only reads, and PyPA's ``installer`` writes every row anew.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from posixpath import normpath
from typing import IO

#: The path of a ``RECORD`` in a site-packages directory or a wheel.
RECORD = re.compile(r"[^/]+\.dist-info/RECORD")
#: The hashes that PEP 376 allows and hashlib always has; weaker ones are replaced by SHA-256.
_HASHES = frozenset({"sha256", "sha384", "sha512"})
#: The hashes that can be compared; the others have no length of their own.
_KNOWN = frozenset(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake"))
#: Lines of one row, since a quoted path may contain line breaks; real ones contain fewer.
_MOST_LINES = 16


def row_of(path: str, method: str, content: Iterable[bytes]) -> bytes:
    """Return the row of a file without its line ending; ``method`` is the name of its hash."""
    digest = hashlib.new(method if method in _HASHES else "sha256")
    size = 0
    for piece in content:
        digest.update(piece)
        size += len(piece)
    value = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    row = io.StringIO()
    # Before Python 3.13, csv quotes only the line breaks of its own line terminator.
    csv.writer(row, lineterminator="\n").writerow([path, f"{digest.name}={value}", size])
    return row.getvalue().removesuffix("\n").encode("utf-8", "surrogateescape")


def renew_row(row: bytes, content: Iterable[bytes]) -> bytes:
    """Return a row with the hash and the size of this ``content``, and the path as it is there."""
    path, value = _fields(row)
    return row_of(path, value.partition("=")[0], content)


def has_hash_of(row: bytes, digest_of: Callable[[str], str]) -> bool:
    """Return whether a row has a file's hash, or one of a kind that cannot be compared.

    ``digest_of`` returns the file's digest, in hexadecimal, by the name of a hash.
    """
    method, _, value = _fields(row)[1].partition("=")
    if method not in _KNOWN:
        return bool(method)
    digest = digest_of(method)
    encoded = base64.urlsafe_b64encode(bytes.fromhex(digest)).decode()
    return value.rstrip("=") == encoded.rstrip("=") or value.lower() == digest


def place_below(base: str, path: str) -> str:
    """Return a path in a ``RECORD`` of the directory ``base`` in its shortest form from there.

    Absolute ones are allowed (PEP 376), and ``../../../lib/x`` may be ``../../x``.
    """
    if not path.startswith(("../", "/")):
        return path
    return os.path.relpath(os.path.join(base, path), base).replace(os.sep, "/")


def line_ending(row: bytes) -> bytes:
    """Return the line ending of a row, empty if it has none."""
    return row[len(row.rstrip(b"\r\n")) :]


def rows(record: IO[bytes]) -> Iterator[bytes]:
    """Yield the rows of a ``RECORD`` and their line endings; a quoted path may have line breaks.

    Lines may end in LF, CRLF or CR.
    """
    parts: list[bytes] = []
    quoted = False
    for line in (line for piece in record for line in piece.splitlines(keepends=True)):
        parts.append(line)
        quoted ^= bool(line.count(b'"') % 2)
        if not quoted or len(parts) == _MOST_LINES:
            yield b"".join(parts)
            parts, quoted = [], False
    yield b"".join(parts)


def parse_row(row: bytes) -> tuple[str, str]:
    """Return the path in a row of ``RECORD`` and the name of its hash, empty if it has none.

    Some tools write paths as ``./spam/core.so``: that is ``spam/core.so`` here.
    """
    path, value = _fields(row)
    return normpath(path) if path else "", value.partition("=")[0]


def _fields(row: bytes) -> tuple[str, str]:
    """Return the path in a row as it is there, and its hash; both may be empty."""
    text = io.StringIO(row.decode("utf-8", "surrogateescape"), newline="")
    try:
        path, value, *_ = [*next(csv.reader(text), []), "", ""]
    except csv.Error:  # a field that is longer than 128 KiB
        return "", ""
    return path, value
