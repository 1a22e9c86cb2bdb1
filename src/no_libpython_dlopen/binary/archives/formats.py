"""Which reader yields the members of which archive: by its suffix, else by its first bytes."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from no_libpython_dlopen.binary.archives.zips import open_member, open_zip, zip_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.archives.members import Member
    from no_libpython_dlopen.binary.archives.seekable_stream import Budget

_TARS = (
    *(".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst"),
    *(".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lzma"),
)
#: Of these, the first bytes need not be asked for.
_ZIPS = (".whl", ".egg", ".zip", ".conda", ".jar", ".aar")
_GZIP = b"\x1f\x8b"


def needs_seeking(name: str) -> bool:
    """Return whether an archive cannot be read in one go."""
    return not name.endswith(_TARS)


def members_of(name: str, file: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the members of an archive, in its order. Raises ``MalformedBinary``.

    A member can be read until the next one is asked for.
    """
    if name.endswith(_TARS):
        yield from _tar_members(file, name, budget)
        return
    if not name.endswith(_ZIPS):
        head = file.read(8)
        file.seek(0)
        if head.startswith(_GZIP):  # Alpine's: tar archives, each compressed by itself
            yield from _tar_members(file, ".tar.gz", budget)
            return
    with open_zip(file) as archive:
        if not name.endswith(".conda"):
            yield from zip_members(archive, budget)
            return
        for info in archive.infolist():
            if info.filename.endswith(".tar.zst"):
                with open_member(archive, info) as packed:
                    yield from _tar_members(packed, info.filename, budget)


def _tar_members(file: IO[bytes], name: str, budget: Budget) -> Iterator[Member]:
    from no_libpython_dlopen.binary.archives.decompression import decompress_stream
    from no_libpython_dlopen.binary.archives.tars import tar_members

    with decompress_stream(file, name) as source:
        yield from tar_members(source, budget)
