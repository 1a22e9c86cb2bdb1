"""The members of a tar archive, read once from its start to its end.

``tarfile`` reads the blocks that are headers. It is not left to walk through the archive:
it keeps every extended header, copies the global ones for each member, follows the
tables of sparse files without end, and searches a header of digits in quadratic time. Of
an extended header no more is kept here than names, sizes and whether there are holes.

Sources: POSIX.1-2017 ``pax`` (ustar and extended headers), GNU tar's manual (sparse
formats, long names).
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.binary.archives.decompression import broken_stream_errors
from no_libpython_dlopen.binary.archives.members import LONGEST_PATH, Member, MemberNames
from no_libpython_dlopen.binary.archives.seekable_stream import Budget, Forward, from_start
from no_libpython_dlopen.binary.archives.texts import names_content
from no_libpython_dlopen.binary.archives.zips import malformed_stream
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read

_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1 << 18
#: Bytes of the extended headers and the table of holes of one member.
_MOST_HEADER = 1 << 20
#: Bytes of zeros between two archives in one file: as many as the longest records of tar have.
_MOST_PADDING = 1 << 20
#: A tar archive has no compressed size for each member.
_MOST_MEMBER = 1 << 62

_EXTENDED = frozenset([tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE])
_EXTENSIONS = _EXTENDED | {tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
#: Where a header and a block of the sparse table behind it say that another one follows.
_HEADER_CONTINUES, _TABLE_CONTINUES = 482, 504
#: The records of an extended header that are kept, and the longest size in one.
_SPARSE_NAME, _SPARSE = b"GNU.sparse.name", b"GNU.sparse."
_KEPT = frozenset([b"path", b"linkpath", b"size", _SPARSE_NAME])
_MOST_DIGITS = 20


class Stream:
    """A stream that is read forward, as a whole no further than ``budget`` allows.

    ``is_joined``: behind the end of an archive others follow, as in Alpine's packages.
    """

    def __init__(self, source: IO[bytes], budget: Budget, *, is_joined: bool = False) -> None:
        self._source = source
        self._budget = budget
        self._broken = broken_stream_errors()
        self.position = 0
        self.is_joined = is_joined

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer only at the end; raises ``MalformedBinary``."""
        parts = []
        while size > 0:
            try:
                part = self._source.read(size)
            except self._broken as error:
                raise malformed_stream(error) from None
            if not part:
                break
            parts.append(part)
            size -= len(part)
            self.position += len(part)
            self._budget.spend(len(part))
        return b"".join(parts)

    def skip_to(self, position: int) -> None:
        """Read on to ``position``; raises ``MalformedBinary`` where the stream ends before."""
        while self.position < position:
            if not self.read(min(_PIECE, position - self.position)):
                raise MalformedBinary(f"truncated: it ends after {self.position} bytes")


class Header(NamedTuple):
    """What the headers of one member say: ``size`` bytes of data follow if it ``has_data``.

    ``link`` is the path in the archive that a link leads to, empty for what is none; ``hard``
    tells that it is the same file.
    """

    path: str
    size: int
    folder: bool
    regular: bool
    has_data: bool
    sparse: bool
    link: str
    hard: bool


def tar_members(
    source: IO[bytes],
    budget: Budget,
    hides: Callable[[Header], bool] | None = None,
    *,
    is_joined: bool = False,
) -> Iterator[Member]:
    """Yield every regular file of the tar archive that ``source`` unpacks to, in order.

    Entries of which ``hides`` says so are left out. A member can be read until the next one
    is asked for. ``is_joined`` as in ``Stream``. Raises ``MalformedBinary``.
    """
    stream = Stream(source, budget, is_joined=is_joined)
    names = MemberNames()
    for header in headers(stream):
        start = stream.position
        hidden = hides is not None and hides(header)
        path = header.path.removeprefix("./")
        if not hidden and header.link and names_content(path):
            if not names.problem_of(path):
                yield Member(path, None, link=header.link)
        elif not hidden and header.regular:
            problem = names.problem_of(path)
            if header.sparse:
                problem = problem or "is a sparse file, which is not supported"
            yield Member(
                path, None if problem else reader_of(stream, header.size), problem, header.size
            )
        if header.has_data:
            stream.skip_to(start + _padded_size(header.size))


