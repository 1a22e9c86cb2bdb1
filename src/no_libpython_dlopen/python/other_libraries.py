"""Tells from ``ast`` that a loader is given the name of a library that is not libpython."""

from __future__ import annotations

import ast

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.python.dataflow.import_tables import WINDOWS_NAMES
from no_libpython_dlopen.python.syntax.parse_ast import last_word


def names_another(library: ast.expr) -> bool:
    """Return whether what a loader is given is another library's name, or a class of Windows."""
    if last_word(library) in WINDOWS_NAMES:  # LibraryLoader(WinDLL)
        return True
    if isinstance(library, ast.Call) and last_word(library.func) == "find_library":
        library = library.args[0] if library.args else library
    return isinstance(library, ast.Constant) and not may_be_part(str(library.value), linked=True)
