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
from no_libpython_dlopen.binary.plug_ins import dependencies_of, find_plug_ins
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
    """Note a doubt about each module that a plug-in of another program may load or import.

    A library that nothing here loads may be a plug-in, and loads what it is linked to.
    """
    loaded = {needed.rpartition("/")[2] for found in objects.values() for needed in found.needed}
    users = {
        needed.rpartition("/")[2]: path
        for path, found in objects.items()
        if found.is_library and loaded.isdisjoint(file_names(path, found))
        for needed in found.needed
    }
    machines = {found.machine for found in modules.values()}
    plug_ins = {machine: find_plug_ins(objects, machine) for machine in machines}
    for path, found in modules.items():
        for plug_in in plug_ins[found.machine][:1]:
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
    """Return the paths of programs and of the libraries that they load, all without libpython."""
    bare = {path: found for path, found in objects.items() if not found.libpython}
    programs = [path for path, found in bare.items() if found.program]
    return {*programs, *dependencies_of(programs, bare)}
