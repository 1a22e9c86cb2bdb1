"""What the upper layers of a container image hide of those below them.

Source: the OCI image specification ("Applying Changesets", "Whiteouts").
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.archives.members import LONGEST_PATH
from no_libpython_dlopen.binary.archives.seekable_stream import InflatesTooMuch
from no_libpython_dlopen.binary.archives.texts import names_content

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.archives.tars import Header

#: Characters of the paths that upper layers hide, with the cost of looking at one again.
_MOST_HIDDEN, _STEP_COST = 256 << 20, 8
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"


def normal_path(path: str) -> str:
    """Return a path of a layer from its root, in one spelling."""
    return posixpath.normpath(f"/{path}").strip("/")


class Overlay:
    """What the layers read up to now hide of those below them.

    A file or link replaces a directory with all that is in it, and a directory a file or link
    (OCI image specification, "Applying Changesets"). A path may lead through a link of a lower
    layer: what it hides there is known from the link's own entry on, which by its name mostly
    precedes what it leads to (``lib``, ``usr/lib``).
    """

    def __init__(self) -> None:
        #: Paths that are replaced or removed with all below, and directories that are emptied.
        self._hidden: set[str] = set()
        self._emptied: set[str] = set()
        #: Directories: they hide files and links of these paths in lower layers, and what those hid.
        self._folders = {""}
        self._next: list[tuple[set[str], str]] = []
        #: Directories that have an entry of their own, and paths that have something hidden below.
        self._made: set[str] = set()
        self._around: set[str] = set()
        #: Hard links of the present layer to files that upper layers hide, by these files' paths.
        self.kept: dict[str, str] = {}
        self._left = _MOST_HIDDEN

    def hides(self, header: Header) -> bool:
        """Return whether an entry of the present layer is hidden, or hides others itself."""
        path = header.path
        if len(path) > LONGEST_PATH:
            return False  # and is not read
        path = normal_path(path)
        folder, _, name = path.rpartition("/")
        if name == _OPAQUE:
            self._add(self._emptied, folder)
        elif name.startswith(_WHITEOUT):
            self._add(self._hidden, f"{folder}/{name[len(_WHITEOUT) :]}".lstrip("/"))
        elif not self._is_hidden(path):
            if header.folder:
                self._add(self._made, path)
                self._add_folders(path)
                return False
            if header.link and not header.hard and path in self._around - self._made:
                self._hide_behind(path, normal_path(header.link))
            self._add_folders(folder)
            self._add(self._hidden, path)
            if header.hard and header.link and self._is_hidden(normal_path(header.link)):
                self._left -= len(header.link)
                target = normal_path(header.link)
                kept = self.kept.setdefault(target, path)
                if names_content(path) and not names_content(kept):
                    self.kept[target] = path
            return path in self._folders
        return True

    def _add(self, known: set[str], path: str) -> None:
        self._left -= len(path)
        if self._left < 0:
            raise InflatesTooMuch("has too many files")
        self._next.append((known, path))

    def _hide_behind(self, link: str, target: str) -> None:
        """Hide in the directory that a link leads to what an upper layer hides through the link."""
        for known in (self._hidden, self._emptied):
            self._left -= _STEP_COST * len(known)
            below = [path for path in known if path == link or path.startswith(f"{link}/")]
            for path in below if self._left > 0 else ():
                self._add(known, target + path[len(link) :])
                self._hide(known, target + path[len(link) :])

    def _hide(self, known: set[str], path: str) -> None:
        known.add(path)
        folder = path if known is self._emptied else path.rpartition("/")[0]
        while folder not in self._around and known is not self._folders:
            self._around.add(folder)
            folder = folder.rpartition("/")[0]

    def _add_folders(self, path: str) -> None:
        """Add a directory with those that it is in, which need no entries of their own."""
        while path not in self._folders:
            self._add(self._folders, path)
            path = path.rpartition("/")[0]

    def _is_hidden(self, path: str) -> bool:
        if path in self._hidden:
            return True
        while path:
            path = path.rpartition("/")[0]
            if path in self._emptied or (path and path in self._hidden):
                return True
        return False

    def end_layer(self) -> None:
        """Let what the layer hides count for the next one."""
        for known, path in self._next:
            self._hide(known, path)
        self._next.clear()
        self.kept = {}
