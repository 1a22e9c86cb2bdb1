"""Finds the files of a project that may take names from one of its modules, from bytes alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.file_tree import NO_SOURCES
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PROJECT_BYTES, PROJECT_FILES
from no_libpython_dlopen.python.project.import_graph import imported_modules, is_on_disk
from no_libpython_dlopen.python.project.layout import Layout, layout_of

#: The ends of files with Python code; scripts have none.
_SUFFIXES = frozenset({"", ".py", ".pyw", ".pyx", ".pxi", ".ipynb"})
WORD = re.compile(rb"[\w\x80-\xff]+")
_STAR = re.compile(rb"import\s*\*")
#: What replaces a name of another module, or makes a class or an object with it, and where that
#: name then is: an attribute, an argument's name, the last word of a text.
_MOCK_WORDS = frozenset(
    {b"patch", b"mocker", b"monkeypatch", b"setattr", b"__setattr__", b"__dict__", b"vars"}
    | {b"type", b"new_class", b"replace", b"_replace"}
)
_STORED = re.compile(rb"(\w{0,99})\.(\w+)[ \t]{0,9}(?:[-+*/|&]?=(?!=)|:[^=\n]{0,99}=(?!=))")
_OBJECTS = (b"self", b"cls")
_MOCKED = re.compile(rb"[(,]\s{0,99}(\w+)=(?!=)|\b(\w+)[\"']")
_LARGEST = 1 << 22
#: Bytes of a project's files that are kept for the next module that is asked for.
_KEPT = 1 << 25
#: Bytes after which the time is checked.
_A_LOOK = 1 << 20


class TooManyFiles(Exception):
    """The project has more files than are searched."""


class Importer(NamedTuple):
    """A file that may import a module.

    ``path`` is below the root of the project, ``file`` is the whole path, and ``words`` are all that
    the file has. ``takes_all``: a star import takes all public names, to wherever they are imported
    from next. ``replaced``: the names of other modules that it may replace, as tests do.
    ``replaced_in_objects``: the attributes of its own objects, which are those of a class that theirs
    derives from.
    """

    path: str
    file: str
    words: frozenset[bytes]
    takes_all: bool
    replaced: frozenset[bytes]
    replaced_in_objects: frozenset[bytes]


def module_name(path: str) -> str:
    """Return the last word of a module's name: that of the package for its ``__init__``."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return stem if stem != "__init__" else os.path.basename(os.path.dirname(path))


def importers_of(path: str) -> Iterator[Importer]:
    """Yield the files that may import a module: they have its name as a word.

    Raises ``TooManyFiles``.
    """
    path = file_tree.real_path(path)
    suffix = os.path.splitext(path)[1]
    layout = layout_of(os.path.dirname(path))
    is_package = os.path.basename(path) == "__init__.py"
    name = module_name(path)
    if suffix != ".py" or not name.isidentifier() or not is_on_disk(path):
        return
    for other, data in other_files(path, layout):
        if _has_word(data, name.encode()) or (is_package and path in imported_modules(other)):
            yield _importer(path, layout, other, data)


def files_naming(path: str, name: str) -> Iterator[Importer]:
    """Yield the other files of a module's project that have a name as a word."""
    path = file_tree.real_path(path)
    layout = layout_of(os.path.dirname(path))
    for other, data in other_files(path, layout) if is_on_disk(path) else ():
        if _has_word(data, name.encode()):
            yield _importer(path, layout, other, data)


def other_files(path: str, layout: Layout) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a project but one, with what they hold.

    Raises ``LimitReached``, and ``TooManyFiles``.
    """
    looked = 0
    for other, kept in file_tree.latest(_contents, layout):
        if other != path:
            data = kept if kept is not None else _content(other)
            if data is not None:
                yield other, data
                looked += len(data)
        if looked > _A_LOOK:
            analysis.check_time()
            looked = 0


def _contents(layout: Layout) -> list[tuple[str, bytes | None]]:
    """Return the files of a project with what they hold, as long as that is not too much to keep."""
    left = _KEPT
    found: list[tuple[str, bytes | None]] = []
    for path in analysis.watch(_python_files(layout)):
        data = _content(path) if left > 0 else None
        left -= len(data or b"")
        found.append((path, data))
    return found


def _content(path: str) -> bytes | None:
    """Return the bytes of a file, ``None`` if it cannot be read."""
    try:
        data = file_tree.read_file(path, _LARGEST)
    except OSError:
        return None
    if path.endswith(".ipynb"):  # where a line ends by an escape
        data = data.replace(rb"\n", b"\n")
    return data


def _importer(path: str, layout: Layout, other: str, data: bytes) -> Importer:
    words = frozenset(WORD.findall(data))  # of these files alone: it takes long
    takes_all = _STAR.search(data) is not None and path in imported_modules(other)
    replaced = _replaced_words(data, words)
    return Importer(os.path.relpath(other, layout.root), other, words, takes_all, *replaced)


def _has_word(data: bytes, word: bytes) -> bool:
    """Return whether a text has a word that is no part of a longer one."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if not WORD.match(data[max(at - 1, 0) : at]) and not WORD.match(data[end : end + 1]):
            return True
        at = data.find(word, end)
    return False


def _replaced_words(
    data: bytes, words: frozenset[bytes]
) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the names that a file with some words may give another value elsewhere.

    They are those of other modules, and those of objects of the file's own classes.
    """
    stored = _STORED.findall(data)
    found = {name for owner, name in stored if owner not in _OBJECTS}
    if not words.isdisjoint(_MOCK_WORDS):
        found.update(name or text for name, text in _MOCKED.findall(data))
    return frozenset(found), frozenset(name for owner, name in stored if owner in _OBJECTS)


def _python_files(layout: Layout) -> tuple[str, ...]:
    """Return the files of a project that may hold Python code.

    Without a mark of a project these are those of the package, and those beside it.
    """
    left = int(PROJECT_BYTES)
    found = []
    for number, path in enumerate(_files_below(layout)):
        if os.path.splitext(path)[1] in _SUFFIXES:
            stamp = file_tree.stamp_of(path)
            left -= stamp[1] if stamp else 0
            found.append(path)
        if left < 0 or number >= PROJECT_FILES:
            raise TooManyFiles
    return tuple(found)


def _files_below(layout: Layout) -> Iterator[str]:
    top = layout.bases[0]
    if len(layout.bases) == 1:
        yield from (os.path.join(top, one) for one in file_tree.names_in(top))
    if len(layout.bases) > 1 or layout.root != top:
        for folder, folders, names in file_tree.walk(layout.root):
            folders[:] = [one for one in folders if one not in NO_SOURCES]
            yield from (os.path.join(folder, one) for one in names)
