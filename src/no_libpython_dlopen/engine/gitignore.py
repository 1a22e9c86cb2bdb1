"""Whether git would ignore a path: ``.gitignore`` files and ``.git/info/exclude``.

Matching a pattern is ``pathspec``'s work; this module keeps the files of the folders
above a path in order, since the nearest file that says anything decides. The user's
own ``core.excludesFile`` is not read: what is checked must not depend on who checks.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE_NAME = ".gitignore"
#: Of pathspec's ways to match: the others take longer to start than a tree takes this one.
BACKEND = "simple"


class Ignored:
    """The ignore files that hold in one folder, the nearest first. Immutable."""

    __slots__ = ("_specs",)

    def __init__(self, specs: tuple[tuple[int, GitIgnoreSpec], ...] = ()) -> None:
        self._specs = specs

    def inside(self, folder: str, *names: str) -> Ignored:
        """Return what holds in ``folder`` (absolute) if it has ignore files ``names``."""
        specs = self._specs
        for name in names:
            spec = _read(os.path.join(folder, name))
            if spec is not None:
                specs = ((len(folder.rstrip("/")) + 1, spec), *specs)
        return Ignored(specs)

    def __bool__(self) -> bool:
        return bool(self._specs)

    def __call__(self, path: str, *, folder: bool) -> bool:
        """Tell whether a path (absolute) is ignored."""
        for length, spec in self._specs:
            relative = path[length:] + "/" * folder
            included = spec.check_file(relative).include
            if included is not None:
                return included
        return False


NOTHING = Ignored()


def above(folder: str) -> Ignored:
    """Return what the folders above ``folder`` (absolute) say, up to the repository's root.

    Outside of a repository that is nothing. A folder that is ignored itself, but was
    asked for, is not bound by what ignores it.
    """
    folders = [folder]
    while not os.path.exists(os.path.join(folders[-1], ".git")):
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1]:
            return NOTHING
        folders.append(parent)
    ignored = NOTHING.inside(folders[-1], os.path.join(".git", "info", "exclude"))
    for above_it in reversed(folders[1:]):
        ignored = ignored.inside(above_it, FILE_NAME)
    return NOTHING if len(folders) > 1 and ignored(folder, folder=True) else ignored


def _read(path: str) -> GitIgnoreSpec | None:
    """Return the patterns of a file, ``None`` where there is none to read."""
    from no_libpython_dlopen.engine.runner import read_bytes

    try:  # a pipe of that name would be waited for
        lines = read_bytes(path).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    patterns = [line for line in lines if line.strip() and not line.startswith("#")]
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns, backend=BACKEND)
    except ValueError:  # git passes over a pattern that it does not understand
        return GitIgnoreSpec.from_lines(list(filter(_is_pattern, patterns)), backend=BACKEND)


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line], backend=BACKEND)
    except ValueError:
        return False
    return True
