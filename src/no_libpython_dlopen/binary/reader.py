"""From a binary or an archive of them to facts, whatever it is packed in."""

from __future__ import annotations

from no_libpython_dlopen.binary.access import Malformed, of_descriptor
from no_libpython_dlopen.binary.module import SharedObject, read_shared_object
from no_libpython_dlopen.facts import Embedded, Fact, Needed, Unread
from no_libpython_dlopen.finding import Applicability, Fix
from no_libpython_dlopen.source import Kind, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.access import Read


def read(path: str, kind: Kind) -> Iterator[Fact]:
    """Yield what a binary, or each member of an archive, has to do with libpython.

    Raises ``source.Unreadable`` where the file cannot be opened.
    """
    import os

    if kind is Kind.ARCHIVE:
        from no_libpython_dlopen.binary import archive

        yield from archive.read(path)
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    try:
        yield from read_bytes(path, of_descriptor(descriptor))
    finally:
        os.close(descriptor)


def read_bytes(name: str, read: Read, member: str = "") -> list[Fact]:
    """Return the facts of one shared object whose bytes ``read`` gives.

    ``name`` decides with the symbols whether it is an extension module; ``member`` is
    its path inside an archive, if it stands in one.
    """
    try:
        found = read_shared_object(name, read)
    except Malformed as malformed:
        return [Unread(str(malformed), member=member)]
    return facts_of(name, found, member) if found is not None else []


def facts_of(name: str, found: SharedObject, member: str) -> list[Fact]:
    """Return the facts that one shared object, looked at by itself, amounts to."""
    facts: list[Fact] = []
    if not found.module:
        return facts
    if found.libpython:
        reason = _no_repair(found)
        fix = None
        if not reason:
            names = ", ".join(f"`{library}`" for library in found.libpython)
            fix = Fix(Applicability.SAFE, f"remove {names} from `DT_NEEDED`")
        facts.append(Needed(member, found.libpython, fails_on(name, found), fix, reason))
    if found.core:
        facts.append(Embedded(member, found.core))
    return facts


def _no_repair(found: SharedObject) -> str:
    """Return why the entry cannot be removed, or nothing."""
    if found.format == "macho":
        return "removing a Mach-O load command renumbers the libraries that symbols refer to"
    if found.versioned:
        return f"its symbols carry a version need on `{found.versioned[0]}`"
    return ""


def fails_on(name: str, found: SharedObject) -> str:
    """Return in one clause on which interpreters the module ``name`` fails."""
    clause = (
        "fails to import, or maps a second runtime, on an interpreter that is linked statically "
        "or that has another name for it"
    )
    if name.endswith((".abi3.so", ".abi3t.so")) and any(
        not stub_of_stable_abi(library) for library in found.libpython
    ):
        clause += ", and on every other Python version"
    return clause


def stub_of_stable_abi(library: str) -> bool:
    """Tell whether ``library`` is ``libpython3.so``, which every Python 3 may have."""
    return library.rpartition("/")[2].startswith(("libpython3.so", "libpython3t.so"))
