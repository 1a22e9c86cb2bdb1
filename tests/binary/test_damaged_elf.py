"""What the ELF reader says of each kind of damage, how far it goes, and what it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack, pack_into

import pytest

from no_libpython_dlopen.binary.formats.elf import read_elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, bytes_reader
from tests.binary.made_elf import LAYOUTS, made_elf

LIBRARY = "libpython3.12.so.1.0"
HASH, STRTAB, SYMTAB, STRSZ, SONAME, RPATH, RUNPATH = 4, 5, 6, 10, 14, 15, 29
GNU_HASH, FLAGS_1, VERNEED, VERNEEDNUM = 0x6FFFFEF5, 0x6FFFFFFB, 0x6FFFFFFE, 0x6FFFFFFF
MIPS_SYMTABNO = 0x70000011
#: Where a value of the 64-bit header stands.
PHOFF, SHOFF, PHENTSIZE, PHNUM, SHENTSIZE = 32, 40, 54, 56, 58
FAR = 1 << 62

Damage = Callable[[bytearray], None]


def made(tables: dict[int, bytes] | None = None, more: Sequence[tuple[int, int]] = ()) -> bytearray:
    return bytearray(made_elf(64, "<", needed=[LIBRARY], tables=tables, more=more))


def short(place: int, value: int) -> Damage:
    return lambda data: pack_into("<H", data, place, value)


def wide(place: int, value: int) -> Damage:
    return lambda data: pack_into("<Q", data, place, value)


def byte(place: int, value: int) -> Damage:
    return lambda data: data.__setitem__(place, value)


def cut(size: int) -> Damage:
    return lambda data: data.__delitem__(slice(size, None))


def entry(tag: int, value: int | None) -> Damage:
    """Give the entry of ``tag`` another value, or with ``None`` a tag that nobody reads."""

    def damage(data: bytearray) -> None:
        elf = read_elf(bytes_reader(bytes(data)))
        at = elf.dynamic_offset + 16 * [found for found, _ in elf.entries].index(tag)
        pack_into("<Q", data, at if value is None else at + 8, 99 if value is None else value)

    return damage


def segment(number: int, field: int, value: int) -> Damage:
    """Change a field of a program header: 8 is its offset, 16 its address, 32 its size."""
    return wide(64 + 56 * number + field, value)


def both(*damages: Damage) -> Damage:
    def damage(data: bytearray) -> None:
        for one in damages:
            one(data)

    return damage


def said(data: bytes) -> str:
    """Return what the reader says of a file when it is asked for all that it can tell."""
    try:
        elf = read_elf(bytes_reader(data))
        elf.version_needs()
        elf.holds((b"Py_",))
        elf.symbols((b"PyInit_", b"Py_"))
    except MalformedBinary as malformed:
        return str(malformed)
    return ""


@pytest.mark.parametrize(
    ("damage", "clause"),
    [
        (cut(15), "truncated: the ELF header ends after 15 of 16 bytes"),
        (cut(63), "truncated: the ELF header ends after 63 of 64 bytes"),
        (cut(16), "truncated: the ELF header ends after 16 of 64 bytes"),
        (byte(3, ord("G")), "not an ELF file"),
        (byte(4, 0), "not an ELF file"),
        (byte(4, 3), "not an ELF file"),
        (byte(5, 0), "not an ELF file"),
        (byte(5, 3), "not an ELF file"),
        (both(short(PHNUM, 0xFFFF), wide(SHOFF, FAR)), "the first section header lies outside the file"),
        (short(PHENTSIZE, 55), "corrupt: claims 2 program headers of 55 bytes"),
        (both(short(PHNUM, 0xFFFE), short(PHENTSIZE, 65)), "corrupt: claims 65534 program headers of 65 bytes"),
        (
            both(short(PHNUM, 0x8000), short(PHENTSIZE, 0x80), cut(200)),
            "truncated: the program header table ends after 136 of 4194304 bytes",
        ),
        (wide(PHOFF, FAR), "the program header table lies outside the file"),
        (segment(1, 32, (1 << 20) + 1), "corrupt: claims a dynamic section of 1048577 bytes"),
        (
            both(segment(1, 32, 1 << 20), segment(1, 8, 0x40), cut(176)),
            "truncated: the dynamic section ends after 112 of 1048576 bytes",
        ),
        (segment(1, 8, FAR), "the dynamic section lies outside the file"),
        (entry(STRTAB, None), "the dynamic section lacks a string table"),
        (entry(STRTAB, 5), "the string table lies in no segment"),
        (entry(1, 1 << 20), "a DT_NEEDED name does not end"),
        (entry(1, FAR), "a DT_NEEDED name lies outside the file"),
        (entry(STRSZ, None), "the dynamic section lacks the string table's size"),
        (entry(SYMTAB, 5), "the symbol table lies in no segment"),
        (entry(HASH, 5), "the hash table lies in no segment"),
    ],
)  # fmt: skip
def test_damage_is_one_clause_that_says_where(damage: Damage, clause: str) -> None:
    data = made()
    assert said(bytes(data)) == ""
    damage(data)
    assert said(bytes(data)) == clause


def need(*, count: int = 1, file: int = 1, first: int = 16, following: int = 0) -> bytes:
    return pack("<HHIII", 1, count, file, first, following)


def version(name: int = 1, step: int = 0) -> bytes:
    return pack("<IHHII", 0, 0, 0, name, step)


@pytest.mark.parametrize(
    ("tables", "more", "clause"),
    [
        ({}, [(SONAME, 1 << 20)], "the soname does not end"),
        ({}, [(RPATH, 1 << 20)], "the RPATH does not end"),
        ({}, [(RUNPATH, 1 << 20)], "the RUNPATH does not end"),
        ({}, [(VERNEED, 5), (VERNEEDNUM, 1)], "the version needs lies in no segment"),
        ({VERNEED: need(file=1 << 20) + version()}, [], "a versioned library's name does not end"),
        ({VERNEED: need() + version(1 << 20)}, [], "a version's name does not end"),
        ({VERNEED: need(first=FAR >> 32) + version()}, [], "truncated: a version need ends after 0 of 16 bytes"),
        ({VERNEED: need(following=1 << 30) + version()}, [], "truncated: a version need ends after 0 of 16 bytes"),
        ({VERNEED: b"".join([need(count=2000, following=16)] * 2) + version(step=16) * 2000}, [], ""),
        (
            {VERNEED: b"".join([need(count=8192, following=16)] * 3) + version(step=16) * 8194},
            [],
            "the version needs are longer than any linker writes",
        ),
        ({GNU_HASH: pack("<4I", 1 << 24, 1, 0, 0)}, [], "the hash table does not end"),
        ({GNU_HASH: pack("<4I", (1 << 24) + 1, 1, 0, 0)}, [], "corrupt: claims a hash table of 16777217 buckets"),
        ({GNU_HASH: pack("<4I", 1, 1, 1 << 20, 0)}, [], ""),  # no bucket is left: nothing is hashed
        ({GNU_HASH: pack("<6I", 1, 1, 0, 0, 1 << 20, 1)}, [], "the hash table does not end"),
    ],
)  # fmt: skip
def test_damage_in_what_the_dynamic_section_leads_to_is_one_clause(
    tables: dict[int, bytes], more: list[tuple[int, int]], clause: str
) -> None:
    if VERNEED in tables:
        more = [*more, (VERNEEDNUM, 3)]
    assert said(bytes(made(tables, more))) == clause


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_the_count_of_symbols_is_found_by_each_hash_table(bits: int, order: str) -> None:
    """Three symbols: none, ``PyInit_x`` and ``Py_IncRef``."""

    def words(*values: int) -> bytes:
        return pack(f"{order}{len(values)}I", *values)

    filters = bytes(2 * bits // 8)
    every = {"PyInit_x": True, "Py_IncRef": False}
    none_hashed = {"PyInit_x": True}
    for tables, more, expected in (
        ({HASH: words(1, 3, 1, 0, 0)}, [], every),
        ({HASH: words(9, 2, 1, 0, 0)}, [], none_hashed),
        ({HASH: words(1, 0xFFFFFFFF, 1, 0, 0)}, [], every),  # without sign, up to the file's end
        # Two buckets, both filters long; the last bucket begins at 1, its chain has 2 symbols.
        ({GNU_HASH: words(2, 1, 2, 0) + filters + words(0, 1, 2, 5)}, [], every),
        ({GNU_HASH: words(2, 1, 2, 0) + filters + words(1, 2, 2, 5)}, [], every),
        ({GNU_HASH: words(2, 1, 2, 0) + filters + words(2, 1, 3, 5)}, [], every),
        ({GNU_HASH: words(1, 1, 2, 0) + filters + words(1, 3, 5)}, [], none_hashed),
        # Nothing is hashed: what stands before the first hashed symbol is all.
        ({GNU_HASH: words(1, 2, 2, 0) + filters + words(0, 3)}, [], none_hashed),
        ({GNU_HASH: words(1, 3, 2, 0) + filters + words(0, 3)}, [], every),
        ({GNU_HASH: words(0, 3, 2, 0) + filters}, [], every),
        ({HASH: words(1, 3, 1, 0, 0), GNU_HASH: words(1, 2, 0, 0, 0)}, [], every),
        # Without any, the strings stand right behind the symbols.
        ({}, [], every),
        ({}, [(MIPS_SYMTABNO, 2)], every),  # an entry that means this on MIPS only
    ):
        data = made_elf(bits, order, needed=[LIBRARY], tables=tables, more=more)
        assert read_elf(bytes_reader(data)).symbols((b"Py",)) == expected, (tables, more)


def test_some_machines_count_symbols_in_their_own_way() -> None:
    wide_words = {HASH: pack(">QQ", 1, 2)}
    for machine, tables, more, expected in (
        (22, wide_words, (), {"PyInit_x"}),
        (0x9026, wide_words, (), {"PyInit_x"}),
        (22, {HASH: pack(">QQ", 1, (1 << 64) - 1)}, (), {"PyInit_x", "Py_IncRef"}),
        (21, wide_words, (), set()),  # read as words of 4 bytes: 0 and 1
        (8, {}, [(MIPS_SYMTABNO, 2)], {"PyInit_x"}),
        (8, {}, (), {"PyInit_x", "Py_IncRef"}),
        (8, {HASH: pack(">II", 1, 3)}, [(MIPS_SYMTABNO, 2)], {"PyInit_x", "Py_IncRef"}),
    ):
        data = bytearray(made_elf(64, ">", needed=[LIBRARY], tables=tables, more=more))
        pack_into(">H", data, 18, machine)
        assert read_elf(bytes_reader(bytes(data))).symbols((b"Py",)).keys() == expected, machine
    data = bytearray(made_elf(32, ">", needed=[LIBRARY], tables={HASH: pack(">II", 2, 3)}))
    pack_into(">H", data, 18, 22)  # S/390 of 31 bits has ordinary words
    assert len(read_elf(bytes_reader(bytes(data))).symbols((b"Py",))) == 2


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_version_needs_are_told_by_library(bits: int, order: str) -> None:
    names = ["libA.so", "V1", "V2", "libB.so"]
    library, first, second, other = [1, 9, 12, 15]

    def needing(count: int, file: int, at: int, following: int) -> bytes:
        return pack(f"{order}HHIII", 1, count, file, at, following)

    def named(name: int, step: int) -> bytes:
        return pack(f"{order}IHHII", 7, 0, 0, name, step)

    for table, number, expected in (
        (needing(1, library, 16, 0) + named(first, 0), 1, {"libA.so": ("V1",)}),
        (
            needing(2, library, 16, 0) + named(second, 24) + bytes(8) + named(first, 16),
            1,
            {"libA.so": ("V2", "V1")},
        ),
        # A step of nothing is the end, whatever the count says; so is the count.
        (needing(5, library, 16, 0) + named(first, 0) + named(second, 0), 1, {"libA.so": ("V1",)}),
        (needing(1, library, 16, 0) + named(first, 16) + named(second, 0), 1, {"libA.so": ("V1",)}),
        (
            needing(1, library, 32, 16) + needing(1, other, 32, 0) + named(first, 0) + named(second, 0),
            5,
            {"libA.so": ("V1",), "libB.so": ("V2",)},
        ),
        (
            needing(1, library, 32, 16) + needing(1, library, 32, 0) + named(first, 0) + named(second, 0),
            2,
            {"libA.so": ("V1", "V2")},
        ),
        (
            needing(1, library, 32, 16) + needing(1, other, 32, 0) + named(first, 0) + named(second, 0),
            1,
            {"libA.so": ("V1",)},
        ),
        (needing(0, library, 16, 0), 1, {"libA.so": ()}),
        (needing(1, library, 16, 0) + named(first, 0), 0, {}),
    ):  # fmt: skip
        more = [(VERNEEDNUM, number)]
        data = made_elf(bits, order, needed=names, tables={VERNEED: table}, more=more)
        assert read_elf(bytes_reader(data)).version_needs() == expected
    without = made_elf(bits, order, needed=names, tables={VERNEED: needing(1, library, 16, 0)})
    assert read_elf(bytes_reader(without)).version_needs() == {}  # their number is not told
    assert read_elf(bytes_reader(made_elf(bits, order, needed=names))).version_needs() == {}


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_a_note_of_android_is_seen(bits: int, order: str) -> None:
    note = pack(f"{order}III", 8, 4, 1) + b"Android\0" + pack(f"{order}I", 21)
    data = made_elf(bits, order, needed=[LIBRARY])
    at = len(data) + (56 if bits == 64 else 32)  # one header more
    for kind, size, content, android in (
        (4, len(note), note, True),
        (4, len(note) - 4, note, True),
        (4, 12, note, False),
        (4, 0, note, False),
        (4, 1 << 16, note, True),
        (4, (1 << 16) + 1, note, False),
        (4, len(note), note.lower(), False),
        (4, len(note), note.replace(b"\0", b"!"), False),
        (5, len(note), note, False),
    ):
        made = made_elf(bits, order, needed=[LIBRARY], segments=[(kind, at + 16, 0, size)])
        assert read_elf(bytes_reader(made.ljust(at + 16, b"\0") + content)).android is android
    two = [(4, at + 80, 0, len(note)), (4, 0, 0, 16)]
    made = made_elf(bits, order, needed=[LIBRARY], segments=two)
    assert read_elf(bytes_reader(made.ljust(at + 80, b"\0") + note)).android is True


def test_a_program_is_told_by_its_type_its_mark_or_its_interpreter() -> None:
    interpreter = [(3, 0, 0, 4)]
    for soname, segments, more, executable, interprets in (
        ("", (), (), False, False),
        ("", interpreter, (), True, True),
        ("a.so", interpreter, (), False, True),
        ("a.so", (), [(FLAGS_1, 0x08000000)], True, False),
        ("a.so", (), [(FLAGS_1, 0x08000001)], True, False),
        ("a.so", (), [(FLAGS_1, 0x77FFFFFF)], False, False),
    ):
        data = made_elf(64, "<", needed=[LIBRARY], soname=soname, segments=segments, more=more)
        elf = read_elf(bytes_reader(data))
        assert (elf.executable, elf.interpreter) == (executable, interprets)


def test_a_file_without_dynamic_section_needs_nothing() -> None:
    nowhere = both(segment(1, 32, 0), segment(1, 8, FAR))
    for damage in (short(PHNUM, 0), wide(64 + 56, 0), segment(1, 32, 0), nowhere):
        data = made()
        damage(data)
        elf = read_elf(bytes_reader(bytes(data)))
        assert (elf.needed, elf.entries, elf.soname) == ((), [], "")
        assert elf.symbols((b"Py",)) == elf.version_needs() == {}
        assert not elf.holds((b"Py",))
        assert (elf.interpreter, elf.android, elf.executable) == (False, False, False)
    empty = made()
    short(PHNUM, 0)(empty)
    elf = read_elf(bytes_reader(bytes(empty)))
    assert (elf.dynamic_offset, elf.dynamic_size, elf.dynamic_address) == (0, 0, 0)


def test_a_tag_of_zero_ends_the_entries_and_a_value_of_zero_does_not() -> None:
    data = made_elf(64, "<", needed=[LIBRARY, "b"], more=[(99, 0), (1, 22), (0, 7), (1, 22)])
    assert read_elf(bytes_reader(data)).needed == (LIBRARY, "b", "b")


def test_half_an_entry_at_the_end_is_not_read() -> None:
    data = made()
    size = read_elf(bytes_reader(bytes(data))).dynamic_size
    for odd in (1, 15):
        segment(1, 32, size + odd)(data)
        assert read_elf(bytes_reader(bytes(data))).needed == (LIBRARY,)


def test_an_address_is_in_a_segment_from_its_first_byte_to_its_last() -> None:
    segments = [(1, 0x100, 0x90000, 0x40), (1, 0x300, 0x80000, 0x10000)]
    elf = read_elf(bytes_reader(made_elf(64, "<", needed=[], segments=segments)))
    for address, offset in (
        (0x90000, 0x100), (0x9003F, 0x13F), (0x80000, 0x300), (0x8FFFF, 0x102FF), (0x10001, 1),
    ):  # fmt: skip
        assert elf.offset_of(address, "it") == offset
    for address in (0x90040, 0x7FFFF, 0):
        with pytest.raises(MalformedBinary, match=r"^it lies in no segment$"):
            elf.offset_of(address, "it")


def test_words_are_sought_in_all_of_the_dynamic_strings_and_nowhere_else() -> None:
    elf = read_elf(bytes_reader(made_elf(64, "<", needed=["c.so", "d.so"], soname="x")))
    assert elf.holds((b"PyInit_x",))
    assert elf.holds((b"nothing", b"d.so"))
    assert not elf.holds((b"nothing", b"ELF"))


def test_strings_are_sought_across_the_pieces_in_which_they_are_read() -> None:
    piece, name = 1 << 18, 1 << 12
    for over in range(1, 12):
        # 1 for the first, empty string; the words stand `over` bytes before the piece's end.
        first = piece - over - 1 - len("PyInit_x\0")
        rest = first % name + name
        needed = ["n" * (name - 1)] * (first // name - 1) + ["n" * (rest - 1)]
        elf = read_elf(bytes_reader(made_elf(64, "<", needed=needed)))
        assert elf.holds((b"!", b"Py_IncRef"))
        assert elf.symbols((b"!", b"Py_IncRef")) == {"Py_IncRef": False}
        assert elf.symbols((b"Py_IncRef", b"!")) == {"Py_IncRef": False}


def with_own_symbols(
    symbols: bytes, strings: bytes | None = None, tables: dict[int, bytes] | None = None
) -> bytes:
    """Return a file whose symbols, and with ``strings`` their names, stand at its end."""
    behind = symbols + (strings or b"")
    if tables is None:
        tables = {HASH: pack("<2I", 1, len(symbols) // 24)}
    plain = made_elf(64, "<", needed=[], tables=tables, segments=[(1, 0, 0, 0)])
    load = [(1, len(plain), 0x900000, len(behind))]
    data = bytearray(made_elf(64, "<", needed=[], tables=tables, segments=load) + behind)
    entry(SYMTAB, 0x900000)(data)
    if strings is not None:
        entry(STRSZ, len(strings))(data)
        entry(STRTAB, 0x900000 + len(symbols))(data)
    return bytes(data)


def symbol(name: int, section: int = 0) -> bytes:
    return pack("<I2xH16x", name, section)


def test_of_a_symbol_that_stands_twice_one_definition_is_enough() -> None:
    for sections, defined in (((0, 0), False), ((0, 5), True), ((5, 0), True), ((5, 5), True)):
        data = with_own_symbols(b"".join([symbol(1, section) for section in sections]))
        assert read_elf(bytes_reader(data)).symbols((b"Py",)) == {"PyInit_x": defined}


def test_symbols_are_read_across_the_pieces_of_their_table() -> None:
    across = (1 << 18) // 24  # the symbol of this number begins in the first piece
    for number in (across - 1, across, across + 1, 2 * across, 2 * across + 1):
        data = with_own_symbols(symbol(0) * number + symbol(1, 3) + symbol(0) * 9)
        assert read_elf(bytes_reader(data)).symbols((b"Py",)) == {"PyInit_x": True}


def test_a_gnu_hash_table_counts_neither_less_nor_more_across_the_pieces_that_it_is_read_in() -> (
    None
):
    piece = 1 << 16  # so many words
    for buckets, chain, last in (
        ([1], [2, 4, 3], 3),
        ([1, 3], [3, 3, 4, 3], 4),
        ([0] * piece + [2], [3, 2, 3], 3),
        ([2] + [0] * piece, [3, 2, 3], 3),
        ([1], [2] * piece + [3], piece + 1),
        ([1], [2] * 2 * piece + [3], 2 * piece + 1),
    ):
        table = pack(f"<{4 + len(buckets)}I", len(buckets), 1, 0, 0, *buckets)
        table += pack(f"<{len(chain)}I", *chain)
        symbols = symbol(0) * last + symbol(1, 3) + symbol(len("PyInit_x") + 2)
        elf = read_elf(bytes_reader(with_own_symbols(symbols, tables={GNU_HASH: table})))
        assert elf.symbols((b"Py",)) == {"PyInit_x": True}, (len(buckets), last)


def test_a_gnu_hash_table_s_chain_is_followed_up_to_a_bound() -> None:
    load = [(1, 1 << 20, 0x900000, 64)]
    table = pack("<5I", 1, 1, 0, 0, 1)
    data = made_elf(64, "<", needed=[], tables={}, more=[(GNU_HASH, 0x900000)], segments=load)
    data = data.ljust(1 << 20, b"\0") + table
    furthest = 0

    def read(offset: int, size: int) -> bytes:
        """Read a file that goes on with zeros for ever."""
        nonlocal furthest
        furthest = max(furthest, offset + size)
        return data[offset : offset + size].ljust(size, b"\0")

    with pytest.raises(MalformedBinary, match=r"^the hash table does not end$"):
        read_elf(read).symbols((b"Py",))
    assert furthest == len(data) + (1 << 26)


def test_where_the_strings_stand_before_the_symbols_their_place_does_not_tell_the_number() -> None:
    assert read_elf(bytes_reader(with_own_symbols(symbol(1), tables={}))).symbols((b"Py",)) == {}


def test_a_symbol_s_name_that_the_file_s_end_cuts_off_is_damage() -> None:
    assert said(with_own_symbols(symbol(1), b"\0Py_x\0")) == ""
    assert said(with_own_symbols(symbol(1), b"\0Py_x")) == "a symbol's name does not end"


def test_a_file_that_needs_nothing_is_asked_for_its_strings_and_symbols() -> None:
    outside, unsized = "the string table lies in no segment", "the string table's size"
    for damage, clause in (
        (entry(STRTAB, 5), outside),
        (entry(STRSZ, None), f"the dynamic section lacks {unsized}"),
        (entry(STRTAB, None), ""),
        (entry(SYMTAB, None), ""),
    ):
        data = bytearray(made_elf(64, "<", needed=[]))
        damage(data)
        assert said(bytes(data)) == clause
        elf = read_elf(bytes_reader(bytes(data)))
        if not clause:
            assert elf.symbols((b"Py",)) == {}
            continue
        with pytest.raises(MalformedBinary, match=f"^{clause}$"):
            elf.symbols((b"Py",))


def test_a_name_may_stand_first_in_the_string_table() -> None:
    elf = read_elf(bytes_reader(with_own_symbols(symbol(0), b"Py_x\0")))
    assert elf.symbols((b"Py",)) == {"Py_x": False}


@pytest.mark.parametrize(("tag", "size"), [(HASH, 8), (GNU_HASH, 16)])
def test_a_hash_table_that_the_file_s_end_cuts_off_is_damage(tag: int, size: int) -> None:
    plain = made_elf(64, "<", needed=[], tables={}, more=[(tag, 5)], segments=[(9, 0, 0, 0)])
    assert said(plain) == "the hash table lies in no segment"
    load = [(1, len(plain), 0x900000, 64)]
    data = made_elf(64, "<", needed=[], tables={}, more=[(tag, 0x900000)], segments=load)
    clause = f"truncated: the hash table ends after 4 of {size} bytes"
    assert said(data + bytes(4)) == clause
    assert said(data + pack("<4I", 0, 3, 0, 0)[:size]) == ""


@pytest.mark.parametrize("rest", [b"\7\0\0\0\1\0", b"\1\0\0\0\0\0\0\0\2\0\0\0\0\0", b"\1\0"])
def test_a_hash_table_that_ends_inside_a_word_is_damage(rest: bytes) -> None:
    plain = made_elf(64, "<", needed=[], tables={}, more=[(GNU_HASH, 5)], segments=[(9, 0, 0, 0)])
    load = [(1, len(plain), 0x900000, 64)]
    data = made_elf(64, "<", needed=[], tables={}, more=[(GNU_HASH, 0x900000)], segments=load)
    clause = "the hash table does not end" if len(rest) > 4 else ""  # no bucket: nothing is hashed
    assert said(data + pack("<4I", 2, 1, 0, 0) + rest) == clause


def test_symbols_are_counted_up_to_a_bound() -> None:
    half = "k" * (1 << 15)
    elf = read_elf(bytes_reader(made_elf(64, "<", needed=[half, half])))
    assert elf.symbols((b"k",)) == {}
    elf = read_elf(bytes_reader(made_elf(64, "<", needed=[half, half + "k"])))
    with pytest.raises(MalformedBinary, match=r"^too many symbols$"):
        elf.symbols((b"k",))
