"""Programs on disk that are linked to a module and get libpython by that alone.

They load it like any library, also as the library of a library. Without its entry their loader
would miss the API that the module asks for. The search covers the directories of the package and
their ``bin``, the ``bin`` beside the module's own directory, and that of the prefix that it is
installed in; in the tree of a system also the loader's directories.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.needed_libraries import read_object_at
from no_libpython_dlopen.binary.shared_object import is_named_like_library
from no_libpython_dlopen.binary.system_root import root_around

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from no_libpython_dlopen.binary.shared_object import SharedObject

#: Files that are looked at in one directory, and directories of one package.
_MOST_FILES, _MOST_LEVELS = 4096, 12


def find_linked_program(path: str, module: SharedObject) -> str:
    """Return the path of a program that gets libpython by the module at ``path``, or ``""``."""
    names = (os.path.basename(path), module.soname.rpartition("/")[2])
    folders = []
    for folder in dict.fromkeys(_folders_around(os.path.abspath(path), module)):
        with suppress(OSError, ValueError):
            folders.append((folder, os.stat(folder).st_mtime_ns))
    programs = _programs_by_library(tuple(folders))
    return next((programs[name] for name in names if name in programs), "")


def _folders_around(path: str, module: SharedObject) -> Iterator[str]:
    folder = os.path.dirname(path)
    yield os.path.join(os.path.dirname(folder), "bin")
    for _ in range(_MOST_LEVELS):
        yield folder
        yield os.path.join(folder, "bin")
        if not os.path.isfile(os.path.join(folder, "__init__.py")):
            break
        folder = os.path.dirname(folder)
    prefix = re.match(r"(.*)/lib(?:32|64)?/python3[^/]*/", path)
    if prefix:
        yield f"{prefix[1]}/bin"
    root = root_around(path, module.search)
    if root is not None:
        yield from root.library_folders


@lru_cache(maxsize=16)
def _programs_by_library(folders: tuple[tuple[str, int], ...]) -> Mapping[str, str]:
    """Return programs that do not need libpython themselves, by the libraries that they load.

    Where a library on the way needs libpython itself, the program has it by that.
    """
    binaries = [binary for folder, changed in folders for binary in _binaries_in(folder, changed)]
    needs: dict[str, SharedObject] = {}
    for path, binary in binaries:
        if not (binary.program or binary.libpython):
            for name in (os.path.basename(path), binary.soname.rpartition("/")[2]):
                needs.setdefault(name, binary)
    found: dict[str, str] = {}
    for path, program in binaries:
        queue = list(program.needed) if program.program and not program.libpython else []
        for library in queue:
            name = library.rpartition("/")[2]
            if name not in found:
                found[name] = path
                queue += needs[name].needed if name in needs else ()
    return found


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
