"""The projects that were walked last, for the other files of them.

Each file is judged by the project around it, and walking that anew for each of some hundred
files would take minutes. So the last projects are kept in the process. One is used again only
while every file that was read for it is as it was (time and size).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Generic, Protocol, TypeVar

from no_libpython_dlopen.files import file_tree

#: Projects that are kept: the files of one come in a row, and a gap leads to two roots.
_KEPT = 4


class Walked(Hashable, Protocol):
    """A project that was walked from its outermost file.

    ``stamps`` are the time and size of what was looked for, ``None`` for what is not there.
    """

    @property
    def root_text(self) -> str: ...
    @property
    def stamps(self) -> Mapping[str, file_tree.Stamp | None]: ...


Project = TypeVar("Project", bound=Walked)


class KeptProjects(Generic[Project]):
    """The last projects, by the path of their outermost file."""

    def __init__(self) -> None:
        self._kept: dict[str, Project] = {}

    def find(self, path: str, text: str) -> Project | None:
        """Return the project whose outermost file is at a path, if no file of it has changed."""
        known = self._kept.get(path)
        if known is None or known.root_text != text:
            return None
        return known if file_tree.latest(_is_fresh, known) else None

    def keep(self, path: str, project: Project) -> None:
        """Keep a project as the one that was used last."""
        self._kept.pop(path, None)
        while len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[path] = project


def _is_fresh(project: Walked) -> bool:
    return all(file_tree.stamp_of(path) == known for path, known in project.stamps.items())
