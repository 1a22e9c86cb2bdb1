"""What an expression may be: a finite set of alternatives, with unknown parts in texts.

A text (also bytes and paths) is a ``str`` in which ``names.UNKNOWN_PART`` stands for a part
that is not known. ``None``, ``bool`` and ``int`` stand for themselves.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

if TYPE_CHECKING:
    import libcst as cst

    from no_libpython_dlopen.python.dataflow.bindings import Scope

#: More alternatives than this are not told apart.
MAX_OPTIONS = 64
#: A text longer than this is not kept: no library has such a name.
MAX_TEXT = 4096
#: A collection with more in it than this, counted at all depths, is not kept.
MAX_WEIGHT = 10_000
#: No version or position is longer; a program that shifts numbers about can make any.
MAX_NUMBER = 1 << 63

PASSED = 1  # came through a parameter
PROBED = 2  # is one of several candidates that a loop tries
PLATFORM = 4  # depends on the platform and nothing else


@dataclass(frozen=True, slots=True)
class Values:
    """The alternatives; ``complete`` is false where there may be others."""

    options: tuple[Any, ...] = ()
    complete: bool = True
    flags: int = 0

    def flagged(self, flags: int) -> Values:
        """Return the same alternatives with more flags."""
        if self.flags | flags == self.flags:
            return self
        return Values(self.options, self.complete, self.flags | flags)


UNKNOWN = Values((), False)
NOTHING = Values()
HOLE_VALUES = Values((UNKNOWN_PART,))


@dataclass(frozen=True, slots=True)
class Element:
    """One item of a list: the expression that it comes from, and what it may be."""

    node: cst.CSTNode | None
    values: Values


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set of known length."""

    elements: tuple[Element, ...]
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, (element.values for element in self.elements))


@dataclass(frozen=True, slots=True)
class Bag:
    """A collection of unknown length whose elements are among ``values``."""

    values: Values
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, (self.values,))


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dictionary: what each key may give. ``open`` if it may have other keys."""

    entries: tuple[tuple[Any, Element], ...]
    open: bool = False
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, (element.values for _, element in self.entries))


@dataclass(frozen=True, slots=True)
class Known:
    """Something from outside the file, by its qualified name; ``x()`` is a result of ``x``."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function or lambda of this file."""

    scope: Scope
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Class:
    """A class of this file."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of this file, made with the arguments in ``frame``."""

    cls: Class
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a value: ``"libpython".upper``, or of a class in this file."""

    owner: Any
    name: str
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """``functools.partial`` of something."""

    callee: Any
    arguments: Arguments
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        given = self.arguments
        inner = (*given.positional, *(values for _, values in given.keywords))
        _weigh(self, inner, _weight(self.callee))


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call is given. ``complete`` is false where ``*args`` is not known."""

    positional: tuple[Values, ...] = ()
    keywords: tuple[tuple[str, Values], ...] = ()
    complete: bool = True

    def get(self, index: int, name: str = "") -> Values | None:
        """Return the argument at a position or of a name; ``None`` if it is not given."""
        if index < len(self.positional):
            return self.positional[index]
        for key, values in self.keywords:
            if key == name:
                return values
        return None if self.complete else UNKNOWN

    @property
    def doubts(self) -> int:
        """What is doubted of any of the arguments: ``PASSED``, ``PROBED``."""
        several = (*self.positional, *(values for _, values in self.keywords))
        return flags_of(several) & (PASSED | PROBED)

    def after(self, other: Arguments) -> Arguments:
        """Return these arguments following those of a ``partial``."""
        return Arguments(
            other.positional + self.positional,
            tuple({**dict(other.keywords), **dict(self.keywords)}.items()),
            self.complete and other.complete,
        )


def _weight(option: Any) -> int:
    """Return how much an alternative holds, itself included."""
    return option.weight if isinstance(option, (Items, Bag, Mapping, Partial)) else 1


def _weigh(holder: Any, inner: Iterable[Values], own: int = 1) -> None:
    """Note how much a new alternative holds.

    Values share their parts, so that a few lines can make a list of lists that is
    exponentially large to whoever walks it: to compare it, or only to hash it.
    """
    weight = own + sum(_weight(option) for values in inner for option in values.options)
    object.__setattr__(holder, "weight", weight)


