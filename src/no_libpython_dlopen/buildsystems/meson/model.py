"""What is kept while the files of a project are walked: its files, and who links what."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind_of_roles
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkUse,
    ReferenceKind,
    Target,
    Uses,
    keep_use,
)
from no_libpython_dlopen.buildsystems.common.project_flags import forbids_undefined
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.common.source_files import files_below
from no_libpython_dlopen.buildsystems.common.source_roles import NO_ROLE, join_roles, role_of_all
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import Atom, File, Value
from no_libpython_dlopen.buildsystems.meson.parser import parse
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.module_definitions import Role
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import FOLDERS_ABOVE, MESON_FILES, Limit

#: Turns off what Meson gives shared libraries, but not modules.
_UNCHECKED = re.compile(r"b_lundef['\"]?\s*[=:]\s*['\"]?false")
_SUBPROJECT = re.compile(r"\bsubproject\s*\(\s*'([\w.-]+)'|\bfallback\s*:\s*\[?\s*'([\w.-]+)'")
Environment = dict[str, Value]


@dataclass(slots=True, eq=False)
class Project:
    """The files of a project, read on demand, and what links the atoms of each.

    The time of the ``current`` file is its own; the others have theirs.
    """

    current: File
    #: Whether all that the files name could be read.
    is_complete: bool = True
    #: Whether a test that is not understood asks which system it is on.
    asks_by_name: bool = False
    #: The paths of the sources of each library that a module may link into itself.
    archives: dict[tuple[str, ...], None] = field(default_factory=dict)
    #: Limits that a walk reached.
    cuts: set[Limit] = field(default_factory=set)
    #: Time and size of what was looked for, ``None`` for what is not there.
    stamps: dict[str, file_tree.Stamp | None] = field(default_factory=dict)
    #: How many of the archives were asked for their role, and that of these together.
    _asked: tuple[int, Role] = (0, NO_ROLE)
    #: The role of the subprojects that a file names.
    _subprojects: dict[File, Role] = field(default_factory=dict)
    _uses: dict[File, Uses[Atom]] = field(default_factory=dict)
    _other_libraries: dict[File, set[Span]] = field(default_factory=dict)
    _files: dict[str, File | None] = field(default_factory=dict)

    def view_from(self, current: File, beside: Project) -> Project:
        """Return the project with another file as the current one.

        ``beside`` has files that were looked for around that one.
        """
        files = {**beside._files, **self._files, self.current.path: self.current}
        uses = {span: list(uses) for span, uses in self.uses_of(current).items()}
        return Project(
            current,
            self.is_complete,
            self.asks_by_name,
            dict(self.archives),
            set(self.cuts),
            _uses={current: uses},
            _other_libraries={current: set(self.other_libraries_of(current))},
            _files=files,
        )

    def host_kind(self, sources: tuple[str, ...], file: File) -> HostKind:
        """Return whether a module of a file, made of these sources, starts an interpreter."""
        with analysis.until_limit():
            return host_kind_of_roles(self._role_of(sources), self._roles_of_parts(file))
        return HostKind.NONE

    def _role_of(self, sources: Iterable[str]) -> Role:
        paths = tuple(sources)
        self.stamps.update((path, file_tree.stamp_of(path)) for path in paths if path)
        return role_of_all(paths)

    def _roles_of_parts(self, file: File) -> Iterator[Role]:
        """Yield the roles of what a module may link into itself: archives, and subprojects."""
        asked, known = self._asked
        new = list(self.archives)[asked:] if asked < len(self.archives) else ()
        self._asked = len(self.archives), join_roles((known, *map(self._role_of, new)))
        yield self._asked[1]
        root = self.root()
        for each in (root, file):
            if each not in self._subprojects:
                folder = os.path.join(os.path.dirname(root.path), "subprojects")
                found = _SUBPROJECT.finditer(each.text)
                names = dict.fromkeys(match[1] or match[2] for match in found)
                paths = (files_below(os.path.join(folder, name)) for name in names)
                self._subprojects[each] = join_roles(map(self._role_of, paths))
            yield self._subprojects[each]

    def file_at(self, path: str) -> File | None:
        """Return the file at a path if it was read."""
        return self.current if path == self.current.path else self._files.get(path)

    @property
    def is_full(self) -> bool:
        """Whether no more files are read."""
        return len(self._files) >= MESON_FILES

    def uses_of(self, file: File) -> Uses[Atom]:
        """Return the uses of the atoms that are written in a file."""
        return self._uses.get(file, {})

    def other_libraries_of(self, file: File) -> set[Span]:
        """Return the places in a file that are other libraries."""
        return self._other_libraries.get(file, set())

    def note_other_library(self, file: File, span: Span) -> None:
        """Note that what is written at a place is a library, but not libpython."""
        self._other_libraries.setdefault(file, set()).add(span)

    def open(self, path: str) -> File | None:
        """Return the file at a path, ``None`` where there is none to read."""
        path = os.path.normpath(path)
        if path == self.current.path:
            return self.current
        if path not in self._files:
            if self.is_full:
                return None
            self.stamps[path] = file_tree.stamp_of(path)
            with analysis.other_file():
                self._files[path] = _read(path)
        return self._files[path]

    def others_forbid_undefined(self) -> bool:
        """Return whether another file of the project has the linker refuse undefined symbols."""
        return any(
            file is not None and file is not self.current and forbids_undefined(file.text)
            for file in self._files.values()
        )

    def files(self) -> Iterator[File]:
        """Yield the current file and the others that were read."""
        yield self.current
        yield from (file for file in self._files.values() if file and file is not self.current)

    def asks_about(self, variable: str) -> bool:
        """Return whether a file asks for the name of a dependency, or what pkg-config says of it."""
        asked = re.compile(rf"\b{re.escape(variable)}\s*\.\s*(?:name|get_\w*variable)\s*\(")
        return any(asked.search(file.text) for file in self.files())

    def checks_libraries(self) -> bool:
        """Return whether Meson forbids undefined symbols in shared libraries, its default."""
        return not any(_UNCHECKED.search(file.text) for file in self.files())

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
        """Keep that a call in ``file`` links an atom."""
        inside = file is atom.file and call.start <= atom.start and atom.end <= call.end
        keep_use(
            self._uses.setdefault(atom.file, {}),
            LinkUse(
                (atom.start, atom.end),
                atom.kind or ReferenceKind.FLAG,
                target,
                platform,
                atom,
                via=(call.start, call.end) if file is atom.file else None,
                is_shared=not inside,
                sets_dynamic_lookup=True,  # as Meson does for all extension modules
                may_host=may_host,
                blockers=blockers,
            ),
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
        return None if text is None else _parse_other(path, text)
    except LexError:
        return None


def parse_file(path: str, text: str) -> File:
    """Return a parsed file. Raises ``LexError`` where the text is not Meson."""
    try:
        return File(path, text, parse(text))
    except RecursionError:
        raise LexError("nested too deeply", 0) from None


#: The outermost file is looked at for each of the others.
_parse_other = lru_cache(maxsize=2)(parse_file)


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
