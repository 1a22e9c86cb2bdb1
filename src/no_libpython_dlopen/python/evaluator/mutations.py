"""The effect of a mutation (``append``, ``update``, ``d[key] = value``) on a collection."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator import calls, operators, subscripts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Bag,
    Context,
    Element,
    Items,
    Mapping,
    elements,
    iterate,
    one_of,
    union,
    weaken,
)
from no_libpython_dlopen.python.evaluator.models.containers import merge_mappings
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def mutate(evaluator: Evaluator, binding: Binding, context: Context) -> AbstractValue:
    """Return the collection that a name holds after the mutation that a binding stands for."""
    before = union(evaluator.binding_value(one, context) for one in binding.before)
    node, value = binding.node, binding.value
    return union(
        _mutate_alternative(evaluator, one, node, value, context) for one in before.alternatives
    ).part_of(before)


def _mutate_alternative(
    evaluator: Evaluator,
    option: Any,
    node: cst.CSTNode,
    value: cst.BaseExpression | None,
    context: Context,
) -> AbstractValue:
    """Return a collection after one mutation."""
    if isinstance(node, cst.Subscript) and isinstance(option, Mapping) and value is not None:
        keys = subscripts.key_of(evaluator, node, context)
        entry = Element(value, evaluator.evaluate(value, context))
        added = tuple((key, entry) for key in keys.alternatives)
        kept = tuple(e for e in option.entries if e[0] not in keys.alternatives)
        kept = kept if keys.exhaustive else weaken(kept)
        return one_of(Mapping(kept + added, option.open or not keys.exhaustive))
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return one_of(Bag(UNKNOWN)) if isinstance(option, (Items, Bag)) else one_of(option)
    name = node.func.attr.value
    if not node.args:
        return one_of(option)
    last = node.args[-1].value
    values = evaluator.evaluate(last, context)
    if isinstance(option, Mapping) and name == "setdefault" and len(node.args) == 2:
        keys = evaluator.evaluate(node.args[0].value, context)
        default = tuple((k, Element(last, values)) for k in keys.alternatives)
        return merge_mappings(one_of(Mapping(default, not keys.exhaustive)), one_of(option))
    if isinstance(option, Mapping) and name == "update":
        given = calls.evaluate_arguments(evaluator, node, context)
        keywords = one_of(Mapping(tuple((k, Element(None, v)) for k, v in given.keywords)))
        whole = merge_mappings(merge_mappings(one_of(option), given.get(0) or keywords), keywords)
        return whole.with_labels(given.source_labels)
    if isinstance(option, Bag) or (isinstance(option, Items) and len(option.elements) > 200):
        new = iterate(values) if name in ("extend", "update") else values
        return one_of(Bag(union([elements(option), new])))
    if not isinstance(option, Items):
        return one_of(option)
    if name == "insert":
        place = evaluator.evaluate(node.args[0].value, context)
        return one_of(_insert(option.elements, place, Element(last, values)))
    if name in ("append", "add"):
        return one_of(Items((*option.elements, Element(last, values))))
    if name in ("extend", "update"):
        return operators.apply_operator("Add", one_of(option), values)
    return one_of(option)


def _insert(several: tuple[Element, ...], place: AbstractValue, new: Element) -> Items:
    """Return a list with one more item; where its place is not known, any may be anywhere."""
    index = place.certain
    if isinstance(index, int):
        return Items((*several[:index], new, *several[index:]))
    either = union(one.values for one in (*several, new))
    return Items(tuple(Element(one.node, either) for one in (*several, new)))
