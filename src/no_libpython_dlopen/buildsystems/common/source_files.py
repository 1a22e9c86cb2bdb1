"""Finds the source files that a build file names, by name, by pattern, or by a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis

#: So many sources of a library are read for their role.
MOST_ASKED = 64
SOURCE_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++", ".CPP", ".cu", ".m", ".mm")
#: Suffixes of what a generator makes a module of, and of what other sources include.
BINDING_SUFFIXES = (".pyx", ".py", ".i", ".swg", ".pyf", ".sip")
HEADER_SUFFIXES = (".h", ".hh", ".hpp", ".hxx", ".inc", ".inl")
#: Code that searches folders of all depths.
_WALKS = re.compile(r"\brglob\b|\brecursive\b|\bwalk\b|\*\*/")
#: The name of a source as a text of a build file.
_NAMED = re.compile(
    r"[\"']([^\"'\n]{0,200}(?:"
    + "|".join(map(re.escape, (*SOURCE_SUFFIXES, *BINDING_SUFFIXES)))
    + r"))[\"']"
)
#: A folder in the pattern of a path that stands for those at any depth.
RECURSIVE = "**"
_RECURSIVE = RECURSIVE.replace("*", UNKNOWN_PART)
#: So many folders are looked into for the files of one pattern.
_MOST_FOLDERS = 64
#: So many names in one are asked whether they are folders; these endings are those of files.
_MOST_NAMES = 200
_FILE_SUFFIXES = (*SOURCE_SUFFIXES, *HEADER_SUFFIXES, ".o", ".py", ".txt", ".cmake")
#: A pattern of more parts takes long to be compared with a name.
_MOST_PARTS = 2


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A text's note that it stands for all files whose names match a pattern."""

    text: str


def sources_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first names of sources among some files, one more than are asked."""
    asked = (*SOURCE_SUFFIXES, *BINDING_SUFFIXES)
    return tuple([name for name in names if name.endswith(asked)][: MOST_ASKED + 1])


def sources_named_in(text: str) -> list[str]:
    """Return the names of sources, or their patterns, that are written as texts in a build file."""
    return [name.replace("*", UNKNOWN_PART) for name in _NAMED.findall(text)]


def files_of(path: str) -> list[str]:
    """Return the file at a path, or those that a pattern matches, if there are any."""
    if UNKNOWN_PART in path:
        return file_tree.once(files_matching, path) or []
    return [path] if file_tree.is_file(path) else []


def named_sources(folder: str, text: str) -> set[str]:
    """Return the sources that a build file in a folder names; all below it if none is found."""
    found: set[str] = set()
    for name in sources_named_in(text):
        found.update(files_of(os.path.normpath(os.path.join(folder, name))))
        if not found:
            found.update(files_below(folder, name))
    return found if found and not _WALKS.search(text) else found | set(files_below(folder))


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


def files_matching(pattern: str) -> list[str] | None:
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
        if len(found) > MOST_ASKED or len(folders) > _MOST_FOLDERS:
            return None
    return found
