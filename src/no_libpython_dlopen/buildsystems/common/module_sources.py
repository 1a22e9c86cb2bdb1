"""Asks the sources of a library whether it is an extension module, or starts an interpreter."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.module_definitions import Role, defined_modules, role_of
from no_libpython_dlopen.model import analysis

#: A library of more sources is not asked: what defines a module is seldom among many.
_MOST = 8
#: So many are asked whether they start an interpreter.
_MOST_ASKED = 64
SOURCE_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++", ".CPP", ".cu", ".m", ".mm")
#: Suffixes of what a generator makes a module of, and of what other sources include.
_BINDING_SUFFIXES = (".pyx", ".py", ".i", ".swg", ".pyf", ".sip")
_HEADER_SUFFIXES = (".h", ".hh", ".hpp", ".hxx", ".inc", ".inl")
#: Those of languages in which names are not mangled.
_UNMANGLED = (".c", ".m")
#: What nobody can read, or a generator writes, may define a module.
_GENERATED = Role(embeds=False, may_start=False, starts=False, may_define=True)
NO_ROLE = _GENERATED._replace(may_define=False)
#: Files that name the sources of a Python project's modules; code that searches all depths.
_BUILD_FILES = ("setup.py", "pyproject.toml")
_WALKS = re.compile(r"\brglob\b|\brecursive\b|\bwalk\b|\*\*/")
#: The name of a source as a text of a build file.
_NAMED = re.compile(
    r"[\"']([^\"'\n]{0,200}(?:"
    + "|".join(map(re.escape, (*SOURCE_SUFFIXES, *_BINDING_SUFFIXES)))
    + r"))[\"']"
)
#: A text in C.
_TEXT = re.compile(r"\"([^\"\\\n]{1,200})\"")
#: An included header of the project; so many are read for one source.
_INCLUDED = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[\"<]([^\"<>\n]{1,200})[\">]", re.MULTILINE)
_MOST_HEADERS = 32
#: Where they are looked for, from the source and the folders above it.
_HEADER_FOLDERS = ("", "include", "inc", "src", "headers", "lib")
_UP = ("", "..", "../..", "../../..")
#: A folder in the pattern of a path that stands for those at any depth.
RECURSIVE = "**"
_RECURSIVE = RECURSIVE.replace("*", UNKNOWN_PART)
#: So many folders are looked into for the files of one pattern.
_MOST_FOLDERS = 64
#: So many names in one are asked whether they are folders; these endings are those of files.
_MOST_NAMES = 200
_FILE_SUFFIXES = (*SOURCE_SUFFIXES, *_HEADER_SUFFIXES, ".o", ".py", ".txt", ".cmake")
#: A pattern of more parts takes long to be compared with a name.
_MOST_PARTS = 2


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A text's note that it stands for all files whose names match a pattern."""

    text: str


def sources_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first names of sources among some files, one more than are asked."""
    asked = (*SOURCE_SUFFIXES, *_BINDING_SUFFIXES)
    return tuple([name for name in names if name.endswith(asked)][: _MOST_ASKED + 1])


def are_few(files: Sequence[object]) -> bool:
    """Return whether there are not too many sources, or object files, to read them."""
    return len(files) <= _MOST


def modules_of(sources: Iterable[str]) -> set[str]:
    """Return the names of the modules that some sources define; paths are absolute or none.

    A ``UNKNOWN_PART`` in a file's name stands for all files of that pattern. The source of an
    object is looked for beside it. There is none if one of the sources starts an interpreter,
    or cannot be read: any could do so. Raises ``LimitReached`` where it takes too long.
    """
    paths: list[str] = []
    for path in (one for one in sources if not one.endswith(_BINDING_SUFFIXES)):
        files = [path] if UNKNOWN_PART not in path else file_tree.once(_files_of, path)
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


class Hosting(Enum):
    """Whether a library runs an interpreter for a program without one.

    It ``MAY`` where it starts one and could be a module as well, and ``DOES`` where no source
    defines a module.
    """

    NOT = "not"
    MAY = "may"
    DOES = "does"


def host_kind(sources: Iterable[str], parts: Iterable[Iterable[str]] = ()) -> Hosting:
    """Return whether a library of these sources starts an interpreter.

    The sources are paths as for ``modules_of``, ``parts`` those of archives and objects that it may
    link into itself. A source that cannot be read starts none, but may define a module. Beyond a
    limit the answer is ``NOT``, and the limit is noted.
    """
    with analysis.until_limit():
        return host_kind_of_roles(role_of_all(sources), map(role_of_all, parts))
    return Hosting.NOT


def host_kind_of_roles(own: Role, parts: Iterable[Role]) -> Hosting:
    """Return the same by the roles of a library's own sources and of the parts that it links."""
    if own.may_start and own.may_define:
        return Hosting.MAY
    every = (own, *parts)
    if own.starts and not any(one.may_define for one in every):
        return Hosting.DOES
    return Hosting.MAY if any(one.may_start for one in every) else Hosting.NOT


def role_of_all(sources: Iterable[str]) -> Role:
    """Return the role of some sources together, as far as they are not too many."""
    roles: list[Role] = []
    for number, pattern in enumerate(sources):
        files = [pattern] if UNKNOWN_PART not in pattern else file_tree.once(_files_of, pattern)
        if files is None or number >= _MOST_ASKED:
            roles.append(_GENERATED)
            continue
        for path in files:
            analysis.check_time()
            roles.append(file_tree.once(_role_in, path))
    return join_roles(roles)


