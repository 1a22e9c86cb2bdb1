"""What is kept while the files of a project are walked: its files, and who links what."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Protocol

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    LinkUse,
    ReferenceKind,
    Target,
)
from no_libpython_dlopen.buildsystems.common.project_flags import forbids_undefined
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import Atom, File, Value
from no_libpython_dlopen.buildsystems.meson.parser import parse
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model.limits import FOLDERS_ABOVE, MESON_FILES

#: Turns off what Meson gives shared libraries, but not modules.
_UNCHECKED = re.compile(r"b_lundef['\"]?\s*[=:]\s*['\"]?false")
Environment = dict[str, Value]


@dataclass(slots=True)
class Project:
    """The files of a project, read on demand, and what links the atoms of the current one."""

    current: File
    graph: LinkGraph[Atom]
    #: Whether a test that is not understood asks which system it is on.
    asks_by_name: bool = False
    #: The paths of the sources of each library that a module may link into itself.
    archives: list[tuple[str, ...]] = field(default_factory=list)
    _files: dict[str, File | None] = field(default_factory=dict)

    def open(self, path: str) -> File | None:
        """Return the file at a path, ``None`` where there is none to read."""
        path = os.path.normpath(path)
        if path == self.current.path:
            return self.current
        if path not in self._files:
            if len(self._files) >= MESON_FILES:
                return None
            self._files[path] = _read(path)
        return self._files[path]

    def others_forbid_undefined(self) -> bool:
        """Return whether another file of the project has the linker refuse undefined symbols."""
        return any(
            file is not None and file is not self.current and forbids_undefined(file.text)
            for file in self._files.values()
        )

    def asks_about(self, variable: str) -> bool:
        """Return whether a file asks for the name of a dependency, or what pkg-config says of it."""
        asked = re.compile(rf"\b{re.escape(variable)}\s*\.\s*(?:name|get_\w*variable)\s*\(")
        files = (self.current, *self._files.values())
        return any(file is not None and asked.search(file.text) for file in files)

    def checks_libraries(self) -> bool:
        """Return whether Meson forbids undefined symbols in shared libraries, its default."""
        files = (self.current, *self._files.values())
        return not any(file is not None and _UNCHECKED.search(file.text) for file in files)

    def link(
        self,
        atom: Atom,
        target: Target,
        platform: Platform,
        call: syntax.Call,
        file: File,
        *blockers: Blocker,
        may_host: bool = False,
    ) -> None:
        """Keep that a call in ``file`` links an atom, if that is written in the current one."""
        if atom.file is not self.current:
            return
        inside = file is atom.file and call.start <= atom.start and atom.end <= call.end
        self.graph.add(
            LinkUse(
                (atom.start, atom.end),
                atom.kind or ReferenceKind.FLAG,
                target,
                platform,
                atom,
                via=(call.start, call.end) if file is self.current else None,
                is_shared=not inside,
                sets_dynamic_lookup=True,  # as Meson does for all extension modules
                may_host=may_host,
                blockers=blockers,
            )
        )

    def root(self) -> File:
        """Return the file that starts with ``project()`` and is nearest above the current one."""
        folder = os.path.dirname(self.current.path)
        file: File | None = self.current
        for _ in range(FOLDERS_ABOVE):
            if file is not None and _is_root(file):
                return file
            parent = os.path.dirname(folder)
            if not self.current.path or parent == folder:
                break
            folder = parent
            file = self.open(os.path.join(folder, "meson.build"))
        return self.current


def _is_root(file: File) -> bool:
    first = file.statements[0] if file.statements else None
    return isinstance(first, syntax.Call) and first.owner is None and first.name == "project"


def _read(path: str) -> File | None:
    """Return a file from disk; ``None`` for what is not a regular, small file of Meson."""
    text = text_of(path)
    try:
        return None if text is None else parse_file(path, text)
    except LexError:
        return None


def parse_file(path: str, text: str) -> File:
    """Return a parsed file. Raises ``LexError`` where the text is not Meson."""
    try:
        return File(path, text, parse(text))
    except RecursionError:
        raise LexError("nested too deeply", 0) from None


class State(Protocol):
    """What Meson's functions see of the walk that calls them."""

    project: Project
    platform: Platform
    #: The variables known at the point that was reached.
    variables: Environment
    file: File
    #: Flags for every target of the project: the atom, the call and its file.
    general: list[tuple[Atom, syntax.Call, File]]
    #: The targets in the order of the walk.
    targets: list[Target]
    open_files: list[str]

    def value(self, node: syntax.Expression) -> Value:
        """Return the abstract value of an expression."""

    def set(self, name: str, value: Value) -> None:
        """Give a variable a value."""

    def enter(self, file: File) -> None:
        """Walk a file with the variables known so far."""
