"""Which listfile of the project ``include`` or ``add_subdirectory`` means."""

from __future__ import annotations

import os
import re

from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.state import State
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

#: ``find_package`` with these names is handled by itself.
_KNOWN = re.compile(r"python\d*(?:libs|interp)?(?:new)?|pybind11|nanobind", re.IGNORECASE)
#: Where a variable of Python's libraries is used.
_COLLECTS = re.compile(r"\$\{PYTHON\d?_(?:DEBUG_)?LIBRAR", re.IGNORECASE)


def find(state: State, text: str, command: Command) -> Listfile | None:
    """Return the listfile that a command means; what is out of reach is noted."""
    text = place(state, text)
    named = command.name == "include" and file_tree.is_file(
        os.path.join(state.directory.path or os.path.dirname(state.file.path), text)
    )
    bare = command.name == "include" and not (text.endswith((".cmake", ".txt")) or named)
    # a copy of these, which a clone without its submodules lacks, uses nothing of the project
    bare |= os.path.basename(text) in ("pybind11", "nanobind") and command.name != "include"
    if not state.file.path or "$" in text or UNKNOWN_PART in text:
        if UNKNOWN_PART in text or not (bare and text):
            state.project.note_gap(state.file.path)
        return None
    folder = state.directory.path or os.path.dirname(state.file.path)
    path = os.path.join(folder, text)
    if command.name != "include":
        path = os.path.join(path, "CMakeLists.txt")
    elif bare:
        return _module(state, text, folder)
    found = state.project.open(path)
    if found is None and not bare:
        state.project.note_gap(state.file.path)
    return found


def find_module(state: State, package: str) -> Listfile | None:
    """Return the module by which the project finds a package, if it links what Python's do.

    Those for Python itself are known better than a project's copies of them.
    """
    if _KNOWN.fullmatch(package) or not state.file.path or "$" in package:
        return None
    found = _module(state, f"Find{package}", state.directory.path)
    return found if found is not None and _COLLECTS.search(found.text) else None


def place(state: State, text: str) -> str:
    """Return a path with the variables filled in that say where a listfile is."""
    if not state.file.path:
        return text
    here = os.path.dirname(state.file.path)
    current = state.directory.path or here
    for name, folder in (
        ("CMAKE_CURRENT_LIST_DIR", here),
        ("CMAKE_CURRENT_SOURCE_DIR", current),
        ("CMAKE_SOURCE_DIR", state.top or current),
        ("PROJECT_SOURCE_DIR", state.top or current),
    ):
        text = text.replace(f"${{{name}}}", folder)
    project = state.value("CMAKE_PROJECT_NAME")
    if project and state.top:
        text = text.replace(f"${{{project}_SOURCE_DIR}}", state.top)
    return text


def _module(state: State, name: str, folder: str) -> Listfile | None:
    """Return a module that the project ships, ``None`` for one of CMake's own."""
    searched = [place(state, word.text) for word in state.lookup("CMAKE_MODULE_PATH") or ()]
    for each in (*searched, folder, os.path.join(folder, "cmake")):
        path = os.path.join(folder, each, f"{name}.cmake")
        if "$" not in path and file_tree.is_file(path):
            return state.project.open(path)
    return None