def _is_kept(option: Any) -> bool:
    """Tell whether an alternative is small enough to be worked with."""
    if isinstance(option, str):
        return len(option) <= MAX_TEXT
    if isinstance(option, int):
        return -MAX_NUMBER < option < MAX_NUMBER
    return _weight(option) <= MAX_WEIGHT


@dataclass(eq=False, slots=True)
class Frame:
    """What the parameters of a function are in one call."""

    scope: Scope
    parameters: dict[str, Values]
    owner: Values | None = None
    parent: Frame | None = None
    depth: int = 0
    tests: dict[Any, bool | None] = field(default_factory=dict)


def of(*options: Any, flags: int = 0) -> Values:
    """Return the values with these alternatives."""
    return _limited(options, True, flags)


def union(several: Iterable[Values]) -> Values:
    """Return what is any one of several values."""
    options: list[Any] = []
    complete = True
    flags = 0
    for values in several:
        options.extend(values.options)
        complete = complete and values.complete
        flags |= values.flags
    return _limited(options, complete, flags)


def _limited(options: Iterable[Any], complete: bool, flags: int) -> Values:
    options = tuple(options)
    if len(options) < 2:
        kept = not options or _is_kept(options[0])
        return Values(options, complete, flags) if kept else Values((), False, flags)
    seen: dict[tuple[type, Any], Any] = {}
    for option in options:
        if not _is_kept(option):
            complete = False
            continue
        seen.setdefault((type(option), option), option)
        if len(seen) > MAX_OPTIONS:
            return Values((), False, flags)
    return Values(tuple(seen.values()), complete, flags)


def text(option: Any) -> str:
    """Return an alternative as ``str()`` would write it."""
    if isinstance(option, str):
        return option
    if option is None or isinstance(option, (bool, int)):
        return str(option)
    return UNKNOWN_PART


def texts(values: Values) -> list[str]:
    """Return the alternatives as texts; what is not known is a hole."""
    found = list(dict.fromkeys(text(option) for option in values.options))
    if not values.complete or not found:
        found.append(UNKNOWN_PART)
    return found


def joined(parts: Sequence[Values], flags: int = 0) -> Values:
    """Return what the texts of several values may be one after the other."""
    choices = [texts(part) for part in parts]
    for part in parts:
        flags |= part.flags
    while _product(choices) > MAX_OPTIONS:
        widest = max(range(len(choices)), key=lambda index: len(choices[index]))
        choices[widest] = [UNKNOWN_PART]
    return _limited(map("".join, itertools.product(*choices)), True, flags)


def _product(choices: list[list[str]]) -> int:
    total = 1
    for choice in choices:
        total *= len(choice)
    return total


def combinations(several: Sequence[Values]) -> Iterable[tuple[Any, ...]]:
    """Yield each combination of alternatives, none if there are too many."""
    total = 1
    for values in several:
        total *= len(values.options)
    return itertools.product(*(v.options for v in several)) if total <= MAX_OPTIONS else ()


def flags_of(several: Iterable[Values]) -> int:
    """Return the flags that any of the values carries."""
    flags = 0
    for values in several:
        flags |= values.flags
    return flags


def elements(option: Any) -> Values:
    """Return what iterating over an alternative may give."""
    if isinstance(option, Items):
        return union(element.values for element in option.elements)
    if isinstance(option, Bag):
        return option.values
    if isinstance(option, Mapping):
        keys = of(*(key for key, _ in option.entries))
        return Values(keys.options, keys.complete and not option.open)
    if isinstance(option, str) and UNKNOWN_PART not in option and len(option) <= MAX_OPTIONS:
        return of(*option)
    return UNKNOWN


def iterated(values: Values) -> Values:
    """Return what a loop over values may meet."""
    inner = union(elements(option) for option in values.options)
    return Values(inner.options, inner.complete and values.complete, inner.flags | values.flags)


def doubted(entries: Iterable[tuple[Any, Element]]) -> tuple[tuple[Any, Element], ...]:
    """Return a dictionary's entries where later ones, whose keys are not known, may replace them."""
    return tuple(
        (key, Element(one.node, Values(one.values.options, False, one.values.flags)))
        for key, one in entries
    )


def items(*several: Values) -> Items:
    """Return a list of known elements that stand nowhere in the text."""
    return Items(tuple(Element(None, values) for values in several))
