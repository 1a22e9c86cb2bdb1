"""Programs and libraries on disk that start Python and get libpython by a module alone.

Programs load it like any library, also as the library of a library, and perhaps by a link of another
name. Without its entry their loader would miss the API that the module asks for. Others open it as a
plug-in, or a script has it loaded. The search covers the directories of the package and those around
it, ``bin``, ``lib`` and the like in them, and the prefix that it is installed in; in the tree of a
system also the loader's directories. Where a link leads to a directory, both its places count.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.folders import (
    MOST_FILES,
    MOST_FOLDERS,
    MOST_PROGRAMS,
    clue_at,
    clues_in,
    files_in,
    folders_above,
    folders_below,
    with_times,
)
from no_libpython_dlopen.binary.host_clues import (
    LINKED,
    NAMES_IT,
    OPENING,
    PLUG_IN,
    TOO_MANY,
    UNREAD,
    Clue,
    name_in_clues,
)
from no_libpython_dlopen.binary.loading_texts import PYTHON
from no_libpython_dlopen.binary.needed_libraries import find_starting_library, read_object_at
from no_libpython_dlopen.binary.plug_ins import find_plug_ins
from no_libpython_dlopen.binary.prefix import (
    PROGRAMS,
    find_naming_files,
    is_of_another_package,
    is_unrelated,
    plug_ins_around,
    private_places,
)
from no_libpython_dlopen.binary.shared_object import file_names, is_named_like_library
from no_libpython_dlopen.binary.system_root import root_around
from no_libpython_dlopen.files.installed_lists import folders_beside, unread_lists
from no_libpython_dlopen.files.prefixes import has_packages, is_installed, prefix_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from no_libpython_dlopen.binary.folders import Folder
    from no_libpython_dlopen.binary.search_paths import Machine
    from no_libpython_dlopen.binary.shared_object import SharedObject
    from no_libpython_dlopen.binary.system_root import SystemRoot

#: Directories of one package, one in another.
_MOST_LEVELS = 12
#: Directories of an application.
_MOST_BESIDE = 32
#: Where a prefix has programs and libraries.
_BESIDE = (*PROGRAMS, "lib", "lib64")


class Surroundings:
    """What lies around the module at ``path``, and in the directories ``given`` to the run.

    Each directory is asked for once.
    """

    def __init__(self, path: str, module: SharedObject, given: Iterable[str]) -> None:
        self._path = path
        self._given = given
        self._module = module

    def find_host(self, root: SystemRoot | None) -> str:
        """Return the path of a program or library that gets libpython by the module.

        ``""`` for none. It needs the module, or is a library that the module needs. Raises
        ``MalformedBinary`` where there are too many of these.
        """
        if place := find_starting_library(self._path, self._module, root):
            return place
        hosts, libraries = _hosts_and_libraries(self._folders)
        seen: set[str] = set()
        queue = list(self._module.needed)
        for needed in queue:  # in the same directories, wherever the search path leads
            name = needed.rpartition("/")[2]
            if name in libraries and name not in seen:
                seen.add(name)
                place, library = libraries[name]
                if library.borrows_libpython:
                    return place
                queue += library.needed
        return next((hosts[name] for name in self._names if name in hosts), "")

    def find_clue(self, root: SystemRoot | None) -> tuple[str, Clue]:
        """Return a file near the module that may load it without Python, and what it says.

        Where several do, it is one that starts Python, if there is one. ``""`` for none. ``etc`` of
        the ``root``, or else of this system, counts as near.
        """
        top = root.folder if root else os.sep
        listed = sum(len(files) for files in self._near.values() if files is not None)
        if listed > MOST_FILES or len(self._near) > MOST_FOLDERS:
            return next(iter(self._near))[0], Clue(doubt=TOO_MANY)
        found = [clues_in(folder, files) for folder, files in self._near.items()]
        found += [
            clues_in(folder, is_near=False)
            for folder in self._folders
            if folder[0].endswith(PROGRAMS) and self._near.get(folder, ()) is not None
        ]
        told = [
            (place, clue)
            for clues, _ in found
            for place, clue in clues
            if clue.doubt != OPENING or not any(is_unrelated(place, one) for one in self._places)
        ]
        told += self._clues_behind_programs()
        unread = (place for one in self._places for place in unread_lists(one))
        told += [(place, Clue(doubt=UNREAD)) for place in unread]
        names = dict.fromkeys(map(name_in_clues, self._names))
        told += [
            (named[one], Clue(doubt=NAMES_IT))
            for _, named in found
            for one in names
            if one in named
        ]
        others = [
            one for place in self._places for one in find_naming_files(place, self._given, top)
        ]
        told += [named[one] for named in others for one in (b"", *names) if one in named]
        told += self._plug_ins()
        return max(told, key=lambda one: bool(one[1].function), default=("", Clue()))

    def _clues_behind_programs(self) -> Iterator[tuple[str, Clue]]:
        """Yield the clues of the libraries that programs near the module load."""
        queue = [
            needed
            for folder, files in self._near.items()
            for needed in _needs_of_programs(folder, files)
        ]
        libraries = _hosts_and_libraries(self._folders)[1] if queue else {}
        seen: set[str] = set()
        for needed in queue:
            name = needed.rpartition("/")[2]
            if name in libraries and name not in seen:
                seen.add(name)
                place, library = libraries[name]
                queue += library.needed
                clues = [_clue_behind_program(*one) for one in with_times([place])]
                yield from ((place, clue) for clue in clues if clue.function or clue.doubt)

    def _plug_ins(self) -> Iterator[tuple[str, Clue]]:
        """Yield the unloaded libraries that need the module, and the plug-ins that start Python."""
        users = [_users_in(*folder) for folder in self._folders]
        linked = [one for by in users for name in self._names for one in by.get(name, ())]
        for path, library in linked:
            names = file_names(path, library) if library.is_library else ()
            if names and not any(name in by for by in users for name in names):
                yield path, Clue(doubt=LINKED)
        machine = self._module.machine
        near = {folder: files for (folder, _), files in self._near.items()}
        found = [
            path
            for path in _plug_ins_in(self._folders, machine)
            if (files := near.get(os.path.dirname(path), ())) is None or path in files
        ]
        for place in self._places:
            listed = (path for path in found if near[os.path.dirname(path)])
            beside = (path for path in found if not is_of_another_package(path, place))
            far = plug_ins_around(place, self._given, machine)
            yield from ((path, Clue(doubt=PLUG_IN)) for path in (*listed, *beside, *far))

    @cached_property
    def _places(self) -> Iterable[str]:
        """The path of the module, and the one behind links to directories."""
        absolute = os.path.abspath(self._path)
        folder, name = os.path.split(absolute)
        return dict.fromkeys((absolute, os.path.join(os.path.realpath(folder), name)))

    @cached_property
    def _near(self) -> Mapping[Folder, Sequence[str] | None]:
        """The directories that are searched like a wheel, with their files, ``None`` for all."""
        private = [private_places(place) for place in self._places]
        whole = [folder for place in self._places for folder in _folders_near(place)]
        whole += [folder for folders, _ in private for folder in folders]
        near: dict[Folder, Sequence[str] | None] = dict.fromkeys(
            folder
            for folder in with_times(whole)
            if not folder[0].endswith(PROGRAMS) or len(files_in(*folder)) <= MOST_PROGRAMS
        )
        single: dict[str, dict[str, None]] = {}
        for folder, files in (one for place in self._places for one in folders_beside(place)):
            hosts = [file for file in files if not file.endswith(PYTHON)]
            single.setdefault(folder, {}).update(dict.fromkeys(hosts))
        for path in (one for _, programs in private for one in programs):
            single.setdefault(os.path.dirname(path), {})[path] = None
        for one in with_times(single):
            near.setdefault(one, tuple(single[one[0]]))
        return near

    @cached_property
    def _folders(self) -> tuple[Folder, ...]:
        """The directories in which a host may be."""
        around = (f for place in self._places for f in _folders_around_place(place, self._module))
        return tuple(dict.fromkeys((*with_times(around), *self._near)))

    @cached_property
    def _links(self) -> Mapping[str, Sequence[str]]:
        """The names of links to libraries in these directories, by the files behind them."""
        links: dict[str, list[str]] = {}
        for folder in self._folders:
            for target, name in _links_in(*folder):
                links.setdefault(target, []).append(name)
        return links

    @cached_property
    def _names(self) -> Iterable[str]:
        """The file names by which the module may be loaded: those of links to it count."""
        own = os.path.basename(self._path), self._module.soname.rpartition("/")[2]
        links = self._links.get(os.path.realpath(self._path), ())
        return dict.fromkeys(filter(None, (*own, *links)))


@lru_cache(maxsize=MOST_FOLDERS)
def _clue_behind_program(place: str, _changed: int) -> Clue:
    return clue_at(place, program=True)


@lru_cache(maxsize=MOST_FOLDERS)
def _users_in(folder: str, changed: int) -> Mapping[str, Sequence[tuple[str, SharedObject]]]:
    """Return a directory's programs and libraries by the names of what they need."""
    users: dict[str, list[tuple[str, SharedObject]]] = {}
    for path, found in _binaries_in(folder, changed):
        for needed in found.needed:
            users.setdefault(needed.rpartition("/")[2], []).append((path, found))
    return users


