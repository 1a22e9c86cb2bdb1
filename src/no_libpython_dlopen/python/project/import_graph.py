"""Finds the modules that a Python file's imports lead to, from bytes alone.

A question about a module's bytes is answered once for each state of its file. Modules further
away than ``PYTHON_IMPORT_DEPTH``, or larger than ``PYTHON_IMPORT_BYTES``, are not followed, and
that is not reported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate, islice
from typing import TypeVar

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.byte_search import contains_any
from no_libpython_dlopen.model import limits
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.project.layout import (
    Layout,
    Module,
    is_of_tests,
    layout_of,
    listed_names,
)
from no_libpython_dlopen.python.syntax.module_names import absolute_name

T = TypeVar("T")
#: A question about a module's bytes.
_Question = Callable[[prefilter.Content], T]
#: A module's name as it is written, and the names that are taken from it.
Import = tuple[str, tuple[str, ...]]
#: What is imported, and what stands before that in the line: a module's name, or another statement.
_IMPORT = re.compile(
    r"(?<!\w)import\b[ \t]*(?:(?=(\((?:[^()#]+|#.*)*))|([^\r\n\\;#]*(?:\\\r?\n[^\r\n\\;#]*)*))",
    re.ASCII,
)
_BEFORE = re.compile(
    r"(?:^|[;:\n\r]|>>>|\.\.\.)[ \t\f]*(?:from\s*([.\w]+)(?:\s|\\\r?\n)*)?\Z", re.ASCII
)
#: The beginning of a call that imports, and the module that the call names, perhaps in a package.
_IMPORT_BY_CALL = {
    f"{one}(": re.compile(
        rf"{one}\(\s*(?:name\s*=\s*)?[\"']([.\w]+)[\"']"
        r"(?:\s*,\s*(?:package\s*=\s*)?[\"']([.\w]+)[\"'])?",
        re.ASCII,
    )
    for one in ("import_module", "__import__")
}
#: The same of a call that adds to Python's path; the texts in it together name a directory.
_ADDED = {
    b"sys.path.": re.compile(rb"sys(?<!\wsys)\.path\.(?:insert|append|extend)\(([^\r\n]{0,300})"),
    b"addsitedir(": re.compile(rb"addsitedir\(([^\r\n]{0,300})"),
}
_FOLDER = re.compile(rb"[\"']([\w./ -]+)[\"']", re.ASCII)
#: The variable that names modules with fixtures for pytest, and the names in it.
_PLUGINS = re.compile(
    rb"^pytest_plugins\b[^=\n]{0,80}=\s*([\[({][^\])}]{0,2000}|[^\n]*)", re.MULTILINE
)
_PLUGIN = re.compile(rb"[\"']([\w.]+)[\"']", re.ASCII)
#: More modules are not searched: then any attribute of an object may open something.
_MOST_REACHED = 300
#: The beginning of a statement is at most this far before its ``import``.
_LONGEST_NAME = 200


def is_on_disk(path: str) -> bool:
    """Return whether a Python file of this path has neighbours to import from."""
    importing = (None, Kind.PYTHON, Kind.PATH_CONFIGURATION, Kind.NOTEBOOK)
    return kind_of(path) in importing and file_tree.is_file(path)


def ask(question: _Question[T], path: str) -> T:
    """Return the answer that a module's bytes give, found once for each state of its file."""
    answer: T = _answer(question, path, file_tree.stamp_of(path))
    return answer


@lru_cache(8192)
def _answer(question: _Question[T], path: str, stamp: file_tree.Stamp | None) -> T:
    return question(_content(path, stamp))


@lru_cache(32)
def _content(path: str, stamp: file_tree.Stamp | None) -> prefilter.Content:
    """Return a module's bytes; several questions about them follow one another."""
    return prefilter.Content(read_module(path) or b"" if stamp is not None else b"")


def read_module(path: str) -> bytes | None:
    """Return a module's bytes, ``None`` if it is too large or cannot be read."""
    try:
        return file_tree.read_file(path, limits.PYTHON_IMPORT_BYTES)
    except OSError:
        return None


def layout_of_file(path: str) -> Layout:
    """Return the directories of the modules that a file can import, with those that it adds."""
    return _layout_with(path, ask(_added_folders, path))


def layout_of_source(source: Source) -> Layout:
    """Return the same directories for a checked file, by the code that it holds."""
    return source.derive(_layout_of_code)


def _layout_of_code(source: Source) -> Layout:
    return _layout_with(source.path, _added_folders(prefilter.Content(source.code_bytes)))


def modules_of_source(source: Source) -> tuple[str, ...]:
    """Return the paths of the modules that a checked file imports itself."""
    return source.derive(_modules_of_code)


def _modules_of_code(source: Source) -> tuple[str, ...]:
    return direct_imports(source.path, prefilter.Content(source.code_bytes))


def _added_folders(content: prefilter.Content) -> tuple[str, ...]:
    """Return the folders that a file adds to Python's path, as far as texts name them."""
    calls = [
        call
        for one in _ADDED
        if contains_any(content.data, (one,))
        for call in _ADDED[one].findall(content.data)
    ]
    several = (b"/".join(_FOLDER.findall(one)).decode("ascii") for one in calls)
    return tuple(dict.fromkeys(one for one in several if one.strip("./ ")))


def _layout_with(path: str, added: tuple[str, ...]) -> Layout:
    """Return a file's layout with folders that are below its own, or below one above it."""
    layout = layout_of(os.path.dirname(os.path.abspath(path)))
    inside, bases = layout.root + os.sep, dict.fromkeys(layout.bases)
    levels = 1 + layout.folder[len(layout.root) :].count(os.sep)
    for one in added:
        above = (os.path.join(layout.folder, "../" * level, one) for level in range(levels))
        places = (place for place in map(os.path.normpath, above) if place.startswith(inside))
        real = (file_tree.real_path(place) for place in places if file_tree.is_folder(place))
        bases.update((place, None) for place in islice(real, 1) if place.startswith(inside))
    return layout._replace(bases=tuple(bases))


