"""Which libraries of an archive its modules get libpython by.

In a wheel of thousands of modules and libraries, each of which needs many, walking from
every module through every library would not end. Libraries that do not lead to libpython,
nearly all, are left out first; what is then still walked and named is bounded.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.archives.seekable_stream import InflatesTooMuch
from no_libpython_dlopen.binary.search_paths import VARIANTS, expand_tokens, variant_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from no_libpython_dlopen.binary.search_paths import Machine
    from no_libpython_dlopen.binary.shared_object import SharedObject

#: Characters of all names on the ways from modules to libpython, with the cost of a step.
_MOST_TEXT, _STEP_COST = 16 << 20, 32


#: Directories of a search path that are asked for one library.
_MOST_FOLDERS = 64


class LibraryPlaces:
    """Where in an archive the libraries stand, by what a binary may call them.

    An image may have several of one name: for each machine, and in several environments.
    """

    def __init__(self) -> None:
        #: For a machine and a name, the paths by their directories.
        self._paths: dict[tuple[Machine, str], dict[str, str]] = {}
        #: The binary that was asked for last, and the directories that its search path means.
        self._asked: str | None = None
        self._folders: list[str] = []

    def add(self, path: str, found: SharedObject, target: str = "") -> None:
        """Add a library at ``path``, which may be a link to ``target``."""
        folder, _, base = path.rpartition("/")
        for name in (base, found.soname.rpartition("/")[2]):
            if name:
                self._paths.setdefault((found.machine, name), {}).setdefault(folder, target or path)

    def find(self, name: str, path: str, user: SharedObject) -> str:
        """Return the path of what the binary ``user`` at ``path`` calls ``name``, or nothing.

        That is the one to which its search path leads, else that of its own directory, else the
        first of all.
        """
        base = name.rpartition("/")[2]
        paths = self._paths.get((user.machine, base)) or self._paths.get(((), base))
        if not paths:
            return ""
        first = next(iter(paths.values()))
        if len(paths) == 1:
            return first
        for folder in self._folders_of(path, user):
            if folder in paths:
                return paths[folder]
        return first

    def _folders_of(self, path: str, user: SharedObject) -> list[str]:
        """Return the directories that a binary's search path means, and its own, in order."""
        if path != self._asked:
            self._asked = path
            origin = "/" + path.rpartition("/")[0]
            entries = (*user.search[:_MOST_FOLDERS], "$ORIGIN")
            self._folders = [
                posixpath.normpath(place).strip("/")
                for entry in entries
                for place in expand_tokens(entry, origin, user.machine)
            ]
        return self._folders


class LibraryGraph:
    """The libraries on the way to libpython: no modules, programs or runtimes.

    ``objects`` are the archive's members by their path, ``places`` are those of its libraries.
    """

    def __init__(self, objects: Mapping[str, SharedObject], places: LibraryPlaces) -> None:
        self._objects = objects
        self._places = places
        self._left = _MOST_TEXT
        self._has_variants = any(f"{VARIANTS}/" in path for path in objects)
        edges = {
            path: self._places_of(path)
            for path, found in objects.items()
            if not (found.module or found.runtime or found.program)
        }
        users: dict[str, list[str]] = {}
        for path, called in edges.items():
            for library in called:
                users.setdefault(library, []).append(path)
        leading = {path: None for path in edges if objects[path].libpython}
        queue = list(leading)
        for path in queue:
            for user in users.get(path, ()):
                if user not in leading:
                    leading[user] = None
                    queue.append(user)
        self._edges = {
            path: [library for library in edges[path] if library in leading] for path in leading
        }

    def _places_of(self, path: str) -> list[str]:
        user = self._objects[path]
        places: Iterable[str] = filter(
            None, (self._places.find(name, path, user) for name in user.needed)
        )
        if self._has_variants:
            places = (each for place in places for each in self._variants(place, user))
        return list(dict.fromkeys(places))

    def _variants(self, place: str, user: SharedObject) -> list[str]:
        """Return a library with its variants, of which each processor takes one."""
        folder, _, base = place.rpartition("/")
        above, found, _ = f"/{folder}/".rpartition(f"/{VARIANTS}/")
        folder = above.strip("/") if found else folder
        names = variant_folders(user.machine, user.needed)
        folders = [folder, *(posixpath.join(folder, VARIANTS, name) for name in names)]
        every = [posixpath.join(each, base) for each in folders]
        return [place, *(each for each in every if each != place and each in self._objects)]

    def libraries_of(self, module: str) -> list[str]:
        """Return the libraries that the ``module`` at a path needs, however indirectly, and that need libpython.

        Other extension modules on the way are left out: they are reported themselves. Raises
        ``InflatesTooMuch``.
        """
        queue = [path for path in self._places_of(module) if path in self._edges]
        seen = set(queue)
        found = []
        for path in queue:
            libpython = self._objects[path].libpython
            self._left -= _STEP_COST + len(path) + sum(map(len, libpython))
            if self._left < 0:
                raise InflatesTooMuch("needs libpython in too many ways to report")
            if libpython:
                found.append(path)
            for library in self._edges[path]:
                if library not in seen:
                    seen.add(library)
                    queue.append(library)
        return found
