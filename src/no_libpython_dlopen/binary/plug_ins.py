"""Which files another program may open as plug-ins that start Python by a libpython of their own.

A program opens a plug-in so that no other library sees what it needs (``RTLD_LOCAL``: JNI, .NET, Node,
``QLibrary``). The modules that its Python imports then need an entry for libpython as well. A file is
a possible plug-in by its type and its symbols, whatever it is called: a shared object that no program
and no module of the same artefact loads, or a module that itself starts Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.shared_object import file_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from no_libpython_dlopen.binary.search_paths import Machine
    from no_libpython_dlopen.binary.shared_object import SharedObject


def find_plug_ins(objects: Mapping[str, SharedObject], machine: Machine) -> Sequence[str]:
    """Return the paths of ``objects`` for this machine by which a program may start Python.

    A plug-in may leave the start, or the need of libpython, to a library that it needs.
    """
    if not any(one.starts for one in objects.values()):
        return ()
    objects = {path: one for path, one in objects.items() if one.machine == machine}
    programs = [path for path, one in objects.items() if one.program]
    modules = [path for path, one in objects.items() if one.module]
    by_programs = dependencies_of(programs, objects)
    loaded = dependencies_of([*programs, *modules], objects)
    starting = _users_of([path for path, one in objects.items() if one.starts], objects)
    bringing = _users_of([path for path, one in objects.items() if one.libpython], objects)
    return [
        path
        for path in starting
        if path in bringing
        and (
            objects[path].starts and path not in by_programs
            if objects[path].module
            else path not in loaded
        )
    ]


def dependencies_of(starts: Sequence[str], objects: Mapping[str, SharedObject]) -> set[str]:
    """Return the paths of the ``objects`` that those at ``starts`` need, however indirectly."""
    paths: dict[str, list[str]] = {}
    for path, found in objects.items():
        for name in file_names(path, found):
            paths.setdefault(name, []).append(path)
    seen: dict[str, None] = {}
    queue = list(starts)
    for path in queue:
        for needed in objects[path].needed:
            for library in paths.pop(needed.rpartition("/")[2], ()):
                if library not in seen:
                    seen[library] = None
                    queue.append(library)
    return set(seen)


def _users_of(ends: Sequence[str], objects: Mapping[str, SharedObject]) -> dict[str, None]:
    """Return the libraries and modules at ``ends``, and the libraries that need one of them.

    They may need it indirectly. Programs and runtimes are no plug-ins, and a module is one only
    by its own symbols.
    """
    users: dict[str, list[str]] = {}
    for path, found in objects.items():
        for needed in () if found.program or found.runtime or found.module else found.needed:
            users.setdefault(needed.rpartition("/")[2], []).append(path)
    seen = {path: None for path in ends if not (objects[path].program or objects[path].runtime)}
    queue = list(seen)
    for path in queue:
        for name in file_names(path, objects[path]):
            for user in users.pop(name, ()):
                if user not in seen:
                    seen[user] = None
                    queue.append(user)
    return seen
