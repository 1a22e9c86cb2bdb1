"""A notebook as one Python source, and a changed source as the notebook again.

``text`` is what the code cells hold, joined by lines that name the cell that follows.
Positions and edits are offsets into it, as in every other source. ``encode`` splits a
changed text at those lines and rewrites, in the JSON, the literals of changed lines only:
all other bytes stay, and so do outputs, indentation, key order and escapes.
"""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from functools import cached_property

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.notebook.cells import (
    Cell,
    InvalidNotebook,
    Literal,
    Place,
    code_cells,
    places,
)
from no_libpython_dlopen.notebook.magics import HiddenMagics

_LINE_END = re.compile("\r\n|\r|\n")
#: Characters of code; notebooks written by people have a tenth of this.
_LONG = 1 << 17
#: Bytes of a file whose JSON is decoded once, by the reader: that takes half a second for 8 MB.
_LARGE = 1 << 20
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)


class UnfittingCells(NolibpyError, UnicodeError):
    """A text that the cells cannot take: it would join cells, or move a cell's magic."""


class NotebookSource(Source):
    """The code of a notebook. ``kind`` is Python, which is what its text is."""

    def __init__(self, path: str, kind: Kind, data: bytes) -> None:  # noqa: ARG002
        super().__init__(path, Kind.PYTHON, data)

    @property
    def encoding(self) -> str:
        """UTF-8: so says RFC 8259 of every JSON file."""
        return "utf-8"

    @property
    def code_bytes(self) -> bytes:
        """The code alone; in the JSON, words touch the escapes beside them."""
        return self.text.encode("utf-8", "surrogatepass")

    @property
    def file_text(self) -> str:
        """The JSON."""
        return self.json

    @cached_property
    def json(self) -> str:
        """The file's own text. Raises ``Unreadable``."""
        try:
            return self.data[len(self.bom) :].decode()
        except UnicodeDecodeError as error:
            row = self.data.count(b"\n", 0, error.start) + 1
            raise Unreadable(f"not utf-8 text: {error.reason}", Location(row, 1)) from None

    @cached_property
    def cells(self) -> list[Cell]:
        """The code cells. Raises ``Unreadable``."""
        try:
            return code_cells(self.json)
        except InvalidNotebook as error:
            row, column = _row_and_column(self.json, error.offset)
            raise Unreadable(
                f"not a valid notebook: {error.reason}", Location(row, column)
            ) from None

    @cached_property
    def _places(self) -> list[Place]:
        """Where the source of each cell is in the JSON, Markdown's too."""
        return places(self.json)

    @cached_property
    def _magics(self) -> HiddenMagics:
        return HiddenMagics(self.json)

    @cached_property
    def _mark(self) -> str:
        mark = "# cell"
        while mark in self.json:
            mark = mark.replace("# ", "# -")
        return mark

    @cached_property
    def text(self) -> str:
        """The code of all code cells. Raises ``Unreadable``."""
        literals = []
        for number, cell in enumerate(self.cells):
            if number:
                literals.append(f"{self._mark} {cell.number}\n")
            code = self._magics.hide(cell.text)
            literals.append(code + "\n" if code else "")
        text = "".join(literals)
        if "\0" in text:
            raise Unreadable("not a text file: it contains a NUL byte")
        return text

    @cached_property
    def _readable(self) -> bool:
        """Whether there are cells to speak of; else positions are in the file."""
        try:
            return bool(self.text)
        except Unreadable:
            return False

    @cached_property
    def _first_rows(self) -> list[int]:
        """The row of ``text`` in which each cell begins."""
        marks = re.finditer(rf"^{re.escape(self._mark)} \d+$", self.text, re.MULTILINE)
        return [1, *(super(NotebookSource, self).locate(m.start()).row + 1 for m in marks)]

    def line(self, row: int) -> str:
        """Return a row as it is in the notebook; ``""`` for one between cells."""
        number, inside = self.cell_of(Location(row, 1))
        cell = next((cell for cell in self.cells if cell.number == number), None)
        lines = _LINE_END.split(cell.text) if cell else []
        return lines[inside.row - 1] if inside.row <= len(lines) else ""

    def cell_of(self, location: Location) -> tuple[int, Location]:
        """Return the number of the cell that holds a place, and the place in the cell."""
        if not self._readable:
            return 0, location
        index = self._index(location.row)
        row = location.row - self._first_rows[index] + 1
        column = location.column - (self._added_width(location.row) or 0)
        return self.cells[index].number, Location(max(row, 1), max(column, 1))

    def _added_width(self, row: int) -> int | None:
        """Return the number of characters put before the code of a magic in a row of ``text``."""
        return self._magics.added_width(super().line(row))

    def why_not_edited(self, location: Location) -> str:
        """Return why a place is only reported: it is in the code of a magic; else nothing."""
        return "" if self._added_width(location.row) is None else "magics are not rewritten"

    def _index(self, row: int) -> int:
        # A mark belongs to the cell before it; nothing is ever found there.
        return max(bisect_right(self._first_rows, row) - 1, 0)

    def in_file(self, location: Location) -> Location:
        """Return the place in the JSON file of a place in the code."""
        if not self._readable:
            return location
        cell = self.cells[self._index(location.row)]
        _, inside = self.cell_of(location)
        starts = [0, *(match.end() for match in _LINE_END.finditer(cell.text))]
        wanted = starts[min(inside.row, len(starts)) - 1] + inside.column - 1
        place = self._places[cell.number - 1]
        for literal in place.literals:
            if wanted < len(literal.value) or literal is place.literals[-1]:
                return Location(
                    *_row_and_column(self.json, _offset_of_character(self.json, literal, wanted))
                )
            wanted -= len(literal.value)
        return Location(*_row_and_column(self.json, place.start))

    @property
    def is_reversible(self) -> bool:
        """True: only the changed cells are written, into the bytes that were read."""
        return True

    def encode(self, text: str) -> bytes:
        """Return the notebook with changed code. Raises ``UnfittingCells``."""
        chunks = re.split(rf"^{re.escape(self._mark)} (\d+)\n", text, flags=re.MULTILINE)
        numbers = [str(cell.number) for cell in self.cells]
        if chunks[1::2] != numbers[1:] or not self.cells:
            raise UnfittingCells("the fix would merge cells")
        out = []
        at = 0
        for cell, chunk in zip(self.cells, chunks[::2], strict=True):
            new = self._magics.show(chunk.removesuffix("\n"))
            if new == cell.text:
                continue
            if cell.text.startswith("%%") != new.startswith("%%"):
                raise UnfittingCells("a cell magic must stay on the first line of its cell")
            place = self._places[cell.number - 1]
            out += [self.json[at : place.start], self._rewrite(place, new)]
            at = place.end
        out.append(self.json[at:])
        return codecs.BOM_UTF8 * bool(self.bom) + "".join(out).encode("utf-8", "strict")

    def _rewrite(self, place: Place, new: str) -> str:
        """Return the JSON of a cell's source, spelled as the old one was."""
        old = self.json[place.start : place.end]
        ascii_only = old.isascii() and self.json.isascii()
        if old[0] == '"':
            return json.dumps(new, ensure_ascii=ascii_only)
        spelled = {
            literal.value: self.json[literal.start : literal.end] for literal in place.literals
        }
        items = [
            spelled.get(line) or json.dumps(line, ensure_ascii=ascii_only)
            for line in _lines(new, place.literals)
        ]
        if not items:
            return "[]"
        literals = place.literals
        before = self.json[place.start : literals[0].start]
        after = self.json[literals[-1].end : place.end]
        between = (
            self.json[literals[0].end : literals[1].start]
            if len(literals) > 1
            else f",{before[1:] or ' '}"
        )
        return before + between.join(items) + after


