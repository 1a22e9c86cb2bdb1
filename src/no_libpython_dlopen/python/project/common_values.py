"""What values mean in every module of a project: texts, numbers, and collections of these."""

from __future__ import annotations

from typing import Any

from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    Bag,
    Element,
    External,
    Items,
    Mapping,
    Partial,
)
from no_libpython_dlopen.python.evaluator.other_modules import ImportedModule, ImportedObject


def common_arguments(arguments: Arguments) -> Arguments:
    """Return a call's arguments as far as they mean the same in every module."""
    return Arguments(
        tuple(map(common_part, arguments.positional)),
        tuple((name, common_part(one)) for name, one in arguments.keywords),
        arguments.complete,
    )


def common_part(value: AbstractValue) -> AbstractValue:
    """Return a value as far as it means the same in every module."""
    kept = [found for one in value.alternatives for found in common(one)]
    whole = value.exhaustive and len(kept) == len(value.alternatives)
    return AbstractValue(tuple(kept), whole, value.labels)


def common(option: Any) -> tuple[Any, ...]:
    """Return an alternative as it is in every module, nothing for what belongs to one file."""
    if option is None or isinstance(option, (str, bool, int, ImportedObject, ImportedModule)):
        return (option,)
    if isinstance(option, External):
        return () if option.name.startswith(".") else (option,)
    if isinstance(option, Partial) and isinstance(option.callee, External):
        return (Partial(option.callee, common_arguments(option.arguments)),)
    if isinstance(option, Items):
        return (Items(tuple(map(_common_element, option.elements))),)
    if isinstance(option, Bag):
        return (Bag(common_part(option.values)),)
    if isinstance(option, Mapping):
        entries = [(key, _common_element(one)) for key, one in option.entries if common(key)]
        return (Mapping(tuple(entries), option.open or len(entries) < len(option.entries)),)
    return ()


def _common_element(element: Element) -> Element:
    return Element(None, common_part(element.values))
