"""What dyld reads in a Mach-O file, and little else: its load commands.

A file may be *fat*: one image an architecture, each a Mach-O file of its own. The
tests hold this reader against macholib.

Sources: Apple's ``mach-o/loader.h``, ``mach-o/fat.h`` and ``mach-o/nlist.h``.
"""

from __future__ import annotations

from struct import Struct, error, unpack

from no_libpython_dlopen.binary.formats.random_access import (
    MOST_COMMANDS,
    MOST_COMMANDS_SIZE,
    MOST_MATCHES,
    MOST_STRINGS,
    MOST_SYMBOLS,
    MalformedBinary,
    TextBudget,
    read_exactly,
    read_pieces,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read

#: Thin files: magic as it stands in the file, and what follows from it.
_THIN = {
    b"\xfe\xed\xfa\xce": (">", 32),
    b"\xce\xfa\xed\xfe": ("<", 32),
    b"\xfe\xed\xfa\xcf": (">", 64),
    b"\xcf\xfa\xed\xfe": ("<", 64),
}
#: Fat files are big-endian; some early tools wrote them the other way round.
_FAT = {
    b"\xca\xfe\xba\xbe": (">", 32),
    b"\xbe\xba\xfe\xca": ("<", 32),
    b"\xca\xfe\xba\xbf": (">", 64),
    b"\xbf\xba\xfe\xca": ("<", 64),
}
MAGICS = (*_THIN, *_FAT)

MH_EXECUTE, MH_DYLIB, MH_BUNDLE = 2, 6, 8

_LC_SYMTAB, _LC_ID_DYLIB = 0x2, 0xD
_LC_RPATH, _LC_BUILD_VERSION = 0x8000001C, 0x32
#: Everything that makes dyld load a library: plain, weak, re-exported, lazy, upward.
_LC_LOADS = frozenset({0xC, 0x80000018, 0x8000001F, 0x20, 0x80000023})
#: The older way to say the platform: LC_VERSION_MIN_IPHONEOS, _TVOS, _WATCHOS.
_LC_MOBILE = frozenset({0x25, 0x2F, 0x30})
#: LC_BUILD_VERSION's macOS and Mac Catalyst; the others are phones, watches and their simulators.
_DESKTOP = frozenset({1, 6})

_N_STAB, _N_TYPE, _N_EXT, _N_UNDF = 0xE0, 0x0E, 0x01, 0x00

#: A Java class file has the same magic as a fat file; its version number is at least 45.
_MOST_IMAGES = 44


class MachO:
    """One image's answers.

    ``needed`` are the install names of the libraries it loads, in order, ``soname`` its
    own install name. ``mobile`` tells that it is for iOS or its kin.
    """

    __slots__ = (
        "_read",
        "_size",
        "_start",
        "_symtab",
        "bits",
        "cpu",
        "mobile",
        "needed",
        "order",
        "rpaths",
        "soname",
        "type",
    )

    def __init__(self, read: Read, start: int = 0, size: int = 1 << 62) -> None:
        """Read the header and load commands of the image at ``start``, at most ``size`` bytes.

        Raises ``MalformedBinary``.
        """
        self._read = read
        self._start = start
        self._size = size
        magic = read_exactly(read, start, 4, "the Mach-O header")
        if magic not in _THIN:
            raise MalformedBinary("not a Mach-O file")
        self.order, self.bits = _THIN[magic]
        head = read_exactly(read, start, 28, "the Mach-O header")
        self.cpu, self.type, count, length = unpack(f"{self.order}4xI4xIII4x", head)
        self.needed: tuple[str, ...] = ()
        self.rpaths: tuple[str, ...] = ()
        self.soname = ""
        self.mobile = False
        self._symtab = (0, 0, 0, 0)
        if length > MOST_COMMANDS_SIZE or count > MOST_COMMANDS:
            raise MalformedBinary(f"corrupt: claims {count} load commands of {length} bytes")
        self._read_commands(start + (32 if self.bits == 64 else 28), count, length)

    @property
    def executable(self) -> bool:
        """Whether this is a program."""
        return bool(self.type == MH_EXECUTE)

    def _read_commands(self, offset: int, count: int, size: int) -> None:
        table = read_exactly(self._read, offset, size, "the load commands")
        header, word = Struct(f"{self.order}II"), Struct(f"{self.order}I")
        budget = TextBudget("the names of needed libraries")
        needed, rpaths = [], []
        at = 0
        try:
            for _ in range(count):
                kind, length = header.unpack_from(table, at)
                if length < 8 or at + length > size:
                    raise MalformedBinary(
                        f"corrupt: a load command claims a size of {length} bytes"
                    )
                command = table[at : at + length]
                if kind in _LC_LOADS:
                    needed.append(budget.spend(_text(command, word)))
                elif kind == _LC_ID_DYLIB:
                    self.soname = _text(command, word)
                elif kind == _LC_RPATH:
                    rpaths.append(budget.spend(_text(command, word)))
                elif kind == _LC_SYMTAB:
                    self._symtab = unpack(f"{self.order}8xIIII", command[:24])
                elif kind == _LC_BUILD_VERSION:
                    self.mobile = word.unpack_from(command, 8)[0] not in _DESKTOP
                elif kind in _LC_MOBILE:
                    self.mobile = True
                at += length
        except error:
            raise MalformedBinary("truncated: a load command") from None
        self.needed, self.rpaths = tuple(needed), tuple(rpaths)

    def symbols(self, prefixes: tuple[bytes, ...]) -> dict[str, bool]:
        """Return the external symbols whose names, without the leading underscore, start so.

        The value tells whether the image defines the symbol itself. Raises ``MalformedBinary``.
        """
        offset, count, strings, size = self._symtab
        size = min(size, MOST_STRINGS, max(0, self._size - strings))
        count = min(count, MOST_SYMBOLS)
        found: dict[str, bool] = {}
        names = self._names(self._start + strings, size, prefixes)
        if not names:
            return found
        # n_strx n_type n_sect n_desc n_value
        entry = Struct(f"{self.order}IB3x{'8x' if self.bits == 64 else '4x'}")
        rest = b""
        for _, piece in read_pieces(self._read, self._start + offset, count * entry.size, 0):
            rest += piece
            whole = len(rest) - len(rest) % entry.size
            for index, kind in entry.iter_unpack(rest[:whole]):
                if index in names and kind & _N_EXT and not kind & _N_STAB:
                    name = names[index]
                    found[name] = found.get(name, False) or kind & _N_TYPE != _N_UNDF
            rest = rest[whole:]
        return found

    def _names(self, start: int, size: int, prefixes: tuple[bytes, ...]) -> dict[int, str]:
        """Return names that start with one of ``prefixes``, by index into the string table."""
        names: dict[int, str] = {}
        longest = 256
        for offset, piece in read_pieces(self._read, start, size, longest):
            for prefix in prefixes:
                at = piece.find(b"_" + prefix)
                while at >= 0:
                    end = piece.find(b"\0", at, at + longest)
                    if end >= 0:
                        name = piece[at + 1 : end].decode("utf-8", "backslashreplace")
                        names[offset + at - start] = name
                    if len(names) > MOST_MATCHES:
                        raise MalformedBinary("too many symbols")
                    at = piece.find(b"_" + prefix, at + 1)
        return names


def _text(command: bytes, word: Struct) -> str:
    """Return the text that a command's first field points to; raises ``MalformedBinary``."""
    (offset,) = word.unpack_from(command, 8)
    if not 12 <= offset <= len(command):
        raise MalformedBinary("a load command's name lies outside it")
    return command[offset:].partition(b"\0")[0].decode("utf-8", "backslashreplace")


def read_macho(read: Read) -> tuple[MachO, ...]:
    """Return every image of a Mach-O file, one for a thin file; raises ``MalformedBinary``.

    A Java class file, which starts like a fat file, is ``MalformedBinary`` as well.
    """
    magic = read_exactly(read, 0, 4, "the Mach-O header")
    if magic not in _FAT:
        return (MachO(read),)
    order, bits = _FAT[magic]
    (count,) = unpack(f"{order}I", read_exactly(read, 4, 4, "the fat header"))
    if not 0 < count <= _MOST_IMAGES:
        raise MalformedBinary("not a Mach-O file")
    # cputype cpusubtype offset size align; the wide form ends with a reserved word
    entry = Struct(f"{order}8x{'QQ8x' if bits == 64 else 'II4x'}")
    table = read_exactly(read, 8, entry.size * count, "the fat header")
    images = list(entry.iter_unpack(table))
    end = 0
    for offset, size in sorted(images):
        if offset < end:
            raise MalformedBinary("corrupt: its images overlap")
        end = offset + size
    return tuple([MachO(read, offset, size) for offset, size in images])
