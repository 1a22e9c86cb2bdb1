"""Tells from bytes whether a file and what it imports from its project may open libpython.

A load takes a loader's word and libpython's name. Where a file lacks one of them, it is worth an
analysis only if a module of its project, which it imports or which that one imports in turn, has
it by the same measure. Modules further away, or larger, are not asked, nor do they count in the
analysis.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
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
#: What is imported, and what stands before that in the line: a module's name, or another statement.
_IMPORT = re.compile(rb"import\b[ \t]*(\([^)]*\)|(?:[^\r\n\\;#]|\\\r?\n)*)")
_FROM = re.compile(rb"[ \t\f]*from\s+([.\w]+)\s*\Z")
_BEFORE = re.compile(rb"(?:^|[;:\n\r]|>>>|\.\.\.)[ \t\f]*(?:from\s*([.\w]+)(?:\s|\\\r?\n)*)?\Z")
#: A statement's beginning is not further before its ``import``.
_LONGEST_NAME = 200


class _Digest(NamedTuple):
    """What a module's bytes tell: whether it may name libpython or call a loader, and its imports."""

    names_libpython: bool
    calls_loader: bool
    imports: tuple[tuple[str, tuple[str, ...]], ...]


_NOTHING = _Digest(False, False, ())


def is_on_disk(path: str) -> bool:
    """Return whether a Python file of this path has neighbours to import from."""
    return kind_of(path) in (None, Kind.PYTHON) and file_tree.is_file(path)


def leads_to_load(path: str, data: bytes, *, calls: bool = False, names: bool = False) -> bool:
    """Return whether a file, with the modules it imports, may call a loader and name libpython.

    ``calls`` and ``names`` tell whether the file's own bytes do one of both.
    """
    for _, digest in _imported_digests(path, data):
        calls = calls or digest.calls_loader
        names = names or digest.names_libpython
        if calls and names:
            return True
    return calls and names


def is_of_use(path: str) -> bool:
    """Return whether a module, or one that it imports, may call a loader or name libpython."""
    digests = ((one, _digest(one)) for one in reached_modules(path))
    return any(one.calls_loader or one.names_libpython or _names_link(at) for at, one in digests)


def leads_to_link(path: str, data: bytes) -> bool:
    """Return whether a module that a build script imports may name libpython to a linker."""
    return any(_names_link(at) for at, _ in _imported_digests(path, data))


def _imported_digests(path: str, data: bytes) -> Iterator[tuple[str, _Digest]]:
    """Yield the modules that a file imports, and that those import, the nearest first."""
    if is_on_disk(path):
        for one in _nearest(path, _paths(path, _imports(data))):
            yield one, _digest(one)


def reached_modules(path: str) -> Iterator[str]:
    """Yield a module's path, and those of the modules that it leads to, the nearest first."""
    yield path
    yield from _nearest(path, file_tree.once(_imported_by, path))


def _nearest(path: str, level: tuple[str, ...]) -> Iterator[str]:
    """Yield modules and what they import in turn, without the one that they begin with."""
    seen = {file_tree.real_path(path)}
    for _ in range(_MAX_DEPTH):
        following: list[str] = []
        for module in level:
            if module in seen:
                continue
            seen.add(module)
            if len(seen) > _MAX_MODULES:
                return
            yield module
            following += file_tree.once(_imported_by, module)
        level = tuple(following)


def _imported_by(path: str) -> tuple[str, ...]:
    """Return the paths of the modules that a module imports."""
    return _paths(path, _digest(path).imports)


def _paths(path: str, imports: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    """Return the paths of what a file of this path imports from its project."""
    layout = layout_of(os.path.dirname(os.path.abspath(path)))
    found = (one for name, members in imports for one in _imported_modules(layout, name, members))
    return tuple(dict.fromkeys(one.path for one in found if one.path))


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
    for match in _IMPORT.finditer(data):
        start, first = match.start(), max(match.start() - _LONGEST_NAME, 0)
        before = _FROM.match(data, data.rfind(b"\n", first, start) + 1, start)
        before = before or _BEFORE.search(data[first:start])
        if before is None:
            continue
        if before[1]:
            words = re.findall(rb"\w+", match[1])
            names = tuple(dict.fromkeys(one.decode("latin-1") for one in words))
            found[before[1].decode("latin-1"), names or ("*",)] = None
        else:
            for one in match[1].split(b","):
                name = one.split()[:1]
                if name:
                    found[name[0].decode("latin-1"), ()] = None
    return tuple(found)


def _digest(path: str) -> _Digest:
    stamp = file_tree.stamp_of(path)
    return _digest_of(path, stamp) if stamp else _NOTHING


@lru_cache(4096)
def _digest_of(path: str, stamp: file_tree.Stamp) -> _Digest:
    """Return a module's digest, made once for each state of its file."""
    if stamp[1] > MAX_BYTES:
        return _NOTHING
    try:
        data = file_tree.read_file(path, MAX_BYTES)
    except OSError:
        return _NOTHING
    content = prefilter.Content(data)
    names_libpython = prefilter.may_name_libpython(content)
    return _Digest(names_libpython, prefilter.may_give_loader(content), _imports(data))


def names_libpython(path: str) -> bool:
    """Return whether a module may name libpython by itself."""
    return _digest(path).names_libpython


def calls_loader(path: str) -> bool:
    """Return whether a module may call a loader by itself."""
    return _digest(path).calls_loader


def _names_link(path: str) -> bool:
    """Return whether a module may name libpython to a linker."""
    stamp = file_tree.stamp_of(path)
    return stamp is not None and _names_link_of(path, stamp)


@lru_cache(1024)
def _names_link_of(path: str, stamp: file_tree.Stamp) -> bool:
    try:
        data = file_tree.read_file(path, MAX_BYTES) if stamp[1] <= MAX_BYTES else b""
    except OSError:
        return False
    strings = prefilter.Content(data).strings
    return strings is not None and strings.may_name_libpython(linked=True)
