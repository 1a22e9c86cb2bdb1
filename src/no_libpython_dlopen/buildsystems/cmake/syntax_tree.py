"""The blocks of a listfile (``if``, loops, functions) and the listfiles of one project.

CMake decides what a target is, which version is required and who else embeds Python
in several files at once. They are read from disk where ``add_subdirectory`` and
``include`` name them outright, within a small budget; what cannot be reached makes
the view incomplete, and an incomplete view is never ground for an edit.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.lexer import Command, commands
from no_libpython_dlopen.buildsystems.common.kept_parses import KeptParses
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.limits import (
    CMAKE_BLOCKS,
    CMAKE_CHARACTERS,
    CMAKE_FILES,
    FOLDERS_ABOVE,
    Limit,
)

#: Folders without a listfile in a row: ``add_subdirectory(bindings/python)``.
MAX_GAP = 2

_CLOSERS = {
    "if": "endif",
    "foreach": "endforeach",
    "while": "endwhile",
    "function": "endfunction",
    "macro": "endmacro",
    "block": "endblock",
}
_ENDINGS = frozenset(_CLOSERS.values())


class Block(NamedTuple):
    """``if``, a loop, a function, a macro or ``block``: an opening command and its branches.

    Each branch is the command that opens it (``if``, ``elseif``, ``else``; else the
    opening command itself) and its nodes. ``end`` is where the block's text ends.
    """

    opening: Command
    branches: tuple[tuple[Command, tuple[Node, ...]], ...]
    end: int


Node = Command | Block


@dataclass(slots=True)
class _Open:
    opening: Command
    branches: list[tuple[Command, list[Node]]]


@KeptParses
def structure(text: str) -> tuple[Node, ...]:
    """Return a listfile's commands as nested blocks.

    Stray endings are dropped and open blocks end with the file. Raises ``LexError``
    for text that is not CMake or is nested without reason.
    """
    top: list[Node] = []
    stack: list[_Open] = []

    def close(end: int) -> None:
        done = stack.pop()
        branches = tuple((command, tuple(nodes)) for command, nodes in done.branches)
        target = stack[-1].branches[-1][1] if stack else top
        target.append(Block(done.opening, branches, end))

    for command in commands(text):
        name = command.name
        if name in _CLOSERS:
            stack.append(_Open(command, [(command, [])]))
            if len(stack) > CMAKE_BLOCKS:
                raise LexError("blocks are nested too deeply", command.start)
        elif name in _ENDINGS:
            if stack and _CLOSERS[stack[-1].opening.name] == name:
                close(command.end)
        elif name in ("elseif", "else") and stack and stack[-1].opening.name == "if":
            stack[-1].branches.append((command, []))
        else:
            (stack[-1].branches[-1][1] if stack else top).append(command)
    while stack:
        close(len(text))
    return tuple(top)


def all_commands(nodes: tuple[Node, ...]) -> Iterator[Command]:
    """Yield all commands inside ``nodes``, whatever guards them."""
    for node in nodes:
        if isinstance(node, Command):
            yield node
        else:
            for command, body in node.branches:
                yield command
                yield from all_commands(body)


@dataclass(frozen=True, slots=True, eq=False)
class Listfile:
    """One listfile; ``path`` is absolute, or empty for text that has no place on disk.

    ``functions`` are the ranges of its functions' and macros' definitions.
    """

    path: str
    text: str
    nodes: tuple[Node, ...]
    functions: tuple[tuple[int, int], ...]

    def function_at(self, offset: int) -> int:
        """Return the beginning of the function or macro around an offset, -1 without one."""
        at = bisect_right(self.functions, (offset, len(self.text))) - 1
        start, end = self.functions[at] if at >= 0 else (-1, -1)
        return start if offset < end else -1

    def in_function(self, offset: int) -> bool:
        """Return whether an offset lies inside a function or a macro."""
        return self.function_at(offset) >= 0


def listfile(path: str, text: str) -> Listfile:
    """Return the parsed listfile. Raises ``LexError`` for text that is not CMake."""
    nodes = structure(text)
    return Listfile(path, text, nodes, tuple(_definitions(nodes)))


def _definitions(nodes: tuple[Node, ...]) -> Iterator[tuple[int, int]]:
    for node in nodes:
        if isinstance(node, Block):
            if node.opening.name in ("function", "macro"):
                yield node.opening.start, node.end
            else:
                for _, body in node.branches:
                    yield from _definitions(body)


@dataclass(slots=True, eq=False)
class Project:
    """The listfiles that belong to the one being checked, read on demand.

    ``complete`` turns false once something that the project names could not be read;
    ``gaps`` are the listfiles that name it, with an empty path where that may be any.
    """

    current: Listfile
    complete: bool = True
    gaps: set[str] = field(default_factory=set)
    #: Limits at which a walk of the project ended.
    cuts: set[Limit] = field(default_factory=set)
    #: Time and size of what was looked for, ``None`` for what is not there.
    stamps: dict[str, file_tree.Stamp | None] = field(default_factory=dict)
    _files: dict[str, Listfile | None] = field(default_factory=dict)

    def copy_for(self, current: Listfile) -> Project:
        """Return the same project with another listfile as the current one."""
        files: dict[str, Listfile | None] = {self.current.path: self.current, **self._files}
        return Project(current, self.complete, set(self.gaps), set(self.cuts), {}, files)

    def turn_to(self, current: Listfile) -> None:
        """Take another listfile as the current one; the one before is still of the project."""
        self._files[self.current.path] = self.current
        self.current = current

    @property
    def count(self) -> int:
        """How many listfiles were looked for."""
        return len(self._files)

    def note_gap(self, path: str = "") -> None:
        """Note that a listfile names something that cannot be read."""
        self.complete = False
        self.gaps.add(path)

    def note_cuts(self, limits: Iterable[Limit]) -> None:
        """Note the limits at which a walk ended, so that a part of the project is unknown."""
        self.cuts.update(limits)
        if self.cuts:
            self.note_gap()

    def open(self, path: str) -> Listfile | None:
        """Return the listfile at a path, ``None`` where there is none to read."""
        path = os.path.normpath(path)
        if path == self.current.path:
            return self.current
        if path not in self._files:
            characters = sum(len(file.text) for file in self._files.values() if file)
            if len(self._files) >= CMAKE_FILES or characters > CMAKE_CHARACTERS:
                self.note_gap()
                return None
            self.stamps[path] = file_tree.stamp_of(path)
            self._files[path] = read_listfile(path)
        return self._files[path]

    def files(self) -> list[Listfile]:
        """Return every listfile that was opened, the current one first."""
        others = (file for file in self._files.values() if file and file is not self.current)
        return [self.current, *others]

    def commands(self) -> list[Command]:
        """Return the commands of these; the files of a project share them."""
        return file_tree.latest(_commands, self, self.count)

    def roots(self) -> tuple[list[Listfile], Listfile | None]:
        """Return the listfiles to start from, the outermost one first, and the surest one.

        One that a folder without a listfile lies between may be of another project; the
        surest is the outermost one before such a gap.
        """
        found: list[Listfile] = []
        if not self.current.path:
            return [], None
        is_module = os.path.basename(self.current.path) != "CMakeLists.txt"
        folder = os.path.dirname(self.current.path)
        missing = 0
        sure: int | None = None
        for _ in range(FOLDERS_ABOVE):
            file = self.open(os.path.join(folder, "CMakeLists.txt"))
            missing = missing + 1 if file is None else 0
            if missing and sure is None and not is_module:
                sure = len(found)
            if file is not None and file is not self.current:
                found.append(file)
            parent = os.path.dirname(folder)
            if parent == folder or file_tree.exists(os.path.join(folder, ".git")):
                break
            if missing > MAX_GAP and not is_module:
                break
            folder = parent
        surest = found[: len(found) if sure is None else sure][-1:]
        outermost = found[-1:]
        roots = [*outermost, *(file for file in surest if file not in outermost)]
        return roots, surest[0] if surest else None


def _commands(project: Project, _count: int) -> list[Command]:
    return [each for file in project.files() for each in all_commands(file.nodes)]


def read_listfile(path: str) -> Listfile | None:
    """Return a listfile from disk; ``None`` for what is not a regular, small listfile."""
    text = text_of(path, errors="surrogateescape")  # as CMake, which reads bytes
    try:
        return None if text is None else listfile(path, text)
    except LexError:
        return None
