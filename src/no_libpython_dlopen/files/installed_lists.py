"""The lists of what packages have installed: the files that belong to the package of a file.

``RECORD`` files lie in the site-packages directories of a prefix (PEP 376), as do older versions of
pip's ``installed-files.txt``. conda's lists lie in the ``conda-meta`` of a prefix, dpkg's in
``var/lib/dpkg/info`` of a system. Whatever a list says, it leads only to files below the prefix or
the root of its system.
"""

from __future__ import annotations

import codecs
import glob
import io
import json
import os
import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.prefixes import SITES, prefix_above
from no_libpython_dlopen.files.record import parse_row, place_below, rows
from no_libpython_dlopen.files.safe_open import MAX_JSON, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Where below a prefix packages are installed.
_BELOW_PREFIX = ("lib/python3*", "lib64/python3*", "Lib")
_OLD_LIST = "installed-files.txt"
#: Where other lists than RECORD lie below a prefix or a root: their names, and which files they
#: may list; dpkg only has those of the system.
_LISTS = {
    "conda-meta": ("*.json", re.compile("")),
    "var/lib/dpkg/info": ("*.list", re.compile(r"/?(?:usr/(?!local/)|lib|opt/)")),
}


class Lists(NamedTuple):
    """The lists at ``pattern``, whose paths begin at ``base``; those outside of ``top`` are ignored.

    ``changed`` is the time of the directory with the lists: when it differs, they are read again.
    """

    pattern: str
    base: str
    top: str
    changed: int


def folders_above(path: str) -> Iterator[str]:
    """Yield the directories that a path is below, from the innermost one."""
    while (folder := os.path.dirname(path)) != path:
        yield folder
        path = folder


def sites_around(path: str) -> Iterator[str]:
    """Yield the site-packages directories of the prefixes that a path is below."""
    for folder in folders_above(path):
        if os.path.dirname(folder) != folder:  # `/lib` is a link to `/usr/lib`
            yield from file_tree.once(_sites_of_prefix, folder)


def _sites_of_prefix(prefix: str) -> tuple[str, ...]:
    patterns = (os.path.join(glob.escape(prefix), below, "*-packages") for below in _BELOW_PREFIX)
    found = (place for pattern in patterns for place in sorted(glob.glob(pattern)))
    real = (os.path.realpath(place) for place in found if os.path.basename(place) in SITES)
    return tuple(dict.fromkeys(real))


