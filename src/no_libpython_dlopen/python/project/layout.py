"""Finds the files of a project's modules, as Python's import system would; runs nothing.

A module is looked for inside the project alone: below the nearest folder that holds a
``pyproject.toml``, a ``setup.py`` or a repository, or in the file's own package. What a link
leads to outside of it, what the standard library has, and what is a library known to open
others is not the project's.
"""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from typing import NamedTuple

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.python.loader_tables import CFFI, FOREIGN
from no_libpython_dlopen.python.prefilter import Content
from no_libpython_dlopen.python.project.path_settings import PackageFolder, package_folders

_MARKERS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", ".git"})
_PACKAGE = "__init__.py"
#: Folders below a project's root that are put on Python's path.
_SOURCE_FOLDERS = ("", "src", "lib", "python")
#: More levels of folders than this are not climbed.
_MAX_LEVELS = 40
#: The list of a module's public names, as it is written.
_LISTED = re.compile(rb"__all__[^=\n]{0,100}=\s*[\[(]([^\])]{0,4000})")
#: Modules that mean what the tables and models say of them, whatever lies in the project.
_NOT_OURS = frozenset(
    {name.partition(".")[0] for name in FOREIGN}
    | {"cffi", "find_libpython", "distutils", "setuptools", "pytest", "six"}
    | set(getattr(sys, "stdlib_module_names", sys.builtin_module_names))
)


class Module(NamedTuple):
    """A module: its file, empty for a folder without one, and its folder, if it is a package."""

    path: str
    folder: str


class Layout(NamedTuple):
    """Where the modules are that a file can import: its own folder, and those on the path."""

    root: str
    folder: str
    bases: tuple[str, ...]
    #: Packages in folders of other names, by the dotted name of each.
    packages_elsewhere: tuple[tuple[str, str], ...] = ()

    def find(self, name: str) -> Module | None:
        """Return the module of a dotted name, whose leading dots are those of the import."""
        return file_tree.once(Layout._find, self, name)

    def _find(self, name: str) -> Module | None:
        if name.endswith(CFFI):
            return None
        bare = name.lstrip(".")
        level = len(name) - len(bare)
        parts = bare.split(".") if bare else []
        if level:
            folder = self.folder
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            if not _is_inside(folder, self.root):
                return None
            return self._descend(_package(folder), parts)
        if not parts or parts[0] in _NOT_OURS:
            return None
        for base in self.bases:
            found = self._descend(Module("", base), parts)
            if found is not None:
                return found
        for package, folder in self.packages_elsewhere:
            if f"{bare}.".startswith(f"{package}."):
                inner = bare[len(package) + 1 :].split(".") if bare != package else []
                return self._descend(self._resolve(_package(folder)), inner)
        return None

    def conftests(self, path: str) -> tuple[Module, ...]:
        """Return the files of fixtures that pytest knows in a file of tests, the nearest first."""
        if not is_of_tests(path):
            return ()
        levels = 1 + self.folder[len(self.root) :].count(os.sep)
        several = (self.find("." * (one + 1) + "conftest") for one in range(levels))
        return tuple(one for one in several if one is not None and one.path != path)

    def packages(self) -> tuple[Module, ...]:
        """Return the packages that a file of the folder is in, the innermost first."""
        found: list[Module] = []
        folder = self.folder
        while len(found) < _MAX_LEVELS and _is_inside(folder, self.root):
            one = _package(folder)
            if not one.path:
                break
            found.append(one)
            folder = os.path.dirname(folder)
        return tuple(found)

    def submodule(self, module: Module, name: str) -> Module | None:
        """Return the module of a name in a package."""
        if not module.folder or not name.isidentifier():
            return None
        entries = _entries(module.folder)
        found: Module | None = None
        if _is("folder", name, module.folder, entries):
            found = _package(os.path.join(module.folder, name))
        file = f"{name}.py"
        if not (found and found.path) and _is("file", file, module.folder, entries):
            name, found = file, Module(os.path.join(module.folder, file), "")
        inner = _entries(found.folder) if found and found.folder else {}
        is_linked = "link" in (entries.get(name), inner.get(_PACKAGE))
        return self._resolve(found) if found and is_linked else found

    def _resolve(self, module: Module) -> Module | None:
        """Return a module where links lead to, ``None`` outside of the project."""
        real = [file_tree.real_path(one) if one else "" for one in module]
        return Module(*real) if all(_is_inside(one, self.root) for one in real if one) else None

    def _descend(self, module: Module | None, parts: list[str]) -> Module | None:
        current = module
        for part in parts:
            current = self.submodule(current, part) if current is not None else None
        return current


