"""Programs and libraries on disk that start Python and get libpython by a module alone.

Programs load it like any library, also as the library of a library, and perhaps by a link of another
name. Without its entry their loader would miss the API that the module asks for. Others open it as a
plug-in, and look up by name what starts Python. The search covers the directories of the package,
``bin``, ``lib`` and the like in them, beside the module's own directory and in the prefix that it is
installed in; in the tree of a system also the loader's directories.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.binary.needed_libraries import find_starting_library, read_object_at
from no_libpython_dlopen.binary.shared_object import is_named_like_library, name_looked_up
from no_libpython_dlopen.binary.system_root import root_around
from no_libpython_dlopen.files.safe_open import safe_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from no_libpython_dlopen.binary.shared_object import SharedObject
    from no_libpython_dlopen.binary.system_root import SystemRoot

#: Files that are looked at in one directory, and directories of one package.
_MOST_FILES, _MOST_LEVELS = 4096, 12
#: Directories above a package, up to the application's own (app/lib/app/plugins).
_ABOVE = 4
#: Directories of an application.
_MOST_BESIDE = 32
_PACKAGES = re.compile(r"/(?:(?:site|dist)-packages|lib(?:32|64)?/python3[^/]*)$")
#: Bytes of a directory's programs that are searched for names.
_MOST_BYTES = 256 << 20
#: Where a prefix has programs and libraries.
_PROGRAMS = ("bin", "sbin", "games", "libexec")
_BESIDE = (*_PROGRAMS, "lib", "lib64")


def find_host(path: str, module: SharedObject, root: SystemRoot | None) -> str:
    """Return the path of a program or library that gets libpython by the module at ``path``.

    ``""`` for none. It needs the module, or is a library that the module needs. Raises
    ``MalformedBinary`` where there are too many of these.
    """
    if place := find_starting_library(path, module, root):
        return place
    folders = _with_times(_folders_around(os.path.abspath(path), module))
    hosts, libraries, links = _hosts_and_libraries(folders)
    own = (os.path.basename(path), module.soname.rpartition("/")[2])
    names = (*own, *links.get(os.path.realpath(path), ()))
    seen: set[str] = set()
    queue = list(module.needed)
    for needed in queue:  # in the same directories, wherever the search path leads
        name = needed.rpartition("/")[2]
        if name in libraries and name not in seen:
            seen.add(name)
            place, library = libraries[name]
            if library.borrows_libpython:
                return place
            queue += library.needed
    return next((hosts[name] for name in names if name in hosts), "")


def find_lookup(path: str) -> tuple[str, str]:
    """Return a program or library that may start Python through the module at ``path``, if any.

    It comes with the function that it looks up for that (``Py_Initialize``), because it does not
    open a libpython itself. Both are empty if there is none.
    """
    for folder, changed in _with_times(_folders_of_package(os.path.abspath(path))):
        found = _lookup_in(folder, changed)
        if found[0]:
            return found
    return "", ""


@lru_cache(maxsize=64)
def _lookup_in(folder: str, changed: int) -> tuple[str, str]:
    left = _MOST_BYTES
    for place, binary in _binaries_in(folder, changed):
        if not (binary.module or binary.runtime or binary.libpython):
            with suppress(MalformedBinary, OSError), open(safe_open(place)[0], "rb") as file:
                left -= os.fstat(file.fileno()).st_size
                if left < 0:
                    break
                if name := name_looked_up(descriptor_reader(file.fileno())):
                    return place, name
    return "", ""


def _with_times(folders: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return the directories that exist, each with the time of its last change."""
    found = []
    for folder in dict.fromkeys(folders):
        with suppress(OSError, ValueError):
            found.append((folder, os.stat(folder).st_mtime_ns))
    return tuple(found)


def _folders_around(path: str, module: SharedObject) -> Iterator[str]:
    yield from _folders_of_package(path)
    prefix = re.match(r"(.*)/lib(?:32|64)?/python3[^/]*/", path)
    beside = [prefix[1]] if prefix else []
    root = root_around(path, module.search)
    if root is not None:
        yield from root.library_folders
        beside.append(os.path.join(root.folder, "usr"))
    folder = os.path.dirname(path)
    for _ in range(_ABOVE):
        folder = os.path.dirname(folder)
        if folder == os.path.dirname(folder):
            break
        yield folder
        beside.append(folder)
    for folder in beside:
        for name in _BESIDE:
            yield os.path.join(folder, name)


def _folders_of_package(path: str) -> Iterator[str]:
    folder = os.path.dirname(path)
    above = os.path.dirname(folder)
    for name in ("", *_PROGRAMS, *_subfolders(above)):
        yield os.path.join(above, name)
    for _ in range(_MOST_LEVELS):
        yield folder
        for name in _BESIDE:
            yield os.path.join(folder, name)
        if not os.path.isfile(os.path.join(folder, "__init__.py")):
            break
        folder = os.path.dirname(folder)


def _subfolders(folder: str) -> Sequence[str]:
    """Return the names of an application's directories, none where they are Python's packages.

    There are a few of them; where there are many, each is another application.
    """
    if _PACKAGES.search(folder):
        return ()
    with suppress(OSError), os.scandir(folder) as entries:
        names = [one.name for one in entries if one.is_dir()]
        return sorted(names) if len(names) <= _MOST_BESIDE else ()
    return ()


@lru_cache(maxsize=16)
def _hosts_and_libraries(
    folders: tuple[tuple[str, int], ...],
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, SharedObject]], Mapping[str, Sequence[str]]]:
    """Return the files that may start Python without a need of libpython, by the libraries they load.

    Where a library on the way needs libpython itself, a host has it by that. The other libraries
    follow with their paths, by their names; and the names of links, by the files behind them.
    """
    binaries = [binary for folder, changed in folders for binary in _binaries_in(folder, changed)]
    libraries: dict[str, tuple[str, SharedObject]] = {}
    for path, binary in binaries:
        if not (binary.program or binary.runtime or binary.libpython):
            for name in (os.path.basename(path), binary.soname.rpartition("/")[2]):
                libraries.setdefault(name, (path, binary))
    found: dict[str, str] = {}
    for path, binary in binaries:
        queue = list(binary.needed) if binary.borrows_libpython else []
        for library in queue:
            name = library.rpartition("/")[2]
            if name not in found:
                found[name] = path
                queue += libraries[name][1].needed if name in libraries else ()
    links: dict[str, list[str]] = {}
    for path, _ in binaries:
        if os.path.islink(path):
            links.setdefault(os.path.realpath(path), []).append(os.path.basename(path))
    return found, libraries, links


@lru_cache(maxsize=64)
def _binaries_in(folder: str, _changed: int) -> Sequence[tuple[str, SharedObject]]:
    """Return a directory's programs and libraries."""
    try:
        names = sorted(os.listdir(folder))[:_MOST_FILES]
    except OSError:
        return ()
    paths = [os.path.join(folder, name) for name in names]
    read = [path for path in paths if is_named_like_library(path) or os.access(path, os.X_OK)]
    found = [(path, read_object_at(path)) for path in read]
    return [(path, binary) for path, binary in found if binary is not None]
