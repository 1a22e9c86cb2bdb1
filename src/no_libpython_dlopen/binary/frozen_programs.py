"""Programs that PyInstaller made in one folder: their modules need the libpython in it.

The program opens that libpython itself, before any module, and the loader takes a library
of the same name for the one that is there. So the need of such a module breaks nothing. A module
that needs another version brings that one along, since PyInstaller packs what modules need: a
second runtime in the same folder.

Source: PyInstaller's manual, "How the One-Folder Program Works"; measured with 6.
"""

from __future__ import annotations

import glob
import os
import re

#: The modules that a program needs to start, which stand beside its libpython.
PROGRAM_MARK = "base_library.zip"
#: Folders between a module and the folder of its program.
_MOST_LEVELS = 12


#: A module of the standard library, in the program's folder or in ``pythonX.Y`` there.
_STANDARD_MODULE = re.compile(r"(?:python3\.\d+[a-z]*/)?lib-dynload/[^/]+\.cpython-3(\d+[a-z]*)-")
_VERSION = re.compile(r"libpython3\.(\d+[a-z]*)\.")


def version_of_module(path: str) -> tuple[str, str]:
    """Return a program's folder and minor version, if ``path`` is a module of its standard library.

    >>> version_of_module("app/python3.11/lib-dynload/_x.cpython-311-x86_64-linux-gnu.so")
    ('app', '11')
    """
    found = _STANDARD_MODULE.search(path)
    return (path[: found.start()].rstrip("/"), found[1]) if found else ("", "")


def is_version(library: str, version: str) -> bool:
    """Return whether a libpython can be that of a program with this version, if that is known."""
    found = _VERSION.search(library)
    return not (version and found) or found[1] == version


def folder_around(module: str) -> str:
    """Return the folder of the program that has the file ``module``, empty if there is none."""
    folder = os.path.dirname(os.path.abspath(module))
    for _ in range(_MOST_LEVELS):
        if os.path.isfile(os.path.join(folder, PROGRAM_MARK)):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    return ""


def has(program: str, library: str) -> bool:
    """Return whether the folder of a program, if there is one, has a libpython."""
    return bool(program) and os.path.isfile(os.path.join(program, os.path.basename(library)))


def loads(program: str, library: str) -> bool:
    """Return whether the program in a folder has loaded a libpython, its own."""
    return has(program, library) and is_version(library, _version_in(program))


def _version_in(folder: str) -> str:
    for place in ("lib-dynload", "python3.*/lib-dynload"):
        for path in glob.iglob(f"{glob.escape(folder)}/{place}/*.so"):
            if version := version_of_module(os.path.relpath(path, folder))[1]:
                return version
    return ""
