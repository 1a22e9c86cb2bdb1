"""The members of a compressed tar archive, read once from its start to its end.

``tarfile`` reads the headers, from a stream that only goes forward and hands out no
more than a bounded piece: the sizes in a header are whatever its author wrote.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, Any, cast

from no_libpython_dlopen.binary.archives.seekable_stream import Budget, Forward, InflatesTooMuch
from no_libpython_dlopen.binary.archives.zips import BROKEN, Member, unsafe_path
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

_PIECE = 1 << 18
#: Names and extended headers are read as a whole.
_MOST_HEADER = 1 << 20
#: Their names are kept, to see one that stands twice.
MOST_MEMBERS = 1_000_000
#: A tar archive has no compressed size for each member.
_MOST_MEMBER = 1 << 62
#: The window that a zstandard frame may ask for: conda's highest level needs 128 MiB.
_MOST_WINDOW = 1 << 27


def unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    """Return the stream of a compressed ``file``, by its name's suffix; raises ``MalformedBinary``."""
    if name.endswith((".gz", ".tgz")):
        import gzip

        return cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb"))
    if name.endswith(".bz2"):
        import bz2

        return bz2.BZ2File(file)
    return _zstandard(file)


def _zstandard(file: IO[bytes]) -> IO[bytes]:
    try:
        import zstandard
    except ImportError:
        pass
    else:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW)
        return cast(IO[bytes], unpacker.stream_reader(file, read_across_frames=True))
    try:  # Python 3.14's own, PEP 784
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise MalformedBinary(
            "reading .conda packages needs zstandard: pip install 'no-libpython-dlopen[conda]'"
        ) from None
    else:  # pragma: no cover - a Python that is measured has zstandard instead
        options = {zstd.DecompressionParameter.window_log_max: _MOST_WINDOW.bit_length() - 1}
        return cast(IO[bytes], zstd.ZstdFile(file, options=options))


def _broken() -> tuple[type[Exception], ...]:
    """Return what a damaged stream makes the unpackers raise, a zip archive around it as well."""
    try:
        import zstandard
    except ImportError:
        return (*BROKEN, tarfile.TarError)
    return (*BROKEN, tarfile.TarError, zstandard.ZstdError)


class _Stream:
    """What ``tarfile`` needs of a file: ``read``, ``tell`` and ``seek``, forward only."""

    def __init__(self, source: IO[bytes], budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._broken = _broken()
        self._position = 0
        self.last = b""

    def read(self, size: int) -> bytes:
        if size > _MOST_HEADER:
            raise MalformedBinary(f"corrupt: a header of {size} bytes")
        parts = []
        while size > 0:
            try:
                part = self._source.read(size)
            except self._broken as error:
                raise MalformedBinary(f"corrupt: {error or type(error).__name__}") from None
            if not part:
                break
            parts.append(part)
            size -= len(part)
            self._position += len(part)
            self._budget.spend(len(part))
        self.last = b"".join(parts)
        return self.last

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        if position < self._position:
            raise MalformedBinary("corrupt: its members overlap")
        while self._position < position:
            if not self.read(min(_PIECE, position - self._position)):
                break
        return self._position


def tar_members(source: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield every regular file of the tar archive that ``source`` unpacks to, in order.

    A member can be read until the next one is asked for. Raises ``MalformedBinary``.
    """
    stream = _Stream(source, budget)
    seen: set[str] = set()
    try:
        archive = tarfile.TarFile(fileobj=cast(Any, stream), mode="r")
        while (info := archive.next()) is not None:
            vars(archive)["members"] = []  # it keeps every header otherwise
            if not info.isreg():
                continue
            if len(seen) == MOST_MEMBERS:
                raise InflatesTooMuch(f"has more than {MOST_MEMBERS:,} members")
            path = info.name.removeprefix("./")
            problem = unsafe_path(path)
            if path in seen:
                problem = "stands in the archive more than once"
            elif info.issparse():
                problem = "is stored with holes"
            seen.add(path)
            if problem:
                yield Member(path, None, problem)
            else:
                yield Member(path, _member(stream, info).read)
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise MalformedBinary(f"not a readable archive: {error or type(error).__name__}") from None
    # tarfile takes a damaged header for the end; the end itself is a block of zeros.
    if stream.last.strip(b"\0") or not stream.last:
        raise MalformedBinary(f"truncated or corrupt after {stream.tell()} bytes")


def _member(stream: _Stream, info: tarfile.TarInfo) -> Forward:
    def pieces() -> Iterator[bytes]:
        stream.seek(info.offset_data)
        left = info.size
        size = 512
        while left and (piece := stream.read(min(size, left))):
            left -= len(piece)
            size = _PIECE
            yield piece

    return Forward(pieces, info.size, _MOST_MEMBER, again=False)
