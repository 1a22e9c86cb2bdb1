"""The members of a zip archive: wheels, eggs and the outside of conda packages.

``zipfile`` reads the directory. Members are inflated here, since its own stream counts
a checksum of what is thrown away, and cannot stop at a bound of memory for every method;
a stored member is read in place. The directory's size is looked at first: ``zipfile``
makes an object of every entry.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from struct import error as struct_error
from struct import unpack_from
from typing import IO, TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.binary.archives.members import Member, MemberNames, printable
from no_libpython_dlopen.binary.archives.seekable_stream import (
    Budget,
    Deflated,
    Forward,
    Source,
    from_start,
    inflation_limit,
)
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, file_reader
from no_libpython_dlopen.files.record import RECORD

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read

#: The largest wheels have 60,000 members and a directory of 9 MB.
MOST_DIRECTORY = 24 << 20
_END, _END_SIZE = b"PK\5\6", 22
_ENTRY = b"PK\1\2"
#: The 64-bit record and its locator, which stand before it.
_END64, _LOCATOR, _LOCATOR_SIZE, _END64_SIZE = b"PK\6\6", b"PK\6\7", 20, 76
_LOCAL_SIZE, _ENTRY_SIZE, _MOST_COUNT, _LARGE = 30, 46, 0xFFFF, 0xFFFF0000
_ZIP64 = "archives in the zip64 format cannot be rewritten"

#: What ``zipfile`` raises for files that are damaged in one way or other.
BROKEN: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    EOFError,
    OSError,
    struct_error,
    zlib.error,
)
try:  # zipfile unpacks what this interpreter was built with
    from lzma import LZMAError
except ImportError:
    pass
else:
    BROKEN += (LZMAError,)
try:  # from Python 3.14 on
    from compression.zstd import ZstdError  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    pass
else:
    BROKEN += (ZstdError,)


class ZipArchive(zipfile.ZipFile):
    """A zip archive; ``missing`` are the entries that its directory should have and has not."""

    missing = 0


class _End(NamedTuple):
    """What the record at the end of a zip archive says of its directory."""

    entries: int
    #: Bytes of the directory, and where it begins.
    size: int
    start: int


def _find_end(read: Read, size: int) -> _End:
    """Return the record of an archive of ``size`` bytes; raises ``MalformedBinary``."""
    start = max(0, size - _END_SIZE - 0xFFFF - _END64_SIZE)
    tail = read(start, size - start)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise MalformedBinary("not a zip archive, or truncated: its central directory is missing")
    count, directory = unpack_from("<HI", tail, at + 10)
    record = at - _END64_SIZE
    if not tail[max(0, at - _LOCATOR_SIZE) : at].startswith(_LOCATOR):
        return _End(count, directory, start + at - directory)
    # zipfile goes by the larger record then, whatever this one says.
    if record < 0 or not tail.startswith(_END64, record):
        raise MalformedBinary("the 64-bit record of its central directory is missing")
    (large,) = unpack_from("<Q", tail, record + 40)
    return _End(count, max(directory, large), start + record - large)


def ends_in_zip(read: Read, size: int) -> bool:
    """Return whether a file or member of ``size`` bytes ends in a zip archive that has members."""
    try:
        end = _find_end(read, size)
    except MalformedBinary:
        return False
    return end.entries > 0 and end.start >= 0 and read(end.start, len(_ENTRY)) == _ENTRY


def open_zip(file: IO[bytes]) -> ZipArchive:
    """Return the archive in a seekable ``file``; raises ``MalformedBinary``."""
    try:
        count, directory, _ = _find_end(file_reader(file), file.seek(0, 2))
        if directory > MOST_DIRECTORY:
            raise MalformedBinary(
                f"its central directory is larger than {MOST_DIRECTORY >> 20} MiB"
            )
        archive = ZipArchive(file)
        if count != _MOST_COUNT:  # else the larger record has it
            # Some writers without that record put the last 16 bits of a larger number here.
            archive.missing = (count - len(archive.filelist)) % (_MOST_COUNT + 1)
        return archive
    except BROKEN as error:
        raise MalformedBinary(
            f"not a readable zip archive: {error or type(error).__name__}"
        ) from None


def refuse_missing(archive: ZipArchive) -> None:
    """Raise ``MalformedBinary`` if the directory ends early, which ``zipfile`` does not report."""
    if archive.missing:
        raise MalformedBinary(
            "its central directory is corrupt: it has fewer entries than it claims"
        )


def zip_members(archive: zipfile.ZipFile, budget: Budget) -> Iterator[Member]:
    """Yield every file of ``archive`` in the directory's order, whatever ``RECORD`` lists."""
    file = archive.fp
    assert file is not None
    names = MemberNames()
    hidden = _find_overlaps(archive)
    for info in archive.infolist():
        path = info.filename
        if path.endswith("/"):  # ``is_dir`` fails on an empty name
            continue
        problem = names.problem_of(path)
        if info.flag_bits & 1:
            problem = problem or "is encrypted"
        elif info.header_offset in hidden:
            problem = problem or "overlaps another member of the archive"
        read = None if problem else _reader(archive, file, info, budget)
        yield Member(path, read, problem, info.file_size)


