"""One input file: its bytes, its kind, and its text once somebody asks for it.

Decoding is lazy, since the prefilter on bytes ends most files before it. All
positions in the package are offsets into ``Source.text`` (code points, line
endings untouched, byte order mark left out), and ``Source.locate`` turns them
into rows and columns.
"""

from __future__ import annotations

import bisect
import codecs
import io
import os.path
import re
from array import array
from collections.abc import Callable
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeVar

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.finding import START, Location
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.prefiltered import Prefiltered

__all__ = ["Kind", "Source", "Unreadable", "declared_encoding", "kind_of"]

T = TypeVar("T")

#: PEP 263: a declaration is a comment in one of the first two lines.
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")
#: Codecs that refuse every text, or take names of hosts.
_NO_TEXT = frozenset({"undefined", "idna", "punycode"})
#: Files whose tools read bytes: a comment in latin-1 is nothing to them, and stays as it is.
_BYTEWISE = frozenset(
    (
        *(Kind.CMAKE, Kind.MAKE, Kind.AUTOMAKE, Kind.AUTOCONF, Kind.SHELL, Kind.DOCKERFILE),
        *(Kind.RPM_SPEC, Kind.NIX),
    )
)


class Unreadable(NolibpyError):
    """A file that cannot be read or parsed: one reason, at one place (NLP900)."""

    def __init__(self, reason: str, location: Location = START) -> None:
        super().__init__(reason)
        self.reason = reason
        self.location = location

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str, Location]]:
        return (Unreadable, (self.reason, self.location))


