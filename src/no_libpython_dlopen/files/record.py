"""The rows of a ``RECORD``: the files of an installed distribution or a wheel, with their hashes.

Rows that do not change stay as they are, byte for byte. That is what the libraries do not do:
``importlib.metadata`` only reads, and PyPA's ``installer`` writes every row anew.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from posixpath import normpath
from typing import IO

#: The path of a ``RECORD`` in a site-packages directory or a wheel.
RECORD = re.compile(r"[^/]+\.dist-info/RECORD")
#: The hashes that PEP 376 allows and hashlib always has; weaker ones are replaced by SHA-256.
_HASHES = frozenset({"sha256", "sha384", "sha512"})
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


def replace_row(record: bytes, path: str, row: bytes) -> bytes:
    """Return a ``RECORD`` with another ``row`` for ``path``; its line ending is ignored."""
    text = bytearray()
    for line in rows(io.BytesIO(record)):
        if parse_row(line)[0] == path:
            line = row.rstrip(b"\r\n") + line_ending(line)
        text += line
    return bytes(text)


def sha256_in(row: bytes) -> bytes:
    """Return the SHA-256 in a row, empty if it has none, or another hash."""
    text = row.decode("utf-8", "surrogateescape").rstrip("\r\n")
    value = text.rpartition(",")[0].rpartition(",")[2].strip('"')
    with suppress(ValueError):
        if value.startswith("sha256="):
            return base64.urlsafe_b64decode(value.removeprefix("sha256=") + "=")
    return b""


def line_ending(row: bytes) -> bytes:
    """Return the line ending of a row, empty if it has none."""
    return row[len(row.rstrip(b"\r\n")) :]


def rows(record: IO[bytes]) -> Iterator[bytes]:
    """Yield the rows of a ``RECORD`` and their line endings; a quoted path may have line breaks."""
    parts: list[bytes] = []
    quoted = False
    for line in record:
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
    text = io.StringIO(row.decode("utf-8", "surrogateescape"), newline="")
    try:
        path, value, *_ = [*next(csv.reader(text), []), "", ""]
    except csv.Error:  # a field that is longer than 128 KiB
        return "", ""
    return normpath(path) if path else "", value.partition("=")[0]
