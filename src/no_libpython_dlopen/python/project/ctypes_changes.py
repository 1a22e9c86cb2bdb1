"""Finds the files of a project that may change ``ctypes`` for the whole process."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.limits import PROJECT_WORDS
from no_libpython_dlopen.python.project.import_graph import is_on_disk
from no_libpython_dlopen.python.project.importers import WORD, TooManyFiles, other_files
from no_libpython_dlopen.python.project.layout import Layout, layout_of

#: What configures a function of ``pythonapi``.
_PROTOTYPE = re.compile(
    rb"\b(?:restype|argtypes|errcheck)\b|pythonapi\s{0,9}\.\s{0,9}\w+\s{0,9}=(?!=)"
)
_LOADERS = rb"(?:Py|C)DLL|(?:py|c)dll|LibraryLoader|_dlopen"
_CTYPES_NAME = re.compile(rb"\bimport\s{1,9}ctypes\s{1,9}as\s{1,9}(\w{1,99})")
#: What may put something in the place of a loader of ctypes, for the whole process: a store to
#: the module or to a loader, a function or a mock that gets either, and another module ``ctypes``.
_EXCHANGE = (
    rb"(?<![\w.])(?:%(module)s)\.(?:%(loaders)s)(?:\.\w{1,99})?\s{0,9}(?:=(?!=)|(?<=__init__)\()"
    rb"|(?:setattr__|setattr|object|multiple|vars)\s{0,9}\(\s{0,99}(?:%(module)s)\s{0,9}[,.)]"
    rb"|(?<![\w.])(?:%(module)s)\.__\w|[\"']ctypes\.(?:%(loaders)s)[.\"']"
    rb"|modules\s{0,9}\[\s{0,9}[\"']ctypes[\"']\s{0,9}\]\s{0,9}=(?!=)"
    rb"|(?:setitem|dict|update|setdefault)\s{0,9}\([^\n]{0,99}modules\b[^\n]{0,99}\bctypes[\"'=]"
)


class ChangingFile(NamedTuple):
    """A file that may change ``ctypes`` for the whole process.

    ``path`` is below the root of the project; ``configured`` are the words among which are the
    functions of ``pythonapi`` that it configures; ``replaces`` says that it may exchange a loader.
    """

    path: str
    configured: frozenset[bytes]
    replaces: bool


def files_changing_ctypes(path: str) -> list[ChangingFile]:
    """Return the other files of a module's project that may change ``ctypes``.

    Raises ``TooManyFiles``.
    """
    path = file_tree.real_path(path)
    if not is_on_disk(path):
        return []
    layout = layout_of(os.path.dirname(path))
    found = file_tree.once(_files_changing_ctypes, layout)
    others = (one for one in found if one.path != path)
    return [one._replace(path=os.path.relpath(one.path, layout.root)) for one in others]


def _files_changing_ctypes(layout: Layout) -> list[ChangingFile]:
    names = ("ctypes.py", os.path.join("ctypes", "__init__.py"))
    own = {os.path.join(base, name) for base in layout.bases for name in names}
    found = []
    left = int(PROJECT_WORDS)
    for path, data in other_files("", layout):
        configures = b"pythonapi" in data and _PROTOTYPE.search(data)
        replaces = path in own or (b"ctypes" in data and _exchanges_ctypes(data))
        if configures or replaces:
            words = frozenset(WORD.findall(data)) if configures else frozenset[bytes]()
            found.append(ChangingFile(path, words, replaces))
            left -= len(words)
            if left < 0:
                raise TooManyFiles
    return found


def _exchanges_ctypes(data: bytes) -> bool:
    module = b"|".join(sorted({b"ctypes", *_CTYPES_NAME.findall(data)}))
    pattern = _EXCHANGE % {b"module": module, b"loaders": _LOADERS}
    return re.search(pattern, data) is not None
