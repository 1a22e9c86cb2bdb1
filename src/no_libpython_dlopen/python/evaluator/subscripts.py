"""What is taken out of a collection: by a key or index, a slice, or an unpacking target."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator.abstract_values import (
    PROBED,
    UNKNOWN,
    Bag,
    Frame,
    Items,
    Known,
    Mapping,
    Values,
    elements,
    of,
    text,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods, stdlib
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def key_of(evaluator: Evaluator, node: cst.Subscript, frame: Frame | None) -> Values:
    part = node.slice[0].slice
    if len(node.slice) == 1 and isinstance(part, cst.Index):
        return evaluator.values(part.value, frame)
    return UNKNOWN


def subscript(evaluator: Evaluator, node: cst.Subscript, frame: Frame | None) -> Values:
    owner = evaluator.values(node.value, frame)
    part = node.slice[0].slice
    if len(node.slice) == 1 and isinstance(part, cst.Slice):
        bounds = [_bound(evaluator, one, frame) for one in (part.lower, part.upper, part.step)]
        if UNKNOWN_PART in bounds:
            return UNKNOWN
        found = [methods.slice_of(one, *bounds) for one in owner.options]
        result = union(found)
    else:
        keys = key_of(evaluator, node, frame)
        result = _looked_up(owner, keys)
    return Values(result.options, result.complete and owner.complete, result.flags | owner.flags)


def _bound(evaluator: Evaluator, node: cst.BaseExpression | None, frame: Frame | None) -> Any:
    if node is None:
        return None
    values = evaluator.values(node, frame)
    whole = values.complete and len(values.options) == 1
    return values.options[0] if whole and type(values.options[0]) is int else UNKNOWN_PART


def _looked_up(owner: Values, keys: Values) -> Values:
    found: list[Values] = []
    for option in owner.options:
        if isinstance(option, Known):
            found += [_known_item(option.name, key) for key in keys.options or (UNKNOWN_PART,)]
        elif isinstance(option, (Items, Bag, Mapping)) and not keys.complete:
            everything = (
                union(element.values for _, element in option.entries)
                if isinstance(option, Mapping)
                else elements(option)
            )
            found += [everything.flagged(PROBED), UNKNOWN]
        else:
            found += [methods.item_of(option, key) for key in keys.options]
    return union(found).flagged(keys.flags) if found else UNKNOWN


def _known_item(name: str, key: Any) -> Values:
    if name == "sysconfig.get_config_vars()":
        return stdlib.config_var(text(key))
    if name == "sys.modules" and isinstance(key, str) and UNKNOWN_PART not in key:
        return of(Known(key))
    return UNKNOWN if name == "os.environ" else of(Known(f"{name}[]"))


def _part(values: Values, step: int | tuple[int, int]) -> Values:
    found = []
    for option in values.options:
        if isinstance(step, tuple):
            stop = -step[1] if step[1] else None
            found.append(methods.slice_of(option, step[0], stop, None))
        else:
            found.append(methods.item_of(option, step))
    result = union(found)
    return Values(result.options, result.complete and values.complete, values.flags | result.flags)


def unpacked(values: Values, binding: Binding) -> Values:
    """Return the part of a value that a binding takes from it."""
    for step in binding.path:
        values = _part(values, step)
    return values