def folders_beside(path: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the directories with files of the packages whose lists have the library at ``path``.

    The path is absolute. With each directory come its files that are listed.
    """
    for lists in _lists_around(path):
        name = os.path.relpath(path, lists.base).replace(os.sep, "/")
        for place in _libraries_by_list(lists)[0].get(name, ()):
            yield from folders_in(place, lists).items()


@lru_cache(maxsize=1024)
def is_listed_apart(place: str, path: str) -> bool:
    """Return whether a list has the file at ``place``, and not the one at ``path``.

    The paths are absolute. The directory of an application may have lists as well, made by ``pip
    install --target``.
    """
    above = (lists for folder in folders_above(place) for lists in lists_of(folder))
    for lists in (*_lists_around(place), *above):
        for listing in glob.glob(lists.pattern):
            files = folders_in(listing, lists)
            if place in files.get(os.path.dirname(place), ()):
                return path not in files.get(os.path.dirname(path), ())
    return False


def listed_outside(sites: Sequence[str], prefix: str) -> Iterator[str]:
    """Yield the files of a prefix that ``RECORD`` files in these directories list outside of them."""
    real = [os.path.join(os.path.realpath(one), "") for one in (prefix, *sites)]
    for site in sites:
        listed = ((place, one) for one in lists_of(site) for place in glob.glob(one.pattern))
        for place, lists in sorted(listed):
            for folder, paths in folders_in(place, lists).items():
                there = os.path.join(os.path.realpath(folder), "")
                if there.startswith(real[0]) and not there.startswith(tuple(real[1:])):
                    yield from paths


def _lists_around(path: str) -> Iterator[Lists]:
    """Yield the lists that may have a file."""
    site = next((one for one in folders_above(path) if os.path.basename(one) in SITES), "")
    for one in [site] if site else sites_around(path):
        yield from lists_of(one)
    for top in folders_above(path):
        for folder, (pattern, owned) in _LISTS.items():
            place = os.path.join(top, folder)
            if owned.match(path, len(top)) and (changed := _time_of(place)):
                yield Lists(os.path.join(glob.escape(place), pattern), top, top, changed)


def lists_of(site: str) -> Iterator[Lists]:
    """Yield the lists in a site-packages directory."""
    for place in ("*.dist-info/RECORD", f"*.egg-info/{_OLD_LIST}"):
        pattern = os.path.join(glob.escape(site), place)
        yield Lists(pattern, site, prefix_above(site + "/") or site, _time_of(site))


def _time_of(folder: str) -> int:
    """Return when a directory was changed, 0 if there is none."""
    with suppress(OSError, ValueError):
        return os.stat(folder).st_mtime_ns
    return 0


@lru_cache(maxsize=16)
def _libraries_by_list(lists: Lists) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
    """Return the lists by the libraries that they have, and the lists that cannot be read."""
    found: dict[str, list[str]] = {}
    unread = []
    for place in sorted(glob.glob(lists.pattern)):
        unread.append(place)
        with suppress(OSError):
            for name in _names_in(place, b".so"):
                found.setdefault(place_below(lists.base, name), []).append(place)
            unread.pop()
    return found, unread


def conda_owners(folder: str) -> tuple[Mapping[str, str], Sequence[str]]:
    """Return the lists in a ``conda-meta`` by the paths in them, and the lists that cannot be read.

    The paths begin at the prefix.
    """
    owners: dict[str, str] = {}
    unread = []
    for place in sorted(glob.glob(os.path.join(glob.escape(folder), _LISTS["conda-meta"][0]))):
        unread.append(place)
        with suppress(OSError):
            owners.update(dict.fromkeys(_names_in(place), place))
            unread.pop()
    return owners, unread


def unread_lists(path: str) -> Iterator[str]:
    """Yield the lists that may have the library at ``path``, but cannot be read, or are too large."""
    for lists in _lists_around(path):
        yield from _libraries_by_list(lists)[1]


@lru_cache(maxsize=64)
def folders_in(place: str, lists: Lists) -> Mapping[str, Sequence[str]]:
    """Return the absolute paths in the list at ``place`` by their directories.

    Paths outside of ``lists.top`` are left out; there are none if the list cannot be read.
    """
    top = os.path.join(lists.top, "")
    found: dict[str, list[str]] = {}
    with suppress(OSError):
        for name in dict.fromkeys(_names_in(place)):
            path = os.path.normpath(os.path.join(lists.base, name))
            if path.startswith(top) and "\0" not in path:
                found.setdefault(os.path.dirname(path), []).append(path)
    return found


def _names_in(place: str, part: bytes = b"") -> Iterator[str]:
    """Yield the paths in a list whose line contains ``part``; raises ``OSError`` if it is none."""
    data = read_file(place, MAX_JSON).removeprefix(codecs.BOM_UTF8)
    if place.endswith(".json"):
        yield from (name for name in _names_in_json(data) if os.fsdecode(part) in name)
        return
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise OSError("not a list of files")
    if part not in data:
        return
    if place.endswith(".list"):
        for line in data.splitlines():
            if part in line:
                yield os.fsdecode(line).lstrip("/")
    elif place.endswith(_OLD_LIST):  # its paths begin at its own directory
        folder = os.path.basename(os.path.dirname(place))
        for line in filter(None, data.splitlines()):
            if part in line:
                yield os.path.normpath(os.path.join(folder, os.fsdecode(line)))
    else:
        for row in rows(io.BytesIO(data)):
            if part in row and (name := parse_row(row)[0]):
                yield name


def _names_in_json(data: bytes) -> Sequence[str]:
    """Return the paths in a list of conda; raises ``OSError`` where it is none, or was cut off."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise OSError(str(error)) from None
    files = found.get("files", []) if isinstance(found, dict) else None
    paths = found.get("paths_data", {}) if isinstance(found, dict) else None
    entries = paths.get("paths", []) if isinstance(paths, dict) else None
    if not (isinstance(files, list) and isinstance(entries, list)):
        raise OSError("not a list of files")
    names = [*files, *(one.get("_path") for one in entries if isinstance(one, dict))]
    return [one for one in names if isinstance(one, str)]
