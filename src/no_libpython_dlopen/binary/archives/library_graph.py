"""Which libraries of an archive its modules get libpython by.

In a wheel of thousands of modules and libraries, each of which needs many, walking from
every module through every library would not end. Libraries that do not lead to libpython,
nearly all, are left out first; what is then still walked and named is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.archives.seekable_stream import InflatesTooMuch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from no_libpython_dlopen.binary.shared_object import SharedObject

#: Characters of all names on the ways from modules to libpython, with the cost of a step.
_MOST_TEXT, _STEP_COST = 16 << 20, 32


class LibraryGraph:
    """The libraries on the way to libpython: no modules, programs or runtimes.

    ``objects`` are the archive's members by their path, ``places`` the paths by what a
    binary may call a library.
    """

    def __init__(self, objects: Mapping[str, SharedObject], places: Mapping[str, str]) -> None:
        self._objects = objects
        self._places = places
        self._left = _MOST_TEXT
        edges = {
            path: self._places_of(found.needed)
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

    def _places_of(self, names: Iterable[str]) -> list[str]:
        places = (self._places.get(name.rpartition("/")[2]) for name in names)
        return list(dict.fromkeys(place for place in places if place is not None))

    def libraries_of(self, module: SharedObject) -> list[str]:
        """Return the libraries that ``module`` needs, however indirectly, and that need libpython.

        Other extension modules on the way are left out: they are reported themselves. Raises
        ``InflatesTooMuch``.
        """
        queue = [path for path in self._places_of(module.needed) if path in self._edges]
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