def declared_encoding(data: bytes) -> str:
    """Return the encoding that PEP 263 gives ``data``, ``utf-8`` where none is declared.

    Only the name is read; whether Python knows the codec is not checked here.
    """
    start = 3 if data.startswith(codecs.BOM_UTF8) else 0
    for _ in range(2):
        end = data.find(b"\n", start)
        line = data[start : end if end >= 0 else len(data)]
        found = _CODING.match(line)
        if found:
            return found[1].decode("ascii").lower()
        if not _BLANK.match(line) or end < 0:
            break
        start = end + 1
    return "utf-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Source:
    """One file's content.

    ``path`` is the path as discovered, used for display; ``data`` the raw bytes.
    Raises ``Unreadable`` from ``text`` where the bytes are not text.
    """

    def __init__(self, path: str, kind: Kind, data: bytes) -> None:
        self.path = path
        self.kind = kind
        self.data = data
        #: What the prefilters learned of ``data``, where they were asked.
        self.prefiltered: Prefiltered | None = None
        self._derived: dict[object, Any] = {}

    def derive(self, make: Callable[[Source], T]) -> T:
        """Return the value that ``make`` computes of this source, once for all readers.

        That is shared, so nobody may change it.
        """
        if make not in self._derived:
            self._derived[make] = make(self)
        found: T = self._derived[make]
        return found

    def forget_derived(self) -> None:
        """Let go of what was derived: trees are large, and findings keep their source."""
        self._derived.clear()

    def with_data(self, data: bytes) -> Source:
        """Return a source of the same path and kind with other content."""
        return type(self)(self.path, self.kind, data)

    @property
    def code_bytes(self) -> bytes:
        """The bytes that the prefilters search: the code as it is written."""
        return self.data

    @property
    def name(self) -> str:
        """The base name of the path."""
        return os.path.basename(self.path)

    @cached_property
    def bom(self) -> bytes:
        """The UTF-8 byte order mark, if the file starts with one."""
        return codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""

    @cached_property
    def encoding(self) -> str:
        """The codec's name: PEP 263's for Python, UTF-8 for everything else.

        Bazel reads bytes as latin-1, so its files that are no UTF-8 are healthy. They are not
        decoded with surrogates, which the parser for Python refuses.
        """
        if self.kind is Kind.BAZEL:
            return "utf-8" if _is_utf8(self.data) else "iso8859-1"
        if self.kind not in (Kind.PYTHON, Kind.CYTHON, Kind.SCONS, Kind.WAF):
            return "utf-8"
        declared = declared_encoding(self.data)
        try:
            codec = codecs.lookup(declared)
        except (LookupError, ValueError):
            raise Unreadable(f"unknown encoding: {declared}", self._declaration) from None
        name = codec.name
        if not codec._is_text_encoding or name in _NO_TEXT:  # rot13, zlib, hex
            raise Unreadable(f"{declared} is not an encoding of text", self._declaration)
        if name == "utf-8-sig":  # Python's tokenizer takes it for UTF-8, with a mark or without
            name = "utf-8"
        if self.bom and name != "utf-8":
            raise Unreadable(f"encoding {declared} declared after a UTF-8 byte order mark")
        return name

    @property
    def _declaration(self) -> Location:
        """The place of the comment that declares the encoding, which is in the first two lines."""
        return Location(self.data.count(b"\n", 0, self.data.find(b"coding")) + 1, 1)

    @property
    def _end_of_script(self) -> int | None:
        """Where a shell script ends before the archive that it unpacks, as makeself's do."""
        nul = self.data.find(b"\0") if self.kind is Kind.SHELL else -1
        if nul >= 0:
            end = nul
            for line in reversed(self.data[:nul].splitlines(keepends=True)):
                if b"exit" in line and line.isascii() and line.endswith(b"\n"):
                    return end
                end -= len(line)
        return None

    @property
    def _errors(self) -> str:
        """How bytes that are no text are decoded and encoded."""
        return "surrogateescape" if self.kind in _BYTEWISE else "strict"

    @cached_property
    def text(self) -> str:
        """The decoded text, with its own line endings and without a byte order mark.

        Bytes that the build tool does not mind, though they are not UTF-8, are lone surrogates.
        """
        if self.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise Unreadable("not utf-8 text: it is in UTF-16")
        data = self.data[len(self.bom) : self._end_of_script]
        if b"\0" in data:
            row = self.data.count(b"\n", 0, self.data.index(b"\0")) + 1
            raise Unreadable("not a text file: it contains a NUL byte", Location(row, 1))
        try:
            text, _ = codecs.lookup(self.encoding).decode(data, self._errors)
        except UnicodeDecodeError as error:
            row = self.data.count(b"\n", 0, error.start + len(self.bom)) + 1
            raise Unreadable(
                f"not {self.encoding} text: {error.reason}", Location(row, 1)
            ) from None
        except (UnicodeError, ValueError):  # its text would be Python's, and name no place
            raise Unreadable(f"not {self.encoding} text", START) from None
        return text

    @property
    def left_out(self) -> Unreadable | None:
        """What ``text`` leaves out because it cannot be parsed, though the rest can."""
        return None

    @property
    def file_text(self) -> str:
        """The text of the file itself, which a notebook's ``text`` is not."""
        return self.text

    @cached_property
    def is_reversible(self) -> bool:
        """Whether encoding the text gives the bytes that were read.

        Not so where an encoding has several forms of one text: escapes, shifts, code pages.
        """
        try:
            return (
                self.bom + codecs.lookup(self.encoding).encode(self.text, self._errors)[0]
                == self.data
            )
        except UnicodeError:
            return False

    def encode(self, text: str) -> bytes:
        """Return ``text`` as this file's bytes.

        Raises ``UnicodeError`` where the encoding has no such character, or where bytes
        that nobody touched would change.
        """
        if not self.is_reversible:
            raise UnicodeError(f"{self.encoding} does not give back the bytes that were read")
        return self.bom + codecs.lookup(self.encoding).encode(text, self._errors)[0]

    @cached_property
    def line_starts(self) -> array[int]:
        """Offsets at which lines start; CR, LF and CRLF each end a line."""
        # Of a text of line ends, a list would take 40 times its size.
        lines = io.StringIO(self.text, newline="")
        starts = array("L", accumulate(map(len, lines), initial=0))
        if starts[-1] and not self.text.endswith(("\r", "\n")):
            starts.pop()  # where the last line ends
        return starts

    def locate(self, offset: int) -> Location:
        """Return the row and column of an offset into ``text``."""
        row = bisect.bisect_right(self.line_starts, offset)
        return Location(row, offset - self.line_starts[row - 1] + 1)

    def cell_of(self, location: Location) -> tuple[int, Location]:
        """Return a notebook's cell that holds a place, and the place in it; 0 elsewhere."""
        return 0, location

    def in_file(self, location: Location) -> Location:
        """Return a place in the file itself; another one where ``text`` is made from it."""
        return location

    def why_not_edited(self, location: Location) -> str:  # noqa: ARG002
        """Return why the code at a place is not edited, as in a notebook's magics; else nothing."""
        return ""

    def offset(self, location: Location) -> int:
        """Return the offset of a row and column; the inverse of ``locate``."""
        return self.line_starts[location.row - 1] + location.column - 1

    def line(self, row: int) -> str:
        """Return a row's text without its line ending."""
        start = self.line_starts[row - 1]
        end = self.line_starts[row] if row < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
