"""Compressed streams, each unpacked in bounded memory, whatever window they ask for."""

from __future__ import annotations

import io
import tarfile
from functools import partial
from typing import IO, cast

from no_libpython_dlopen.binary.archives.zips import BROKEN
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

#: The window that a zstandard frame may ask for: conda's highest level needs 128 MiB.
_MOST_WINDOW = 1 << 27
#: What an xz stream may ask for: its highest preset needs 65 MiB.
_MOST_XZ = 256 << 20
_PIECE = 1 << 16
_MAGIC = (
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"\x5d\0\0", "lzma"),
)
_SUFFIXES = {"tgz": "gz", "crate": "gz", "tbz": "bz2", "tbz2": "bz2", "txz": "xz", "tzst": "zst"}
_PLAIN = frozenset({"tar", "cpio"})


def compression_of(head: bytes) -> str:
    """Return by which method a stream that begins with ``head`` is packed, or nothing."""
    return next((method for magic, method in _MAGIC if head.startswith(magic)), "")


def decompress_stream(file: IO[bytes], name: str) -> IO[bytes]:
    """Return the stream of a compressed ``file``, by its name's suffix.

    Raises ``MalformedBinary``.
    """
    suffix = name.rpartition(".")[2]
    method = _SUFFIXES.get(suffix, suffix)
    if method in _PLAIN:
        return file
    if method == "gz":
        import gzip

        return cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb"))
    if method == "bz2":
        import bz2

        return bz2.BZ2File(file)
    if method in ("xz", "lzma"):
        return cast(IO[bytes], _XzStream(file))
    return _zstandard(file)


class Section(io.RawIOBase):
    """The next ``size`` bytes of a file, as a file that is read from its start to its end."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__()
        self._file = file
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(min(len(buffer), self.left))
        buffer[: len(data)] = data
        self.left -= len(data)
        return len(data)


class _XzStream(io.RawIOBase):
    """An xz or lzma stream. ``lzma.LZMAFile`` takes as much memory as the stream asks for."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        try:
            import lzma
        except ImportError:
            raise MalformedBinary("this Python was built without the module lzma") from None
        self._new = partial(lzma.LZMADecompressor, memlimit=_MOST_XZ)
        self._file = file
        self._unpacker = self._new()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end; raises what the unpacker raises."""
        while True:
            packed = b""
            if self._unpacker.eof:  # another stream may follow, behind zeros
                packed = (self._unpacker.unused_data or self._file.read(_PIECE)).lstrip(b"\0")
                if not packed:
                    return b""
                self._unpacker = self._new()
            elif self._unpacker.needs_input:
                packed = self._file.read(_PIECE)
                if not packed:
                    raise EOFError
            plain = self._unpacker.decompress(packed, size)
            if plain or not size:
                return plain


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
            "reading zstandard data needs an extra: `pip install 'no-libpython-dlopen[archives]'`"
        ) from None
    else:  # pragma: no cover - a Python that is measured has zstandard instead
        options = {zstd.DecompressionParameter.window_log_max: _MOST_WINDOW.bit_length() - 1}
        return cast(IO[bytes], zstd.ZstdFile(file, options=options))


def broken_stream_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions of the unpackers for a damaged stream, also inside a zip archive."""
    try:
        import zstandard
    except ImportError:
        return (*BROKEN, tarfile.TarError)
    return (*BROKEN, tarfile.TarError, zstandard.ZstdError)
