"""Finds the programs that are asked for something, never in the tree that is checked.

A ``PATH`` may name the working directory, by ``.`` or an empty entry, and Windows searches that
directory first in any case: a tree could bring its own ``rpm.exe``.
"""

from __future__ import annotations

import os
import shutil


def find_program(name: str) -> str | None:
    """Return the absolute path of a program in an absolute folder of ``PATH``, if there is one."""
    folders = [folder for folder in os.get_exec_path() if os.path.isabs(folder)]
    found = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
    return found if found and os.path.isabs(found) else None