def join_roles(roles: Iterable[Role]) -> Role:
    """Return the role of several files together."""
    return Role(*map(any, zip(NO_ROLE, *roles, strict=True)))


def join(answers: Iterable[Hosting]) -> Hosting:
    """Return the answer of several libraries: ``MAY`` if they differ."""
    found = set(answers)
    return found.pop() if len(found) == 1 else Hosting.MAY if found else Hosting.NOT


def _role_in(path: str) -> Role:
    """Return the role of a source, with the headers of the project that it includes."""
    paths = _sources_at(path) or [f"{path}.in"]  # of which the build makes it
    roles = [one.role for each in paths for one in _with_headers(each)]
    if not roles or path.endswith(_BINDING_SUFFIXES):
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
    is_source = suffix in (*SOURCE_SUFFIXES, *_BINDING_SUFFIXES, *_HEADER_SUFFIXES, ".rs")
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


def sources_named_in(text: str) -> list[str]:
    """Return the names of sources, or their patterns, that are written as texts in a build file."""
    return [name.replace("*", UNKNOWN_PART) for name in _NAMED.findall(text)]


def files_of(path: str) -> list[str]:
    """Return the file at a path, or those that a pattern matches, if there are any."""
    if UNKNOWN_PART in path:
        return file_tree.once(_files_of, path) or []
    return [path] if file_tree.is_file(path) else []


def named_sources(folder: str, text: str) -> set[str]:
    """Return the sources that a build file in a folder names; all below it if none is found."""
    found: set[str] = set()
    for name in sources_named_in(text):
        found.update(files_of(os.path.normpath(os.path.join(folder, name))))
        if not found:
            found.update(files_below(folder, name))
    return found if found and not _WALKS.search(text) else found | set(files_below(folder))


def may_host_project(folder: str) -> bool:
    """Return whether a source that a Python project's build files name starts an interpreter."""
    for at in (folder, os.path.dirname(folder), os.path.dirname(os.path.dirname(folder))):
        texts = [text_of(os.path.join(at, one), errors="replace") for one in _BUILD_FILES]
        if any(text is not None for text in texts):
            known = "\n".join(text for text in texts if text is not None)
            return host_kind(sorted(named_sources(at, known))) is not Hosting.NOT
    return False


def files_below(folder: str, end: str = "") -> list[str]:
    """Return the files below a folder whose path ends so, or all sources in C and C++ there.

    Only the first folders are searched.
    """
    found: list[str] = []
    folders = [folder]
    for at in folders:
        analysis.check_time()
        names = [end] if end else [n for n in file_tree.names_in(at) if n.endswith(SOURCE_SUFFIXES)]
        found += [path for name in names for path in files_of(os.path.normpath(f"{at}/{name}"))]
        inner = [each for each in file_tree.names_in(at) if not each.endswith(_FILE_SUFFIXES)]
        paths = [os.path.join(at, each) for each in inner[:_MOST_NAMES] if each[:1] != "."]
        folders += filter(file_tree.is_folder, paths[: _MOST_FOLDERS - len(folders)])
    return found


def programs_that_open(folder: str, module: str) -> Iterator[str]:
    """Yield the sources below a folder of programs without Python that open a module by its name."""
    name = module.rpartition("/")[2]
    stem = name.partition(".")[0] if ".so" in name else name.rpartition(".")[2]
    opened = re.compile(rf"(?:.*/)?(?:lib)?{re.escape(stem)}(?:\.[\w.-]+)?")
    for path in files_below(folder) if stem else ():
        if any(map(opened.fullmatch, file_tree.once(_names_in_opener, path))):
            yield path


def _names_in_opener(path: str) -> frozenset[str]:
    """Return the texts of a source that opens libraries and has nothing to do with Python."""
    text = text_of(path, errors="replace") or ""
    if "dlopen" not in text or "Python.h" in text or role_of(text).embeds:
        return frozenset()
    return frozenset(_TEXT.findall(text))


def _files_of(pattern: str) -> list[str] | None:
    """Return the files that a pattern matches; ``None`` if they are too many, or not known."""
    folder, _, name = pattern.rpartition("/")
    is_deep = folder.endswith(f"/{_RECURSIVE}")
    folders = [folder.removesuffix(f"/{_RECURSIVE}")]
    if UNKNOWN_PART in folders[0] or name.count(UNKNOWN_PART) > _MOST_PARTS:
        return None
    if not set("?[").isdisjoint(pattern):
        return None
    parts = map(re.escape, name.split(UNKNOWN_PART))
    fits = re.compile(".*".join(parts)).fullmatch
    found: list[str] = []
    for at in folders:
        analysis.check_time()
        names = file_tree.names_in(at)
        found += [os.path.join(at, each) for each in names if fits(each)]
        if is_deep:
            inner = [os.path.join(at, each) for each in names if not each.endswith(_FILE_SUFFIXES)]
            if len(inner) > _MOST_NAMES:
                return None
            folders += [each for each in inner if file_tree.is_folder(each)]
        if len(found) > _MOST_ASKED or len(folders) > _MOST_FOLDERS:
            return None
    return found
