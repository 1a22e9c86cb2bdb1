"""The paths that somebody gave, out of which no link may lead.

A tree that is checked may hold a link to any file. What is behind it is neither shown nor
written, unless the link, or what it leads to, was given by name.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Why a file is neither shown nor written.
LEADS_OUT = "it is a link to a file outside of the given paths"


class GivenPaths:
    """Files and folders that were given, wherever they really are.

    ``reads_links`` is true where only writing is confined to them: an installer may have
    filled an environment with links to its cache.
    """

    __slots__ = ("_given", "_real", "reads_links")

    def __init__(self, given: Iterable[str], *, reads_links: bool = False) -> None:
        self._given = tuple(given)
        self._real: tuple[str, ...] | None = None
        self.reads_links = reads_links

    def resolve(self) -> tuple[str, ...]:
        """Return their real paths. Call it before reading anything in them, as links may change."""
        if self._real is None:
            self._real = tuple(map(os.path.realpath, self._given))
        return self._real

    def hold(self, path: str) -> bool:
        """Return whether the file that a path leads to is one of them, or below one."""
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):
            return False
        inside = (one.rstrip(os.sep) + os.sep for one in self.resolve())
        return real in self.resolve() or real.startswith(tuple(inside))

    def lose(self, path: str) -> bool:
        """Return whether a path enters one of them, and leaves them by a link to a folder."""
        folder = os.path.dirname(path) or "."
        if self.hold(folder):
            return False
        prefix = os.path.dirname(os.path.abspath(path))
        while prefix != os.path.dirname(prefix):
            if self.hold(prefix):
                return True
            prefix = os.path.dirname(prefix)
        return False

    def may_show(self, path: str) -> bool:
        """Return whether the content behind a path may be shown."""
        return self.reads_links or self.hold(path)