def rewrite_problem(archive: ZipArchive, name: str, paths: Iterable[str]) -> str:
    """Return why a wheel or egg cannot be rewritten with other members at ``paths``, else ``""``."""
    for member in zip_members(archive, Budget(0)):
        if member.problem:
            return f"`{printable(member.path)}` {member.problem}"
    infos = {info.filename: info for info in archive.infolist()}
    for path in paths:
        if (method := infos[path].compress_type) not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return f"`{printable(path)}` uses the unsupported compression method {method}"
    file = archive.fp
    assert file is not None
    if file.seek(0, 2) >= _LARGE or len(infos) >= _MOST_COUNT:
        return _ZIP64
    if len({info.header_offset for info in archive.infolist()}) != len(infos):
        return "its members overlap"
    records = sum(RECORD.fullmatch(path) is not None for path in infos)
    if records != 1 and not (name.endswith(".egg") and not records):
        return f"the wheel has {f'{records} RECORD files' if records else 'no RECORD'}"
    try:
        list(directory_entries(archive))
    except MalformedBinary as malformed:
        return str(malformed)
    return ""


def directory_entries(archive: ZipArchive) -> Iterator[bytearray]:
    """Yield the directory's entries as they stand in the file.

    Raises ``MalformedBinary`` for the zip64 format.
    """
    file = archive.fp
    assert file is not None
    file.seek(archive.start_dir)
    for _ in archive.infolist():
        fixed = file.read(_ENTRY_SIZE)
        if len(fixed) < _ENTRY_SIZE or 0xFFFFFFFF in unpack_from("<2I14xI", fixed, 20):
            raise MalformedBinary(_ZIP64)
        yield bytearray(fixed + file.read(sum(unpack_from("<3H", fixed, 28))))


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """Return the stream of a member.

    Raises ``MalformedBinary`` where it contradicts the directory.
    """
    try:
        return archive.open(info)
    except BROKEN as error:
        raise _malformed_member(info, error) from None


def _malformed_member(info: zipfile.ZipInfo, error: Exception) -> MalformedBinary:
    if isinstance(error, NotImplementedError):
        return MalformedBinary(f"uses the unsupported compression method {info.compress_type}")
    return malformed_stream(error)


def malformed_stream(error: Exception) -> MalformedBinary:
    """Return the error for compressed data that an unpacker refuses with ``error``."""
    if isinstance(error, EOFError):
        return MalformedBinary("truncated: its compressed data end too early")
    return MalformedBinary(f"corrupt: {error or type(error).__name__}")


def _find_overlaps(archive: zipfile.ZipFile) -> set[int]:
    """Return the starts of members that lie inside another one, as bombs have them."""
    hidden: set[int] = set()
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            hidden.add(info.header_offset)
        end = max(end, info.header_offset + _LOCAL_SIZE + info.compress_size)
    return hidden


def data_offset(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Return the start of a member's data, behind its local header; raises ``MalformedBinary``."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_SIZE)
    if len(header) < _LOCAL_SIZE or header[:4] != b"PK\3\4":
        raise MalformedBinary("truncated, or its local header is missing")
    name, extra = unpack_from("<HH", header, 26)
    return int(info.header_offset + _LOCAL_SIZE + name + extra)


def _reader(
    archive: zipfile.ZipFile, file: IO[bytes], info: zipfile.ZipInfo, budget: Budget
) -> Read:
    """Return the reader of one member; nothing is read before it is asked."""
    if info.compress_type == zipfile.ZIP_STORED:
        return _stored_member(file, info)
    source: Source
    if info.compress_type == zipfile.ZIP_DEFLATED:
        source = deflated_member(file, info, budget).pieces_from
    else:
        source = from_start(partial(_decompress, archive, info, budget))
    return Forward(source, info.file_size, inflation_limit(info.compress_size)).read


def _stored_member(file: IO[bytes], info: zipfile.ZipInfo) -> Read:
    """Return the reader of a member that is not compressed."""
    start = -1

    def read(offset: int, size: int) -> bytes:
        nonlocal start
        if start < 0:
            start = data_offset(file, info)
        size = min(size, info.compress_size - offset)
        if size <= 0:
            return b""
        file.seek(start + offset)
        return file.read(size)

    return read


def deflated_member(file: IO[bytes], info: zipfile.ZipInfo, budget: Budget) -> Deflated:
    """Return the data of a deflated member, which raises ``MalformedBinary`` when it is read."""
    return Deflated(file, partial(data_offset, file, info), info.compress_size, budget)


def _decompress(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    """Yield a member that is compressed in a rarer way; raises ``MalformedBinary``."""
    try:
        with archive.open(info) as stream:
            # These unpackers take no bound, so that each is given little at a time.
            while plain := stream.read(1 << 12):
                budget.spend(len(plain))
                yield plain
    except BROKEN as error:
        raise _malformed_member(info, error) from None
