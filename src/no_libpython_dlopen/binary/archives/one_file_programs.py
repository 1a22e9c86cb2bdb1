"""Reads one-file programs: the members of those of PyInstaller, and which are those of Nuitka.

PyInstaller's archive stands at the end of the program, or in a section near it, with a record that
leads to a table of contents. Binaries and data are members; Python code is in there only as
byte code, which is not read. PyInstaller's own reader is not used, because it imports the code that
makes programs, and unmarshals byte code.

Nuitka's program holds all the files of the folder that ``--standalone`` makes, one behind the
other, in a form that differs with its version and options, so it is not read.

Sources: PyInstaller's manual, "Advanced Topics: the CArchive"; its ``archive/readers.py``; Nuitka's
``static_src/OnefileBootstrap.c``.
"""

from __future__ import annotations

import re
import zlib
from functools import partial
from struct import Struct
from typing import IO, TYPE_CHECKING

from no_libpython_dlopen.binary.archives.members import Member, MemberNames
from no_libpython_dlopen.binary.archives.seekable_stream import (
    Deflated,
    Forward,
    from_start,
    inflation_limit,
)
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.archives.seekable_stream import Budget
    from no_libpython_dlopen.binary.formats.random_access import Read

_MAGIC = b"MEI\014\013\012\013\016"
#: The record: magic, the archive's length, the table's offset and length, version, libpython.
_RECORD = Struct("!8sIIII64s")
#: An entry of the table: its own length, offset, packed and plain size, flag, type; a name.
_ENTRY = Struct("!IIIIBc")
#: Behind the record are section headers and signatures.
_TAIL = 1 << 16
_MOST_TABLE = 64 << 20
#: Binaries, data, and zip archives; the others are byte code, options and links.
_FILES = frozenset((b"b", b"x", b"Z"))
_PIECE = 1 << 16
NUITKA_NOT_READ = (
    "a one-file program of Nuitka, which is not read: check the folder that `--standalone` makes"
)
#: Bytes from the start in which Nuitka's files begin, behind the code that unpacks them.
_NUITKA_HEAD = 1 << 19
#: Bytes of the smallest program of Nuitka.
_LEAST_NUITKA = 1 << 20
#: The first file, with its name, flags and a size of 64 bits, or all files in a frame of Zstandard
#: (RFC 8878).
_NUITKA_FILES = re.compile(
    rb"KAX[^\0-\x1f/\x7f]{1,255}\0[\0\1](?!\0{5}).{5}\0{3}|KAY\x28\xb5\x2f\xfd", re.DOTALL
)


class Program:
    """The archive of a program: where it starts, and its table."""

    __slots__ = ("start", "table")

    def __init__(self, start: int, table: tuple[int, int]) -> None:
        self.start = start
        self.table = table


def find_program(read: Read, size: int) -> Program | None:
    """Return the archive of a program of ``size`` bytes, ``None`` where there is none."""
    tail = max(0, size - _TAIL)
    data = read(tail, _TAIL)
    at = data.rfind(_MAGIC)
    if at < 0 or len(data) < at + _RECORD.size:
        return None
    _, length, table, table_size, _, _ = _RECORD.unpack_from(data, at)
    start = tail + at + _RECORD.size - length
    if start < 0 or table + table_size > length or table_size > _MOST_TABLE:
        return None
    return Program(start, (start + table, table_size))


def program_members(file: IO[bytes], program: Program, budget: Budget) -> Iterator[Member]:
    """Yield the binaries and data of a program. Raises ``MalformedBinary``."""
    file.seek(program.table[0])
    table = file.read(program.table[1])
    names = MemberNames()
    at = 0
    while at + _ENTRY.size <= len(table):
        length, offset, packed, plain, flag, kind = _ENTRY.unpack_from(table, at)
        if length < _ENTRY.size:
            raise MalformedBinary("corrupt: its table of contents contradicts itself")
        if kind in _FILES:
            name = table[at + _ENTRY.size : at + length].partition(b"\0")[0]
            path = name.decode("utf-8", "surrogateescape").replace("\\", "/")
            problem = names.problem_of(path)
            place = program.start + offset
            read = _reader(file, (place, packed, plain), budget, compressed=bool(flag))
            yield Member(path, None if problem else read, problem)
        at += length


def _reader(
    file: IO[bytes], place: tuple[int, int, int], budget: Budget, *, compressed: bool
) -> Read:
    start, packed, plain = place
    if compressed:
        deflated = Deflated(file, lambda: start, packed, budget, zlib.MAX_WBITS)
        return Forward(deflated.pieces_from, plain, inflation_limit(packed)).read
    stored = from_start(partial(_pieces, file, start, packed, budget))
    return Forward(stored, packed, packed).read


def _pieces(file: IO[bytes], start: int, size: int, budget: Budget) -> Iterator[bytes]:
    end = start + size
    while start < end:
        file.seek(start)  # another member may have been looked at meanwhile
        data = file.read(min(_PIECE, end - start))
        if not data:
            return
        start += len(data)
        budget.spend(len(data))
        yield data


def is_nuitka_program(read: Read, size: int) -> bool:
    """Return whether Nuitka made a program of ``size`` bytes."""
    return size >= _LEAST_NUITKA and _NUITKA_FILES.search(read(0, _NUITKA_HEAD)) is not None