def _next_block(stream: Stream) -> tuple[tarfile.TarInfo, bytes] | None:
    """Return the next header and its block, ``None`` at the end of the last archive.

    Blocks of zeros end an archive. What tar does not read behind them may be left of an older one.
    """
    at = stream.position
    block = stream.read(_BLOCK)
    ends = bool(block) and not block.strip(b"\0")
    if ends and not stream.is_joined:
        return None
    if ends:
        blocks = (stream.read(_BLOCK) for _ in range(_MOST_PADDING // _BLOCK))
        block = next((one for one in blocks if not one or one.strip(b"\0")), b"")
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape"), block
    except (tarfile.TarError, ValueError, OverflowError) as error:
        if ends:  # what follows is no archive
            return None
        if len(block) < _BLOCK:
            reason = f"truncated: it ends after {stream.position} bytes"
        elif at:
            reason = f"corrupt: a member's header, at byte {at}, is invalid"
        else:
            reason = f"not a readable archive: {error}"
        raise MalformedBinary(reason) from None


def headers(stream: Stream) -> Iterator[Header]:
    """Yield the header of each member; ``stream`` then stands where the member's data begin."""
    global_records: dict[bytes, bytes] = {}
    records: dict[bytes, bytes] = {}
    left = _MOST_HEADER
    while found := _next_block(stream):
        info, block = found
        if not 0 <= info.size < _MOST_MEMBER:
            raise MalformedBinary(f"corrupt: a member claims {info.size} bytes")
        if info.type in _EXTENSIONS:
            left -= _BLOCK + info.size
            if left < 0:
                raise MalformedBinary(f"corrupt: headers of more than {_MOST_HEADER >> 20} MiB")
            data = stream.read(_padded_size(info.size))[: info.size]
            if info.type == tarfile.GNUTYPE_LONGNAME:
                records[b"path"] = data.partition(b"\0")[0]
            elif info.type == tarfile.GNUTYPE_LONGLINK:
                records[b"linkpath"] = data.partition(b"\0")[0]
            elif info.type in _EXTENDED:
                records.update(_records(data))
            elif info.type == tarfile.XGLTYPE:
                global_records.update(_records(data))
            continue
        follows = info.type == tarfile.GNUTYPE_SPARSE and block[_HEADER_CONTINUES]
        while follows:
            left -= _BLOCK
            table = stream.read(_BLOCK)
            if left < 0 or len(table) < _BLOCK:
                raise MalformedBinary("corrupt: its table of holes is not terminated")
            follows = table[_TABLE_CONTINUES]
        yield _header(info, {**global_records, **records})
        records, left = {}, _MOST_HEADER


def _header(info: tarfile.TarInfo, records: dict[bytes, bytes]) -> Header:
    """Return a header merged with its extended headers; raises ``MalformedBinary``."""
    path, size = info.name, info.size
    for key in (b"path", _SPARSE_NAME):
        if key in records:
            path = records[key].decode("utf-8", "surrogateescape").rstrip("/")
    if b"size" in records:
        digits = records[b"size"]
        if not digits.isdigit() or len(digits) > _MOST_DIGITS or int(digits) >= _MOST_MEMBER:
            raise MalformedBinary("corrupt: an extended header has an invalid size")
        size = int(digits)
    sparse = info.type == tarfile.GNUTYPE_SPARSE or any(key.startswith(_SPARSE) for key in records)
    has_data = info.isreg() or info.type not in tarfile.SUPPORTED_TYPES
    link = records.get(b"linkpath", info.linkname.encode("utf-8", "surrogateescape"))
    place = path if info.type == tarfile.SYMTYPE else ""
    is_link = info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE)
    target = link_target(place, link.decode("utf-8", "surrogateescape")) if is_link else ""
    hard = info.type == tarfile.LNKTYPE
    return Header(path, size, info.isdir(), info.isreg(), has_data, sparse, target, hard)


def link_target(path: str, link: str) -> str:
    """Return the path in the archive that a symbolic link at ``path`` leads to.

    It is empty where the link leads out of the archive, or is too long for any system.
    """
    if len(path) + len(link) > LONGEST_PATH:
        return ""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link)).lstrip("/")
    return "" if target.startswith("../") else target


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records ``length key=value`` of an extended header that matter here.

    Raises ``MalformedBinary``.
    """
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + _MOST_DIGITS)
        length = data[at : max(at, space)]
        end = at + int(length) if length.isdigit() else 0
        if not space < end <= len(data) or data[end - 1 : end] != b"\n":
            raise MalformedBinary("corrupt: an extended header contradicts itself")
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        if key in _KEPT:
            yield key, value
        elif key.startswith(_SPARSE):
            yield _SPARSE, b""
        at = end


def _padded_size(size: int) -> int:
    return size + -size % _BLOCK


def reader_of(stream: Stream, size: int) -> Read:
    """Return the reader of a member of ``size`` bytes that begins where ``stream`` stands."""

    def pieces() -> Iterator[bytes]:
        left = size
        longest = _BLOCK
        while left and (piece := stream.read(min(longest, left))):
            left -= len(piece)
            longest = _PIECE
            yield piece

    return Forward(from_start(pieces), size, _MOST_MEMBER, again=False).read
