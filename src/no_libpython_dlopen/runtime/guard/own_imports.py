"""Imports of the guard come from the standard library, wherever ``sys.path`` leads.

The guard imports what it needs when it needs it, in the middle of a program that may have
cleared ``sys.path``, or has a ``re.py`` beside its script. Nothing of that may keep a
finding from being told, and no file of the program may run because of the guard.
"""

from __future__ import annotations

import _frozen_importlib as core
import _frozen_importlib_external as files
import _imp
import os
import sys
from _thread import get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

#: Modules of the standard library that the guard imports late, and what these import.
_NAMES = (
    *("re", "enum", "functools", "collections", "copyreg", "keyword", "operator", "reprlib"),
    *("types", "fnmatch", "json", "linecache", "tokenize", "token", "logging", "fcntl", "resource"),
    *(
        "shlex",
        "string",
        "traceback",
        "weakref",
        "threading",
        "time",
        "ctypes",
        "bisect",
        "dataclasses",
    ),
    *("typing", "contextlib", "codecs", "inspect", "struct", "errno", "math"),
    *("warnings", "_struct"),
)


_PACKAGE = __name__.partition(".")[0]


class OwnImports:
    """A block in which this thread's top-level imports are the standard library's.

    The finder stays in ``sys.meta_path`` once it was needed: taking it away could make
    another thread, which goes through that list, pass over a finder.
    """

    def __init__(self) -> None:
        folder = os.path.dirname(os.__file__)
        dynamic = os.path.join(folder, "lib-dynload")
        #: ``lib-dynload`` of an interpreter may be elsewhere: it is named by ``sys.path``.
        found = [entry for entry in sys.path if entry.endswith("lib-dynload")]
        self._path = [folder, *(found or [dynamic])]
        #: A program may have cleared the lists of finders: those that are asked here are our own.
        self._finders: dict[str, files.FileFinder] = {}
        self._threads: list[int] = []
        self._hidden: list[dict[str, ModuleType]] = []
        self._kept: dict[str, ModuleType] = {}

    def keep_modules(self) -> None:
        """Remember the guard's modules: a program may empty ``sys.modules``.

        Imported anew they would not know the guard, or not be found.
        """
        self._kept = {
            name: module
            for name, module in sys.modules.items()
            if name == _PACKAGE or name.startswith(_PACKAGE + ".")
        }

    def __enter__(self) -> None:
        if _PACKAGE not in sys.modules:
            sys.modules.update(self._kept)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        self._threads.append(get_ident())
        hidden = {}
        for name in _NAMES:
            module = sys.modules.get(name)
            if module is not None and self._is_foreign(module):
                hidden[name] = sys.modules.pop(name)
        self._hidden.append(hidden)

    def __exit__(self, *_: object) -> None:
        self._threads.remove(get_ident())
        sys.modules.update(self._hidden.pop())

    def _is_foreign(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        return type(file) is str and not file.startswith(tuple(self._path))

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module for the threads that are in such a block."""
        del target
        if get_ident() not in self._threads:
            return None
        found: ModuleSpec | None = None
        if path is None:
            found = core.BuiltinImporter.find_spec(name) or core.FrozenImporter.find_spec(name)
        for folder in self._path if path is None else path:
            found = found or self._finder(folder).find_spec(name)
        return found

    def _finder(self, folder: str) -> files.FileFinder:
        """Return the finder of modules in a directory."""
        if folder not in self._finders:
            self._finders[folder] = files.FileFinder(
                folder,
                (files.ExtensionFileLoader, _imp.extension_suffixes()),
                (files.SourceFileLoader, files.SOURCE_SUFFIXES),
                (files.SourcelessFileLoader, files.BYTECODE_SUFFIXES),
            )
        return self._finders[folder]


OWN_IMPORTS = OwnImports()
