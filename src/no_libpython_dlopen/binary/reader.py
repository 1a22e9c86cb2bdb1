"""From a binary or an archive of them to facts, whatever it is packed in.

A module with nothing to say ends here, before what makes facts is imported.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary import needed_libraries
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.binary.shared_object import read_shared_object
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.binary.archives.texts import TextMembers
    from no_libpython_dlopen.binary.formats.random_access import Read
    from no_libpython_dlopen.binary.shared_object import SharedObject
    from no_libpython_dlopen.binary.system_root import SystemRoot
    from no_libpython_dlopen.model.facts import Fact
    from no_libpython_dlopen.model.source import Unreadable


def read(
    path: str,
    kind: Kind,
    texts: TextMembers | None = None,
    root: SystemRoot | None = None,
    given: Iterable[str] = (),
) -> Iterator[Fact]:
    """Yield the facts of a binary, or of each member of an archive.

    ``root`` is that of the system that a binary belongs to, ``given`` are the directories that were
    given to the run. ``texts`` is filled with the texts of an archive, which are not judged here.
    Raises ``source.Unreadable`` where the file cannot be opened, or is no regular file.
    """
    if kind is Kind.ARCHIVE:
        from no_libpython_dlopen.binary.archives import reading

        yield from reading.read(path, texts)
        return
    try:
        descriptor, _ = safe_open(path)
    except OSError as error:
        raise _unreadable(error) from None
    try:
        yield from read_bytes(path, descriptor_reader(descriptor), root, given)
    except OSError as error:
        raise _unreadable(error) from None
    finally:
        os.close(descriptor)


def read_bytes(
    name: str, read: Read, root: SystemRoot | None = None, given: Iterable[str] = ()
) -> list[Fact]:
    """Return the facts of one shared object whose bytes ``read`` gives.

    ``name`` is its path, or what it would be called on disk: with the symbols it decides
    whether this is an extension module, and libraries beside it are looked at where the
    module's own search path leads to them, or the loader of the system with this ``root``.
    """
    try:
        found = read_shared_object(name, read)
    except MalformedBinary as malformed:
        from no_libpython_dlopen.model.facts import Unread

        return [Unread(str(malformed))]
    if found is None or not found.module:
        return []
    shipped = bool(found.libpython) and _has_second_copy(name, found)
    through, unread = None, ""
    if found.libpython and root is None:  # whether its entry is the only one decides on a fix
        from no_libpython_dlopen.binary.system_root import root_around

        root = root_around(name, found.search)
    try:
        through = needed_libraries.find_indirect_need(name, found, root)
    except MalformedBinary as malformed:
        unread = str(malformed)
    if not (found.libpython or found.core or found.hidden or through or unread):
        return []
    from no_libpython_dlopen.binary import binary_facts
    from no_libpython_dlopen.binary.repair.plan import link_blocker

    no_repair = link_blocker(name)
    if through and found.libpython:
        no_repair = no_repair or f"`{through[0]}`, which it loads, needs it too: link both again"
    if found.libpython and not (found.no_repair or no_repair or unread):
        no_repair = _blocker_around(name, found, root, given)
    facts = binary_facts.facts_of(name, found, shipped=shipped, no_repair=no_repair)
    if through and not found.libpython:
        facts.append(binary_facts.indirect_need(name, *through))
    if unread:
        from no_libpython_dlopen.model.facts import Unread

        facts.append(Unread(unread))
    return facts


def _has_second_copy(name: str, found: SharedObject) -> bool:
    """Return whether the program around a module has a libpython for it besides its own.

    Its own, which it has loaded before, is left out of what the module needs.
    """
    from no_libpython_dlopen.binary import frozen_programs

    program = frozen_programs.folder_around(name)
    found.forget_libpython(lambda library: frozen_programs.loads(program, library))
    return any(frozen_programs.has(program, library) for library in found.libpython)


def _blocker_around(
    name: str, found: SharedObject, root: SystemRoot | None, given: Iterable[str]
) -> str:
    """Return the reason why what lies around a module forbids its repair, empty for none.

    What only makes it unsafe becomes the module's doubt.
    """
    from no_libpython_dlopen.binary import binary_facts
    from no_libpython_dlopen.binary.linked_programs import Surroundings

    around = Surroundings(name, found, given)
    place = around.find_host(root)
    if host := place and needed_libraries.read_object_at(place):
        return binary_facts.host_blocker(host, _as_named(place, name))
    place, clue = around.find_clue(root)
    shown = place and _as_named(place, name)
    if clue.function:
        return binary_facts.lookup_blocker(shown, clue.function)
    if clue.doubt:
        found.doubt = binary_facts.loader_caveat(shown, clue.doubt)
    return ""


def _as_named(place: str, name: str) -> str:
    """Return the path of a file as the module's is written: absolute, or from where we are."""
    return os.path.abspath(place) if os.path.isabs(name) else os.path.relpath(place)


def _unreadable(error: OSError) -> Unreadable:
    from no_libpython_dlopen.model.source import Unreadable

    return Unreadable(error.strerror or str(error))
