"""Whether packages that a project brings, and finds with ``find_package``, embed Python.

Where CMake searches for them depends on variables, the command line and the environment, so their
files are known by their names, wherever they are in the project.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.cmake.fixes.mentions import mentions
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, Project, read_listfile
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.limits import PROJECT_FILES

_PACKAGE = re.compile(r"find(.+)\.cmake|(.+?)-?config\.cmake", re.IGNORECASE)
#: Names of CMake's own modules for Python, which projects copy, and of libraries that use nothing
#: of the project.
_OF_PYTHON = re.compile(r"python\d*(?:libs|interp|extensions)?(?:new)?|pybind11|nanobind")
#: Commands that search for a package; projects wrap them in functions of their own.
_SEARCHING = re.compile(r"find_\w*package\w*|\w+_find_package|find_dependency")


def packages_mention(project: Project, prefix: str) -> bool:
    """Return whether such a package may name results of a prefix that only programs need."""
    files = file_tree.latest(_own_packages, project, project.count)
    return any(file is None or any(mentions(file, prefix)) for file in files)


def _own_packages(project: Project, _count: int) -> list[Listfile | None]:
    """Return the listfiles of packages that no command includes by their paths.

    ``None`` stands for one that cannot be read, and for a project of too many files.
    """
    known = {file.path for file in project.files() if file.path}
    searched = {
        each.arguments[0].text.lower()
        for each in project.commands()
        if _SEARCHING.fullmatch(each.name) and each.arguments
    }
    searched = {name for name in searched if not _OF_PYTHON.fullmatch(name)}
    if not searched or not project.current.path:
        return []
    found = _listfiles_beside(searched, os.path.dirname(min(known, key=len)))
    return [read_listfile(path) if path else None for path in found if path not in known]


def _listfiles_beside(packages: set[str], root: str) -> Iterator[str | None]:
    """Yield the ``*.cmake`` files in the folders of packages, and ``None`` after too many files.

    A package includes further ones from its own folder.
    """
    is_any = any("$" in name for name in packages)
    count = 0
    for folder, folders, names in file_tree.walk(root):
        folders[:] = [name for name in folders if name not in file_tree.NO_SOURCES]
        count += len(names)
        if count > PROJECT_FILES:
            yield None
            return
        modules = [name for name in names if name.endswith(".cmake")]
        named = {
            (match[1] or match[2]).lower() for match in map(_PACKAGE.fullmatch, modules) if match
        }
        if named & packages or (is_any and named):
            yield from (os.path.join(folder, name) for name in modules if not _is_of_python(name))


def _is_of_python(name: str) -> bool:
    match = _PACKAGE.fullmatch(name)
    return match is not None and _OF_PYTHON.fullmatch((match[1] or match[2]).lower()) is not None