@lru_cache(maxsize=MOST_FOLDERS)
def _needs_of_programs(folder: Folder, files: Sequence[str] | None) -> Sequence[str]:
    """Return the needs of a directory's programs that have no libpython of their own."""
    programs = [
        found
        for path, found in _binaries_in(*folder)
        if found.program and (files is None or path in files)
    ]
    return [needed for found in programs if not found.libpython for needed in found.needed]


def _folders_around_place(path: str, module: SharedObject) -> Iterator[str]:
    yield from _folders_near(path)
    prefix = prefix_above(path)
    beside = [prefix] if prefix else []
    root = root_around(path, module.search)
    if root is not None:
        yield from root.library_folders
        beside.append(os.path.join(root.folder, "usr"))
    for folder in folders_above(os.path.dirname(path)):
        yield folder
        beside.append(folder)
        if root is None:
            beside += [os.path.join(folder, name) for name in _subfolders(folder)]
    for folder in beside:
        for name in ("", *_BESIDE):
            yield os.path.join(folder, name)


def _folders_near(path: str) -> Iterator[str]:
    """Yield the directories of a package, and where its application has programs."""
    yield from _folders_of_package(path)
    for folder in folders_above(os.path.dirname(path)) if not is_installed(path) else ():
        for name in PROGRAMS:
            yield os.path.join(folder, name)


