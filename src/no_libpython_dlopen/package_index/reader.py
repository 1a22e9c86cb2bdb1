"""Packages of an index, read where they lie: nothing is left on disk.

``resolve`` says which files a requirement means, ``read`` what is in one of them. A file
is a plain value that can be sent to another process, with the settings it was found by.
Everything here needs the extra ``index``; ``needs`` tells what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, cast

from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.binary.shared_object import is_named_like_library
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.content_kind import PATH_CONFIGURATION_HEAD
from no_libpython_dlopen.model.facts import Fact, Needed, Unread

if TYPE_CHECKING:
    from zipfile import ZipInfo

    from no_libpython_dlopen.binary.archives.texts import TextMembers
    from no_libpython_dlopen.package_index.http_client import Body, Client
    from no_libpython_dlopen.package_index.pip_settings import Settings
    from no_libpython_dlopen.package_index.range_file import RemoteFile
    from no_libpython_dlopen.package_index.simple_api import File

_NEEDED = ("packaging", "pypi_simple", "requests", "stream_unzip", "truststore")
#: A member's local header is this long at most in practice: its name, and a few extras.
_HEADERS = 512
NO_FIX = "a file on an index cannot be changed: download it, and fix that"
MISSING_EXTRA = "reading a package index needs an extra: `pip install 'no-libpython-dlopen[index]'`"


def available() -> bool:
    """Return whether what the extra ``index`` installs is there."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in _NEEDED)


@dataclass(frozen=True, slots=True)
class Release:
    """The release that a requirement means, and which of its files are looked at.

    ``source`` is its source distribution, where there is one beside wheels. ``yanked`` is the
    reason why the release is yanked, perhaps empty, ``None`` if it is not.

    There are no files where all are for platforms that need the link, or for others than wanted.
    """

    version: str
    files: tuple[File, ...]
    source: File | None = None
    yanked: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: its facts, how many bytes were moved to know them, and its size."""

    facts: tuple[Fact, ...]
    traffic: int
    size: int = 0


def resolve(
    requirement: str, settings: Settings, *, every: bool = False, platform: str = ""
) -> Release:
    """Return the release to look at for a requirement: a name, with a version or without.

    Raises ``index_client.IndexUnavailable`` in one clause where there is none, and ``ValueError``
    for what is no requirement.
    """
    from no_libpython_dlopen.package_index.http_client import Client

    with Client(settings) as client:
        return resolve_with(client, requirement, settings, every=every, platform=platform)


def resolve_with(
    client: Client, requirement: str, settings: Settings, *, every: bool = False, platform: str = ""
) -> Release:
    """Do what ``resolve`` does, over connections that are open already."""
    from packaging.requirements import Requirement

    from no_libpython_dlopen.package_index import selection, simple_api
    from no_libpython_dlopen.package_index.http_client import IndexUnavailable

    wanted = Requirement(requirement)
    if wanted.url:
        file = simple_api.file_at(wanted.url)
        if file is None:
            raise IndexUnavailable("its URL is not that of a wheel or a source distribution")
        return Release(file.version, (file,))
    files = simple_api.files_of(wanted.name, settings, client)
    release = selection.newest_release(wanted, files, pre=settings.prereleases)
    chosen = selection.choose_files(release, every=every, platform=platform)
    source = selection.source_of(release)
    return Release(release[0].version, tuple(chosen), source, release[0].yanked)


def read(file: File, settings: Settings, texts: TextMembers | None = None) -> Reading:
    """Return the facts of a file of an index. What goes wrong on the way is an ``Unread``.

    ``texts`` is filled with the texts in it, which are not judged here.
    """
    from no_libpython_dlopen.package_index.http_client import Client

    with Client(settings) as client:
        return read_with(client, file, texts)


def read_with(client: Client, file: File, texts: TextMembers | None = None) -> Reading:
    """Do what ``read`` does, over connections that are open already."""
    from no_libpython_dlopen.package_index import simple_api
    from no_libpython_dlopen.package_index.http_client import IndexUnavailable

    try:
        if simple_api.is_remote(file.address):
            return _read_remote(client, file, texts)
        return _read_local(file, texts)
    except IndexUnavailable as error:
        return Reading((Unread(f"cannot be read: {error}"),), 0)
    except OSError as error:  # of the temporary file: the disk is full
        return Reading((Unread(f"cannot be read: {error.strerror or error}"),), 0)


def _unchangeable(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts without the repairs that nobody can make in an index."""
    return tuple(
        replace(fact, fix=None, no_fix_reason=NO_FIX)
        if isinstance(fact, Needed) and fact.fix
        else fact
        for fact in facts
    )


