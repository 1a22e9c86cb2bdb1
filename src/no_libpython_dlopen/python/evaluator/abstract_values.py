"""What an expression may be: a finite set of alternatives, with unknown parts in texts.

A text (also bytes and paths) is a ``str`` in which ``UNKNOWN_PART`` is written for a part
that is not known. ``None``, ``bool`` and ``int`` are themselves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import attrgetter, or_
from typing import TYPE_CHECKING, Any, NamedTuple

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.limits import PYTHON_ALTERNATIVES, PYTHON_ITEMS, PYTHON_TEXT, Limit
from no_libpython_dlopen.python.evaluator.cuts import CUT_BY

if TYPE_CHECKING:
    import libcst as cst

    from no_libpython_dlopen.python.dataflow.bindings import Scope

#: No version or position is longer than this.
MAX_NUMBER = 1 << 63

#: What the names of ``External`` begin with for the output of commands, and for all that is made of
#: it: a list of shared libraries, a line of it that names libpython, a linker's flags for embedding,
#: one of these flags.
OUTPUTS = LISTING, LISTED, EMBEDDING_FLAGS, FLAG = "(listing)", "(listed)", "(embedding)", "(flag)"
_LISTED_NAME = f"{UNKNOWN_PART}/libpython3.{UNKNOWN_PART}.so{UNKNOWN_PART}"

FROM_PARAMETER = 1  # came through a parameter
FROM_CANDIDATES = 2  # is one of several candidates that a loop tries
FROM_PLATFORM = 4  # depends on the platform and nothing else


class AbstractValue(NamedTuple):
    """The alternatives; ``exhaustive`` is false where there may be others."""

    alternatives: tuple[Any, ...] = ()
    exhaustive: bool = True
    labels: int = 0

    def with_labels(self, labels: int) -> AbstractValue:
        """Return the same alternatives with more labels."""
        if self.labels | labels == self.labels:
            return self
        return AbstractValue(self.alternatives, self.exhaustive, self.labels | labels)

    def without_labels(self, labels: int) -> AbstractValue:
        """Return the same alternatives without some labels."""
        return AbstractValue(self.alternatives, self.exhaustive, self.labels & ~labels)

    def part_of(self, whole: AbstractValue) -> AbstractValue:
        """Return this value as one that is computed from ``whole``, whose doubts it shares."""
        exhaustive = self.exhaustive and whole.exhaustive
        return AbstractValue(self.alternatives, exhaustive, self.labels | whole.labels)

    @property
    def only(self) -> Any:
        """The alternative where there is one, ``None`` elsewhere."""
        return self.alternatives[0] if len(self.alternatives) == 1 else None

    @property
    def certain(self) -> Any:
        """The alternative where it can be no other, ``None`` elsewhere."""
        return self.only if self.exhaustive else None


UNKNOWN = AbstractValue((), False)
UNKNOWN_TEXT = AbstractValue((UNKNOWN_PART,))


@dataclass(frozen=True, slots=True)
class Element:
    """One item of a list: the expression that it comes from, and what it may be."""

    node: cst.CSTNode | None
    values: AbstractValue
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, map(_weight, self.values.alternatives), own=0)

    def with_labels(self, labels: int) -> Element:
        """Return the same item with more labels."""
        return Element(self.node, self.values.with_labels(labels))


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set of known length."""

    elements: tuple[Element, ...]
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, map(_ELEMENT_WEIGHT, self.elements))


@dataclass(frozen=True, slots=True)
class Bag:
    """A collection of unknown length whose elements are among ``values``."""

    values: AbstractValue
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, map(_weight, self.values.alternatives))


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dictionary: what each key may give. ``open`` if it may have other keys."""

    entries: tuple[tuple[Any, Element], ...]
    open: bool = False
    weight: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _weigh(self, [element.weight for _, element in self.entries])

    @property
    def any_value(self) -> AbstractValue:
        """What any of the keys may give."""
        return union(element.values for _, element in self.entries)


@dataclass(frozen=True, slots=True)
class External:
    """Something from outside the file, by its qualified name; ``x()`` is a result of ``x``."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function or lambda of this file."""

    scope: Scope
    context: CallContext | None = None


