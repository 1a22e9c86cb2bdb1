"""Finds the files of a project that may take names from one of its modules, from bytes alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.file_tree import NO_SOURCES
from no_libpython_dlopen.model.limits import PROJECT_BYTES, PROJECT_FILES
from no_libpython_dlopen.python.project.import_graph import imported_modules, is_on_disk
from no_libpython_dlopen.python.project.layout import Layout, layout_of

#: The ends of files with Python code; scripts have none.
_SUFFIXES = frozenset({"", ".py", ".pyw", ".pyx", ".pxi", ".ipynb"})
_WORD = re.compile(rb"[\w\x80-\xff]+")
_STAR = re.compile(rb"import\s*\*")
#: What replaces a name of another module, and where that name then is: an attribute, an argument's
#: name, the last word of a text.
_MOCK_WORDS = frozenset({b"patch", b"mocker", b"monkeypatch", b"setattr"})
_STORED = re.compile(rb"\.(\w+)[ \t]{0,9}=(?!=)")
_MOCKED = re.compile(rb"[(,]\s{0,99}(\w+)=(?!=)|\b(\w+)[\"']")
_LARGEST = 1 << 22


class TooManyFiles(Exception):
    """The project has more files than are searched."""


class Importer(NamedTuple):
    """A file that may import a module: its path below the root of the project, and its words.

    ``takes_all``: a star import takes all public names, to wherever they are imported from next.
    ``replaced``: the names of other modules that it may replace, as tests do.
    """

    path: str
    words: frozenset[bytes]
    takes_all: bool
    replaced: frozenset[bytes]


def importers_of(path: str) -> Iterator[Importer]:
    """Yield the files that may import a module: they have its name as a word.

    Raises ``TooManyFiles``.
    """
    path = file_tree.real_path(path)
    stem, suffix = os.path.splitext(os.path.basename(path))
    layout = layout_of(os.path.dirname(path))
    is_package = stem == "__init__"
    name = os.path.basename(layout.folder) if is_package else stem
    if suffix != ".py" or not name.isidentifier() or not is_on_disk(path):
        return
    word = name.encode()
    for other in file_tree.once(_python_files, layout):
        try:
            data = file_tree.read_file(other, _LARGEST) if other != path else b""
        except OSError:
            continue
        if other.endswith(".ipynb"):  # where a line ends by an escape
            data = data.replace(rb"\n", b"\n")
        if _has_word(data, word) or (data and is_package and path in imported_modules(other)):
            words = frozenset(_WORD.findall(data))  # of these files alone: it takes long
            takes_all = _STAR.search(data) is not None and path in imported_modules(other)
            replaced = _replaced_words(data, words)
            yield Importer(os.path.relpath(other, layout.root), words, takes_all, replaced)


def _has_word(data: bytes, word: bytes) -> bool:
    """Return whether a text has a word that is no part of a longer one."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if not _WORD.match(data[max(at - 1, 0) : at]) and not _WORD.match(data[end : end + 1]):
            return True
        at = data.find(word, end)
    return False


def _replaced_words(data: bytes, words: frozenset[bytes]) -> frozenset[bytes]:
    """Return the names that a file with some words may give another value in other modules."""
    found = set(_STORED.findall(data))
    if not words.isdisjoint(_MOCK_WORDS):
        found.update(name or text for name, text in _MOCKED.findall(data))
    return frozenset(found)


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
