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
    from collections.abc import Callable, Iterator

    Read = Callable[[int, int], bytes]

#: The largest offset that is asked for: beyond it ``pread`` overflows a signed 64-bit integer.
_FAR = 1 << 62
#: Large tables are looked through in pieces of this size.
_PIECE = 1 << 18


class MalformedBinary(NolibpyError):
    """A binary that contradicts itself or ends too early; the text is one clause."""


def of_bytes(data: bytes | memoryview) -> Read:
    """Return the reader of bytes at hand."""

    def read(offset: int, size: int) -> bytes:
        return bytes(data[offset : offset + size])

    return read


def of_descriptor(descriptor: int) -> Read:
    """Return the reader of an open file descriptor; the file's position is left alone."""
    from os import pread

    def read(offset: int, size: int) -> bytes:
        return pread(descriptor, size, offset)

    return read


def exactly(read: Read, offset: int, size: int, what: str) -> bytes:
    """Return ``size`` bytes at ``offset``; raises ``MalformedBinary``, naming ``what``, where they end."""
    if not 0 <= offset < _FAR:
        raise MalformedBinary(f"{what} lies outside the file")
    data = read(offset, size)
    if len(data) != size:
        raise MalformedBinary(f"truncated: {what} ends after {len(data)} of {size} bytes")
    return data


def text_at(read: Read, offset: int, what: str, longest: int = 1 << 16) -> str:
    """Return the NUL-terminated text at ``offset``, bytes that are not UTF-8 escaped.

    Raises ``MalformedBinary`` where it does not end within ``longest`` bytes.
    """
    if not 0 <= offset < _FAR:
        raise MalformedBinary(f"{what} lies outside the file")
    size = 128
    while True:
        data = read(offset, size)
        end = data.find(b"\0")
        if end >= 0:
            return data[:end].decode("utf-8", "backslashreplace")
        if len(data) < size or size >= longest:
            raise MalformedBinary(f"{what} does not end")
        size *= 8


def pieces(read: Read, offset: int, size: int, overlap: int) -> Iterator[tuple[int, bytes]]:
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