def _folders_of_package(path: str) -> Iterator[str]:
    folder = os.path.dirname(path)
    above = os.path.dirname(folder)
    for name in ("", *PROGRAMS, *_subfolders(above)):
        yield os.path.join(above, name)
    for _ in range(_MOST_LEVELS):
        yield folder
        for name in _BESIDE:
            yield os.path.join(folder, name)
        if not os.path.isfile(os.path.join(folder, "__init__.py")):
            break
        folder = os.path.dirname(folder)
    if not has_packages(folder):
        yield from folders_below(folder)


def _subfolders(folder: str) -> Sequence[str]:
    """Return the names of an application's directories, none where they are Python's packages.

    There are a few of them; where there are many, each is another application.
    """
    if has_packages(folder):
        return ()
    with suppress(OSError), os.scandir(folder) as entries:
        names = [one.name for one in entries if one.is_dir()]
        return sorted(names) if len(names) <= _MOST_BESIDE else ()
    return ()


@lru_cache(maxsize=16)
def _hosts_and_libraries(
    folders: tuple[Folder, ...],
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, SharedObject]]]:
    """Return the files that may start Python without a need of libpython, by the libraries they load.

    Where a library on the way needs libpython itself, a host has it by that. The other libraries
    follow with their paths, by their names.
    """
    binaries = [binary for folder in folders for binary in _binaries_in(*folder)]
    libraries: dict[str, tuple[str, SharedObject]] = {}
    for path, binary in binaries:
        if not (binary.program or binary.runtime or binary.libpython):
            for name in file_names(path, binary):
                libraries.setdefault(name, (path, binary))
    found: dict[str, str] = {}
    for path, binary in binaries:
        queue = list(binary.needed) if binary.borrows_libpython else []
        for library in queue:
            name = library.rpartition("/")[2]
            if name not in found:
                found[name] = path
                queue += libraries[name][1].needed if name in libraries else ()
    return found, libraries


@lru_cache(maxsize=16)
def _plug_ins_in(folders: tuple[Folder, ...], machine: Machine) -> Sequence[str]:
    """Return the plug-ins in these directories that start Python."""
    objects = dict(binary for folder in folders for binary in _binaries_in(*folder))
    return find_plug_ins(objects, machine)


@lru_cache(maxsize=MOST_FOLDERS)
def _links_in(folder: str, changed: int) -> Sequence[tuple[str, str]]:
    """Return the files behind a directory's links to libraries, each with the link's name."""
    return [
        (os.path.realpath(path), os.path.basename(path))
        for path in files_in(folder, changed)[:MOST_FILES]
        if is_named_like_library(path) and os.path.islink(path)
    ]


@lru_cache(maxsize=MOST_FOLDERS)
def _binaries_in(folder: str, changed: int) -> Sequence[tuple[str, SharedObject]]:
    """Return a directory's programs and libraries, whatever their names are."""
    paths = [one for one in files_in(folder, changed)[:MOST_FILES] if not one.endswith(PYTHON)]
    found = [(path, read_object_at(path)) for path in paths]
    return [
        (path, binary)
        for path, binary in found
        if binary is not None and (not binary.program or os.access(path, os.X_OK))
    ]
