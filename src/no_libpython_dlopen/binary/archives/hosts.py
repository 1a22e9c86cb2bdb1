"""The members of an archive by which something other than Python may load its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from no_libpython_dlopen.binary import binary_facts
from no_libpython_dlopen.binary.archives.members import printable
from no_libpython_dlopen.binary.archives.seekable_stream import InflatesTooMuch
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.binary.host_clues import (
    LINKED,
    NAMES_IT,
    PLUG_IN,
    Clue,
    clue_in,
    name_in_clues,
)
from no_libpython_dlopen.binary.shared_object import file_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from no_libpython_dlopen.binary.archives.members import Member
    from no_libpython_dlopen.binary.shared_object import SharedObject


def find_lookup(
    objects: Mapping[str, SharedObject], members: Callable[[], Iterator[Member]]
) -> str:
    """Return why no module of an archive is to be repaired, empty for most; note other doubts.

    ``objects`` are its binaries. Its ``members`` are read only if one of these needs libpython.
    """
    modules = {
        path: found
        for path, found in objects.items()
        if found.libpython and not (found.runtime or found.no_repair)
    }
    if not modules:
        return ""
    named: dict[bytes, set[str]] = {}
    for path in modules:
        named.setdefault(name_in_clues(path.rpartition("/")[2]), set()).add(path)
    programs = _loaded_by_programs(objects)
    _doubt_what_libraries_need(modules, objects)
    lookup, certain = "", {path: found for path, found in modules.items() if not found.doubt}
    try:
        for member in members():
            clue = _clue_in(member, objects.get(member.path), member.path in programs)
            shown = printable(member.path)
            if clue.function:
                lookup = lookup or binary_facts.lookup_blocker(shown, clue.function)
            caveat = binary_facts.loader_caveat(shown, clue.doubt or NAMES_IT)
            meant = (
                list(certain) if clue.doubt else [p for n in clue.names for p in named.pop(n, ())]
            )
            for path in meant:
                if found := certain.pop(path, None):
                    found.doubt = caveat
    except MalformedBinary as malformed:
        for found in modules.values():
            found.doubt = f"the archive cannot be searched for programs that load it: {malformed}"
    return lookup


def _doubt_what_libraries_need(
    modules: Mapping[str, SharedObject], objects: Mapping[str, SharedObject]
) -> None:
    """Note a doubt about each module that a library needs which nothing here loads.

    The library may be a plug-in of another program. One that starts Python by itself may import any
    module.
    """
    loaded = {needed.rpartition("/")[2] for found in objects.values() for needed in found.needed}
    unloaded = {
        path: found
        for path, found in objects.items()
        if (found.is_library or found.is_plug_in) and loaded.isdisjoint(file_names(path, found))
    }
    users = {
        needed.rpartition("/")[2]: path
        for path, found in unloaded.items()
        if found.is_library
        for needed in found.needed
    }
    plug_ins = (path for path, found in unloaded.items() if found.is_plug_in)
    plug_in = next(plug_ins, "")
    for path, found in modules.items():
        if plug_in:
            found.doubt = binary_facts.loader_caveat(printable(plug_in), PLUG_IN)
        for user in filter(None, map(users.get, file_names(path, found))):
            found.doubt = binary_facts.loader_caveat(printable(user), LINKED)


def _clue_in(member: Member, found: SharedObject | None, program: bool) -> Clue:
    if member.read is None or (found and (found.runtime or found.libpython)):
        return Clue()
    module = found is not None and found.module
    try:
        return clue_in(member.path, member.read, member.size, program=program, module=module)
    except InflatesTooMuch:
        raise
    except MalformedBinary:  # no loader takes it
        return Clue()


def _loaded_by_programs(objects: Mapping[str, SharedObject]) -> set[str]:
    """Return the paths of the programs that have no libpython, and of the libraries they load."""
    paths: dict[str, list[str]] = {}
    for path, found in objects.items():
        for name in file_names(path, found):
            paths.setdefault(name, []).append(path)
    queue = [path for path, found in objects.items() if found.program]
    seen = set(queue)
    for path in queue:
        for needed in () if objects[path].libpython else objects[path].needed:
            for library in paths.pop(needed.rpartition("/")[2], ()):
                if library not in seen:
                    seen.add(library)
                    queue.append(library)
    return seen