def is_of_tests(path: str) -> bool:
    """Return whether pytest gives the functions of a file fixtures, by the file's name."""
    name = os.path.basename(path)
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def layout_of(folder: str) -> Layout:
    """Return the directories of the modules that the files of a folder can import."""
    folder = file_tree.real_path(folder)
    root = _marked_root(folder)
    return _layout_of(folder, root, package_folders(root) if root is not None else ())


@lru_cache(512)
def _layout_of(folder: str, root: str | None, named: tuple[PackageFolder, ...]) -> Layout:
    """Return the same for a project's root, and the folders that its settings name."""
    top = folder  # the folder that holds the outermost package
    for _ in range(_MAX_LEVELS):
        if not _package(top).path:
            break
        top = os.path.dirname(top)
    if root is None:  # nothing but the package itself
        inner = os.path.relpath(folder, top).split(os.sep)[0]
        return Layout(os.path.normpath(os.path.join(top, inner)), folder, (top,))
    places = [(name, file_tree.real_path(os.path.join(root, one))) for name, one in named]
    several = (os.path.join(root, one) for one in _SOURCE_FOLDERS)
    roots = (one for name, one in places if not name)
    bases = [top, *roots, *map(file_tree.real_path, several)]
    inside = (one for one in bases if _is_inside(one, root))
    packages = tuple(one for one in places if one[0] and _is_inside(one[1], root))
    return Layout(root, folder, tuple(dict.fromkeys(inside)), packages)


def has_fixtures(path: str) -> bool:
    """Return whether pytest gives the functions of a file fixtures of a ``conftest.py``."""
    folder = os.path.dirname(os.path.abspath(path))
    return file_tree.is_file(path) and bool(layout_of(folder).conftests(path))


def listed_names(content: Content) -> tuple[str, ...]:
    """Return the names of ``__all__`` as written, which may be modules of the package."""
    listed = _LISTED.search(content.data) if b"__all__" in content.data else None
    return tuple(re.findall(r"\w+", listed[1].decode("latin-1"), re.ASCII)) if listed else ()


@lru_cache(2048)
def _marked_root(folder: str, level: int = 0) -> str | None:
    """Return the nearest folder at or above one that a project begins in."""
    if not _MARKERS.isdisjoint(_entries(folder)):
        return folder
    above = os.path.dirname(folder)
    return _marked_root(above, level + 1) if above != folder and level < _MAX_LEVELS else None


def _entries(folder: str) -> dict[str, file_tree.Entry]:
    """Return the entries of a folder by name, none if it cannot be read."""
    stamp = file_tree.stamp_of(folder)
    return _list_entries(folder, stamp) if stamp else file_tree.entries_in(folder)


@lru_cache(256)
def _list_entries(folder: str, _stamp: file_tree.Stamp) -> dict[str, file_tree.Entry]:
    """Return the same, asked once for each state of the folder."""
    return file_tree.entries_in(folder)


def _is(kind: file_tree.Entry, name: str, folder: str, entries: dict[str, file_tree.Entry]) -> bool:
    """Return whether a name in a folder is a file, or a folder, or a link to such a one."""
    found = entries.get(name)
    if found != "link":
        return found == kind
    path = os.path.join(folder, name)
    return file_tree.is_folder(path) if kind == "folder" else file_tree.is_file(path)


def _package(folder: str) -> Module:
    is_listed = _is("file", _PACKAGE, folder, _entries(folder))
    return Module(os.path.join(folder, _PACKAGE) if is_listed else "", folder)


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