def _read_local(file: File, texts: TextMembers | None) -> Reading:
    from no_libpython_dlopen.binary.archives import reading
    from no_libpython_dlopen.package_index import simple_api

    try:
        descriptor, status = safe_open(simple_api.path_of(file.address))
        with open(descriptor, "rb") as content:
            size = status.st_size
            facts = reading.facts(file.filename, content, size, texts=texts)
            return Reading(_unchangeable(facts), 0, size)
    except (OSError, ValueError) as error:  # a path that no system takes
        reason = getattr(error, "strerror", None) or error
        return Reading((Unread(f"cannot be read: {reason}"),), 0)


def _read_remote(client: Client, file: File, texts: TextMembers | None) -> Reading:
    from no_libpython_dlopen.package_index import range_file

    remote = range_file.open_remote(client, file.address)
    if isinstance(remote, range_file.RemoteFile):
        with remote:
            return _by_ranges(file.filename, remote, texts)
    with remote:
        return _as_stream(file, remote, texts)


def _by_ranges(name: str, remote: RemoteFile, texts: TextMembers | None) -> Reading:
    """Read a file in which we can go where we want, with a plan of where that will be."""
    from no_libpython_dlopen.binary.archives import reading, zips

    if name.endswith((".whl", ".egg", ".zip")):
        try:
            with zips.open_zip(cast("IO[bytes]", remote)) as directory:
                remote.plan(
                    [
                        (info.header_offset, info.header_offset + _size_to_read(info) + _HEADERS)
                        for info in directory.infolist()
                        if _is_wanted(info.filename) or (texts and texts.wants(info.filename))
                    ]
                )
        except MalformedBinary as malformed:
            return Reading((Unread(str(malformed)),), remote.traffic, remote.size)
    content = cast("IO[bytes]", remote)
    facts = _unchangeable(reading.facts(name, content, remote.size, _is_wanted, texts))
    return Reading(facts, remote.traffic, remote.size)


def _size_to_read(info: ZipInfo) -> int:
    """Return the number of bytes of a member that are read, few of what may be a model's weights."""
    size = info.compress_size
    return min(size, PATH_CONFIGURATION_HEAD) if info.filename.endswith(".pth") else size


def _is_wanted(path: str) -> bool:
    """Return whether a member that is no text is worth its transfer."""
    return is_named_like_library(path) or path.endswith((".whl", ".zip"))


def _as_stream(file: File, body: Body, texts: TextMembers | None) -> Reading:
    """Read a file that can only be read from its start to its end."""
    from no_libpython_dlopen.binary.archives import reading
    from no_libpython_dlopen.package_index import wheel_stream

    size = body.length or file.size or 0
    if file.filename.endswith((".whl", ".egg", ".zip")):
        pieces = wheel_stream.Traffic(body.pieces())
        wheel = wheel_stream.facts_of_wheel(file.filename, pieces, size, _is_wanted, texts)
        return Reading(_unchangeable(wheel), pieces.traffic, size)
    with wheel_stream.StreamFile(body) as stream:
        content = cast("IO[bytes]", stream)
        whole = reading.facts(file.filename, content, size, _is_wanted, texts)
        return Reading(_unchangeable(whole), stream.traffic, size)
