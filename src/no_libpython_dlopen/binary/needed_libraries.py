"""What an extension module on disk needs through the libraries that lie beside it.

auditwheel and delocate put libraries into a folder of the package, and lead the loader
there by a search path relative to the module (``$ORIGIN``, ``@loader_path``). Only those
are followed, since what an absolute path leads to is not the package's; where the root of
the system is known that the module was made for, absolute paths and the loader's own
directories are followed below that root.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.binary.search_paths import (
    ORIGINS,
    VARIANTS,
    expand_tokens,
    variant_folders,
)
from no_libpython_dlopen.binary.shared_object import SharedObject, read_shared_object
from no_libpython_dlopen.files.safe_open import safe_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.binary.system_root import SystemRoot

#: Places that are looked at for one module, and the longest path that systems open. Search
#: paths and names multiply: real modules have a few of those and some hundred of these.
_MOST_PLACES, _LONGEST_PATH = 1 << 14, 4096


def find_indirect_need(
    path: str, module: SharedObject, root: SystemRoot | None = None
) -> tuple[str, SharedObject] | None:
    """Return the library by which the module at ``path`` needs libpython, and how it is called.

    That is its path from the module; with a ``root`` its path from there. ``None`` if there is
    none. Raises ``MalformedBinary`` where they lead to more places than are looked at.
    """
    for place, library in _libraries_behind(path, module, root):
        if library.libpython:
            if root is not None and (called := root.path_of(place)):
                return called, library
            return os.path.relpath(place, os.path.dirname(path) or "."), library
    return None


def find_starting_library(path: str, module: SharedObject, root: SystemRoot | None = None) -> str:
    """Return the path of a library of the module at ``path`` that starts Python, or ``""``.

    It has no need of libpython itself. Raises ``MalformedBinary`` as above.
    """
    libraries = _libraries_behind(path, module, root)
    return next((place for place, library in libraries if library.borrows_libpython), "")


def _libraries_behind(
    path: str, module: SharedObject, root: SystemRoot | None
) -> Iterator[tuple[str, SharedObject]]:
    """Yield the libraries that the module at ``path`` needs, also through others, by their paths."""
    seen: set[str] = set()
    left = _MOST_PLACES
    # Each binary with the folders that those before it hand on: an RPATH counts for the libraries
    # of libraries as well, unless one has a RUNPATH itself.
    queue: list[tuple[str, SharedObject, tuple[str, ...]]] = [(path, module, ())]
    for origin, binary, inherited in queue:
        below = root if root is not None and root.path_of(origin) else None
        own = _own_folders(origin, binary, below)
        folders = (*own, *inherited) if binary.hands_on else own
        handed = folders if binary.hands_on else inherited
        for place in _library_paths(origin, binary, folders, below):
            left -= 1
            if left < 0:
                raise MalformedBinary(
                    f"its search paths lead to more than {_MOST_PLACES:,} locations"
                )
            if not place or place in seen:
                continue
            seen.add(place)
            library = read_object_at(place)
            if library is None or library.module or library.runtime or library.program:
                continue
            yield place, library
            queue.append((place, library, handed))


def _own_folders(path: str, binary: SharedObject, root: SystemRoot | None) -> tuple[str, ...]:
    """Return this machine's directories to which the search path of the binary at ``path`` leads."""
    starts = ORIGINS if root is None else ("/", *ORIGINS)  # others depend on the working directory
    entries = [entry for entry in binary.search if entry.startswith(starts)]
    return tuple(dict.fromkeys(p for entry in entries for p in _expand(entry, path, binary, root)))


def _expand(entry: str, path: str, binary: SharedObject, root: SystemRoot | None) -> list[str]:
    """Return this machine's paths that an entry or a name in the binary at ``path`` stands for."""
    if root is None:
        expanded = expand_tokens(entry, os.path.dirname(path), binary.machine)
        return [os.path.normpath(place) for place in expanded]
    origin = os.path.dirname(root.path_of(path))
    expanded = expand_tokens(entry, origin, binary.machine, root.lib_folders(binary.machine))
    return list(filter(None, map(root.resolve, expanded)))


def _library_paths(
    path: str, binary: SharedObject, folders: tuple[str, ...], root: SystemRoot | None
) -> Iterator[str]:
    """Yield the paths of a binary's libraries; below a root only the first path of each.

    Variants of a library for newer processors precede the one that others take. An empty path
    stands for each place where the loader passes on.
    """
    starts = ORIGINS if root is None else ("/", *ORIGINS)
    searched = (*folders, *(root.library_folders if root is not None else ()))
    every = [each for folder in searched for each in _with_variants(folder, binary)]
    for name in dict.fromkeys(binary.needed):
        plain = name.removeprefix("@rpath/")
        places: Iterable[tuple[str, bool]] = ()
        if len(name) > _LONGEST_PATH:
            continue
        if "/" in name and name == plain:
            if name.startswith(starts):
                places = ((place, True) for place in _expand(name, path, binary, root))
        elif root is None:
            places = ((os.path.join(folder, plain), last) for folder, last in every)
        else:
            places = (
                (root.resolve(f"{root.path_of(folder)}/{plain}"), last) for folder, last in every
            )
        for place, last in places:
            taken = root is None or _takes(binary, place)
            yield place if taken else ""
            if taken and last and root is not None:
                break


def _with_variants(folder: str, binary: SharedObject) -> Iterator[tuple[str, bool]]:
    """Yield the directories of a directory that have variants for newer processors, and itself.

    With each comes whether all processors take what is in it.
    """
    names = variant_folders(binary.machine, binary.needed)
    if names and os.path.lexists(os.path.join(folder, VARIANTS)):
        for name in names:
            yield os.path.join(folder, VARIANTS, name), False
    yield folder, True


def _takes(binary: SharedObject, place: str) -> bool:
    """Return whether the loader stops at ``place``: libraries for other machines are passed over."""
    if not place:
        return False
    found = read_object_at(place)
    return found is None or found.machine == binary.machine


def read_object_at(path: str) -> SharedObject | None:
    """Return the shared object in a regular file, ``None`` if the file is none or is damaged.

    Its strings are not searched.
    """
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return _read_cached(path, seen.st_ino, seen.st_size, seen.st_mtime_ns)


@lru_cache(maxsize=1 << 12)
def _read_cached(path: str, *_identity: int) -> SharedObject | None:
    """Return the library at ``path``; the modules of a package or prefix share their libraries."""
    try:
        descriptor, _ = safe_open(path)
    except OSError:
        return None
    try:
        return read_shared_object(path, descriptor_reader(descriptor), strings=False)
    except (MalformedBinary, OSError):
        return None  # it is reported when its turn comes
    finally:
        os.close(descriptor)