def all_imports(path: str, content: prefilter.Content) -> Iterator[str]:
    """Yield the modules that a file imports, and that those import, the nearest first."""
    if is_on_disk(path):
        yield from _walk_imports(path, direct_imports(path, content))


def direct_imports(path: str, content: prefilter.Content) -> tuple[str, ...]:
    """Return the paths of the modules that a file imports itself."""
    return _paths(path, _layout_with(path, _added_folders(content)), _imports(content))


def reached_modules(path: str) -> Iterator[str]:
    """Yield a module's path, and those of the modules that it leads to, the nearest first."""
    yield path
    yield from _walk_imports(path, imported_modules(path))


def imported_modules(path: str) -> tuple[str, ...]:
    """Return the paths of the modules that a module imports itself."""
    return file_tree.once(_paths_of_imports, path)


def leads_to_any(test: Callable[[str], bool], imported: tuple[str, ...]) -> bool:
    """Return whether a test holds of modules, or of what they import at any distance.

    If these are too many, it is taken to hold.
    """
    several = list(dict.fromkeys(imported))
    seen = set(several)
    for module in several:  # which grows meanwhile
        if len(several) > _MOST_REACHED or test(module):
            return True
        more = [one for one in imported_modules(module) if one not in seen]
        seen.update(more)
        several += more
    return False


def _walk_imports(path: str, imported: tuple[str, ...]) -> Iterator[str]:
    """Yield modules and what they import in turn, without the one that they begin with."""
    seen = {file_tree.real_path(path)}
    todo = [(one, 1) for one in imported]
    for module, depth in todo:  # which grows meanwhile
        if module in seen:
            continue
        if len(seen) == limits.PYTHON_IMPORTED:
            return
        seen.add(module)
        yield module
        if depth < limits.PYTHON_IMPORT_DEPTH:
            todo += ((one, depth + 1) for one in imported_modules(module))


def _paths_of_imports(path: str) -> tuple[str, ...]:
    """Return the paths of the modules that a module imports."""
    return _paths(path, layout_of_file(path), ask(_imports, path))


def _paths(path: str, layout: Layout, imports: tuple[Import, ...]) -> tuple[str, ...]:
    """Return the paths of what a file of this path imports from its project."""
    found = (one for name, members in imports for one in _imported_modules(layout, name, members))
    several = (*found, *fixture_modules(layout, path))
    return tuple(dict.fromkeys(one.path for one in several if one.path))


def fixture_modules(layout: Layout, path: str) -> tuple[Module, ...]:
    """Return the modules whose fixtures pytest knows in a file of tests, the nearest first."""
    plugins = (layout.find(one) for one in plugin_names(layout, path))
    return (*layout.conftests(path), *(one for one in plugins if one is not None))


def plugin_names(layout: Layout, path: str) -> tuple[str, ...]:
    """Return the modules that ``pytest_plugins`` of a test file, and of its ``conftest.py``, names."""
    several = (path, *(one.path for one in layout.conftests(path))) if is_of_tests(path) else ()
    return tuple(dict.fromkeys(name for one in several for name in ask(_plugins, one)))


def _plugins(content: prefilter.Content) -> tuple[str, ...]:
    found = _PLUGINS.search(content.data) if b"pytest_plugins" in content.data else None
    return tuple(one.decode() for one in _PLUGIN.findall(found[1])) if found else ()


def _imported_modules(layout: Layout, name: str, members: tuple[str, ...]) -> list[Module]:
    """Return the modules that an import reaches, those among the names it imports included."""
    module = layout.find(name)
    if module is None:
        return []
    if members == ("*",) and module.folder and module.path:
        members = ("*", *ask(listed_names, module.path))
    inner = [layout.submodule(module, one) for one in members] if module.folder else []
    # ``import package.module`` gives the package, too.
    outer = () if members else map(layout.find, accumulate(name.split(".")[:-1], "{}.{}".format))
    return [one for one in (module, *inner, *outer) if one is not None]


def _imports(content: prefilter.Content) -> tuple[Import, ...]:
    """Return the modules that a file imports as written, each with the names taken from it."""
    text = content.data.decode("latin-1")
    found: dict[Import, None] = {}
    start = -1
    while (start := text.find("import", start + 1)) >= 0:  # ten times as fast as the pattern alone
        match = _IMPORT.match(text, start)
        before = match and _BEFORE.search(text, _line_before(text, start), start)
        if not match or not before:
            continue
        if before[1]:
            names = dict.fromkeys(re.findall(r"\w+", match[1] or match[2], re.ASCII))
            found[before[1], tuple(names) or ("*",)] = None
        else:
            parts = (match[2] or "").split(",")
            names = dict.fromkeys(one.split()[0] for one in parts if one.strip())
            found.update(((one, ()), None) for one in names)
    for call, pattern in _IMPORT_BY_CALL.items():
        if call in text:
            for name, package in pattern.findall(text):
                is_inner = name.startswith(".") and package
                found[absolute_name(name, package) if is_inner else name, ()] = None
    return tuple(found)


def _line_before(text: str, at: int) -> int:
    """Return the start of the line of a place, with the lines that it continues."""
    first, start = max(at - _LONGEST_NAME, 0), at
    while (start := text.rfind("\n", first, start)) >= 0:
        if not text[max(start - 2, 0) : start].rstrip("\r").endswith("\\"):
            return start
    return first
