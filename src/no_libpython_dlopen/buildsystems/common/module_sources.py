"""Tells from the C or C++ sources of a library whether it is an extension module."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.extension_names import defined_modules

#: How many sources of a library are read; a module is seldom made of more.
_MOST = 8
_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".C")


def sources_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first names of sources among some files."""
    return tuple(islice((name for name in names if name.endswith(_SUFFIXES)), _MOST))


def modules_of(sources: Iterable[str]) -> set[str]:
    """Return the names of the modules that some sources define; relative paths are not read.

    The source of an object file is looked for beside it.
    """
    found: set[str] = set()
    for path in islice(sources, _MOST):
        stem, suffix = os.path.splitext(path)
        for each in (path,) if suffix in _SUFFIXES else [stem + one for one in _SUFFIXES]:
            found |= file_tree.once(_modules_in, each)
    return found


def _modules_in(path: str) -> set[str]:
    return defined_modules(text_of(path, errors="replace") or "") if os.path.isabs(path) else set()
