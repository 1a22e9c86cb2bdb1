"""Removes libpython from an ELF file's list of needed libraries, in place.

The dynamic section is a table of (tag, value) pairs that ends with ``DT_NULL``. The
entries behind a removed one move up and the end is filled with ``DT_NULL``: no other byte
of the file changes, and nothing moves that something else points to. patchelf and LIEF
write the same bytes; the tests compare.
"""

from __future__ import annotations

from no_libpython_dlopen.binary.formats.elf import DT_LOADS, DT_NEEDED, Elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.knowledge.libpython_names import is_libpython

#: Entries after which none may move: ``DT_MIPS_RLD_MAP_REL`` is relative to its own
#: place, ``DT_POSFLAG_1`` belongs to the entry behind it, and the table of ``DT_SYMINFO``
#: (Solaris) has numbers of entries.
_FIXED = frozenset({0x70000035, 0x6FFFFDFD, 0x6FFFFEFF})


class Patch:
    """``new`` replaces ``old``, of the same length, at ``offset`` of the file."""

    __slots__ = ("new", "offset", "old")

    def __init__(self, offset: int, old: bytes, new: bytes) -> None:
        self.offset = offset
        self.old = old
        self.new = new

    def apply_to(self, offset: int, data: bytes) -> bytes:
        """Return ``data``, which stands at ``offset`` of the file, with the patch applied."""
        start = max(self.offset, offset)
        end = min(self.offset + len(self.new), offset + len(data))
        if start >= end:
            return data
        new = self.new[start - self.offset : end - self.offset]
        return data[: start - offset] + new + data[end - offset :]


def repair_blocker(elf: Elf) -> str:
    """Return the reason why libpython cannot be removed from what ``elf`` needs, empty for none.

    The removal is tried in memory. Raises ``MalformedBinary``.
    """
    versioned = [library for library in elf.version_needs() if is_libpython(library)]
    if versioned:
        return f"`DT_VERNEED` references `{versioned[0]}`: relink the module without it"
    loads = [tag for tag, _ in elf.entries if tag in DT_LOADS]
    if any(is_libpython(n) for tag, n in zip(loads, elf.needed, strict=True) if tag != DT_NEEDED):
        return "`DT_FILTER` or `DT_AUXILIARY` names it: relink the module without that"
    if any(tag in _FIXED for tag, _ in elf.entries):
        return "its dynamic section holds an entry that cannot be moved"
    if (len(elf.entries) + 1) * elf.bits // 4 > elf.dynamic_size:  # loaders read on
        return "its dynamic section has no end"
    try:
        mapped = elf.offset_of(elf.dynamic_address, "the dynamic section")
    except MalformedBinary as malformed:
        return str(malformed)
    if mapped != elf.dynamic_offset:
        return "its program headers disagree about the location of the dynamic section"
    try:  # a name may stand in the dynamic section itself
        said = contradiction(elf, elf.with_bytes(plan(elf).apply_to))
    except MalformedBinary as malformed:
        said = str(malformed)
    return f"the repaired file would be wrong: {said}" if said else ""


def plan(elf: Elf) -> Patch:
    """Return the patch that removes every libpython; ``repair_blocker`` must have found nothing.

    The needed names are in the order of their entries.
    """
    names = iter(elf.needed)
    kept = [
        entry for entry in elf.entries if entry[0] not in DT_LOADS or not is_libpython(next(names))
    ]
    removed = len(elf.entries) - len(kept)
    return Patch(
        elf.dynamic_offset,
        elf.pack_entries(elf.entries),
        elf.pack_entries([*kept, *[(0, 0)] * removed]),
    )


def contradiction(before: Elf, after: Elf) -> str:
    """Return in what else than libpython two readings of a file differ, or nothing."""
    if after.needed != tuple([name for name in before.needed if not is_libpython(name)]):
        return "the needed libraries are not those that were planned"
    for field in ("bits", "order", "type", "machine", "soname", "rpath", "runpath"):
        if getattr(before, field) != getattr(after, field):
            return f"its {field} changed"
    if before.version_needs() != after.version_needs():
        return "its version references changed"
    return ""
