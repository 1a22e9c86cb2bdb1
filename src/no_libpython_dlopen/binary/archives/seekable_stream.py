"""Random access to the bytes of a compressed stream, which can only be read from its start.

An ELF file's dynamic section stands near its end and leads back to tables near its start, so the
start is kept, as is what was read last; what lies between is inflated and dropped. Looking back
into the gap goes on from the last point before it at which zlib's state was saved, or where there
is none starts over.

How much may be inflated is bounded twice: for each member by its own size, and for an
archive by ``Budget``. Both bounds are far above what real binaries compress to, and both
end a zip bomb after a moment, with no more memory taken than is kept.
"""

from __future__ import annotations

import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import IO

from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

#: What inflates: with the extra `fast` a drop-in replacement that takes half the time.
inflation: ModuleType
try:
    inflation = import_module("zlib_ng.zlib_ng")
except ImportError:
    inflation = zlib

#: Of a member's start so much is kept; the tables of nearly all real objects fit.
_KEPT = 16 << 20
#: Of a stream that cannot be asked again, so much of the rest is kept on disk.
_MOST_SPOOLED = 2 << 30
#: And of what was read last so much, and all that is being asked for.
_RECENT = 16 << 20
#: A member whose tables lie so far apart that it is inflated more often is no real one.
_MOST_PASSES = 8
#: The first piece of a member is small: most members end at their magic number.
_GLANCE, _PACKED, _PLAIN = 256, 1 << 16, 1 << 20
#: So many inflated bytes lie between two saved states of some 50 kB each, and more in a
#: member that would have more of them.
_INTERVAL, _MOST_STATES = 16 << 20, 128

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


#: Where a stream begins that goes on to or over an offset, and its pieces.
Source = Callable[[int], tuple[int, Iterator[bytes]]]


def from_start(pieces: Callable[[], Iterator[bytes]]) -> Source:
    """Return the source of a stream that can only begin at its start."""
    return lambda _: (0, pieces())


class Deflated:
    """A deflated stretch of ``packed`` bytes of a file, for ``Forward`` and to be read whole.

    ``find_start`` returns where it begins, and is called when it is first read.
    """

    __slots__ = ("_budget", "_file", "_find_start", "_interval", "_packed", "_start", "_states")

    def __init__(
        self,
        file: IO[bytes],
        find_start: Callable[[], int],
        packed: int,
        budget: Budget,
        window: int = -zlib.MAX_WBITS,
    ) -> None:
        self._file = file
        self._find_start = find_start
        self._start = -1
        self._packed = packed
        self._budget = budget
        self._interval = _INTERVAL
        #: What was inflated before each, what was read of the file, and zlib's state.
        self._states = [(0, 0, inflation.decompressobj(window))]

    def pieces_from(self, offset: int = 0) -> tuple[int, Iterator[bytes]]:
        """Return a place that is not behind ``offset``, and the inflated pieces from there."""
        place, read, state = next(each for each in reversed(self._states) if each[0] <= offset)
        return place, self._inflate(place, read, state.copy())

    def _inflate(self, place: int, read: int, unpacker: zlib._Decompress) -> Iterator[bytes]:
        if self._start < 0:
            self._start = self._find_start()
        try:
            while read < self._packed and not unpacker.eof:
                if place - self._states[-1][0] >= self._interval:
                    self._save(place, read, unpacker)
                self._file.seek(self._start + read)  # another member may have been looked at
                size = _PACKED if read else _GLANCE
                packed = self._file.read(min(size, self._packed - read))
                if not packed:
                    raise MalformedBinary("truncated: the archive ends inside it")
                read += len(packed)
                while packed:
                    plain = unpacker.decompress(packed, _PLAIN)
                    self._budget.spend(len(plain))
                    place += len(plain)
                    yield plain
                    packed = unpacker.unconsumed_tail
            yield unpacker.flush()
        except inflation.error as error:
            raise MalformedBinary(f"corrupt: {error}") from None

    def _save(self, place: int, read: int, unpacker: zlib._Decompress) -> None:
        if len(self._states) == _MOST_STATES:
            del self._states[1::2]
            self._interval *= 2
        self._states.append((place, read, unpacker.copy()))


