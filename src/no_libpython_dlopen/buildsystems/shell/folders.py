"""The folder in which a shell runs its commands."""

from __future__ import annotations

import posixpath

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

#: No file has a longer path, and nobody leaves so many folders.
_LONGEST_NAME = 1000
_KEPT = 20


class Folders:
    """The folder that ``cd`` changed to, from where the script began, and those before it."""

    def __init__(self, current: str = "") -> None:
        self.current = current
        self._left: list[str] = []
        self._outside: list[str] = []

    def run(self, words: list[TrackedText]) -> None:
        """Follow ``cd``, ``pushd`` and ``popd``, as far as the folder is known and relative."""
        if words[0].text not in ("cd", "pushd", "popd"):
            return
        target = words[-1].text if words[1:] else "/"
        if words[0].text == "popd" or target == "-":
            self.current = self._left.pop() if self._left else self.current
        elif not target.startswith("/") and UNKNOWN_PART not in target:
            self._left = [*self._left[-_KEPT:], self.current]
            self.current = posixpath.normpath(posixpath.join(self.current, target))
            if len(self.current) > _LONGEST_NAME:
                self.current = ""

    def connect(self, mark: str) -> None:
        """Follow the parentheses of a subshell, behind which the folder is the one before it."""
        if mark == "(":
            self._outside.append(self.current)
        elif mark == ")" and self._outside:
            self.current = self._outside.pop()
