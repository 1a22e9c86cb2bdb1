"""Programs that PyInstaller made in one folder: their modules need the libpython in it.

The program opens that libpython itself, before any module, and the loader takes a library
of the same name for the one that is there. So the need of such a module breaks nothing.

Source: PyInstaller's manual, "How the One-Folder Program Works"; measured with 6.
"""

from __future__ import annotations

import os

#: The modules that a program needs to start, which stand beside its libpython.
PROGRAM_MARK = "base_library.zip"
#: Folders between a module and the folder of its program.
_MOST_LEVELS = 12


def is_loaded_by_program(module: str, library: str) -> bool:
    """Return whether the program that holds the file ``module`` has its own ``library``."""
    folder = os.path.dirname(os.path.abspath(module))
    for _ in range(_MOST_LEVELS):
        if os.path.isfile(os.path.join(folder, PROGRAM_MARK)):
            return os.path.isfile(os.path.join(folder, os.path.basename(library)))
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    return False
