"""Models of the built-in functions over collections: ``list``, ``sorted``, ``zip``, ``dict``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from operator import or_
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.limits import PYTHON_ALTERNATIVES
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Element,
    Items,
    Mapping,
    elements,
    items,
    iterate,
    labels_of,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models.comparisons import truth_of
from no_libpython_dlopen.python.evaluator.models.containers import merge_mappings
from no_libpython_dlopen.python.evaluator.models.records import named_tuple
from no_libpython_dlopen.python.evaluator.models.stdlib import as_mapping

Model = Callable[[Arguments], "AbstractValue | None"]


def call_builtin(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the abstract value of a call of a built-in function; ``None`` without a model."""
    if name in _WITHOUT_ARGUMENTS:
        return _WITHOUT_ARGUMENTS[name](arguments)
    model = _OF_FIRST.get(name)
    first = arguments.get(0)
    return model(arguments, first) if model is not None and first is not None else None


def call_combining(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the value of ``chain``, ``enumerate``, ``zip`` or ``product``."""
    several = arguments.positional
    if name in ("itertools.chain", "itertools.chain.from_iterable"):
        inner = union(iterate(one) for one in several)
        return one_of(Bag(iterate(inner) if name.endswith("iterable") else inner))
    if name not in ("enumerate", "zip", "itertools.product") or not several:
        return None
    paired = _pair(name, several) if name != "itertools.product" else None
    if paired is not None:
        return one_of(paired)
    columns = (UNKNOWN, iterate(several[0])) if name == "enumerate" else map(iterate, several)
    return one_of(Bag(one_of(items(*columns))))


def _pair(name: str, several: tuple[AbstractValue, ...]) -> Items | None:
    """Return the value of ``enumerate`` or ``zip`` over sequences whose items are known."""
    columns: list[list[AbstractValue]] = []
    for value in several:
        if not isinstance(value.certain, Items):
            return None
        columns.append([element.values for element in value.certain.elements])
    if name == "enumerate":
        columns = [[one_of(index) for index in range(len(columns[0]))], columns[0]]
    return items(*(one_of(items(*row)) for row in zip(*columns, strict=False)))


def _truth(name: str, _: Arguments, first: AbstractValue) -> AbstractValue:
    """Return the value of ``bool``, ``any`` or ``all``."""
    if name != "bool" and isinstance(first.certain, Items):
        found = _truth_of_items(name, [one.values for one in first.certain.elements])
        return found.with_labels(first.labels & ~FROM_CANDIDATES)
    value = first if name == "bool" else iterate(first)
    truths = {truth_of(option) for option in value.alternatives}
    decided = value.exhaustive and len(truths) == 1 and None not in truths
    # Of a collection that may be empty only this much is certain.
    decided = decided and (name == "bool" or truths == {name == "all"})
    return one_of(*truths, labels=value.labels & ~FROM_CANDIDATES) if decided else UNKNOWN


def _truth_of_items(name: str, several: list[AbstractValue]) -> AbstractValue:
    """Return the value of ``any`` or ``all`` over items that are known one by one."""
    outcomes = [
        {truth_of(option) for option in one.alternatives} if one.exhaustive else {None}
        for one in several
    ]
    ending = name == "any"
    decisive = [one for one, truths in zip(several, outcomes, strict=True) if truths == {ending}]
    if not decisive and any(truths != {not ending} for truths in outcomes):
        return UNKNOWN
    labels = reduce(or_, (one.labels for one in decisive[:1] or several), 0)
    return one_of(ending if decisive else not ending, labels=labels & ~FROM_CANDIDATES)


def _list(name: str, arguments: Arguments) -> AbstractValue:
    """Return the value of ``list``, ``sorted`` or the like, in order where that is known."""
    first = arguments.get(0)
    if first is None:
        return one_of(items())
    if not first.alternatives:
        return one_of(Bag(iterate(first))).with_labels(first.labels)
    found = [AbstractValue((), first.exhaustive)]
    for option in first.alternatives:
        if isinstance(option, Items):
            found.append(one_of(_order(name, option, arguments == Arguments((first,)))))
        else:
            found.append(one_of(Bag(elements(option))))
    return union(found).with_labels(first.labels)


def _order(name: str, option: Items, by_default: bool) -> Items | Bag:
    """Return a list in another order; ``by_default`` where ``sorted`` has no options."""
    several = option.elements
    if name == "reversed":
        return Items(several[::-1])
    if name != "sorted" or len(several) < 2:
        return option
    words = [word for one in several for word in one.values.alternatives if isinstance(word, str)]
    is_known = (
        by_default
        and len(words) >= len(several)
        and all(len(texts(one.values)) == 1 for one in several)
        and not any(UNKNOWN_PART in word for word in words)
    )
    if not is_known:
        return Bag(elements(option))
    return Items(tuple(sorted(several, key=lambda one: texts(one.values))))


def _length(_: Arguments, first: AbstractValue) -> AbstractValue:
    """Return the value of ``len``."""
    found: list[int] = []
    for option in first.alternatives:
        if isinstance(option, Items):
            found.append(len(option.elements))
        elif isinstance(option, Mapping) and not option.open:
            found.append(len(option.entries))
        elif isinstance(option, str) and UNKNOWN_PART not in option:
            found.append(len(option))
        else:
            return UNKNOWN.with_labels(first.labels)
    return one_of(*found).part_of(first)


def _range(arguments: Arguments, _: AbstractValue) -> AbstractValue:
    """Return the value of ``range``: its numbers, if they are known and few."""
    numbers = [value.only for value in arguments.positional if type(value.only) is int]
    count = len(numbers)
    if count == len(arguments.positional) and 1 <= count <= 3 and 0 not in numbers[2:]:
        found = range(*numbers)
        if len(found) <= PYTHON_ALTERNATIVES:
            return one_of(items(*map(one_of, found)))
    return one_of(Bag(UNKNOWN_TEXT))


def _integer(_: Arguments, first: AbstractValue) -> AbstractValue:
    """Return the value of ``int`` of numbers, as truths are."""
    numbers = [int(one) for one in first.alternatives if isinstance(one, int)]
    is_whole = len(numbers) == len(first.alternatives)
    return one_of(*numbers).part_of(first) if numbers and is_whole else UNKNOWN


def _sum(arguments: Arguments, first: AbstractValue) -> AbstractValue:
    """Return the value of ``sum`` of numbers that are known one by one, as truths are."""
    several = first.certain.elements if isinstance(first.certain, Items) else None
    numbers = [one.values.certain for one in several or ()]
    if several is None or len(arguments.positional) > 1 or not all(map(_is_number, numbers)):
        return UNKNOWN
    return one_of(sum(numbers), labels=first.labels | labels_of(one.values for one in several))


def _is_number(option: Any) -> bool:
    return isinstance(option, int)


def _next(arguments: Arguments, first: AbstractValue) -> AbstractValue:
    if isinstance(first.certain, Items) and not first.certain.elements:
        labels = first.labels | FROM_CANDIDATES
        return union([one.with_labels(labels) for one in arguments.positional[1:2]])
    return union([iterate(first).with_labels(FROM_CANDIDATES), *arguments.positional[1:2]])


def _choose(arguments: Arguments, first: AbstractValue) -> AbstractValue:
    """Return the value of ``min``, ``max`` or ``random.choice``."""
    several = arguments.positional
    if not arguments.complete:
        return union([*several, UNKNOWN])
    return iterate(first) if len(several) == 1 else union(several)


def _dictionary(arguments: Arguments) -> AbstractValue:
    entries = tuple((key, Element(None, value)) for key, value in arguments.keywords)
    given = one_of(Mapping(entries, not arguments.complete))
    if not arguments.positional:
        return given
    base = [
        one
        for one in map(as_mapping, arguments.positional[0].alternatives)
        if isinstance(one, Mapping)
    ]
    whole = merge_mappings(one_of(*base or [Mapping((), open=True)]), given)
    return whole.with_labels(arguments.source_labels)


def _keys(arguments: Arguments) -> AbstractValue:
    """Return the value of ``dict.fromkeys``, as what a loop over it gives."""
    return _list("list", Arguments(arguments.positional[:1]))


def _translation(arguments: Arguments) -> AbstractValue:
    """Return the value of ``str.maketrans``: a text or nothing for the number of each letter."""
    first, *rest = [one.only for one in arguments.positional]
    if isinstance(first, Mapping):
        keys = [
            (ord(key) if isinstance(key, str) and len(key) == 1 else key)
            for key, _ in first.entries
        ]
        return one_of(Mapping(tuple(zip(keys, (one for _, one in first.entries), strict=True))))
    if not isinstance(first, str) or not rest or not all(isinstance(one, str) for one in rest):
        return UNKNOWN
    pairs: list[tuple[int, Any]] = list(zip(map(ord, first), rest[0], strict=False))
    pairs += [(ord(one), None) for one in "".join(rest[1:])]
    return one_of(Mapping(tuple((key, Element(None, one_of(to))) for key, to in pairs)))


_LISTS = ("list", "tuple", "sorted", "reversed", "set", "frozenset", "iter")
_WITHOUT_ARGUMENTS: dict[str, Model] = {
    **{name: partial(_list, name) for name in _LISTS},
    "dict": _dictionary,
    "dict.fromkeys": _keys,
    **dict.fromkeys(("str.maketrans", "bytes.maketrans"), _translation),
    **dict.fromkeys(("types.SimpleNamespace", "argparse.Namespace"), _dictionary),
    **dict.fromkeys(("collections.namedtuple()", "typing.NamedTuple()"), named_tuple),
}
#: Models of functions that need a first argument.
_OF_FIRST: dict[str, Callable[[Arguments, AbstractValue], AbstractValue]] = {
    "next": _next,
    **dict.fromkeys(("min", "max", "random.choice"), _choose),
    **{name: partial(_truth, name) for name in ("bool", "any", "all")},
    "range": _range,
    "sum": _sum,
    "int": _integer,
    "len": _length,
    **dict.fromkeys(("copy.copy", "copy.deepcopy", "types.MappingProxyType"), lambda _, one: one),
}
