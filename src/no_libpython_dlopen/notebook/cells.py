"""Finds the code cells of a notebook, and where each of their literals is in the JSON.

``json`` and ``nbformat`` forget where a value stood and how it was spelled, so a file that
they write again is another file. Here the few levels down to a cell's ``source`` are read
by hand, on offsets; all other values are stepped over by ``json``'s own decoder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from no_libpython_dlopen.model.errors import NolibpyError

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)
Visit = Callable[[str, int], int]


class InvalidNotebook(NolibpyError):
    """The text is not the JSON of a notebook; ``offset`` is where that shows."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal of the JSON, at ``[start, end)``, and its value."""

    start: int
    end: int
    value: str


@dataclass(slots=True)
class Cell:
    """A cell: its number among all cells, from 1, and the literals of its source.

    ``[start, end)`` is the value of ``source``: one literal, or an array of them.
    """

    number: int
    kind: str = ""
    language: str = ""
    start: int = 0
    end: int = 0
    literals: list[Literal] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The source as one text."""
        return "".join(literal.value for literal in self.literals)


def code_cells(text: str) -> list[Cell]:
    """Return the cells of a notebook that hold Python. Raises ``InvalidNotebook``."""
    found: list[Cell] = []
    languages: list[str] = []

    def top(key: str, at: int) -> int:
        if key == "cells":
            return _items(text, at, lambda _, start: _cell(text, start, found))
        if key == "worksheets":  # nbformat 3
            return _items(text, at, lambda _, start: _members(text, start, top))
        value, end = _value(text, at)
        if key == "metadata" and isinstance(value, dict):
            for name in ("language_info", "kernelspec"):
                info = value.get(name)
                if isinstance(info, dict):
                    language = info.get("name" if name == "language_info" else "language")
                    languages.append(language if isinstance(language, str) else "")
        return end

    at = _members(text, _skip(text, 0), top)
    if _skip(text, at) != len(text):
        raise InvalidNotebook("text follows the notebook", at)
    named = [language.lower() for language in languages if language]
    if named and not any(_is_python(language) for language in named):
        return []
    return [cell for cell in found if cell.kind == "code" and _is_python(cell.language)]


def _is_python(language: str) -> bool:
    return language in ("", "python", "ipython", "python3")


def _cell(text: str, at: int, found: list[Cell]) -> int:
    cell = Cell(len(found) + 1)
    found.append(cell)

    def member(key: str, start: int) -> int:
        if key in ("source", "input") and text[start] in '["':
            cell.start = start
            cell.literals.clear()
            if text[start] == '"':
                cell.end = _literal(text, start, cell)
            else:
                cell.end = _items(text, start, lambda _, item: _literal(text, item, cell))
            return cell.end
        value, end = _value(text, start)
        if key == "cell_type" and isinstance(value, str):
            cell.kind = value
        elif key == "metadata" and isinstance(value, dict):
            vscode = value.get("vscode")
            language = vscode.get("languageId") if isinstance(vscode, dict) else None
            cell.language = language.lower() if isinstance(language, str) else ""
        return end

    return _members(text, at, member)


def _literal(text: str, at: int, cell: Cell) -> int:
    value, end = _string(text, at)
    cell.literals.append(Literal(at, end, value))
    return end


def _members(text: str, at: int, visit: Visit) -> int:
    """Call ``visit`` with the key and the offset of each member; return the object's end."""
    return _each(text, at, "{}", visit)


def _items(text: str, at: int, visit: Visit) -> int:
    """Call ``visit`` with the offset of each item; return the array's end."""
    return _each(text, at, "[]", visit)


def _each(text: str, at: int, brackets: str, visit: Visit) -> int:
    opening, closing = brackets[0], brackets[1]
    if text[at : at + 1] != opening:
        raise InvalidNotebook(f"`{opening}` expected", at)
    at = _skip(text, at + 1)
    if text[at : at + 1] == closing:
        return at + 1
    while True:
        key = ""
        if opening == "{":
            key, at = _string(text, at)
            at = _skip(text, at)
            if text[at : at + 1] != ":":
                raise InvalidNotebook("`:` expected", at)
            at = _skip(text, at + 1)
        if at >= len(text):
            raise InvalidNotebook("it ends too early", at)
        at = _skip(text, visit(key, at))
        if text[at : at + 1] == closing:
            return at + 1
        if text[at : at + 1] != ",":
            raise InvalidNotebook(f"`,` or `{closing}` expected", at)
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _string(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] != '"':
        raise InvalidNotebook("a string expected", at)
    value, end = _value(text, at)
    return str(value), end


def _value(text: str, at: int) -> tuple[object, int]:
    """Return any value and its end."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        raise InvalidNotebook("not valid JSON", at) from None
    return value, end
