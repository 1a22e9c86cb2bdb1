"""What a whole project builds, walked once for all of its listfiles.

Each listfile is judged by the project around it, and walking that anew for each of
some hundred files would take minutes. So the last project is kept in the process. It
is used again only while every file that was read for it is as it was (time and size),
and only for a listfile whose text is the one that was walked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.cmake.interpreter import Interpreter
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, Project, stamp
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, DARWIN, LINUX, Platform

#: Where a listfile asks what Linux and macOS may answer differently.
_PLATFORM = re.compile(r"APPLE|LINUX|IOS|MACOS|OSX|Darwin|SYSTEM|PLATFORM_ID|SUFFIX", re.IGNORECASE)

#: Returns whether a model holds something to report in a listfile.
Violates = Callable[[Model, Listfile], object]


@dataclass(slots=True)
class _Whole:
    """A project walked from its outermost listfile."""

    project: Project
    model: Model = field(default_factory=Model)
    reached: set[str] = field(default_factory=set)
    platforms: list[Platform] = field(default_factory=list)

    def walk(self, root: Listfile, platform: Platform) -> None:
        interpreter = Interpreter(self.project, self.model, platform)
        interpreter.start(root)
        self.reached |= interpreter.reached
        self.platforms.append(platform)

    def walk_both(self, root: Listfile) -> None:
        """Walk the platforms that are judged; macOS only if some file asks for a platform."""
        self.walk(root, LINUX)
        if any(_PLATFORM.search(file.text) for file in self.project.files()):
            self.walk(root, DARWIN)

    def is_fresh(self) -> bool:
        return all(stamp(path) == known for path, known in self.project.stamps.items())


_last: dict[str, _Whole] = {}


def view(current: Listfile, violates: Violates) -> tuple[Project, Model, Listfile]:
    """Return the project and what it builds, and the listfile as the model knows it.

    The platform that only speaks against fixes is left out where nothing ``violates``.
    """
    root = Project(current).roots()[0]
    whole = _whole(root) if root is not current else None
    if whole is None:
        whole = _Whole(Project(current))
        whole.walk_both(current)
        return _complete(whole, current, current, violates)
    known = whole.project.open(current.path) if current.path in whole.reached else None
    if known is not None and known.text == current.text:
        whole.project.current = known
        return _complete(whole, root, known, violates)
    if known is not None:  # the text in memory is another one than that on disk
        changed = _Whole(Project(current))
        changed.walk_both(changed.project.roots()[0])
        return _complete(changed, changed.project.roots()[0], current, violates)
    alone = _Whole(whole.project.seen_from(current), whole.model.copy())
    alone.walk_both(current)
    return _complete(alone, current, current, violates)


def _whole(root: Listfile) -> _Whole:
    whole = _last.get(root.path)
    if whole is None or not whole.is_fresh():
        whole = _Whole(Project(root))
        whole.project.stamps[root.path] = stamp(root.path)
        whole.walk_both(root)
        _last.clear()
        _last[root.path] = whole
    return whole


def _complete(
    whole: _Whole, root: Listfile, current: Listfile, violates: Violates
) -> tuple[Project, Model, Listfile]:
    if ANY_PLATFORM not in whole.platforms and violates(whole.model, current):
        whole.walk(root if root.path != current.path else current, ANY_PLATFORM)
    return whole.project, whole.model, current