@dataclass(frozen=True, slots=True)
class Class:
    """A class of this file."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of this file, made with the arguments in ``context``."""

    cls: Class
    context: CallContext | None = None


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
        weights = [_weight(option) for values in inner for option in values.alternatives]
        _weigh(self, weights, own=_weight(self.callee))


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call is given. ``complete`` is false where ``*args`` is not known."""

    positional: tuple[AbstractValue, ...] = ()
    keywords: tuple[tuple[str, AbstractValue], ...] = ()
    complete: bool = True

    def get(self, index: int, name: str = "") -> AbstractValue | None:
        """Return the argument at a position or of a name; ``None`` if it is not given."""
        return self.positional[index] if index < len(self.positional) else self.keyword(name)

    def keyword(self, name: str) -> AbstractValue | None:
        """Return the argument of a name; ``None`` if it is not given."""
        return dict(self.keywords).get(name, None if self.complete else UNKNOWN)

    @property
    def rest(self) -> Arguments:
        """All but the first positional argument."""
        return Arguments(self.positional[1:], self.keywords, self.complete)

    @property
    def source_labels(self) -> int:
        """``FROM_PARAMETER`` and ``FROM_CANDIDATES``, where any of the arguments has them."""
        several = (*self.positional, *(value for _, value in self.keywords))
        return labels_of(several) & (FROM_PARAMETER | FROM_CANDIDATES)

    def after(self, other: Arguments) -> Arguments:
        """Return these arguments following those of a ``partial``."""
        return Arguments(
            other.positional + self.positional,
            tuple({**dict(other.keywords), **dict(self.keywords)}.items()),
            self.complete and other.complete,
        )


_ELEMENT_WEIGHT = attrgetter("weight")


def _weight(option: Any) -> int:
    """Return the number of values in an alternative, itself included."""
    weight: int = getattr(option, "weight", 1)
    return weight


def _weigh(holder: Any, inner: Iterable[int], *, own: int = 1) -> None:
    """Note how much a new alternative holds.

    Values share their parts, so that a few lines can make a list of lists that is
    exponentially large to whoever walks it: to compare it, or only to hash it.
    """
    object.__setattr__(holder, "weight", own + sum(inner))


def _is_small_enough(option: Any) -> bool:
    """Return whether an alternative is small enough to be worked with."""
    if isinstance(option, str):
        return len(option) <= PYTHON_TEXT
    if isinstance(option, int):
        return -MAX_NUMBER < option < MAX_NUMBER
    return _weight(option) <= PYTHON_ITEMS


@dataclass(eq=False, slots=True)
class CallContext:
    """What the parameters of a function are in one call."""

    scope: Scope
    parameters: dict[str, AbstractValue]
    parent: CallContext | None = None
    depth: int = 0


#: The call in which an expression is evaluated; ``None`` outside of any.
Context = CallContext | None


def one_of(*options: Any, labels: int = 0) -> AbstractValue:
    """Return the values with these alternatives."""
    return _limit(options, True, labels)


def union(several: Iterable[AbstractValue]) -> AbstractValue:
    """Return the value that is any one of several.

    The rest is not asked for its values once there are too many.
    """
    options: list[Any] = []
    seen: dict[tuple[type, Any], Any] = {}
    complete = True
    labels = 0
    for values in several:
        options.extend(values.alternatives)
        complete = complete and values.exhaustive
        labels |= values.labels
        if seen or len(options) > PYTHON_ALTERNATIVES:
            distinct = _limit(options, complete, labels, seen)
            if not distinct.alternatives:
                return distinct
            options, complete, labels = [], distinct.exhaustive, distinct.labels
    return _limit(options, complete, labels, seen)


def cut_by(limit: Limit, labels: int = 0) -> AbstractValue:
    """Return a value of which nothing is known because of a limit."""
    return AbstractValue((), False, labels | CUT_BY[limit.unit])


def _limit(
    options: Iterable[Any],
    complete: bool,
    labels: int,
    seen: dict[tuple[type, Any], Any] | None = None,
) -> AbstractValue:
    """Return the values with some alternatives, behind those that were ``seen`` before."""
    options = tuple(options)
    if not seen and (not options or (len(options) == 1 and _is_small_enough(options[0]))):
        return AbstractValue(options, complete, labels)
    seen = {} if seen is None else seen
    for option in options:
        if not _is_small_enough(option):
            complete = False
            if not isinstance(option, int):  # no library has a name as large as that
                labels |= CUT_BY[(PYTHON_TEXT if isinstance(option, str) else PYTHON_ITEMS).unit]
            continue
        seen.setdefault((type(option), option), option)
        if len(seen) > PYTHON_ALTERNATIVES:
            return cut_by(PYTHON_ALTERNATIVES, labels)
    return AbstractValue(tuple(seen.values()), complete, labels)


def text(option: Any) -> str:
    """Return an alternative as ``str()`` would write it."""
    if isinstance(option, str):
        return option
    if option is None or isinstance(option, (bool, int)):
        return str(option)
    return _LISTED_NAME if is_output(option, (LISTED,)) else UNKNOWN_PART


def texts(values: AbstractValue) -> list[str]:
    """Return the alternatives as texts; what is not known is an unknown part."""
    found = list(dict.fromkeys(text(option) for option in values.alternatives))
    if not values.exhaustive or not found:
        found.append(UNKNOWN_PART)
    return found


def concatenate(parts: Sequence[AbstractValue]) -> AbstractValue:
    """Return the concatenation of the texts of several values."""
    choices = [texts(part) for part in parts]
    labels = labels_of(parts)
    while math.prod(map(len, choices)) > PYTHON_ALTERNATIVES:
        widest = max(range(len(choices)), key=lambda index: len(choices[index]))
        choices[widest] = [UNKNOWN_PART]
        labels |= CUT_BY[PYTHON_ALTERNATIVES.unit]
    return _limit(map("".join, itertools.product(*choices)), True, labels)


def combinations(several: Sequence[AbstractValue]) -> Iterable[tuple[Any, ...]]:
    """Yield each combination of alternatives, none if there are too many."""
    total = math.prod(len(values.alternatives) for values in several)
    return (
        itertools.product(*(v.alternatives for v in several))
        if total <= PYTHON_ALTERNATIVES
        else ()
    )


def labels_of(several: Iterable[AbstractValue]) -> int:
    """Return the flags that any of the values carries."""
    return reduce(or_, (values.labels for values in several), 0)


def is_output(option: Any, kinds: tuple[str, ...] = OUTPUTS) -> bool:
    """Return whether an alternative is the output of a command, or is made of it."""
    return isinstance(option, External) and option.name.startswith(kinds)


def elements(option: Any) -> AbstractValue:
    """Return the items of an alternative."""
    if isinstance(option, Items):
        return union(element.values for element in option.elements)
    if isinstance(option, Bag):
        return option.values
    if isinstance(option, Mapping):
        keys = one_of(*(key for key, _ in option.entries))
        return AbstractValue(keys.alternatives, keys.exhaustive and not option.open)
    if is_output(option):
        return one_of(External(f"{option.name}[]"))
    if (
        isinstance(option, str)
        and UNKNOWN_PART not in option
        and len(option) <= PYTHON_ALTERNATIVES
    ):
        return one_of(*option)
    return UNKNOWN


def iterate(value: AbstractValue) -> AbstractValue:
    """Return the items of a value."""
    return union(elements(option) for option in value.alternatives).part_of(value)


def weaken(entries: Iterable[tuple[Any, Element]]) -> tuple[tuple[Any, Element], ...]:
    """Return a dictionary's entries where later ones, of unknown keys, may replace them."""
    return tuple(
        (key, Element(one.node, AbstractValue(one.values.alternatives, False, one.values.labels)))
        for key, one in entries
    )


def items(*several: AbstractValue) -> Items:
    """Return a list of known elements that no expression gives."""
    return Items(tuple(Element(None, values) for values in several))
