"""Which release, and which of its wheels, are looked at.

By default the newest release that a requirement allows, and of it one wheel for each
platform: that of the newest CPython, since modules of one release are linked alike. A
platform is a system, its C library and its processor; wheels for those that need the link
(Windows, Android, iOS, WebAssembly) are never looked at. Where a release has no wheel for
any other platform, its source distribution is looked at: some ship binaries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from no_libpython_dlopen.knowledge.platforms import is_foreign_tag
from no_libpython_dlopen.package_index.http_client import NotOnIndex
from no_libpython_dlopen.package_index.simple_api import File

_LINUX = re.compile(r"(?:many)?linux(?:\d+|_\d+_\d+)?_(?P<processor>\w+)")
_MUSL = re.compile(r"musllinux_\d+_\d+_(?P<processor>\w+)")
_MACOS = re.compile(r"macosx_\d+_\d+_(?P<processor>\w+)")


def newest_release(requirement: Requirement, files: Iterable[File], *, pre: bool) -> list[File]:
    """Return the files of the newest release that ``requirement`` allows.

    Pre-releases count if ``pre``, or if there is nothing else, yanked files if their very
    version is asked for and no other file of it is left. Raises ``NotOnIndex`` where nothing is.
    """
    exact = any(
        spec.operator == "===" or (spec.operator == "==" and not spec.version.endswith(".*"))
        for spec in requirement.specifier
    )
    files = list(files)
    by_version: dict[Version, list[File]] = {}
    for file in files:
        if file.yanked is not None and not exact:
            continue
        try:
            by_version.setdefault(Version(file.version), []).append(file)
        except InvalidVersion:
            continue
    allowed = list(requirement.specifier.filter(by_version, prereleases=pre or None))
    if not allowed:
        yanked = not exact and any(file.yanked is not None for file in files)
        but = (
            "that is not yanked (to check a yanked one, give its version with `==`)"
            if yanked
            else ""
        )
        raise NotOnIndex(" ".join(filter(None, ("no release", str(requirement.specifier), but))))
    release = by_version[max(allowed)]
    return [file for file in release if file.yanked is None] or release


def choose_files(files: Collection[File], *, every: bool = False, platform: str = "") -> list[File]:
    """Return which files of one release are looked at, sorted by platform.

    ``every`` wheel that can matter, or one for each platform. ``platform`` is a pattern
    (``manylinux*x86_64``) that one of a wheel's platform tags has to match.
    """
    best: dict[str, tuple[tuple[object, ...], File]] = {}
    any_wheel = False
    for file in files:
        if not file.wheel:
            continue
        any_wheel = True
        tags = tags_of(file.filename)
        family = family_of(tags)
        if not family or (platform and not _matches(tags, platform)):
            continue
        place = f"{family} {file.filename}" if every else family
        rank = _rank(file.filename, tags)
        if place not in best or rank > best[place][0]:
            best[place] = rank, file
    source = None if any_wheel else source_of(files)
    return [source] if source else [best[place][1] for place in sorted(best)]


def source_of(files: Iterable[File]) -> File | None:
    """Return the source distribution among the files of a release, ``None`` without one."""
    suffixes = (".tar.gz", ".tgz", ".tar.bz2", ".zip")
    found = [file for file in files if not file.wheel and file.filename.endswith(suffixes)]
    return found[-1] if found else None


def tags_of(filename: str) -> frozenset[Tag]:
    """Return the tags of a wheel's name, none where it is not the name of a wheel."""
    try:
        return parse_wheel_filename(filename)[3]
    except (InvalidWheelFilename, InvalidVersion):
        return frozenset()


def family_of(tags: Iterable[Tag]) -> str:
    """Return the platform of a wheel's tags, nothing where only foreign ones are named.

    >>> family_of([Tag("cp312", "cp312", "manylinux_2_17_aarch64")])
    'linux aarch64'
    """
    families = sorted({found for tag in tags if (found := _family(tag.platform))})
    return families[0] if families else ""


def _family(platform: str) -> str:
    if is_foreign_tag(platform):
        return ""
    for name, pattern in (("linux", _LINUX), ("linux-musl", _MUSL), ("macos", _MACOS)):
        match = pattern.fullmatch(platform)
        if match:
            return f"{name} {match['processor']}"
    return platform


def _matches(tags: Iterable[Tag], pattern: str) -> bool:
    return any(fnmatchcase(tag.platform, pattern) for tag in tags)


def _rank(filename: str, tags: Iterable[Tag]) -> tuple[object, ...]:
    """Return the sort key of the wheels of one platform; the one to be checked comes last.

    CPython before others, builds with a GIL before those without, the newest version, the
    newest build; where all that is the same, the name, to choose always alike.
    """
    versions = [_python(tag) for tag in tags]
    build = parse_wheel_filename(filename)[2]
    return (max(versions), build, filename)


def _python(tag: Tag) -> tuple[bool, bool, tuple[int, ...]]:
    match = re.fullmatch(r"([a-z]+)(\d)(\d*)", tag.interpreter)
    if not match:
        return (False, False, ())
    version = (int(match[2]), int(match[3] or 0))
    return (match[1] == "cp", not tag.abi.endswith("t"), version)
