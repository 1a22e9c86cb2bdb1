"""Which reader yields the members of which archive: by its suffix, else by its first bytes."""

from __future__ import annotations

import io
import tempfile
from typing import IO, TYPE_CHECKING, cast

from no_libpython_dlopen.binary.archives.zips import (
    ends_in_zip,
    open_member,
    open_zip,
    refuse_missing,
    zip_members,
)
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, file_reader
from no_libpython_dlopen.model.content_kind import BYTE_CODE_ARCHIVE
from no_libpython_dlopen.model.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

    from no_libpython_dlopen.binary.archives.members import Member
    from no_libpython_dlopen.binary.archives.seekable_stream import Budget
    from no_libpython_dlopen.binary.formats.random_access import Read

_TARS = (
    *(".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".crate"),
    *(".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lzma"),
)
#: Of these, the first bytes need not be asked for.
_ZIPS = (".whl", ".egg", ".zip", ".conda", ".jar", ".war", ".ear", ".aar")
_GZIP, _ELF, _APK_3 = b"\x1f\x8b", b"\x7fELF", b"ADB"
_HEAD = 1024
_PIECE, _MOST_IN_MEMORY = 1 << 18, 16 << 20


def needs_seeking(name: str) -> bool:
    """Return whether an archive cannot be read in one go."""
    return not name.endswith((*_TARS, ".deb", ".rpm"))


def holds_archive(kind: Kind | None, read: Read, size: int) -> bool:
    """Return whether a program has an archive in it: PyInstaller's, Nuitka's, or a zip at its end.

    Before such a zip archive stands a binary, or a shell script: pex writes both (``--scie``,
    ``--sh-boot``). Raises ``MalformedBinary``.
    """
    from no_libpython_dlopen.binary.archives.one_file_programs import (
        find_program,
        is_nuitka_program,
    )

    if kind is Kind.BINARY and (find_program(read, size) or is_nuitka_program(read, size)):
        return True
    return kind in (Kind.BINARY, Kind.SHELL) and ends_in_zip(read, size)


def members_of(name: str, file: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the members of an archive, in its order. Raises ``MalformedBinary``.

    A member can be read until the next one is asked for.
    """
    if name.endswith(_TARS):
        yield from _tar_members(file, name, budget)
    elif name.endswith(_ZIPS):
        yield from _zip_members(file, name, budget)
    else:
        yield from _members_by_content(file, name, budget)


def _members_by_content(file: IO[bytes], name: str, budget: Budget) -> Iterator[Member]:
    """Yield the members of an archive whose suffix means several formats, or none."""
    from no_libpython_dlopen.binary.archives import packages, squashfs

    if name.endswith((".deb", ".udeb")):
        yield from packages.deb_members(file, budget)
        return
    if name.endswith(".rpm"):
        yield from packages.rpm_members(file, budget)
        return
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(packages.DEB_MAGIC):
        yield from packages.deb_members(file, budget)
    elif head.startswith(packages.RPM_MAGIC):
        yield from packages.rpm_members(file, budget)
    elif head.startswith(squashfs.SQUASHFS_MAGIC) or squashfs.is_appimage(head):
        yield from squashfs.squashfs_members(file, budget)
    elif head.startswith(_APK_3):
        raise MalformedBinary(
            "a package of apk-tools 3, which is not read: unpack it, and check that"
        )
    elif head.startswith(BYTE_CODE_ARCHIVE):
        raise MalformedBinary("PyInstaller's archive of byte code, which is not read")
    elif name.lower().endswith(".appimage"):
        raise MalformedBinary("not an AppImage, since `AI` is not at its byte 8")
    elif head.startswith(_GZIP):  # Alpine's: tar archives, each compressed by itself
        yield from _tar_members(file, ".tar.gz", budget, is_joined=True)
    elif head.startswith(_ELF):
        from no_libpython_dlopen.binary.archives import one_file_programs

        read, size = file_reader(file), file.seek(0, 2)
        if program := one_file_programs.find_program(read, size):
            yield from one_file_programs.program_members(file, program, budget)
        elif one_file_programs.is_nuitka_program(read, size):
            raise MalformedBinary(one_file_programs.NUITKA_NOT_READ)
        else:
            yield from _zip_members(file, name, budget)
    else:
        yield from _zip_members(file, name, budget)


def _zip_members(file: IO[bytes], name: str, budget: Budget) -> Iterator[Member]:
    with open_zip(file) as archive:
        if not name.endswith(".conda"):
            yield from _image_or_zip_members(archive, budget)
        else:
            tars = [one for one in archive.infolist() if one.filename.endswith(".tar.zst")]
            if not tars:
                raise MalformedBinary("not a package of conda: it has no pkg-….tar.zst")
            for info in tars:
                with open_member(archive, info) as packed:
                    yield from _tar_members(packed, info.filename, budget)
        refuse_missing(archive)


def _image_or_zip_members(archive: ZipFile, budget: Budget) -> Iterator[Member]:
    if any(info.filename.endswith(("index.json", "manifest.json")) for info in archive.infolist()):
        from no_libpython_dlopen.binary.archives import container_images

        if images := container_images.files_in_zip(archive):
            yield from container_images.image_members(images, budget)
            return
    yield from zip_members(archive, budget)


def _tar_members(
    file: IO[bytes], name: str, budget: Budget, *, is_joined: bool = False
) -> Iterator[Member]:
    from no_libpython_dlopen.binary.archives import container_images
    from no_libpython_dlopen.binary.archives.decompression import Section, decompress_stream
    from no_libpython_dlopen.binary.archives.tars import Stream, tar_members

    with (
        decompress_stream(cast("IO[bytes]", Section(file, 1 << 62)), name) as unpacked,
        tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY) as spooled,
    ):
        # To peek into what may be no stream of Python's own.
        source = cast("IO[bytes]", io.BufferedReader(Section(unpacked, 1 << 62), _PIECE))
        if container_images.may_be_image(source):
            archive = file
            if not (name.endswith(".tar") and file.seekable()):
                archive = cast("IO[bytes]", spooled)
                stream = Stream(source, budget)
                while piece := stream.read(_PIECE):
                    archive.write(piece)
            images = container_images.files_in_tar(archive)
            if images:
                yield from container_images.image_members(images, budget)
                return
            archive.seek(0)
            source = archive
        yield from tar_members(source, budget, is_joined=is_joined)
