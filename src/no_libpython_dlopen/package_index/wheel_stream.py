"""A wheel that comes as a stream, since its server has no ranges: nothing is kept of it.

``stream-unzip`` follows the members' local headers, as ``zipfile`` cannot: the directory
stands at the end. Each member is judged while it passes by.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from stream_unzip import UnzipError, stream_unzip

from no_libpython_dlopen.binary.archives.archive import Contents
from no_libpython_dlopen.binary.archives.members import Member, MemberNames
from no_libpython_dlopen.binary.archives.reading import ArchiveReader
from no_libpython_dlopen.binary.archives.seekable_stream import Budget, Forward, from_start
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.model.facts import Fact, Unread
from no_libpython_dlopen.package_index.http_client import Body

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.archives.texts import TextMembers

_PIECE = 1 << 16
#: Of a member whose size is told only after it.
_UNKNOWN = 1 << 62


class Traffic:
    """Counts the bytes that pass."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.traffic = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.traffic += len(piece)
            yield piece


def facts_of_wheel(
    name: str,
    pieces: Iterable[bytes],
    size: int,
    wanted: Callable[[str], bool],
    texts: TextMembers | None = None,
) -> Iterator[Fact]:
    """Yield the facts of a wheel of ``size`` bytes that comes in ``pieces``.

    The arguments are those of ``reading.facts``.
    """
    contents = Contents(name)
    budget = Budget(size)
    reader = ArchiveReader(budget, wanted, texts)
    names = MemberNames()
    try:
        for raw, length, chunks in stream_unzip(pieces, chunk_size=_PIECE):
            path = raw.decode("utf-8", "backslashreplace")
            counted = _count(chunks, budget)
            problem = names.problem_of(path)
            if not path.endswith("/"):
                member = _member(path, counted, length, problem)
                yield from reader.add(member, contents)
            for _ in counted:  # to where the next one begins
                pass
    except MalformedBinary as malformed:
        yield Unread(str(malformed))
    except UnzipError as error:
        yield Unread(f"not a readable zip archive: {type(error).__name__}")
    yield from contents.facts()


def _member(path: str, chunks: Iterator[bytes], length: int | None, problem: str) -> Member:
    size = _UNKNOWN if length is None else length
    stream = Forward(from_start(lambda: chunks), size, _UNKNOWN, again=False)
    return Member(path, None if problem else stream.read, problem)


def _count(chunks: Iterable[bytes], budget: Budget) -> Iterator[bytes]:
    for chunk in chunks:
        budget.spend(len(chunk))
        yield chunk


class StreamFile(io.RawIOBase):
    """An answer as a file that can only be read on, for archives that are read once."""

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.traffic = 0
        self._body = body

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        data = self._body.read(_PIECE if size is None or size < 0 else size)
        self.traffic += len(data)
        return data
