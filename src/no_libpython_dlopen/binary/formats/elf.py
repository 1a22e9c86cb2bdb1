"""What the dynamic loader reads in an ELF file, and little else.

Program headers lead to the dynamic section, and that to the names needed, the soname,
the search paths, the version needs and the dynamic symbols. Section headers, which a
stripped file may lack and which stand at the far end of it, are not used.

pyelftools reads all of ELF, takes 5 times a bare interpreter's start to import and
reads some 600 files a second; the runtime guard, which looks at every extension module
before it is mapped, cannot pay that. The tests hold this reader against pyelftools.

Sources: System V gABI (chapters 4 and 5), glibc's ``elf.h``, the GNU hash section as
binutils writes it.
"""

from __future__ import annotations

from struct import Struct, error, unpack

from no_libpython_dlopen.binary.formats.random_access import (
    MOST_BUCKETS,
    MOST_CHAIN,
    MOST_DYNAMIC,
    MOST_HEADERS,
    MOST_MATCHES,
    MOST_NOTES,
    MOST_STRINGS,
    MOST_SYMBOLS,
    MalformedBinary,
    TextBudget,
    read_exactly,
    read_pieces,
    read_text,
    read_without,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from no_libpython_dlopen.binary.formats.random_access import Read

MAGIC = b"\x7fELF"

ET_EXEC, ET_DYN = 2, 3
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_NOTE = 1, 2, 3, 4
_PN_XNUM = 0xFFFF

DT_NULL, DT_NEEDED = 0, 1
_DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ = 4, 5, 6, 10
_DT_SONAME, _DT_RPATH, _DT_RUNPATH = 14, 15, 29
_DT_GNU_HASH, _DT_FLAGS_1 = 0x6FFFFEF5, 0x6FFFFFFB
#: Tables of relocations, each with the entry that has its size.
_RELOCATIONS = (7, 8), (17, 18), (23, 2), (36, 35)  # DT_RELA, DT_REL, DT_JMPREL, DT_RELR
_DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFE, 0x6FFFFFFF
#: Entries that make the loader map a library: ``DT_NEEDED``, ``DT_AUXILIARY``, ``DT_FILTER``.
DT_LOADS = frozenset({DT_NEEDED, 0x7FFFFFFD, 0x7FFFFFFF})
_DT_MIPS_SYMTABNO = 0x70000011
_DF_1_PIE = 0x08000000

_EM_MIPS, _EM_S390, _EM_ALPHA = 8, 22, 0x9026

#: For each byte, whether it is odd.
_ODD = bytes([0, 1] * 128)


class _Layout:
    """The structures of one class (32 or 64 bit) and byte order."""

    __slots__ = ("dynamic", "header", "program", "segment", "symbol", "word")

    def __init__(self, order: str, wide: bool) -> None:
        self.word = Struct(f"{order}I")
        if wide:
            # e_type e_machine, e_phoff e_shoff, e_phentsize e_phnum e_shentsize
            self.header = Struct(f"{order}16xHH4x8xQQ4x2xHHH4x")
            self.program = Struct(f"{order}II QQ8x QQ8x")  # type flags offset vaddr filesz memsz
            self.dynamic = Struct(f"{order}QQ")
            self.symbol = Struct(f"{order}I2xH16x")  # name shndx
        else:
            self.header = Struct(f"{order}16xHH4x4xII4x2xHHH4x")
            self.program = Struct(f"{order}I II4x II I4x")  # type offset vaddr filesz memsz flags
            self.dynamic = Struct(f"{order}II")
            self.symbol = Struct(f"{order}I10xH")


_LAYOUTS: dict[tuple[str, bool], _Layout] = {}


class Elf:
    """One ELF file's answers.

    ``bits`` is 32 or 64, ``order`` ``<`` or ``>`` as in ``struct``. ``needed`` are the names of
    all libraries that the loader maps, in the order of the file. ``entries`` are the dynamic
    section's (tag, value) pairs up to its end mark, ``dynamic_offset`` is where they stand.
    """

    __slots__ = (
        "_layout",
        "_loads",
        "_read",
        "_strings",
        "_values",
        "android",
        "bits",
        "dynamic_address",
        "dynamic_offset",
        "dynamic_size",
        "entries",
        "interpreter",
        "machine",
        "needed",
        "order",
        "rpath",
        "runpath",
        "soname",
        "type",
    )

    def __init__(self, read: Read) -> None:
        """Read the header, the program headers and the dynamic section.

        Raises ``MalformedBinary``.
        """
        self._read = read
        ident = read_exactly(read, 0, 16, "the ELF header")
        if ident[:4] != MAGIC or ident[4] not in (1, 2) or ident[5] not in (1, 2):
            raise MalformedBinary("not an ELF file")
        self.bits = 32 * ident[4]
        self.order = "<" if ident[5] == 1 else ">"
        key = (self.order, self.bits == 64)
        layout = _LAYOUTS.get(key)
        if layout is None:
            layout = _LAYOUTS[key] = _Layout(*key)
        self._layout = layout
        head = read_exactly(read, 0, layout.header.size, "the ELF header")
        self.type, self.machine, phoff, shoff, phentsize, phnum, shentsize = layout.header.unpack(
            head
        )
        if phnum == _PN_XNUM:  # the number does not fit: it stands in the first section header
            first = read_exactly(read, shoff, shentsize, "the first section header")
            try:
                (phnum,) = layout.word.unpack_from(first, 44 if self.bits == 64 else 28)
            except error:
                raise MalformedBinary("the first section header is too short") from None
        self._loads: list[tuple[int, int, int]] = []
        self.dynamic_offset = self.dynamic_size = self.dynamic_address = 0
        self.interpreter = False
        self.android = False
        if phnum:
            self._read_segments(phoff, phentsize, phnum)
        self.entries = self._read_entries() if self.dynamic_size else []
        self._values = dict(self.entries)  # of tags that stand twice, loaders take the last
        self._strings: int | None = None
        budget = TextBudget("the names of needed libraries")
        loads = [value for tag, value in self.entries if tag in DT_LOADS]
        self.needed = tuple([budget.spend(self._string(one, "a DT_NEEDED name")) for one in loads])
        self.soname = self._string_of_tag(_DT_SONAME, "the soname")
        self.rpath = self._string_of_tag(_DT_RPATH, "the RPATH")
        self.runpath = self._string_of_tag(_DT_RUNPATH, "the RUNPATH")

    @property
    def executable(self) -> bool:
        """Whether this is a program: linked at a fixed address, or position-independent.

        A few shared libraries name an interpreter as well, so that they can be run
        (``libc.so.6``, Qt's core); those that linkers have marked as programs since 2016
        (``DF_1_PIE``) and those without a soname are taken as programs.
        """
        if self.type == ET_EXEC or self._values.get(_DT_FLAGS_1, 0) & _DF_1_PIE:
            return True
        return self.interpreter and not self.soname

    def _read_segments(self, offset: int, entry_size: int, count: int) -> None:
        layout = self._layout
        if entry_size < layout.program.size or entry_size * count > MOST_HEADERS:
            raise MalformedBinary(f"corrupt: claims {count} program headers of {entry_size} bytes")
        table = read_exactly(self._read, offset, entry_size * count, "the program header table")
        notes = MOST_NOTES
        for start in range(0, len(table), entry_size):
            if self.bits == 64:
                kind, _, at, address, size, _ = layout.program.unpack_from(table, start)
            else:
                kind, at, address, size, _, _ = layout.program.unpack_from(table, start)
            if kind == _PT_LOAD:
                self._loads.append((address, at, size))
            elif kind == _PT_DYNAMIC:
                self.dynamic_offset, self.dynamic_size, self.dynamic_address = at, size, address
            elif kind == _PT_INTERP:
                self.interpreter = True
            elif kind == _PT_NOTE and 0 < size <= notes:
                # .note.android.ident, which the NDK's crtbegin puts into every binary.
                notes -= size
                self.android = self.android or b"Android\0" in self._read(at, size)

    def _read_entries(self) -> list[tuple[int, int]]:
        size = self.dynamic_size
        if size > MOST_DYNAMIC:
            raise MalformedBinary(f"corrupt: claims a dynamic section of {size} bytes")
        unit = self._layout.dynamic.size
        size -= size % unit
        table = read_exactly(self._read, self.dynamic_offset, size, "the dynamic section")
        entries = []
        for entry in self._layout.dynamic.iter_unpack(table):
            if entry[0] == DT_NULL:
                break
            entries.append(entry)
        return entries

    def with_bytes(self, changed: Callable[[int, bytes], bytes]) -> Elf:
        """Return the facts of the file as if ``changed(offset, data)`` had been written.

        Raises ``MalformedBinary``.
        """
        return Elf(lambda offset, size: changed(offset, self._read(offset, size)))

    def pack_entries(self, entries: Iterable[tuple[int, int]]) -> bytes:
        """Return entries of the dynamic section as the file stores them."""
        return b"".join([self._layout.dynamic.pack(*entry) for entry in entries])

    def offset_of(self, address: int, what: str) -> int:
        """Return the file offset that the loader maps to ``address``.

        Raises ``MalformedBinary``.
        """
        for start, offset, size in self._loads:
            if start <= address < start + size:
                return offset + address - start
        raise MalformedBinary(f"{what} lies in no segment")

    def _value(self, tag: int, what: str) -> int:
        value = self._values.get(tag)
        if value is None:
            raise MalformedBinary(f"the dynamic section lacks {what}")
        return value

    def _string_table(self) -> int:
        """Return the offset of the string table, looked for once; raises ``MalformedBinary``."""
        if self._strings is None:
            address = self._value(_DT_STRTAB, "a string table")
            self._strings = self.offset_of(address, "the string table")
        return self._strings

    def _strings_in_pieces(self, overlap: int) -> Iterator[tuple[int, bytes]]:
        """Yield pieces of the string table, each with its offset in it.

        Raises ``MalformedBinary``.
        """
        start = self._string_table()
        size = min(self._value(_DT_STRSZ, "the string table's size"), MOST_STRINGS)
        for offset, piece in read_pieces(self._read, start, size, overlap):
            yield offset - start, piece

    def _string(self, index: int, what: str) -> str:
        return read_text(self._read, self._string_table() + index, what)

    def _string_of_tag(self, tag: int, what: str) -> str:
        return self._string(self._values[tag], what) if tag in self._values else ""

    def version_needs(self) -> dict[str, tuple[str, ...]]:
        """Return the symbol versions that are needed, by the library that must have them.

        Raises ``MalformedBinary``.
        """
        found: dict[str, list[str]] = {}
        address = self._values.get(_DT_VERNEED)
        if address is None:
            return {}
        budget = TextBudget("the version needs")
        offset = self.offset_of(address, "the version needs")
        for _ in range(self._values.get(_DT_VERNEEDNUM, 0)):
            need = read_exactly(self._read, offset, 16, "a version need")
            _, count, file, first, following = unpack(f"{self.order}HHIII", need)
            versions = []
            at = offset + first
            for _ in range(count):
                item = read_exactly(self._read, at, 16, "a version need")
                name, step = unpack(f"{self.order}8xII", item)
                versions.append(budget.spend(self._string(name, "a version's name")))
                if not step:
                    break
                at += step
            library = budget.spend(self._string(file, "a versioned library's name"))
            found.setdefault(library, []).extend(versions)
            if not following:
                break
            offset += following
        return {library: tuple(versions) for library, versions in found.items()}

    def holds(self, words: Iterable[bytes]) -> bool:
        """Return whether the dynamic strings hold any of ``words``, quickly: ``False`` is certain.

        Raises ``MalformedBinary``.
        """
        if _DT_STRTAB not in self._values:
            return False
        words = tuple(words)
        for _, piece in self._strings_in_pieces(max(map(len, words))):
            if any(word in piece for word in words):
                return True
        return False

    def loaded_pieces(self, overlap: int) -> Iterator[bytes]:
        """Yield the bytes that the loader maps, without relocations, which may look like names."""
        tables = []
        for table, length in _RELOCATIONS:
            address, size = self._values.get(table), self._values.get(length, 0)
            for first, offset, mapped in self._loads:
                if address is not None and first <= address < first + mapped:
                    tables.append((offset + address - first, size))
        return read_without(self._read, [load[1:] for load in self._loads], tables, overlap)

    def symbols(self, prefixes: tuple[bytes, ...]) -> dict[str, bool]:
        """Return the dynamic symbols whose names start with one of ``prefixes``.

        The value tells whether the file defines the symbol itself.
        Raises ``MalformedBinary``.
        """
        found: dict[str, bool] = {}
        if _DT_STRTAB not in self._values or _DT_SYMTAB not in self._values:
            return found
        places = self._places(prefixes)
        if not places:
            return found
        offset = self.offset_of(self._values[_DT_SYMTAB], "the symbol table")
        layout = self._layout.symbol
        size = min(self._symbol_count(), MOST_SYMBOLS) * layout.size
        budget = TextBudget("the symbols' names")
        names: dict[int, str] = {}
        # Pieces need not hold whole symbols, so each is cut where its last one ends.
        rest = b""
        for _, piece in read_pieces(self._read, offset, size, 0):
            rest += piece
            whole = len(rest) - len(rest) % layout.size
            for name, section in layout.iter_unpack(rest[:whole]):
                if name in places:
                    text = names.get(name)
                    if text is None:
                        text = names[name] = budget.spend(self._string(name, "a symbol's name"))
                    found[text] = found.get(text, False) or section != 0
            rest = rest[whole:]
        return found

    def _places(self, prefixes: tuple[bytes, ...]) -> set[int]:
        """Return the indices into the string table at which one of ``prefixes`` starts."""
        places: set[int] = set()
        for offset, piece in self._strings_in_pieces(max(map(len, prefixes))):
            for prefix in prefixes:
                at = piece.find(prefix)
                while at >= 0:
                    places.add(offset + at)
                    if len(places) > MOST_MATCHES:
                        raise MalformedBinary("too many symbols")
                    at = piece.find(prefix, at + 1)
        return places

    def _symbol_count(self) -> int:
        """Return the number of dynamic symbols; no entry says it, the hash tables imply it."""
        values = self._values
        if _DT_HASH in values:
            offset = self.offset_of(values[_DT_HASH], "the hash table")
            # Alpha's and 64-bit S/390's ABIs have words of 8 bytes here.
            wide = self.bits == 64 and self.machine in (_EM_S390, _EM_ALPHA)
            words = "QQ" if wide else "II"
            data = read_exactly(self._read, offset, 16 if wide else 8, "the hash table")
            both: tuple[int, int] = unpack(self.order + words, data)
            return both[1]
        if self.machine == _EM_MIPS and _DT_MIPS_SYMTABNO in values:
            return values[_DT_MIPS_SYMTABNO]
        if _DT_GNU_HASH in values:
            return self._gnu_symbol_count(self.offset_of(values[_DT_GNU_HASH], "the hash table"))
        # Every linker puts the strings right behind the symbols.
        return max(0, values[_DT_STRTAB] - values[_DT_SYMTAB]) // self._layout.symbol.size

    def _gnu_symbol_count(self, offset: int) -> int:
        head = read_exactly(self._read, offset, 16, "the hash table")
        sizes: tuple[int, int, int, int] = unpack(f"{self.order}IIII", head)
        buckets, first, filters, _ = sizes
        if buckets > MOST_BUCKETS:
            raise MalformedBinary(f"corrupt: claims a hash table of {buckets} buckets")
        at = offset + 16 + filters * (self.bits // 8)
        last = 0
        for _, piece in read_pieces(self._read, at, 4 * buckets, 0):
            words = len(piece) // 4
            last = max((last, *unpack(f"{self.order}{words}I", piece[: 4 * words])))
        if last < first:
            return first
        chain = at + 4 * buckets
        # The last bucket's chain ends with an odd hash: its place is the last symbol's.
        lowest = 0 if self.order == "<" else 3
        for here, piece in read_pieces(self._read, chain + 4 * (last - first), MOST_CHAIN, 0):
            number = piece[lowest::4].translate(_ODD).find(1)
            if number >= 0:
                return first + (here - chain) // 4 + number + 1
        raise MalformedBinary("the hash table does not end")


def read_elf(read: Read) -> Elf:
    """Return the facts of an ELF file that the loader sees; raises ``MalformedBinary``."""
    return Elf(read)
