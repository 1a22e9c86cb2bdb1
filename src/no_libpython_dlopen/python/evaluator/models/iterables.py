"""What the functions over iterables give: ``range``, ``zip``, ``enumerate``, ``any``."""

from __future__ import annotations

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import (
    HOLE_VALUES,
    MAX_OPTIONS,
    PROBED,
    UNKNOWN,
    Arguments,
    Bag,
    Items,
    Values,
    elements,
    flags_of,
    items,
    iterated,
    of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods


def truth(name: str, values: Values) -> Values:
    """Return what ``bool``, ``any`` or ``all`` gives."""
    if name != "bool":
        values = iterated(values)
    truths = {methods.truth_of(option) for option in values.options}
    decided = values.complete and len(truths) == 1 and None not in truths
    # Of a collection that may be empty only this much is certain.
    decided = decided and (name == "bool" or truths == {name == "all"})
    return of(*truths, flags=values.flags & ~PROBED) if decided else UNKNOWN


def listed(name: str, arguments: Arguments, first: Values) -> Values:
    """Return what ``list``, ``sorted`` or the like gives, in its order where that is known."""
    if not first.options:
        return of(Bag(iterated(first)))
    found = [Values((), first.complete)]
    for option in first.options:
        if isinstance(option, Items):
            found.append(of(_ordered(name, option, arguments == Arguments((first,)))))
        else:
            found.append(of(Bag(elements(option))))
    return union(found)


def _ordered(name: str, option: Items, plain: bool) -> Items | Bag:
    """Return a list in another order; ``plain`` where ``sorted`` has no options."""
    several = option.elements
    if name == "reversed":
        return Items(several[::-1])
    if name != "sorted" or len(several) < 2:
        return option
    words = [word for one in several for word in one.values.options if isinstance(word, str)]
    if not plain or len(words) < len(several) or any(len(texts(e.values)) > 1 for e in several):
        return Bag(elements(option))
    if any(UNKNOWN_PART in word for word in words):
        return Bag(elements(option))
    return Items(tuple(sorted(several, key=lambda one: texts(one.values))))


def combined(name: str, several: tuple[Values, ...]) -> Values | None:
    """Return what ``filter``, ``chain``, ``enumerate``, ``zip`` or ``product`` gives."""
    if name == "filter" and len(several) == 2:
        return of(Bag(iterated(several[1])))
    if name in ("itertools.chain", "itertools.chain.from_iterable"):
        inner_values = union(iterated(one) for one in several)
        nested = iterated(inner_values) if name.endswith("iterable") else inner_values
        return of(Bag(nested))
    if name in ("enumerate", "zip") and several:
        paired = _paired(name, several)
        if paired is not None:
            return of(paired)
    if name == "enumerate" and several:
        return of(Bag(of(items(UNKNOWN, iterated(several[0])))))
    if name in ("zip", "itertools.product") and several:
        return of(Bag(of(items(*(iterated(one) for one in several)))))
    return None


def counted(several: tuple[Values, ...]) -> Values:
    """Return what ``range`` gives: its numbers, if they are known and few."""
    numbers = [values.options[0] for values in several if len(values.options) == 1]
    plain = [one for one in numbers if type(one) is int]
    if len(plain) != len(several) or not 1 <= len(plain) <= 3 or 0 in plain[2:]:
        return of(Bag(HOLE_VALUES))
    found = range(*plain)
    return of(items(*map(of, found))) if len(found) <= MAX_OPTIONS else of(Bag(HOLE_VALUES))


def _paired(name: str, several: tuple[Values, ...]) -> Items | None:
    """Return what ``enumerate`` or ``zip`` gives of sequences whose items are known."""
    columns: list[list[Values]] = []
    for values in several:
        option = values.options[0] if values.complete and len(values.options) == 1 else None
        if not isinstance(option, Items):
            return None
        columns.append([element.values for element in option.elements])
    if name == "enumerate":
        columns = [[of(index) for index in range(len(columns[0]))], columns[0]]
    return items(*(of(items(*row)) for row in zip(*columns, strict=False)))


def entered(values: Values) -> Values:
    """Return what ``with`` gives its target."""
    found = [option.values if isinstance(option, Bag) else of(option) for option in values.options]
    return Values(union(found).options, values.complete, values.flags | flags_of(found))
