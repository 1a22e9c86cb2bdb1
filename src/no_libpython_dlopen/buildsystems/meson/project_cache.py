"""What a whole project builds, walked once for all of its ``meson.build`` files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.common.kept_projects import KeptProjects
from no_libpython_dlopen.buildsystems.meson.abstract_values import File
from no_libpython_dlopen.buildsystems.meson.interpreter import Interpreter
from no_libpython_dlopen.buildsystems.meson.model import Project
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.target_platforms import PLATFORMS, Platform
from no_libpython_dlopen.model import analysis


@dataclass(slots=True, eq=False)
class _Whole:
    """A project walked from its outermost file, for each platform."""

    project: Project
    reached: dict[Platform, set[str]] = field(default_factory=dict)

    def walk(self, root: File) -> None:
        for platform in PLATFORMS:
            interpreter = Interpreter(self.project, platform)
            interpreter.start(root)
            self.reached[platform] = interpreter.reached

    @property
    def root_text(self) -> str:
        return self.project.current.text

    @property
    def stamps(self) -> Mapping[str, file_tree.Stamp | None]:
        return self.project.stamps


_last: KeptProjects[_Whole] = KeptProjects()


def view(current: File) -> Project:
    """Return the project around a file, with who links what is written in that.

    Where a walk of the project does not lead to the file, that is walked alone.
    """
    around = Project(current)
    root = around.root()
    if not current.path:
        whole = _Whole(around)
        whole.walk(current)
        return around
    whole = _whole(root, is_own=root is current)
    known = whole.project.file_at(current.path)
    if whole.project.is_full if known is None else known.text != current.text:
        # It was not read, or another text than that in memory was.
        whole, project, known = _Whole(around), around, current
        whole.walk(root)
    else:
        known = known or current
        project = whole.project.view_from(known, around)
    for platform, reached in whole.reached.items():
        if current.path not in reached:
            Interpreter(project, platform).start(known)
    return project


def _whole(root: File, *, is_own: bool) -> _Whole:
    """Return the project of an outermost file, walked in that one's own time if ``is_own``."""
    whole = _last.find(root.path, root.text)
    if whole is None:
        whole = _Whole(Project(root))
        whole.project.stamps[root.path] = file_tree.stamp_of(root.path)
        with nullcontext() if is_own else analysis.other_file():
            whole.walk(root)
    _last.keep(root.path, whole)
    return whole
