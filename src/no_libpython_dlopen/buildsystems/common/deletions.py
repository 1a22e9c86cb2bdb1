"""Deletes one word or one list item of a text, with the separator that belonged to it.

All build languages write link flags either as words between blanks or as items between
commas and brackets. What a careful person would delete together with such a word is
the same in each of them, so it is decided here: nothing else on the line moves, no
blank is left at its end, and a line that held only the word goes away whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.model.finding import Edit

Span = tuple[int, int]

_BLANKS = " \t"
_COMMA = re.compile(r"\s*,")
#: The end of a line that the next one continues, with the blanks before it.
_CONTINUED = re.compile(r"[ \t]*\\(?:\r\n|\r|\n)[ \t]*\Z")
#: An option that passes several words to the linker, up to one of them.
_HANDING = re.compile(r"(?:-Wl,|LINKER:)(?P<others>(?:[^\s\"',]+,)*)\Z")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_OR_FILE = re.compile(r"\r\n|\r|\n|\Z")


class Deletion(NamedTuple):
    """A deletion; ``comment`` says that a comment goes with it, which a person should see."""

    edit: Edit
    comment: bool = False


def span(text: str, start: int, end: int) -> Edit:
    """Return the edit that deletes exactly ``[start, end)``."""
    return Edit(start, end, text[start:end], "")


def part_of_flag(text: str, start: int, end: int) -> Edit | None:
    """Return the deletion of libpython from a ``-Wl,…`` that holds more, ``None`` for other words.

    ``[start, end)`` is the word, perhaps in quotation marks, or the part itself.

    >>> part_of_flag("cc -Wl,-O1,-lpython3.11", 3, 23).old
    ',-lpython3.11'
    """
    if text[start : start + 1] in ("'", '"'):
        start, end = start + 1, end - 1
    found = libpython_names.linked_part(text[start:end])
    first, last = (start + found[0], start + found[1]) if found else (start, end)
    handing = _HANDING.search(text, max(0, first - 400), first)
    if handing is None:
        return None
    if text[last : last + 1] == ",":
        return span(text, first, last + 1)
    return None if handing["others"] == "" else span(text, first - 1, last)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a text after edits that do not overlap."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda each: each.start):
        pieces += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*pieces, text[at:]])


def line_start(text: str, offset: int) -> int:
    """Return the start of the line that holds ``offset``."""
    end = text.rfind("\n", 0, offset) + 1
    return max(end, text.rfind("\r", end, offset) + 1)


def lines(text: str, start: int, end: int) -> Deletion | None:
    """Return the deletion of the lines that ``[start, end)`` has for itself, a comment aside."""
    first = line_start(text, start)
    stop = _LINE_END_OR_FILE.search(text, end)
    assert stop is not None
    rest = text[end : stop.start()].strip(_BLANKS)
    if text[first:start].strip(_BLANKS) or (rest and not rest.startswith("#")):
        return None
    return Deletion(span(text, first, stop.end()), bool(rest))


def word(text: str, start: int, end: int) -> Edit:
    r"""Return the edit that deletes a word and the blanks that set it apart.

    A line that a backslash continues and that holds nothing but the word goes away.

    >>> word("cc a.o -lpython3 -lm", 7, 16).old
    ' -lpython3'
    """
    part = part_of_flag(text, start, end)
    if part is not None:
        return part
    before, after = start, end
    while before and text[before - 1] in _BLANKS:
        before -= 1
    while after < len(text) and text[after] in _BLANKS:
        after += 1
    # Long enough for any indentation; the pattern must not look at the whole file.
    continued = _CONTINUED.search(text, max(0, start - 400), start)
    last_on_line = after == len(text) or text[after] in "\r\n\\"
    if continued and last_on_line:
        return span(text, continued.start(), end)
    if continued:
        return span(text, start, after)
    if before < start and text[before - 1 : before] not in ("", "\n", "\r"):
        return span(text, before, end)
    return span(text, start, end if last_on_line else after)


def item(text: str, items: Sequence[Span], index: int, inner: Span) -> Deletion:
    """Return the deletion of ``items[index]`` from a list in brackets.

    ``items`` are the spans of all items, ``inner`` reaches from behind the opening to
    before the closing bracket. Comments start with ``#``, as in Python, Starlark, TOML
    and Meson. A list that loses its only item is left as ``[]`` where it holds no
    comment.
    """
    start, end = items[index]
    part = part_of_flag(text, start, end)
    if part is not None:
        return Deletion(part)
    if len(items) == 1 and "#" not in _outside(text, inner, start, end):
        return Deletion(span(text, *inner))
    previous = items[index - 1] if index else None
    following = items[index + 1] if index + 1 < len(items) else None
    comma = _COMMA.match(text, end, inner[1])
    stop = comma.end() if comma else end
    line = _line(text, start, stop, inner)
    if line is not None and (following or previous is None or comma):
        return _with_comment(text, line, start, end)
    if following is None:
        if previous is None:
            return _with_comment(text, (start, stop), start, end)
        if "#" in text[previous[1] : start]:  # a comment of the item before stays
            return _with_comment(text, line or (start, end), start, end)
        return _with_comment(text, (previous[1], end), start, end)
    if _LINE_END.search(text, end, following[0]) and previous is not None:
        separator = _COMMA.match(text, previous[1], start)
        if separator and "#" not in text[separator.end() : start]:
            return _with_comment(text, (separator.end(), stop), start, end)
    return _with_comment(text, (start, following[0]), start, end)


def items(text: str, spans: Sequence[Span], first: int, last: int, inner: Span) -> Deletion:
    """Return the deletion of the items from ``first`` to ``last`` of a list in brackets."""
    joined = [*spans[:first], (spans[first][0], spans[last][1]), *spans[last + 1 :]]
    return item(text, joined, first, inner)


def _line(text: str, start: int, stop: int, inner: Span) -> Span | None:
    """Return the lines that ``[start, stop)`` has for itself, a comment behind it aside."""
    first = start
    while first > inner[0] and text[first - 1] in _BLANKS:
        first -= 1
    if first == inner[0] or text[first - 1] not in "\r\n":
        return None
    end = _LINE_END.search(text, stop, inner[1])
    if end is None:
        return None
    rest = text[stop : end.start()].strip(_BLANKS)
    return (first, end.end()) if not rest or rest.startswith("#") else None


def _with_comment(text: str, deleted: Span, start: int, end: int) -> Deletion:
    return Deletion(span(text, *deleted), comment="#" in _outside(text, deleted, start, end))


def _outside(text: str, outer: Span, start: int, end: int) -> str:
    """Return the text of ``outer`` without ``[start, end)``."""
    return text[outer[0] : start] + text[end : outer[1]]
