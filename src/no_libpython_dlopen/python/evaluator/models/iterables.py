"""What the functions over iterables give: ``range``, ``zip``, ``enumerate``, ``any``."""

from __future__ import annotations

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    MAX_ALTERNATIVES,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Items,
    elements,
    items,
    iterate,
    labels_of,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods


def call_truth(name: str, values: AbstractValue) -> AbstractValue:
    """Return what ``bool``, ``any`` or ``all`` gives."""
    if name != "bool":
        values = iterate(values)
    truths = {methods.truth_of(option) for option in values.alternatives}
    decided = values.exhaustive and len(truths) == 1 and None not in truths
    # Of a collection that may be empty only this much is certain.
    decided = decided and (name == "bool" or truths == {name == "all"})
    return one_of(*truths, labels=values.labels & ~FROM_CANDIDATES) if decided else UNKNOWN


def as_list(name: str, arguments: Arguments, first: AbstractValue) -> AbstractValue:
    """Return what ``list``, ``sorted`` or the like gives, in its order where that is known."""
    if not first.alternatives:
        return one_of(Bag(iterate(first)))
    found = [AbstractValue((), first.exhaustive)]
    for option in first.alternatives:
        if isinstance(option, Items):
            found.append(one_of(_sort(name, option, arguments == Arguments((first,)))))
        else:
            found.append(one_of(Bag(elements(option))))
    return union(found)


def _sort(name: str, option: Items, plain: bool) -> Items | Bag:
    """Return a list in another order; ``plain`` where ``sorted`` has no options."""
    several = option.elements
    if name == "reversed":
        return Items(several[::-1])
    if name != "sorted" or len(several) < 2:
        return option
    words = [word for one in several for word in one.values.alternatives if isinstance(word, str)]
    if not plain or len(words) < len(several) or any(len(texts(e.values)) > 1 for e in several):
        return Bag(elements(option))
    if any(UNKNOWN_PART in word for word in words):
        return Bag(elements(option))
    return Items(tuple(sorted(several, key=lambda one: texts(one.values))))


def combine(name: str, several: tuple[AbstractValue, ...]) -> AbstractValue | None:
    """Return what ``filter``, ``chain``, ``enumerate``, ``zip`` or ``product`` gives."""
    if name == "filter" and len(several) == 2:
        return one_of(Bag(iterate(several[1])))
    if name in ("itertools.chain", "itertools.chain.from_iterable"):
        inner_values = union(iterate(one) for one in several)
        nested = iterate(inner_values) if name.endswith("iterable") else inner_values
        return one_of(Bag(nested))
    if name in ("enumerate", "zip") and several:
        paired = _pair(name, several)
        if paired is not None:
            return one_of(paired)
    if name == "enumerate" and several:
        return one_of(Bag(one_of(items(UNKNOWN, iterate(several[0])))))
    if name in ("zip", "itertools.product") and several:
        return one_of(Bag(one_of(items(*(iterate(one) for one in several)))))
    return None


def call_range(several: tuple[AbstractValue, ...]) -> AbstractValue:
    """Return what ``range`` gives: its numbers, if they are known and few."""
    numbers = [values.alternatives[0] for values in several if len(values.alternatives) == 1]
    plain = [one for one in numbers if type(one) is int]
    if len(plain) != len(several) or not 1 <= len(plain) <= 3 or 0 in plain[2:]:
        return one_of(Bag(UNKNOWN_TEXT))
    found = range(*plain)
    return (
        one_of(items(*map(one_of, found)))
        if len(found) <= MAX_ALTERNATIVES
        else one_of(Bag(UNKNOWN_TEXT))
    )


def _pair(name: str, several: tuple[AbstractValue, ...]) -> Items | None:
    """Return what ``enumerate`` or ``zip`` gives of sequences whose items are known."""
    columns: list[list[AbstractValue]] = []
    for values in several:
        option = (
            values.alternatives[0] if values.exhaustive and len(values.alternatives) == 1 else None
        )
        if not isinstance(option, Items):
            return None
        columns.append([element.values for element in option.elements])
    if name == "enumerate":
        columns = [[one_of(index) for index in range(len(columns[0]))], columns[0]]
    return items(*(one_of(items(*row)) for row in zip(*columns, strict=False)))


def enter(values: AbstractValue) -> AbstractValue:
    """Return what ``with`` gives its target."""
    found = [
        option.values if isinstance(option, Bag) else one_of(option)
        for option in values.alternatives
    ]
    return AbstractValue(
        union(found).alternatives, values.exhaustive, values.labels | labels_of(found)
    )
