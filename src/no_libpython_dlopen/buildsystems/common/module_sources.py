"""Asks the sources of a library in C or C++ whether it is an extension module."""

from __future__ import annotations

import os
from collections.abc import Iterable

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.extension_names import defined_modules, starts_interpreter
from no_libpython_dlopen.model import analysis

#: A library of more sources is not asked: what defines a module is seldom among many.
_MOST = 8
_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".C")


def sources_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first names of sources among some files, one more than are asked."""
    return tuple([name for name in names if name.endswith(_SUFFIXES)][: _MOST + 1])


def modules_of(sources: Iterable[str]) -> set[str]:
    """Return the names of the modules that some sources define; paths are absolute or none.

    The source of an object is looked for beside it. There is none if one of the sources starts
    an interpreter, or cannot be read: any could do so. Raises ``LimitReached`` where it takes
    too long.
    """
    paths = list(sources)
    found: set[str] = set()
    for path in paths:
        analysis.check_time()
        defined = file_tree.once(_modules_in, path) if len(paths) <= _MOST else None
        if defined is None:
            return set()
        found |= defined
    return found


def _modules_in(path: str) -> frozenset[str] | None:
    """Return the modules that a source defines; ``None`` if it may start an interpreter."""
    stem, suffix = os.path.splitext(path)
    for each in (path,) if suffix in _SUFFIXES else [stem + one for one in _SUFFIXES]:
        text = text_of(each, errors="replace") if os.path.isabs(each) else None
        if text is not None:
            return None if starts_interpreter(text) else frozenset(defined_modules(text))
    return None
