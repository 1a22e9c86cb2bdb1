"""Finds the code cells of a notebook, and where each of their literals is in the JSON.

``json`` and ``nbformat`` forget where a value stood and how it was spelled, so a file that
they write again is another file. The cells are read by ``json``'s own decoder; the offsets of a
cell's ``source`` are found by a scanner of our own, and only when somebody asks for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.model.errors import NolibpyError

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)
Visit = Callable[[str, int], int]


class _Members(list[tuple[str, object]]):
    """The members of a JSON object in their order, repeated keys included."""


_MEMBERS = json.JSONDecoder(strict=False, object_pairs_hook=_Members)


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


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its number among all cells, from 1, and its source as one text."""

    number: int
    text: str


@dataclass(slots=True)
class Place:
    """Where the source of a cell is: ``[start, end)`` is one literal, or an array of them."""

    start: int = 0
    end: int = 0
    literals: list[Literal] = field(default_factory=list)


def code_cells(text: str) -> list[Cell]:
    """Return the cells of a notebook that hold Python. Raises ``InvalidNotebook``."""
    try:
        notebook = _MEMBERS.decode(text)
        cells = list(_cells(notebook))
        languages = [found for found in _languages(notebook) if found]
    except (ValueError, TypeError, RecursionError, InvalidNotebook):
        places(text)  # tells where it is wrong
        raise InvalidNotebook("not valid JSON") from None
    if languages and not any(_is_python(language) for language in languages):
        return []
    return [
        Cell(number, source)
        for number, (kind, language, source) in enumerate(cells, 1)
        if kind == "code" and _is_python(language)
    ]


def _members_of(value: object) -> _Members:
    if not isinstance(value, _Members):
        raise InvalidNotebook("an object expected")
    return value


def _items_of(value: object) -> list[object]:
    if not isinstance(value, list) or isinstance(value, _Members):
        raise InvalidNotebook("an array expected")
    return value


def _get(value: object, *path: str) -> object:
    """Return a value of objects in objects, the last of those with one key."""
    for key in path:
        value = dict(value).get(key) if isinstance(value, _Members) else None
    return value


def _lower(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _cells(notebook: object) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the language and the source of each cell. Raises ``InvalidNotebook``."""
    for key, value in _members_of(notebook):
        if key == "worksheets":  # nbformat 3
            for sheet in _items_of(value):
                yield from _cells(sheet)
        elif key == "cells":
            for cell in _items_of(value):
                yield _cell(_members_of(cell))


def _cell(members: _Members) -> tuple[str, str, str]:
    kind = language = source = ""
    for key, value in members:
        if key in ("source", "input") and isinstance(value, str):
            source = value
        elif key in ("source", "input") and type(value) is list:
            source = "".join(value)  # or a TypeError
        elif key == "cell_type" and isinstance(value, str):
            kind = value
        elif key == "metadata" and isinstance(value, _Members):
            language = _lower(_get(value, "vscode", "languageId"))
    return kind, language, source


def _languages(notebook: object) -> Iterator[str]:
    """Yield the languages that a notebook names for itself, in lower case; perhaps none."""
    for key, value in _members_of(notebook):
        if key == "worksheets":
            for sheet in _items_of(value):
                yield from _languages(sheet)
        elif key == "metadata":
            yield _lower(_get(value, "language_info", "name"))
            yield _lower(_get(value, "kernelspec", "language"))


def _is_python(language: str) -> bool:
    return language in ("", "python", "ipython", "python3")


def places(text: str) -> list[Place]:
    """Return the place of each cell's source, Markdown's too. Raises ``InvalidNotebook``."""
    found: list[Place] = []

    def top(key: str, at: int) -> int:
        if key == "cells":
            return _items(text, at, lambda _, start: _place(text, start, found))
        if key == "worksheets":
            return _items(text, at, lambda _, start: _members(text, start, top))
        return _value(text, at)[1]

    at = _members(text, _skip(text, 0), top)
    if _skip(text, at) != len(text):
        raise InvalidNotebook("text follows the notebook", at)
    return found


def _place(text: str, at: int, found: list[Place]) -> int:
    place = Place()
    found.append(place)

    def member(key: str, start: int) -> int:
        if key not in ("source", "input") or text[start] not in '["':
            return _value(text, start)[1]
        place.start = start
        place.literals.clear()
        if text[start] == '"':
            place.end = _literal(text, start, place)
        else:
            place.end = _items(text, start, lambda _, item: _literal(text, item, place))
        return place.end

    return _members(text, at, member)


def _literal(text: str, at: int, place: Place) -> int:
    value, end = _string(text, at)
    place.literals.append(Literal(at, end, value))
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
