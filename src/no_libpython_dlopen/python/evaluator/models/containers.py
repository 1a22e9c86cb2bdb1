"""Models of lists, tuples and dictionaries: items, slices, unions and methods."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.three_valued import all_of
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Element,
    External,
    Items,
    Mapping,
    elements,
    is_output,
    items,
    labels_of,
    one_of,
    text,
    union,
    weaken,
)
from no_libpython_dlopen.python.evaluator.models.comparisons import compare
from no_libpython_dlopen.python.evaluator.models.parsed_data import Configuration
from no_libpython_dlopen.python.evaluator.models.records import Record, record_method


def _comparable_key(key: Any) -> Any:
    """Return a key in a form that compares by value: a tuple of known items as a tuple."""
    if isinstance(key, Items):
        parts = [element.values for element in key.elements]
        if all(part.exhaustive and len(part.alternatives) == 1 for part in parts):
            return tuple(part.only for part in parts)
    return key


def item_of(option: Any, key: Any) -> AbstractValue:
    """Return the abstract value of ``option[key]``, of one alternative and one known key."""
    if isinstance(option, Bag):
        return option.values
    if isinstance(option, Mapping):
        return _entry_of(option, _comparable_key(key))
    if isinstance(option, Items) and isinstance(key, int):
        count = len(option.elements)
        return option.elements[key].values if -count <= key < count else UNKNOWN
    if isinstance(option, str) and isinstance(key, int):
        if UNKNOWN_PART in option:
            return UNKNOWN_TEXT
        return one_of(option[key]) if -len(option) <= key < len(option) else UNKNOWN
    return one_of(External(f"{option.name}[]")) if is_output(option) else UNKNOWN


def _entry_of(mapping: Mapping, key: Any) -> AbstractValue:
    if UNKNOWN_PART in text(key):  # any of them, and no other in a closed dictionary
        return union([mapping.any_value, UNKNOWN]).with_labels(FROM_CANDIDATES)
    for other_key, element in mapping.entries[::-1]:
        other = _comparable_key(other_key)
        if other == key and type(other) is type(key):
            return element.values
    return UNKNOWN if mapping.open else AbstractValue()


def slice_of(option: Any, start: int | None, stop: int | None, step: int | None) -> AbstractValue:
    """Return the abstract value of ``option[start:stop:step]``."""
    if isinstance(option, Items):
        return one_of(Items(option.elements[start:stop:step]))
    if isinstance(option, Bag):
        return one_of(option)
    if isinstance(option, str):
        if UNKNOWN_PART not in option:
            return one_of(option[start:stop:step])
        return one_of(_cut_text(option, start or 0, stop)) if step is None else UNKNOWN_TEXT
    return one_of(option) if is_output(option) else UNKNOWN


def _cut_text(text: str, start: int, stop: int | None) -> str:
    """Return ``text[start:stop]`` where the unknown parts in it have no known length."""
    first, last = text.index(UNKNOWN_PART), len(text) - text.rindex(UNKNOWN_PART) - 1
    if start < 0 or start > first:
        return UNKNOWN_PART
    if stop is None:
        return text[start:]
    is_known = -stop <= last if stop < 0 else stop <= first
    return text[start:stop] if is_known else text[start:first] + UNKNOWN_PART


def merge_mappings(left: AbstractValue, right: AbstractValue) -> AbstractValue:
    """Return the abstract value of ``left | right``, of two dictionaries."""
    found = [AbstractValue((), left.exhaustive)]
    for one in left.alternatives:
        for other in (*right.alternatives, *([] if right.exhaustive else [None])):
            if not isinstance(one, Mapping):
                found.append(UNKNOWN)
            elif not isinstance(other, Mapping):
                found.append(one_of(Mapping(weaken(one.entries), open=True)))
            else:
                new = {key for key, _ in other.entries}
                kept = tuple(entry for entry in one.entries if entry[0] not in new)
                kept = weaken(kept) if other.open else kept
                found.append(one_of(Mapping(kept + other.entries, one.open or other.open)))
    return union(found)


def collection_method(owner: Any, name: str, arguments: Arguments) -> AbstractValue:
    """Return the abstract value of a call of a list's or a dictionary's method."""
    if name == "copy":
        return one_of(owner)
    if isinstance(owner, Record) and (found := record_method(owner, name, arguments)) is not None:
        return found
    if isinstance(owner, Configuration) and name == "get":
        return owner.option(arguments)
    if isinstance(owner, Mapping):
        if name in ("get", "pop", "setdefault"):
            return _get(owner, arguments)
        if name == "communicate":
            return one_of(items(_entry_of(owner, "stdout"), UNKNOWN))
        if name == "group" and len(arguments.positional) < 2:  # of a match
            return _get(owner, arguments if arguments.positional else Arguments((one_of(0),)))
        if name in ("keys", "values", "items"):
            return _view(owner, name)
    if name in _SET_TESTS and isinstance(owner, (Items, Mapping)) and arguments.positional:
        return _SET_TESTS[name](one_of(owner), arguments.positional[0])
    if name == "index" and isinstance(owner, Items) and arguments.positional:
        return _index(owner, arguments.positional[0])
    if name == "pop":
        if isinstance(owner, Items) and len(owner.elements) > 1:  # those before may be taken
            return elements(owner).with_labels(FROM_CANDIDATES)
        key = arguments.get(0) or one_of(-1)
        if len(key.alternatives) == 1:
            return item_of(owner, key.only)
    return UNKNOWN


def _holds_all(
    whole: AbstractValue, part: AbstractValue, *, is_none: bool = False
) -> AbstractValue:
    """Return whether a set has all items of another one, or with ``is_none`` none of them."""
    labels = labels_of((whole, part))
    if not isinstance(part.certain, Items):
        return UNKNOWN.with_labels(labels)
    operator = "not in" if is_none else "in"
    found = [compare(operator, one.values, whole) for one in part.certain.elements]
    outcome = all_of([one.certain for one in found])
    labels |= labels_of(found)
    return UNKNOWN.with_labels(labels) if outcome is None else one_of(outcome, labels=labels)


#: Methods of sets, and of other collections, that are tests.
_SET_TESTS: dict[str, Callable[[AbstractValue, AbstractValue], AbstractValue]] = {
    "__contains__": lambda owner, given: compare("in", given, owner),
    "issuperset": _holds_all,
    "issubset": lambda owner, given: _holds_all(given, owner),
    "isdisjoint": partial(_holds_all, is_none=True),
}


def _index(owner: Items, wanted: AbstractValue) -> AbstractValue:
    """Return the index of an item; nothing for one that the list does not have."""
    several = [one.values for one in owner.elements]
    found = []
    for option in wanted.alternatives if wanted.exhaustive else ():
        outcomes = [compare("==", one_of(option), one).certain for one in several]
        first = next((at for at, one in enumerate(outcomes) if one is not False), None)
        if first is not None and outcomes[first] is None:
            return UNKNOWN
        found += [] if first is None else [first]
    return one_of(*found, labels=wanted.labels) if found else UNKNOWN


def _get(owner: Mapping, arguments: Arguments) -> AbstractValue:
    keys = arguments.get(0) or UNKNOWN
    default = arguments.get(1) or one_of(None)
    if not keys.exhaustive:
        return union([owner.any_value, default, UNKNOWN])
    found = [item_of(owner, key) for key in keys.alternatives]
    missing = any(not value.alternatives for value in found)
    return union([*found, *([default] if missing else [])]).with_labels(keys.labels)


def _view(owner: Mapping, name: str) -> AbstractValue:
    """Return the keys, the values or the items of a dictionary."""
    rows = [(Element(None, one_of(key)), element) for key, element in owner.entries]
    if name == "items":
        listed = items(*(one_of(Items(row)) for row in rows))
    else:
        listed = Items(tuple(row[name == "values"] for row in rows))
    return one_of(Bag(union([elements(listed), UNKNOWN])) if owner.open else listed)
