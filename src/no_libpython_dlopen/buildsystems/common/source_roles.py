"""Reads what sources do in C and its kin: define modules, or start an interpreter."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.common.source_files import (
    BINDING_SUFFIXES,
    HEADER_SUFFIXES,
    MOST_ASKED,
    SOURCE_SUFFIXES,
    files_matching,
)
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.module_definitions import Role, defined_modules, role_of
from no_libpython_dlopen.model import analysis

#: A library of more sources is not asked: what defines a module is seldom among many.
_MOST = 8
#: Suffixes of sources in languages in which names are not mangled.
_UNMANGLED = (".c", ".m")
#: What nobody can read, or a generator writes, may define a module.
_GENERATED = Role(embeds=False, may_start=False, starts=False, may_define=True)
NO_ROLE = _GENERATED._replace(may_define=False)
#: An included header of the project; so many are read for one source.
_INCLUDED = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[\"<]([^\"<>\n]{1,200})[\">]", re.MULTILINE)
_MOST_HEADERS = 32
#: Where headers are looked for, from the source and the folders above it.
_HEADER_FOLDERS = ("", "include", "inc", "src", "headers", "lib")
_UP = ("", "..", "../..", "../../..")


def are_few(files: Sequence[object]) -> bool:
    """Return whether there are not too many sources, or object files, to read them."""
    return len(files) <= _MOST


def modules_of(sources: Iterable[str]) -> set[str]:
    """Return the names of the modules that some sources define; paths are absolute or none.

    An ``UNKNOWN_PART`` in a file's name stands for all files of that pattern. The source of an
    object is looked for beside it. There is none if one of the sources starts an interpreter,
    or cannot be read: any could do so. Raises ``LimitReached`` where it takes too long.
    """
    paths: list[str] = []
    for path in (one for one in sources if not one.endswith(BINDING_SUFFIXES)):
        files = [path] if UNKNOWN_PART not in path else file_tree.once(files_matching, path)
        if files is None:
            return set()
        paths += [each for each in files if each not in paths]
    found: set[str] = set()
    for path in paths:
        analysis.check_time()
        defined = file_tree.once(_modules_in, path) if are_few(paths) else None
        if defined is None:
            return set()
        found |= defined
    return found


def _modules_in(path: str) -> frozenset[str] | None:
    """Return the modules that a source defines; ``None`` if it may start an interpreter."""
    for each in _sources_at(path)[:1]:
        if not any(one.role.embeds for one in _with_headers(each)):
            text = text_of(each, errors="replace") or ""
            return frozenset(defined_modules(text, mangled=not each.endswith(_UNMANGLED)))
    return None


def role_of_all(sources: Iterable[str]) -> Role:
    """Return the role of some sources together, as far as they are not too many."""
    with analysis.other_file():
        return join_roles(_roles_of(sources))


def _roles_of(sources: Iterable[str]) -> Iterator[Role]:
    for number, pattern in enumerate(sources):
        files = (
            [pattern] if UNKNOWN_PART not in pattern else file_tree.once(files_matching, pattern)
        )
        if files is None or number >= MOST_ASKED:
            yield _GENERATED
            continue
        for path in files:
            analysis.check_time()
            yield file_tree.once(_role_in, path)


def join_roles(roles: Iterable[Role]) -> Role:
    """Return the role of several files together."""
    return Role(*map(any, zip(NO_ROLE, *roles, strict=True)))


def _role_in(path: str) -> Role:
    """Return the role of a source, with the headers of the project that it includes."""
    paths = _sources_at(path) or [f"{path}.in"]  # the template that the build fills in
    roles = [one.role for each in paths for one in _with_headers(each)]
    if not roles or path.endswith(BINDING_SUFFIXES):
        roles.append(_GENERATED)
    return join_roles(roles)


class _File(NamedTuple):
    """What one file says, and the paths of the headers that it includes."""

    role: Role
    headers: tuple[str, ...]


def _read(path: str) -> _File | None:
    """Return the role of a file, and its headers; ``None`` if it cannot be read."""
    text = text_of(path, errors="replace") if os.path.isabs(path) else None
    if text is None:
        return None
    names = list(dict.fromkeys(_INCLUDED.findall(text)))
    folder = os.path.dirname(path)
    folders = [os.path.join(folder, up, one) for up in _UP for one in _HEADER_FOLDERS]
    headers = (
        next(filter(file_tree.is_file, (os.path.join(one, name) for one in folders)), "")
        for name in names[:_MOST_HEADERS]
    )
    return _File(role_of(text), tuple(os.path.normpath(each) for each in headers if each))


def _sources_at(path: str) -> list[str]:
    """Return the path of a source, or those of which an object may be made, that can be read."""
    stem, suffix = os.path.splitext(path)
    is_source = suffix in (*SOURCE_SUFFIXES, *BINDING_SUFFIXES, *HEADER_SUFFIXES, ".rs")
    asked = [path] if is_source else [stem + one for one in SOURCE_SUFFIXES]
    return [each for each in asked if file_tree.once(_read, each) is not None]


def _with_headers(path: str) -> Iterator[_File]:
    """Yield a source, and the project's headers that it includes, as they were read."""
    waiting, seen = [path], {path}
    while waiting:
        file = file_tree.once(_read, waiting.pop())
        if file is not None:
            yield file
            new = [each for each in file.headers if each not in seen]
            waiting += new[: _MOST_HEADERS - len(seen)]
            seen.update(waiting)
