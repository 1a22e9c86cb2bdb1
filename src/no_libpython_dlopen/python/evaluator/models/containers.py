"""Models of lists, tuples and dictionaries: items, slices, unions and methods."""

from __future__ import annotations

from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
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
    one_of,
    text,
    union,
    weaken,
)
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
    if name == "pop":
        if isinstance(owner, Items) and len(owner.elements) > 1:  # those before may be taken
            return elements(owner).with_labels(FROM_CANDIDATES)
        key = arguments.get(0) or one_of(-1)
        if len(key.alternatives) == 1:
            return item_of(owner, key.only)
    return UNKNOWN


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
