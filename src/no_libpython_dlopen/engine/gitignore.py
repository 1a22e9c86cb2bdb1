"""Whether git would ignore a path: ``.gitignore`` files and ``.git/info/exclude``.

This module keeps the files of the folders above a path in order, since the nearest file
that says anything decides. The user's own ``core.excludesFile`` is not read: what is
checked must not depend on who checks.
"""

from __future__ import annotations

import os
from itertools import pairwise

from no_libpython_dlopen.config import short_path
from no_libpython_dlopen.files.path_patterns import MAX_PATTERNS, PathPatterns
from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.config import Configuration

FILE_NAME = ".gitignore"


class Ignored:
    """The ignore files that hold in one folder, the nearest first. Immutable."""

    __slots__ = ("_lists",)

    def __init__(self, lists: tuple[tuple[int, PathPatterns], ...] = ()) -> None:
        self._lists = lists

    def inside(self, folder: str, name: str, configuration: Configuration) -> Ignored:
        """Return the ignore files for ``folder`` (absolute) if it has the ignore file ``name``."""
        most = MAX_PATTERNS - sum(len(patterns) for _, patterns in self._lists)
        patterns = _read(os.path.join(folder, name), configuration, most)
        return (
            Ignored(((len(folder.rstrip("/")) + 1, patterns), *self._lists)) if patterns else self
        )

    def __bool__(self) -> bool:
        return bool(self._lists)

    def __call__(self, path: str, *, folder: bool) -> bool:
        """Return whether a path (absolute) is ignored; the folders above it are not."""
        for length, patterns in self._lists:
            decision = patterns.decide(path[length:], folder=folder)
            if decision is not None:
                return decision
        return False


NOTHING = Ignored()


def above(folder: str, configuration: Configuration) -> Ignored:
    """Return the ignore files above ``folder`` (absolute), up to the repository's root.

    Outside of a repository that is nothing. A folder that is ignored itself, but was
    asked for, is not bound by what ignores it.
    """
    folders = [folder]
    while not os.path.exists(os.path.join(folders[-1], ".git")):
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1]:
            return NOTHING
        folders.append(parent)
    root = folders[-1]
    ignored = NOTHING.inside(root, os.path.join(".git", "info", "exclude"), configuration)
    for place, below in pairwise(reversed(folders)):
        ignored = ignored.inside(place, FILE_NAME, configuration)
        if ignored(below, folder=True):
            return NOTHING
    return ignored


def _read(path: str, configuration: Configuration, most: int) -> PathPatterns | None:
    """Return the first patterns of a file, ``None`` where there is none to read."""
    try:
        data = read_file(path, MAX_SETTINGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        configuration.problems.append(f"{short_path(path)}: {error.strerror or error}")
        return None
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    patterns = PathPatterns((line.removesuffix("\r") for line in text.split("\n")), most)
    if patterns.bad:
        more = f" and {len(patterns.bad) - 1} more" * (len(patterns.bad) > 1)
        is_full = len(patterns) >= most
        why = f"beyond the limit of {MAX_PATTERNS:,} patterns" if is_full else "not a pattern"
        # What a link leads to may be no file of the project, and is not shown.
        shown = "a line" if os.path.islink(path) else f"`{patterns.bad[0][:60]}`"
        configuration.notes.append(f"{short_path(path)}: {shown}{more}: {why}, ignored")
    return patterns
