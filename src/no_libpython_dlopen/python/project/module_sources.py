"""The sources of a project's modules, and what their bytes tell before they are parsed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.byte_search import contains_any
from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.platforms import System, others_named
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.limits import PYTHON_IMPORT_BYTES
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.import_tables import WINDOWS_ONLY
from no_libpython_dlopen.python.prefilter import (
    Content,
    may_give_loader,
    may_hand_part,
    may_hold_program,
    may_name_libpython,
    may_name_link,
    runs_program,
)
from no_libpython_dlopen.python.project.import_graph import ask, imported_modules, reached_modules
from no_libpython_dlopen.python.syntax.parse_ast import parse_source

#: What Python's modules have on some platforms only, and modules of other platforms.
_NOT_EVERYWHERE = "|".join(sorted(name for _, name in platforms.ABSENT | platforms.PRESENT))
_FOREIGN_MODULES = "|".join(sorted(WINDOWS_ONLY))
#: One of these is in every module that tells platforms apart, or names one.
_PLATFORM = re.compile(
    rb"platform|uname|os\.name|system|TYPE_CHECKING|termux|/data/(?:data|app)/|ntpath|posixpath"
    rb"|sep\b|\.(?:exe|pyd)\b"
    rb"|[\"'](?:win32|[Ww]indows|[Dd]arwin|nt|cygwin|[Aa]ndroid|linux|%b|%b)[\"'.]"
    rb"|(?:from|import)\s+(?:%b)\b|com\.chaquo|[\"'](?:%b)"
    % (
        *(_NOT_EVERYWHERE.encode(), _FOREIGN_MODULES.encode(), _FOREIGN_MODULES.encode()),
        "|".join(platforms.FOREIGN_ENVIRONMENT).encode(),
    )
)

_DEFINED = re.compile(rb"\bdef[\s\\]+(\w+)")
#: The names of methods of texts, numbers and collections.
BUILTIN_METHODS = frozenset(
    name
    for kind in (str, bytes, int, tuple, list, dict, set)
    for name in dir(kind)
    if not name.startswith("_")
)
#: What may give a name to something of the module.
_BOUND = re.compile(
    rb"\b(?:def|class|as|for)\s+(\w+)|\b(\w+)\b\s*(?::|=(?!=))|[\"'](\w+)[\"']|^\s*(\w+)\b\s*,",
    re.MULTILINE,
)
#: A test of the platform, with something under it that ends the module.
_ENDING = re.compile(
    rb"^if\b[^\n]*(?:platform|os\.name|system)[^\n]*:[^\n]*\n(?:[ \t]+[^\n]*\n){0,4}?"
    rb"[ \t]+(?:raise\b|(?:sys\.)?exit\()",
    re.MULTILINE,
)


@lru_cache(8)
def _source_of(path: str, _stamp: file_tree.Stamp) -> Source:
    """Return the source of a module, with the trees made of it, for several files of a run."""
    return Source(path, Kind.PYTHON, file_tree.read_file(path, PYTHON_IMPORT_BYTES))


def read_source(path: str) -> Source | None:
    """Return the source of a module, ``None`` if it cannot be read."""
    stamp = file_tree.stamp_of(path)
    try:
        return _source_of(path, stamp) if stamp else None
    except OSError:
        return None


def read_tree(path: str) -> ast.Module | None:
    """Return the tree of a module, ``None`` if it cannot be read or parsed."""
    source = read_source(path) if path.endswith((".py", ".pyw")) else None
    try:
        tree = parse_source(source) if source is not None else None
    except NolibpyError:
        return None
    return tree if isinstance(tree, ast.Module) else None


def may_tell_platform(path: str) -> bool:
    """Return whether a module's text could tell platforms apart."""
    return ask(_may_tell_platform, path)


def may_end_early(path: str) -> bool:
    """Return whether a module could end on some platforms when it is imported."""
    return bool(path) and ask(_may_end_early, path)


def _may_end_early(content: Content) -> bool:
    return b"\nif " in content.data and _ENDING.search(content.data) is not None


def may_change_tests(path: str) -> bool:
    """Return whether a module could skip tests, or replace something for them."""
    return bool(path) and ask(_may_change_tests, path)


def _may_change_tests(content: Content) -> bool:
    return contains_any(content.data, (b"skip", b"patch", b"setattr"))


def getters(content: Content) -> frozenset[str] | None:
    """Return the names of functions that may be properties, ``None`` for a property of any name."""
    if b"__getattr__" in content.data:
        return None
    found = _DEFINED.findall(content.data) if b"property" in content.data else ()
    return frozenset(one.decode() for one in found)


def bound_methods(content: Content) -> frozenset[str]:
    """Return the names in ``BUILTIN_METHODS`` that a module may give to something of its own.

    A call of a method, as in ``name.replace(a, b)``, gives its name to nothing.
    """
    found = frozenset(map(b"".join, _BOUND.findall(content.data)))
    return BUILTIN_METHODS.intersection(one.decode() for one in found)


def other_systems(path: str) -> frozenset[System]:
    """Return which systems besides Linux and macOS a module's text has the names of."""
    return ask(_other_systems, path)


def _other_systems(content: Content) -> frozenset[System]:
    return others_named(content.data.decode(errors="replace"))


def may_hand_on_platform(path: str) -> bool:
    """Return whether a module, or one that it imports itself, could tell platforms apart."""
    return _may_hand_on(path, _may_tell_platform)


def _may_hand_on(path: str, question: Callable[[Content], bool]) -> bool:
    """Return the answer for a module, or for one that it imports itself."""
    return any(ask(question, one) for one in (path, *imported_modules(path)))


def _may_tell_platform(content: Content) -> bool:
    return _PLATFORM.search(content.data) is not None


def is_of_use(path: str) -> bool:
    """Return whether a module, or one that it imports, may have a part in opening libpython."""
    questions = (
        *(may_give_loader, may_name_libpython, may_name_link),
        *(runs_program, may_hold_program),
    )
    return any(
        ask(one, module) for module in reached_modules(path) for one in questions
    ) or _may_hand_on(path, may_hand_part)
