"""Asks the sources of a library in C or C++ whether it is an extension module."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.module_definitions import defined_modules, starts_interpreter
from no_libpython_dlopen.model import analysis

#: A library of more sources is not asked: what defines a module is seldom among many.
_MOST = 8
SOURCE_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++", ".CPP", ".cu", ".m", ".mm")
#: Those of languages in which names are not mangled.
_UNMANGLED = (".c", ".m")
#: An included header of the project; so many are read for one source.
_INCLUDED = re.compile(r"^[ \t]*#[ \t]*include[ \t]*\"([^\"\n]{1,200})\"", re.MULTILINE)
_MOST_HEADERS = 32
#: A folder in the pattern of a path that stands for those at any depth.
RECURSIVE = "**"
_RECURSIVE = RECURSIVE.replace("*", UNKNOWN_PART)
#: So many folders are looked into for the files of one pattern.
_MOST_FOLDERS = 64
#: So many names in one are asked whether they are folders; these endings are those of files.
_MOST_NAMES = 200
_FILE_SUFFIXES = (*SOURCE_SUFFIXES, ".h", ".hpp", ".hh", ".hxx", ".o", ".py", ".txt", ".cmake")
#: A pattern of more parts takes long to be compared with a name.
_MOST_PARTS = 2


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A text's note that it stands for all files whose names match a pattern."""

    text: str


def sources_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first names of sources among some files, one more than are asked."""
    return tuple([name for name in names if name.endswith(SOURCE_SUFFIXES)][: _MOST + 1])


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
    for path in sources:
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
    stem, suffix = os.path.splitext(path)
    for each in (path,) if suffix in SOURCE_SUFFIXES else [stem + one for one in SOURCE_SUFFIXES]:
        text = text_of(each, errors="replace") if os.path.isabs(each) else None
        if text is not None:
            if _starts_interpreter(each, text):
                return None
            return frozenset(defined_modules(text, mangled=not each.endswith(_UNMANGLED)))
    return None


def start_interpreter(sources: Iterable[str]) -> bool:
    """Return whether one of some sources, so far as they can be read, starts an interpreter."""
    for path in sources:
        text = text_of(path, errors="replace") if path.endswith(SOURCE_SUFFIXES) else None
        if text is not None and _starts_interpreter(path, text):
            return True
    return False


def _starts_interpreter(path: str, text: str) -> bool:
    """Return whether a source, or a header of the project that it includes, starts one."""
    waiting, seen = [(path, text)], {path}
    while waiting:
        at, code = waiting.pop()
        if starts_interpreter(code):
            return True
        for name in _INCLUDED.findall(code):
            header = os.path.normpath(os.path.join(os.path.dirname(at), name))
            if header not in seen and len(seen) < _MOST_HEADERS:
                seen.add(header)
                inner = text_of(header, errors="replace")
                waiting += [] if inner is None else [(header, inner)]
    return False


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
        if len(found) > _MOST or len(folders) > _MOST_FOLDERS:
            return None
    return found
