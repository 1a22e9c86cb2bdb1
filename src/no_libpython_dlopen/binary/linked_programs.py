"""Programs on disk that are linked to a module and get libpython by that alone.

They load it like any library. Without its entry their loader would miss the API that the module
asks for. The search covers the directories of the package and their ``bin``, and the ``bin`` of the
prefix that it is installed in.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.needed_libraries import read_object_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from no_libpython_dlopen.binary.shared_object import SharedObject

#: Files that are looked at in one directory, and directories of one package.
_MOST_FILES, _MOST_LEVELS = 4096, 12


def find_linked_program(path: str, module: SharedObject) -> str:
    """Return the path of a program that gets libpython by the module at ``path``, or ``""``."""
    names = (os.path.basename(path), module.soname.rpartition("/")[2])
    for folder in dict.fromkeys(_folders_around(os.path.abspath(path))):
        try:
            changed = os.stat(folder).st_mtime_ns
        except (OSError, ValueError):
            continue
        programs = _programs_by_library(folder, changed)
        for name in names:
            if name in programs:
                return programs[name]
    return ""


def _folders_around(path: str) -> Iterator[str]:
    folder = os.path.dirname(path)
    for _ in range(_MOST_LEVELS):
        yield folder
        yield os.path.join(folder, "bin")
        if not os.path.isfile(os.path.join(folder, "__init__.py")):
            break
        folder = os.path.dirname(folder)
    prefix = re.match(r"(.*)/lib(?:32|64)?/python3[^/]*/", path)
    if prefix:
        yield f"{prefix[1]}/bin"


@lru_cache(maxsize=64)
def _programs_by_library(folder: str, _changed: int) -> Mapping[str, str]:
    """Return a directory's programs that do not need libpython themselves, by what they need."""
    found: dict[str, str] = {}
    try:
        names = sorted(os.listdir(folder))[:_MOST_FILES]
    except OSError:
        return found
    for path in (os.path.join(folder, name) for name in names):
        program = read_object_at(path) if os.access(path, os.X_OK) else None
        if program is not None and program.program and not program.libpython:
            for library in program.needed:
                found.setdefault(library.rpartition("/")[2], path)
    return found
