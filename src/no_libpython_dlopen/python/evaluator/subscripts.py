"""What is taken out of a collection: by a key or index, a slice, or an unpacking target."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator import classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    UNKNOWN,
    AbstractValue,
    Bag,
    Class,
    Context,
    Element,
    External,
    Instance,
    Items,
    Mapping,
    elements,
    one_of,
    text,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import stdlib
from no_libpython_dlopen.python.evaluator.models.containers import item_of, slice_of
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.loader_tables import HANDLES

_GLOBALS = External("globals()")


def key_of(evaluator: Evaluator, node: cst.Subscript, context: Context) -> AbstractValue:
    """Return the index between the brackets, unless it is a slice."""
    part = node.slice[0].slice
    if len(node.slice) == 1 and isinstance(part, cst.Index):
        return evaluator.evaluate(part.value, context)
    return UNKNOWN


def subscript(evaluator: Evaluator, node: cst.Subscript, context: Context) -> AbstractValue:
    owner = evaluator.evaluate(node.value, context)
    part = node.slice[0].slice
    if len(node.slice) == 1 and isinstance(part, cst.Slice):
        bounds = [
            _slice_bound(evaluator, one, context) for one in (part.lower, part.upper, part.step)
        ]
        if UNKNOWN_PART in bounds or bounds[2] == 0:
            return UNKNOWN
        return union(slice_of(one, *bounds) for one in owner.alternatives).part_of(owner)
    key = key_of(evaluator, node, context)
    if owner.only == _GLOBALS:
        return global_names(evaluator, key)
    if isinstance(owner.only, Class) and isinstance(key.only, str):  # a member of an enumeration
        return classes.attribute_of_alternative(evaluator, owner.only, key.only)
    made = [one for one in owner.alternatives if isinstance(one, (Instance, ImportedObject))]
    if made:
        several = [_item_of_instance(evaluator, one, key, context) for one in made]
        rest = tuple(one for one in owner.alternatives if one not in made)
        return union([*several, *([look_up(AbstractValue(rest), key)] if rest else [])]).part_of(
            owner
        )
    return look_up(owner, key).part_of(owner)


def _item_of_instance(
    evaluator: Evaluator, owner: Any, key: AbstractValue, context: Context
) -> AbstractValue:
    """Return the result of an object's ``__getitem__``, or of a dictionary's for no key of it."""
    for name in ("__getitem__", "__missing__"):
        found = classes.call_special(evaluator, owner, name, key, context=context)
        if found is not None:
            return found
    if isinstance(owner, ImportedObject) and isinstance(key.only, str):  # of an enumeration
        return classes.attribute_of_alternative(evaluator, owner, key.only)
    return UNKNOWN


def global_names(evaluator: Evaluator, keys: AbstractValue) -> AbstractValue:
    """Return the value of ``globals()[key]``: what the module binds to that name."""
    scope = evaluator.dataflow.scope
    found = [
        evaluator.binding_value(one)
        for key in texts(keys)
        for one in sorted(scope.lookup(key), key=lambda binding: binding.serial)
    ]
    return union(found).with_labels(keys.labels) if found else UNKNOWN


def local_names(evaluator: Evaluator, node: cst.Call, context: Context) -> AbstractValue:
    """Return the value of ``locals()``: what the scope of the call binds, when it has run."""
    scope = evaluator.dataflow.live_expressions.get(node)
    if scope is None or scope.parent is None:
        return one_of(_GLOBALS)
    entries: list[tuple[str, Element]] = []
    for name, several in scope.bindings.items():
        bindings = sorted(scope.exit.get(name, several), key=lambda binding: binding.serial)
        found = union(evaluator.binding_value(one, context) for one in bindings)
        entries.append((name, Element(None, found)))
    return one_of(Mapping(tuple(entries), open=True))


def _slice_bound(evaluator: Evaluator, node: cst.BaseExpression | None, context: Context) -> Any:
    if node is None:
        return None
    number = evaluator.evaluate(node, context).certain
    return number if type(number) is int else UNKNOWN_PART


def look_up(owner: AbstractValue, keys: AbstractValue) -> AbstractValue:
    """Return the value of ``owner[key]``."""
    found: list[AbstractValue] = []
    for option in owner.alternatives:
        if isinstance(option, External):
            several = keys.alternatives or (UNKNOWN_PART,)
            found += [_external_item(option.name, key) for key in several]
        elif isinstance(option, (Items, Bag, Mapping)) and not keys.exhaustive:
            everything = option.any_value if isinstance(option, Mapping) else elements(option)
            found += [everything.with_labels(FROM_CANDIDATES), UNKNOWN]
        else:
            found += [item_of(option, key) for key in keys.alternatives]
    return union(found).with_labels(keys.labels) if found else UNKNOWN


def _external_item(name: str, key: Any) -> AbstractValue:
    if name == "sysconfig.get_config_vars()" or name.endswith(f".{stdlib.BUILD_VARS}"):
        return stdlib.config_var(text(key))
    if name.endswith(".__dict__") and isinstance(key, str) and UNKNOWN_PART not in key:
        return stdlib.external(f"{name.removesuffix('.__dict__')}.{key}")
    if name == "sys.modules" and isinstance(key, str) and UNKNOWN_PART not in key:
        return one_of(External(key))
    if name in HANDLES and isinstance(key, str):
        return one_of(External(f"{name}.{key}"))
    return UNKNOWN if name == "os.environ" else one_of(External(f"{name}[]"))


def _part(values: AbstractValue, step: int | tuple[int, int]) -> AbstractValue:
    found = []
    for option in values.alternatives:
        if isinstance(step, tuple):
            stop = -step[1] if step[1] else None
            found.append(slice_of(option, step[0], stop, None))
        else:
            found.append(item_of(option, step))
    return union(found).part_of(values)


def unpack(values: AbstractValue, binding: Binding) -> AbstractValue:
    """Return the part of a value that a binding takes from it."""
    for step in binding.path:
        values = _part(values, step)
    return values
