"""What a test proves of a text, and the texts of which that is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice, product
from typing import Any, NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.limits import PYTHON_ALTERNATIVES
from no_libpython_dlopen.python.evaluator.models.patterns import complete

#: A part of a name that is nothing but a version.
_VERSION = re.compile(rf"[\d.{UNKNOWN_PART}]*\d[\d.{UNKNOWN_PART}]*")

#: Where ``find`` has found a text, by how its result compares with a number.
_PLACES = {
    True: {
        (cst.Equal, "0"): "head",
        (cst.GreaterThanEqual, "0"): "part",
        (cst.GreaterThan, "-1"): "part",
        (cst.NotEqual, "-1"): "part",
    },
    False: {
        (cst.NotEqual, "0"): "head",
        (cst.LessThan, "0"): "part",
        (cst.LessThanEqual, "-1"): "part",
        (cst.Equal, "-1"): "part",
    },
}


class Implication(NamedTuple):
    """The known text of an expression: its beginnings and ends, parts of it, or all of it.

    Of each of the ``choices`` one text is a part.
    """

    subject: cst.BaseExpression
    heads: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    wholes: tuple[str, ...] = ()
    choices: tuple[tuple[str, ...], ...] = ()

    def merge(self, other: Implication) -> Implication:
        """Return both combined; of what both know the longer counts, or else this one."""
        return self._replace(
            heads=_below(self.heads, other.heads)
            or _below(other.heads, self.heads)
            or _longest(self.heads, other.heads, str.startswith),
            tails=_longest(self.tails, other.tails, str.endswith),
            parts=(*other.parts, *self.parts),
            wholes=self.wholes or other.wholes,
            choices=(*other.choices, *self.choices),
        )

    def both(self, other: Implication) -> Implication:
        """Return the implication where both hold: of two subjects, this one."""
        return other.merge(self) if self.subject.deep_equals(other.subject) else self

    def either(self, other: Implication) -> Implication | None:
        """Return the implication where one of both holds; ``None`` for two subjects."""
        if not self.subject.deep_equals(other.subject):
            return None
        if self._only("heads") and other._only("heads"):
            return Implication(self.subject, heads=self.heads + other.heads)
        if self._only("tails") and other._only("tails"):
            return Implication(self.subject, tails=self.tails + other.tails)
        if self._part() and other._part():
            return Implication(self.subject, choices=((*self._part(), *other._part()),))
        return Implication(self.subject, wholes=(*self.texts(), *other.texts()))

    def _only(self, name: str) -> tuple[Any, ...]:
        """Return the texts that are known of this kind, none if another kind is known."""
        known = {one: texts for one, texts in self._asdict().items() if texts}
        return known[name] if known.keys() == {"subject", name} else ()

    def _part(self) -> tuple[str, ...]:
        """Return the texts of which one is a part, if no more than that is known."""
        several = [*((one,) for one in self._only("parts")), *self._only("choices")]
        return several[0] if len(several) == 1 else ()

    def surround(self, before: str, after: str) -> Implication:
        """Return the implication about a longer text, which has ``before`` and ``after`` around."""
        return self._replace(
            heads=tuple(before + one for one in self.heads),
            tails=tuple(one + after for one in self.tails),
            wholes=tuple(before + one + after for one in self.wholes),
        )

    def within(self, several: list[str]) -> Implication:
        """Return this with the known ends of a pattern, where the test implies no ends.

        Between the ends of one pattern, ``*.so*``, its suffix is known, too.
        """
        ends = {(one.split(UNKNOWN_PART)[0], one.split(UNKNOWN_PART)[-1]) for one in several}
        if len(ends) != 1:
            return self
        ((head, tail),) = ends
        head = head[: head.rfind("/") + 1]  # what follows may be what is known of the name
        inner = several[0].split(UNKNOWN_PART)[1:-1] if len(several) == 1 else []
        suffixes = [one for one in inner if one.startswith(".") and "/" not in one]
        return self._replace(
            parts=(*self.parts, *suffixes),
            heads=self.heads or ((head,) if head else ()),
            tails=self.tails or ((tail,) if tail else ()),
        )

    def is_true_of(self, text: str) -> bool:
        """Return whether a text satisfies this, whatever its unknown parts are."""
        return (
            (not self.heads or text.startswith(self.heads))
            and (not self.tails or text.endswith(self.tails))
            and (not self.wholes or any(_fits(text, one) for one in self.wholes))
            and all(part in text for part in self.parts)
            and all(any(part in text for part in several) for several in self.choices)
        )

    def texts(self) -> tuple[str, ...]:
        """Return the texts that satisfy this, with unknown parts."""
        found = []
        ways = product(self.heads or ("",), self.tails or ("",), *self.choices)
        for head, tail, *chosen in islice(ways, PYTHON_ALTERNATIVES + 1):
            if self.wholes:
                found += [_with_ends(one, head, tail) for one in self.wholes]
                continue
            ends = f"{head}{UNKNOWN_PART}{tail}"
            inner = dict.fromkeys(part for part in (*self.parts, *chosen) if part not in ends)
            if any("python" in part for part in (ends, *inner)):  # whose version it is
                inner = {part: None for part in inner if not _VERSION.fullmatch(part)}
            ordered = sorted(inner, key=lambda part: part.startswith("."))  # the suffix is last
            found.append(UNKNOWN_PART.join((head, *ordered, tail)))
        return tuple(map(complete, found))


def _fits(text: str, pattern: str) -> bool:
    """Return whether a text fits a pattern with unknown parts; those of the text count as versions."""
    text = text.replace(UNKNOWN_PART, "1")
    head, *inner = pattern.split(UNKNOWN_PART)
    if not inner:
        return text == head
    at = len(head) if text.startswith(head) else len(text) + 1
    for one in inner[:-1]:
        found = text.find(one, at)
        at = found + len(one) if found >= 0 else len(text) + 1
    return at <= len(text) and text.endswith(inner[-1], at)


def _longest(
    ours: tuple[str, ...], others: tuple[str, ...], holds: Callable[[str, str], bool]
) -> tuple[str, ...]:
    """Return the beginnings, or ends, that both allow; ours where none is."""
    pairs = [(one, other) for one in ours for other in others]
    found = [max(pair, key=len) for pair in pairs if holds(max(pair, key=len), min(pair, key=len))]
    return tuple(dict.fromkeys(found)) or ours or others


def _below(folders: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the beginnings of paths: one side knows the folder, the other one the name."""
    if not all(one.endswith("/") and UNKNOWN_PART not in one for one in folders):
        return ()
    if not all(one.startswith(f"{UNKNOWN_PART}/") for one in names):
        return ()
    return tuple(folder + name for folder in folders for name in names)


def _with_ends(text: str, head: str, tail: str) -> str:
    """Return a text with a known beginning and end, where its own are not known."""
    before = head if text.startswith(UNKNOWN_PART) else ""
    known = text.rstrip(UNKNOWN_PART)
    if known == text or (tail and known.endswith(tail)):
        return before + known
    return before + text + tail


def found_place(operator: cst.BaseCompOp, right: cst.BaseExpression, *, outcome: bool) -> str:
    """Return ``head`` or ``part``, where ``find`` has found a text if its result compares so, or ``""``."""
    is_negative = isinstance(right, cst.UnaryOperation)
    number = cst.ensure_type(right, cst.UnaryOperation).expression if is_negative else right
    index = number.value if isinstance(number, cst.Integer) else ""
    told = type(operator), f"-{index}" if is_negative else index
    return _PLACES[outcome].get(told, "")
