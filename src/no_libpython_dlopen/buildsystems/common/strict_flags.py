"""Takes the flags by which a linker refuses undefined symbols out of a build file.

An extension module that no longer links libpython does not link under ``-Wl,--no-undefined`` or
``-Wl,-z,defs``, so these go with it. What a linker does without them depends on what it makes:
of a module it leaves symbols undefined, of a program it still does not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_fact import STRICT, UNCHECKED, make_fix
from no_libpython_dlopen.knowledge import link_references
from no_libpython_dlopen.model.finding import Edit, Fix

#: What hands the linker the flag behind it; nothing is left to hand on without the flag.
_PREFIX = re.compile(r"(?:\w+=)?(?:-Wl,|LINKER:|SHELL:)*")
_XLINKER = re.compile(r"(?:-Xlinker\s+)+\Z")
_REST = re.compile(r"\S*")
_LAST_COMMA = re.compile(r",[ \t]*\Z")
_CLOSES = re.compile(r"[ \t]*[\])]")


class Cut(NamedTuple):
    """A strict flag in a list: the items from ``first`` to ``last``, or a ``part`` of one."""

    first: int
    last: int
    part: Span | None = None


def cuts(texts: Sequence[str | None]) -> list[Cut] | None:
    """Return the strict flags among the texts of a list, ``None`` for a list that keeps one.

    An item that is no literal has no text. An option may be in one item and its value in the next.

    >>> cuts(["-s", "-Wl,-z", "-Wl,defs", "-Wl,-O1,--no-undefined"])
    [Cut(first=1, last=2, part=None), Cut(first=3, last=3, part=(7, 22))]
    """
    starts: list[int] = []
    joined = ""
    for text in texts:
        starts.append(len(joined))
        joined += ("\0" if text is None else text) + "\n"
    found: list[Cut] = []
    for match in link_references.strict_flags(joined):
        span = _whole_words(joined, *match)
        cut = None if span is None else _cut_of(joined, starts, *span)
        if cut is None:
            return None
        found.append(cut)
    return found


def _whole_words(text: str, start: int, end: int) -> Span | None:
    """Return the flag that begins and ends here, with what hands it to the linker."""
    begin = max(text.rfind(blank, 0, start) for blank in " \t\r\n") + 1
    rest = _REST.match(text, end)
    assert rest is not None
    stop = rest.end()
    prefix, suffix = text[begin:start], text[end:stop]
    if _PREFIX.fullmatch(prefix) and not suffix:
        option = _XLINKER.search(text, 0, begin)
        return (option.start() if option and not prefix else begin), stop
    if prefix.endswith(",") and not _PREFIX.fullmatch(prefix):
        return start - 1, end
    return (start, end + 1) if suffix.startswith(",") else None


def _cut_of(joined: str, starts: list[int], start: int, end: int) -> Cut | None:
    first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
    close = starts[last + 1] - 1 if last + 1 < len(starts) else len(joined) - 1
    if not (joined[starts[first] : start] + joined[end:close]).strip():
        return Cut(first, last)
    if first != last:
        return None
    if joined[start - 1 : start].isspace() and joined[end].isspace():
        start -= 1
    elif start == starts[first] and joined[end].isspace():
        end += 1
    return Cut(first, last, (start - starts[first], end - starts[first]))


def without(fix: Fix, text: str, edits: Iterable[Edit] | None) -> Fix | str:
    """Return a fix that makes further edits, which take strict flags out of a text.

    Without such edits, or where they cannot be made along with its own, there is none.
    """
    if edits is None:
        return STRICT
    joined = _merge(text, [*fix.edits, *edits])
    if joined is None:
        return STRICT
    message = f"{fix.message}, and the flags that refuse undefined symbols"
    return make_fix(message, tuple(joined), (*fix.caveats, UNCHECKED))


def _merge(text: str, edits: list[Edit]) -> list[Edit] | None:
    """Return edits in order, deletions that overlap as one; ``None`` where others overlap."""
    result: list[Edit] = []
    for edit in sorted(set(edits), key=lambda each: (each.start, each.end)):
        last = result[-1] if result else None
        if last is None or last.end < edit.start:
            result.append(edit)
            continue
        if last.new or edit.new:
            return None
        start, end = last.start, max(last.end, edit.end)
        comma = _LAST_COMMA.search(text, max(0, start - 100), start)
        if comma and _CLOSES.match(text, end):
            start = comma.start()
        result[-1] = Edit(start, end, text[start:end], "")
    return result
