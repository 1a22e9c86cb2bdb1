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
from no_libpython_dlopen.binary.shared_object import SharedObject, read_shared_object
from no_libpython_dlopen.files.safe_open import safe_open

if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.system_root import SystemRoot

_ORIGINS = ("$ORIGIN", "${ORIGIN}", "@loader_path")
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
    seen: set[str] = set()
    left = _MOST_PLACES
    queue = [(path, module)]
    for origin, binary in queue:
        for place in _library_paths(origin, binary, root):
            left -= 1
            if left < 0:
                raise MalformedBinary(
                    f"its search paths lead to more than {_MOST_PLACES:,} locations"
                )
            if place in seen:
                continue
            seen.add(place)
            library = read_object_at(place)
            if library is None or library.module or library.runtime or library.program:
                continue
            if library.libpython:
                if root is not None and (called := root.path_of(place)):
                    return called, library
                return os.path.relpath(place, os.path.dirname(path) or "."), library
            queue.append((place, library))
    return None


def _library_paths(path: str, binary: SharedObject, root: SystemRoot | None) -> Iterator[str]:
    """Yield where the libraries may lie that a binary is led to from its own folder, or a root."""
    if root is not None and root.path_of(path):
        yield from _paths_below_root(path, binary, root)
        return
    folder = os.path.dirname(path)
    folders = dict.fromkeys(
        _expand_origin(folder, entry) for entry in binary.search if entry.startswith(_ORIGINS)
    )
    for name in dict.fromkeys(binary.needed):
        if name.startswith("@loader_path/"):
            yield _expand_origin(folder, name)
        elif len(name) <= _LONGEST_PATH and ("/" not in name or name.startswith("@rpath/")):
            for searched in folders:
                yield os.path.join(searched, name.removeprefix("@rpath/"))


def _paths_below_root(path: str, binary: SharedObject, root: SystemRoot) -> Iterator[str]:
    """Yield the first place of each library, as the loader of the system looks for it."""
    folder = os.path.dirname(root.path_of(path))
    searched = [_expand_origin(folder, entry) for entry in binary.search]
    folders = [place for place in map(root.resolve, searched) if place]
    for name in dict.fromkeys(binary.needed):
        if "/" in name or len(name) > _LONGEST_PATH:
            candidates = [_expand_origin(folder, name)] if name.startswith(("/", *_ORIGINS)) else []
        else:
            all_folders = (*folders, *root.library_folders)
            candidates = [f"/{os.path.relpath(f, root.folder)}/{name}" for f in all_folders]
        place = next(filter(None, map(root.resolve, candidates)), None)
        if place is not None:
            yield place


def _expand_origin(folder: str, entry: str) -> str:
    for origin in _ORIGINS:
        if entry.startswith(origin):
            return os.path.normpath(os.path.join(folder or ".", "." + entry[len(origin) :]))
    return entry


def read_object_at(path: str) -> SharedObject | None:
    """Return the shared object in a regular file, ``None`` for what is none or is damaged."""
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return _read_cached(path, seen.st_ino, seen.st_size, seen.st_mtime_ns)


@lru_cache(maxsize=256)
def _read_cached(path: str, *_identity: int) -> SharedObject | None:
    """Return the library at ``path``; the modules of one package share their libraries."""
    try:
        descriptor, _ = safe_open(path)
    except OSError:
        return None
    try:
        return read_shared_object(path, descriptor_reader(descriptor))
    except (MalformedBinary, OSError):
        return None  # it is reported when its turn comes
    finally:
        os.close(descriptor)
