"""Small ELF shared objects, made by hand for every class and byte order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import pack

#: Bits and byte order, as ``struct`` spells it.
LAYOUTS = [(32, "<"), (32, ">"), (64, "<"), (64, ">")]
_BASE = 0x10000


def made_elf(
    bits: int,
    order: str,
    *,
    needed: Sequence[str],
    soname: str = "",
    runpath: str = "",
    more: Sequence[tuple[int, int]] = (),
    dynamic_shift: int = 0,
    tables: Mapping[int, bytes] | None = None,
    segments: Sequence[tuple[int, int, int, int]] = (),
    symbols_address: int = 0,
) -> bytes:
    """Return a shared object that defines ``PyInit_x`` and calls ``Py_IncRef``.

    ``more`` are further dynamic entries; ``dynamic_shift`` makes the address of the
    dynamic section lie in its segment. ``tables`` stand in place of the SysV hash table,
    each by the tag of the entry that leads to it. ``segments`` are further program headers:
    type, offset, address, size. ``symbols_address`` is where the entry for symbols leads
    instead.
    """
    wide = bits == 64
    header, program, symbol = (64, 56, 24) if wide else (52, 32, 16)
    strings = bytearray(b"\0")

    def text(value: str) -> int:
        at = len(strings)
        strings.extend(value.encode() + b"\0")
        return at

    entries = [(1, text(name)) for name in needed]
    entries += [(14, text(soname))] if soname else []
    entries += [(29, text(runpath))] if runpath else []
    names = [0, text("PyInit_x"), text("Py_IncRef")]
    symbols = b""
    for number, name in enumerate(names):
        section = 1 if number == 1 else 0
        if wide:
            symbols += pack(f"{order}IBBHQQ", name, 0x12, 0, section, 0, 0)
        else:
            symbols += pack(f"{order}IIIBBH", name, 0, 0, 0x12, 0, section)
    assert len(symbols) == symbol * len(names)
    if tables is None:
        tables = {4: pack(f"{order}5I", 1, len(names), 1, 0, 0)}
    tables_at = header + (2 + len(segments)) * program
    stored = b""
    for tag, table in tables.items():
        entries += [(tag, _BASE + tables_at + len(stored))]
        stored += table + bytes(-len(table) % 8)
    symbols_at = tables_at + len(stored)
    strings_at = symbols_at + len(symbols)
    dynamic_at = strings_at + len(strings)
    dynamic_at += -dynamic_at % 16
    entries += [(5, _BASE + strings_at), (6, symbols_address or _BASE + symbols_at)]
    entries += [(10, len(strings)), *more, (0, 0), (0, 0)]
    dynamic = b"".join(pack(f"{order}{'QQ' if wide else 'II'}", *entry) for entry in entries)
    size = dynamic_at + len(dynamic)
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    head = pack(
        f"{order}HHI{'QQQ' if wide else 'III'}I6H",
        *(3, 0x3E if wide else 3, 1, 0, header, 0, 0),
        *(header, program, 2 + len(segments), 0, 0, 0),
    )
    all_segments = [
        (1, 0, _BASE, size),
        (2, dynamic_at, _BASE + dynamic_at + dynamic_shift, len(dynamic)),
        *segments,
    ]
    headers = b""
    for kind, at, address, length in all_segments:
        if wide:
            headers += pack(f"{order}IIQQQQQQ", kind, 4, at, address, address, length, length, 8)
        else:
            headers += pack(f"{order}8I", kind, at, address, address, length, length, 4, 8)
    whole = ident + head + headers + stored + symbols + bytes(strings)
    return whole.ljust(dynamic_at, b"\0") + dynamic
