"""The members of distributions' packages: Debian's and RPM's.

Both are frames of a few bytes around what is read here anyway: a ``.deb`` is an ``ar``
archive of compressed tar archives, an ``.rpm`` a compressed cpio archive behind two tables.

Sources: deb(5), Debian Policy; the RPM package format (rpm.org, V3 and V4), cpio(5)'s
"New ASCII Format".
"""

from __future__ import annotations

import io
from struct import unpack
from typing import IO, TYPE_CHECKING, cast

from no_libpython_dlopen.binary.archives.decompression import (
    Section,
    compression_of,
    decompress_stream,
)
from no_libpython_dlopen.binary.archives.members import LONGEST_PATH, Member, MemberNames
from no_libpython_dlopen.binary.archives.tars import Stream, link_target, reader_of, tar_members
from no_libpython_dlopen.binary.archives.texts import names_content
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.archives.seekable_stream import Budget

DEB_MAGIC, RPM_MAGIC = b"!<arch>\n", b"\xed\xab\xee\xdb"
_AR_HEADER = 60
_LEAD, _TABLE, _TABLE_MAGIC = 96, 16, b"\x8e\xad\xe8\x01"
#: Bytes of one of an RPM's tables: real ones list every file and are some megabytes.
_MOST_TABLE = 256 << 20
_CPIO_HEADER, _CPIO_MAGIC = 110, (b"070701", b"070702")
_LONGEST_PATH = 1 << 16
#: What stands before an RPM's payload, in sentences.
_TABLES = "the tables before its payload"
_KIND_OF_FILE, _REGULAR, _LINK = 0o170000, 0o100000, 0o120000
_PIECE = 1 << 18


def deb_members(file: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the files that a Debian package installs, and its scripts below ``DEBIAN/``.

    Raises ``MalformedBinary``.
    """
    if file.read(len(DEB_MAGIC)) != DEB_MAGIC:
        raise MalformedBinary("not a Debian package, since it is not an ar archive")
    found = False
    while header := file.read(_AR_HEADER):
        size = header[48:58].strip()
        if len(header) < _AR_HEADER:
            raise MalformedBinary("truncated: it ends inside an entry's header")
        if header[58:] != b"`\n" or not size.isdigit():
            raise MalformedBinary("not a readable Debian package: an entry's header is corrupt")
        section = Section(file, int(size))
        name = header[:16].decode("latin-1").rstrip(" /")
        if name.startswith(("data.tar", "control.tar")):
            found |= name.startswith("data.tar")
            with decompress_stream(cast("IO[bytes]", section), name) as source:
                folder = "DEBIAN/" if name.startswith("control.tar") else ""
                for member in tar_members(source, budget):
                    member.path = folder + member.path
                    yield member
        _skip(file, section.left, f"`{name}`" if name.isprintable() else "an entry")
        file.read(int(size) % 2)
    if not found:
        raise MalformedBinary("not a Debian package: it has no data.tar")


def _skip(file: IO[bytes], size: int, what: str) -> None:
    while size > 0:
        piece = file.read(min(size, _PIECE))
        if not piece:
            raise MalformedBinary(f"truncated: it ends inside {what}")
        size -= len(piece)


def rpm_members(file: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the files that an RPM package installs. Raises ``MalformedBinary``."""
    lead = file.read(_LEAD)
    if not lead.startswith(RPM_MAGIC):
        raise MalformedBinary("not an RPM package")
    _skip(file, -_skip_table(file) % 8, _TABLES)  # the signatures
    _skip_table(file)
    packed = io.BufferedReader(cast("io.RawIOBase", Section(file, 1 << 62)), _PIECE)
    method = compression_of(packed.peek(8)) or "cpio"
    with decompress_stream(cast("IO[bytes]", packed), f"payload.{method}") as source:
        yield from _cpio_members(Stream(source, budget))


def _skip_table(file: IO[bytes]) -> int:
    """Read over a table of tags, and return its size."""
    header = file.read(_TABLE)
    if len(header) < _TABLE:
        raise MalformedBinary(f"truncated: it ends inside {_TABLES}")
    if not header.startswith(_TABLE_MAGIC):
        raise MalformedBinary("not a readable RPM package: a table is missing")
    entries, size = unpack(">II", header[8:])
    size += entries * _TABLE
    if size > _MOST_TABLE:
        raise MalformedBinary(f"not a readable RPM package: a table claims {size} bytes")
    _skip(file, size, _TABLES)
    return int(size)


def _cpio_members(stream: Stream) -> Iterator[Member]:
    """Yield the files of a cpio archive, and links. Of hard links the last one holds the data."""
    names = MemberNames()
    #: For each file (device and number), the names that it had before its data.
    earlier: dict[tuple[int, ...], list[str]] = {}
    while True:
        header = stream.read(_CPIO_HEADER)
        if len(header) < _CPIO_HEADER:
            raise MalformedBinary(f"truncated: its payload ends after {stream.position} bytes")
        if not header.startswith(_CPIO_MAGIC):
            raise MalformedBinary("its payload is not a cpio archive in the `newc` format")
        try:
            fields = [int(header[at : at + 8], 16) for at in range(6, _CPIO_HEADER, 8)]
        except ValueError:
            raise MalformedBinary("corrupt: its payload has an invalid header") from None
        mode, size, length = fields[1], fields[6], fields[11]
        if not 0 < length <= _LONGEST_PATH:
            raise MalformedBinary("corrupt: a name of its payload is too long")
        path = stream.read(length).rstrip(b"\0").decode("utf-8", "surrogateescape")
        stream.skip_to(stream.position + -(_CPIO_HEADER + length) % 4)
        if path == "TRAILER!!!":
            return
        end = stream.position + size + -size % 4
        path = path.removeprefix(".").removeprefix("/")
        if mode & _KIND_OF_FILE == _REGULAR:
            problem = names.problem_of(path)
            file = (fields[0], fields[7], fields[8])
            if fields[4] > 1 and not size:
                earlier.setdefault(file, []).append(path)
            for name in earlier.pop(file, ()) if size else ():
                if names_content(name) and not problem:
                    yield Member(name, None, link=path)
            yield Member(path, None if problem else reader_of(stream, size), problem, size)
        elif mode & _KIND_OF_FILE == _LINK and size <= LONGEST_PATH and names_content(path):
            target = link_target(path, stream.read(size).decode("utf-8", "surrogateescape"))
            if target and not names.problem_of(path):
                yield Member(path, None, link=target)
        stream.skip_to(end)