class Forward:
    """Reads at any offset of a stream of ``size`` bytes that ``source`` gives in pieces.

    ``source`` is asked again where the reader looks back too far; without ``again`` what lies
    there is in a temporary file. A stream that ends early, yields more than ``most`` bytes, or
    is looked back at too often is ``MalformedBinary``.
    """

    __slots__ = (
        "_again",
        "_head_count",
        "_head_end",
        "_kept",
        "_left",
        "_most",
        "_pieces",
        "_position",
        "_source",
        "_spool",
        "_spooled",
        "_spools",
        "_starts",
        "_stored",
        "size",
    )

    def __init__(self, source: Source, size: int, most: int, *, again: bool = True) -> None:
        self.size = size
        self._kept = _KEPT
        self._source = source
        self._most = most
        self._again = again
        self._left = _MOST_PASSES * min(size, most)
        #: Pieces that are kept, and where each begins: those of the head, and the last ones read.
        self._stored: list[bytes] = []
        self._starts: list[int] = []
        self._head_count = self._head_end = 0
        #: What is no longer in memory of what lies behind the head, and how many bytes that are.
        self._spool: IO[bytes] | None = None
        self._spools = not again
        self._spooled = 0
        self._position, self._pieces = source(0)

    def __del__(self) -> None:
        if self._spool is not None:
            self._spool.close()

    def _go_back(self, offset: int) -> None:
        self._left -= _INTERVAL
        if self._left < 0:
            raise MalformedBinary("its tables lie too far apart")
        self._drop_recent(*self._source(offset))

    def _go_ahead(self, offset: int) -> None:
        """Pass over what was inflated before."""
        place, pieces = self._source(offset)
        if place > self._position:
            self._drop_recent(place, pieces)

    def _drop_recent(self, place: int, pieces: Iterator[bytes]) -> None:
        """Go on at another place."""
        self._position, self._pieces = place, pieces
        del self._stored[self._head_count :], self._starts[self._head_count :]

    @property
    def _first_recent(self) -> int:
        """Where what was read last and is still known begins."""
        recent = self._starts[self._head_count : self._head_count + 1]
        return recent[0] if recent else self._position

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes at ``offset``, fewer at the end; raises ``MalformedBinary``."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        first = self._first_recent
        if self._again and end > self._head_end < first and offset < first:
            self._go_back(max(offset, self._head_end))
        elif self._again and offset - self._position > _INTERVAL:
            self._go_ahead(offset)
        while self._position < end:
            self._advance(offset)
        found = []
        while offset < end:
            piece = self._read_kept(offset, end)
            found.append(piece)
            offset += len(piece)
        return found[0] if len(found) == 1 else b"".join(found)

    def _read_kept(self, offset: int, end: int) -> bytes:
        """Return some of the bytes from ``offset`` to ``end``, of a piece or of the spool."""
        at = bisect_right(self._starts, offset) - 1
        if at >= 0:
            start = self._starts[at]
            piece = self._stored[at][offset - start : end - start]
            if piece:
                return piece
        place = offset - self._head_end
        if self._spool is None or place >= self._spooled:
            raise MalformedBinary("its tables lie too far apart")
        self._spool.seek(place)
        return self._spool.read(min(end - offset, self._spooled - place))

    def stop_keeping(self) -> None:
        """From here on keep only what was read last: the rest is read on and on."""
        self._kept = min(self._kept, self._head_end)
        self._spools = False

    def _advance(self, wanted: int) -> None:
        """Take the next piece, and drop old ones that end before ``wanted``."""
        piece = next(self._pieces, None)
        if piece is None:
            raise MalformedBinary(f"truncated: it ends after {self._position} of {self.size} bytes")
        start = self._position
        self._position += len(piece)
        self._left -= len(piece)
        if self._position > self._most:
            raise MalformedBinary(f"inflates to more than {_MEMBER_RATIO} times its size")
        if not piece or self._position <= self._head_end:  # the head's end is read once more
            return
        if start < self._head_end:
            start, piece = self._head_end, piece[self._head_end - start :]
        self._starts.append(start)
        self._stored.append(piece)
        is_head = len(self._stored) == self._head_count + 1 and start == self._head_end
        if is_head and self._position <= self._kept:
            self._head_count, self._head_end = self._head_count + 1, self._position
            return
        oldest, bound = self._head_count, min(self._position - _RECENT, wanted)
        while self._starts[oldest] + len(self._stored[oldest]) <= bound:
            self._drop(self._stored.pop(oldest), self._starts.pop(oldest))

    def _drop(self, piece: bytes, start: int) -> None:
        """Write a piece to the spool, if all that lies between it and the head is there."""
        place = start - self._head_end
        if not self._spools or place != self._spooled or place + len(piece) > _MOST_SPOOLED:
            return
        if self._spool is None:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115  closed with this
        self._spool.seek(place)
        self._spooled += self._spool.write(piece)
