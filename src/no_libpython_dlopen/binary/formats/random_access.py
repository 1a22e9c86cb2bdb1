"""Bytes at an offset: all that the ELF and Mach-O readers ask of a file.

A binary may be a file on disk, a mapping, bytes at hand or a compressed member of an
archive. Each of them can be a ``Read``: a function of an offset and a size that
returns so many bytes, and fewer only where the file ends. The readers ask for small
pieces, never for a whole file.

The runtime guard imports this module: it needs nothing but the interpreter.
"""

from __future__ import annotations

from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

    Read = Callable[[int, int], bytes]

#: The largest offset that is asked for: beyond it ``pread`` overflows a signed 64-bit integer.
_FAR = 1 << 62

# The bounds of one ELF file or Mach-O image, each far above what linkers write; a file that
# claims more is malformed. With them, a reading takes a few megabytes and time that grows
# with the file's size alone, since tables may repeat, overlap and lead anywhere.

#: Characters of all names that one table leads to, with the cost of an entry: many entries
#: may share one long name.
MOST_TEXT, ENTRY_COST = 1 << 19, 32
#: Bytes of one name.
_LONGEST_NAME = 1 << 16
#: Bytes of tables that are read at once: program headers, dynamic section, load commands.
MOST_HEADERS, MOST_DYNAMIC, MOST_COMMANDS_SIZE = 1 << 22, 1 << 20, 1 << 22
#: Bytes of all notes together, and of one table of strings.
MOST_NOTES, MOST_STRINGS = 1 << 16, 1 << 29
#: Entries of the tables that are looked through.
MOST_COMMANDS, MOST_SYMBOLS = 1 << 16, 1 << 23
#: Names that are looked for and found; buckets and chain of the hash table.
MOST_MATCHES, MOST_BUCKETS, MOST_CHAIN = 1 << 16, 1 << 24, 1 << 26

#: Large tables are looked through in pieces of this size.
_PIECE = 1 << 18


class MalformedBinary(NolibpyError):
    """A binary that contradicts itself or ends too early; the text is one clause."""


def bytes_reader(data: bytes | memoryview) -> Read:
    """Return the reader of bytes at hand."""

    def read(offset: int, size: int) -> bytes:
        return bytes(data[offset : offset + size])

    return read


def descriptor_reader(descriptor: int) -> Read:
    """Return the reader of an open file descriptor.

    The file's position is left alone where the system can read at an offset.
    """
    import os

    if not hasattr(os, "pread"):  # Windows has none

        def seek_and_read(offset: int, size: int) -> bytes:
            if offset >= _FAR:
                return b""
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, size)

        return seek_and_read
    pread = os.pread

    def read(offset: int, size: int) -> bytes:
        return pread(descriptor, size, offset) if offset < _FAR else b""

    return read


def file_reader(file: IO[bytes]) -> Read:
    """Return the reader of a seekable file, which is moved by each read."""

    def read(offset: int, size: int) -> bytes:
        file.seek(offset)
        return file.read(size)

    return read


def read_exactly(read: Read, offset: int, size: int, what: str) -> bytes:
    """Return ``size`` bytes at ``offset``.

    Raises ``MalformedBinary``, naming ``what``, where they end.
    """
    if not 0 <= offset < _FAR:
        raise MalformedBinary(f"{what} lies outside the file")
    data = read(offset, size)
    if len(data) != size:
        raise MalformedBinary(f"truncated: {what} ends after {len(data)} of {size} bytes")
    return data


class TextBudget:
    """How much text one table may still lead to."""

    __slots__ = ("_left", "_what")

    def __init__(self, what: str) -> None:
        self._left = MOST_TEXT
        self._what = what

    def spend(self, text: str) -> str:
        """Return ``text``, counted.

        Raises ``MalformedBinary`` where there was too much before it.
        """
        self._left -= len(text) + ENTRY_COST
        if self._left < 0:
            raise MalformedBinary(f"{self._what} are longer than any linker writes")
        return text


def read_text(read: Read, offset: int, what: str) -> str:
    """Return the NUL-terminated text at ``offset``, bytes that are not UTF-8 escaped.

    Raises ``MalformedBinary`` where it does not end soon.
    """
    if not 0 <= offset < _FAR:
        raise MalformedBinary(f"{what} lies outside the file")
    size = 128
    while True:
        data = read(offset, size)
        end = data.find(b"\0")
        if end >= 0:
            return data[:end].decode("utf-8", "backslashreplace")
        if len(data) < size or size >= _LONGEST_NAME:
            raise MalformedBinary(f"{what} does not end")
        size *= 8


def read_pieces(read: Read, offset: int, size: int, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Yield ``(offset, bytes)`` over a range, each piece but the first repeating ``overlap`` bytes.

    Ends early where the file does, so a size that lies costs nothing.
    """
    if not 0 <= offset < _FAR:
        return
    end = offset + size
    while offset < end:
        data = read(offset, min(_PIECE, end - offset))
        yield offset, data
        if len(data) < _PIECE:
            return
        offset += _PIECE - overlap


def read_without(
    read: Read, ranges: Iterable[tuple[int, int]], holes: Iterable[tuple[int, int]], overlap: int
) -> Iterator[bytes]:
    """Yield the bytes of ``ranges``, each byte once, and without those of ``holes``.

    Ranges and holes are offsets with sizes. The pieces are those of ``read_pieces``.
    """
    ends = sorted((offset, offset + size) for offset, size in holes)
    end = 0
    for offset, size in sorted(ranges):
        start, end = max(offset, end), max(end, offset + size)
        for first, last in (*ends, (end, end)):
            for _, piece in read_pieces(read, start, min(first, end) - start, overlap):
                yield piece
            start = max(start, last)
