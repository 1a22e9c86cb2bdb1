"""What a whole project builds, walked once for all of its listfiles.

A walk is used again only for a listfile whose text is the one that was walked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.interpreter import Interpreter
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, Project
from no_libpython_dlopen.buildsystems.common.kept_projects import KeptProjects
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, DARWIN, LINUX, Platform
from no_libpython_dlopen.model import analysis

#: Where a listfile in capitals asks what Linux and macOS may answer differently. A pattern that
#: ignores case takes twenty times as long.
_PLATFORM = re.compile(r"APPLE|LINUX|IOS|MACOS|OSX|DARWIN|SYSTEM|PLATFORM_ID|SUFFIX")

#: Returns whether a model holds something to report in a listfile.
Violates = Callable[[Model, Listfile], object]


class View(NamedTuple):
    """A listfile within its project.

    ``judged`` is what is built on the platforms that are judged, ``model`` on all.
    """

    project: Project
    judged: Model
    model: Model
    current: Listfile


@dataclass(slots=True, eq=False)
class _Whole:
    """A project walked from its outermost listfile."""

    project: Project
    root: Listfile
    judged: Model = field(default_factory=Model)
    model: Model | None = None
    reached: set[str] = field(default_factory=set)

    def walk(self, root: Listfile, model: Model, platform: Platform) -> None:
        interpreter = Interpreter(self.project, model, platform)
        interpreter.start(root)
        self.reached |= interpreter.reached

    def walk_both(self, root: Listfile) -> None:
        """Walk the platforms that are judged; macOS only if some file asks for a platform."""
        self.walk(root, self.judged, LINUX)
        if any(_PLATFORM.search(file.text.upper()) for file in self.project.files()):
            self.walk(root, self.judged, DARWIN)

    def view(self, root: Listfile, current: Listfile, violates: Violates) -> View:
        """Return a listfile as the walks found it.

        The platform that only speaks against fixes is left out where nothing ``violates``.
        """
        if self.model is None and violates(self.judged, current):
            self.model = self.judged.copy()
            self.walk(root, self.model, ANY_PLATFORM)
        return View(self.project, self.judged, self.model or self.judged, current)

    @property
    def root_text(self) -> str:
        return self.root.text

    @property
    def stamps(self) -> Mapping[str, file_tree.Stamp | None]:
        return self.project.stamps


_last: KeptProjects[_Whole] = KeptProjects()


def view(current: Listfile, violates: Violates) -> View:
    """Return the listfile in the project that builds it, or else as if it were the outermost."""
    roots, surest = Project(current).roots()
    for root in roots:
        whole = _whole(root)
        if current.path not in whole.reached:
            continue
        known = whole.project.open(current.path)
        if known is not None and known.text == current.text:
            whole.project.turn_to(known)
            return whole.view(root, known, violates)
        # the text in memory is another one than that on disk
        changed = _Whole(Project(current), current)
        outermost = changed.project.open(root.path) or current
        changed.walk_both(outermost)
        return changed.view(outermost, current, violates)
    if surest is None and current.path:  # it may be the outermost one of others
        whole = _whole(current, is_own=True)
        whole.project.turn_to(whole.root)
        return whole.view(whole.root, whole.root, violates)
    if surest is None:
        alone = _Whole(Project(current), current)
    else:
        whole = _whole(surest)
        alone = _Whole(whole.project.copy_for(current), current, whole.judged.copy())
    alone.walk_both(current)
    return alone.view(current, current, violates)


def _whole(root: Listfile, *, is_own: bool = False) -> _Whole:
    """Return the project of an outermost listfile, walked in that one's own time if ``is_own``."""
    whole = _last.find(root.path, root.text)
    if whole is None:
        whole = _Whole(Project(root), root)
        whole.project.stamps[root.path] = file_tree.stamp_of(root.path)
        with nullcontext() if is_own else analysis.other_file():
            whole.walk_both(root)
    _last.keep(root.path, whole)
    return whole
