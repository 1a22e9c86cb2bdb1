"""Tells from bytes whether a file imports what spells libpython in another file of the project.

A file with a loader's word and without libpython's name is worth an analysis only if a module
of its project, which it imports or which that one imports in turn, may name libpython by the
same measure. Modules further away, or larger, are not asked, nor do they count in the analysis.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import NamedTuple

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.project.layout import Layout, Module, layout_of

#: Larger modules are not read: names are not kept there.
MAX_BYTES = 64_000
#: Modules that are imported by those that are imported.
_MAX_DEPTH = 3
#: Modules that are asked for one file.
_MAX_MODULES = 60
_IMPORT = re.compile(
    rb"\bfrom\s*([.\w]+?)\s*\bimport\b\s*(\([^)]*\)|(?:[^\r\n\\]|\\\r?\n)*)|\bimport\s+([^\r\n;#]+)"
)


class _Digest(NamedTuple):
    """What a module's bytes tell: whether it may name libpython, and what it imports."""

    names_libpython: bool
    imports: tuple[tuple[str, tuple[str, ...]], ...]


def is_on_disk(path: str) -> bool:
    """Return whether a Python file of this path has neighbours to import from."""
    return kind_of(path) in (None, Kind.PYTHON) and file_tree.is_file(path)


def imports_libpython_name(path: str, data: bytes) -> bool:
    """Return whether a file's imports lead to a module of its project that may name libpython."""
    if not is_on_disk(path):
        return False
    layout = layout_of(os.path.dirname(os.path.abspath(path)))
    level = [(layout, one) for one in _imports(data)]
    seen = {file_tree.real_path(path)}
    for _ in range(_MAX_DEPTH):
        following = []
        for here, (name, members) in level:
            for module in _imported_modules(here, name, members):
                if not module.path or module.path in seen:
                    continue
                seen.add(module.path)
                if len(seen) > _MAX_MODULES:
                    return False
                digest = _digest(module.path)
                if digest.names_libpython:
                    return True
                folder = layout_of(os.path.dirname(module.path))
                following += [(folder, one) for one in digest.imports]
        level = following
    return False


def may_give_libpython_name(path: str, data: bytes) -> bool:
    """Return whether a module, or what it imports, may name libpython."""
    return _digest(path).names_libpython or imports_libpython_name(path, data)


def _imported_modules(layout: Layout, name: str, members: tuple[str, ...]) -> list[Module]:
    """Return the modules that an import reaches, those among the names it imports included."""
    module = layout.find(name)
    if module is None:
        return []
    inner = (layout.submodule(module, member) for member in members) if module.folder else ()
    found = [module, *(one for one in inner if one is not None)]
    if not members:  # ``import package.module`` gives the package
        parents = name.split(".")[:-1]
        outer = (layout.find(".".join(parents[: end + 1])) for end in range(len(parents)))
        found += [one for one in outer if one is not None]
    return found


def _imports(data: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the modules that a file imports as written, each with the names taken from it."""
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for base, members, several in _IMPORT.findall(data):
        if base:
            words = re.findall(rb"\w+", members)
            names = tuple(dict.fromkeys(one.decode("latin-1") for one in words))
            found[base.decode("latin-1"), names or ("*",)] = None
        else:
            for one in several.split(b","):
                name = one.split()[:1]
                if name:
                    found[name[0].decode("latin-1"), ()] = None
    return tuple(found)


def _digest(path: str) -> _Digest:
    stamp = file_tree.stamp_of(path)
    return _digest_of(path, stamp) if stamp else _Digest(False, ())


@lru_cache(4096)
def _digest_of(path: str, stamp: file_tree.Stamp) -> _Digest:
    """Return a module's digest, made once for each state of its file."""
    if stamp[1] > MAX_BYTES:
        return _Digest(False, ())
    try:
        data = file_tree.read_file(path, MAX_BYTES)
    except OSError:
        return _Digest(False, ())
    return _Digest(prefilter.may_name_libpython(prefilter.Content(data)), _imports(data))