def searchable_code(data: bytes) -> bytes | None:
    """Return the code in a notebook's cells, or all bytes if they are not a notebook.

    ``None`` for a large file, and for code so long that its magics are hidden only within the
    time limit of the reader.
    """
    if len(data) > _LARGE and data.rstrip().endswith(b"}"):
        return None
    source = NotebookSource("", Kind.NOTEBOOK, data)
    try:
        is_long = sum(len(cell.text) for cell in source.cells) > _LONG
        return None if is_long else source.code_bytes
    except Unreadable:
        return data.replace(rb"\n", b"\n").replace(rb"\"", b'"')


def _lines(new: str, literals: list[Literal]) -> list[str]:
    """Return the items of the new source: old literals where they still fit, else lines."""
    head: list[str] = []
    tail: list[str] = []
    rest = list(literals)
    while rest and new.startswith(rest[0].value) and rest[0].value:
        head.append(rest[0].value)
        new = new[len(rest.pop(0).value) :]
    while rest and new.endswith(rest[-1].value) and rest[-1].value:
        tail.insert(0, rest[-1].value)
        new = new[: len(new) - len(rest.pop().value)]
    middle = re.findall(r"[^\n]*\n|[^\n]+\Z", new)
    if middle and tail and not middle[-1].endswith("\n"):
        middle[-1] += tail.pop(0)
    if head and middle and not head[-1].endswith("\n"):
        middle[0] = head.pop() + middle[0]
    return [*head, *middle, *tail]


def _row_and_column(text: str, offset: int) -> tuple[int, int]:
    row = text.count("\n", 0, offset) + 1
    return row, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _offset_of_character(text: str, literal: Literal, index: int) -> int:
    """Return the offset in the JSON of a character of a literal's value."""
    at = literal.start + 1
    count = 0
    for match in _ESCAPE.finditer(text, at, literal.end - 1):
        if count >= index:
            return match.start()
        high = match[0][:2] == "\\u" and match[0][2:4].lower() in ("d8", "d9", "da", "db")
        count += not high  # a pair of escapes is one character
    return literal.end - 1
