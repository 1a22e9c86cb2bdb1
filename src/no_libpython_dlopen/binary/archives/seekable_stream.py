"""Bytes at an offset, of something that can only be read from its start.

A compressed member is such a thing. An ELF file's dynamic section stands near its end
and leads back to tables near its start, so the start is kept, as is what was read last;
what lies between is inflated and dropped. Looking back into the gap starts over.

How much may be inflated is bounded twice: for each member by its own size, and for an
archive by ``Budget``. Both bounds are far above what real binaries compress to, and both
end a zip bomb after a moment, with no more memory taken than is kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator

from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

#: Of a member's start so much is kept; real tables of symbols and strings fit.
_KEPT = 64 << 20
#: More where there is no second chance.
_KEPT_OF_ONCE = 256 << 20
#: And of what was read last, at least so much; no single read asks for more.
_RECENT = 8 << 20
#: A member whose tables lie so far apart that it is inflated more often is no real one.
_MOST_STARTS = 8

#: A shared object compresses two to six times, but patchelf pads small ones with megabytes
#: of zeros (pillow's libXau: 130 times); one that exceeds both bounds is a bomb.
_MEMBER_RATIO, _MEMBER_FLOOR = 100, 64 << 20
_ARCHIVE_RATIO, _ARCHIVE_FLOOR = 50, 256 << 20


class InflatesTooMuch(MalformedBinary):
    """An archive inflates to more than anybody should read."""


class Budget:
    """How many bytes may still be inflated of one archive of ``size`` bytes."""

    def __init__(self, size: int) -> None:
        self._left = _ARCHIVE_FLOOR + _ARCHIVE_RATIO * size

    def spend(self, size: int) -> None:
        """Count ``size`` bytes; raises ``InflatesTooMuch`` when they are too many."""
        self._left -= size
        if self._left < 0:
            raise InflatesTooMuch(f"inflates to more than {_ARCHIVE_RATIO} times its size")


def inflation_limit(packed: int) -> int:
    """Return the number of bytes that may be inflated of a member of ``packed`` bytes."""
    return _MEMBER_FLOOR + _MEMBER_RATIO * packed


class SpooledFile(tempfile.SpooledTemporaryFile[bytes]):
    """A file in memory up to ``max_size`` bytes, then on disk without a name."""

    def seekable(self) -> bool:
        """Return that it is: before Python 3.11 it does not say so, and zipfile asks."""
        return True


class Forward:
    """Reads at any offset of a stream of ``size`` bytes that ``start`` gives in pieces.

    ``start`` is called again where the reader looks back too far; without ``again`` that
    is ``MalformedBinary``, as is a stream that ends early or yields more than ``most`` bytes.
    """

    __slots__ = (
        "_again",
        "_head",
        "_kept",
        "_most",
        "_pieces",
        "_position",
        "_recent",
        "_start",
        "size",
    )

    def __init__(
        self, start: Callable[[], Iterator[bytes]], size: int, most: int, *, again: bool = True
    ) -> None:
        self.size = size
        self._kept = _KEPT if again else _KEPT_OF_ONCE
        self._start = start
        self._most = most
        self._again = _MOST_STARTS if again else 1
        self._begin()

    def _begin(self) -> None:
        if not self._again:
            raise MalformedBinary("its tables lie too far apart")
        self._again -= 1
        self._pieces = self._start()
        self._head = bytearray()
        self._recent = bytearray()
        self._position = 0

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes at ``offset``, fewer at the end; raises ``MalformedBinary``."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        first = self._position - len(self._recent)
        if end > len(self._head) != first and offset < first:
            self._begin()
        while self._position < end:
            self._advance()
        if end <= len(self._head):
            return bytes(self._head[offset:end])
        first = self._position - len(self._recent)
        known = bytes(self._head[offset:]) if offset < first else b""
        return known + bytes(self._recent[max(0, offset - first) : end - first])

    def stop_keeping(self) -> None:
        """From here on keep only what was read last: the rest is read on and on."""
        self._kept = min(self._kept, len(self._head))

    def _advance(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise MalformedBinary(f"truncated: it ends after {self._position} of {self.size} bytes")
        self._position += len(piece)
        if self._position > self._most:
            raise MalformedBinary(f"inflates to more than {_MEMBER_RATIO} times its size")
        if self._position <= self._kept:
            self._head += piece
            return
        self._recent += piece
        if len(self._recent) > 2 * _RECENT:
            del self._recent[:-_RECENT]
