"""The effect of a mutation (``append``, ``update``, ``d[key] = value``) on a collection."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator import call_contexts, operators, subscripts
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
from no_libpython_dlopen.python.evaluator.models.parsed_data import (
    Configuration,
    read_configuration,
)
from no_libpython_dlopen.python.evaluator.models.stdlib import as_mapping
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.vocabulary import REMOVERS

#: Methods that add each item of what they are given.
_EXTENDING = frozenset({"extend", "update"})
#: The order of a longer list is not kept.
_LONGEST_LIST = 200


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
    option = as_mapping(option)
    if isinstance(node, cst.Subscript) and isinstance(option, Mapping) and value is not None:
        return one_of(_with_entry(evaluator, option, node, value, context))
    if isinstance(node, cst.Subscript) and value is None:  # ``del d[key]``
        return one_of(_without(option, subscripts.key_of(evaluator, node, context).certain))
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return one_of(Bag(UNKNOWN)) if isinstance(option, (Items, Bag)) else one_of(option)
    method, given = node.func.attr.value, [one.value for one in node.args]
    if not given:
        return one_of(option)
    if method in REMOVERS:
        return one_of(_without(option, evaluator.evaluate(given[0], context).certain))
    if isinstance(option, Configuration):
        given_all = call_contexts.evaluate_arguments(evaluator, node, context)
        return one_of(read_configuration(option, method, given_all))
    if isinstance(option, Mapping):
        return _changed_mapping(evaluator, option, node, context)
    if not isinstance(option, (Items, Bag)):
        return one_of(option)
    values = evaluator.evaluate(given[-1], context)
    if isinstance(option, Bag) or len(option.elements) > _LONGEST_LIST:
        new = iterate(values) if method in _EXTENDING else values
        return one_of(Bag(union([elements(option), new])))
    added = Element(given[-1], values)
    if method == "insert":
        place = evaluator.evaluate(given[0], context)
        return one_of(_insert(option.elements, place, added))
    if method in ("append", "add"):
        return one_of(Items((*option.elements, added)))
    if method in _EXTENDING:
        return operators.apply_operator("Add", one_of(option), values)
    return one_of(option)


def _without(option: Any, taken: Any) -> Any:
    """Return a collection without a known text: a dictionary's key, or the item of a list or set."""
    if not isinstance(taken, str) or UNKNOWN_PART in taken:
        return option
    if isinstance(option, Mapping):
        return Mapping(tuple(one for one in option.entries if one[0] != taken), option.open)
    if not isinstance(option, Items):
        return option
    at = next((i for i, one in enumerate(option.elements) if one.values.certain == taken), None)
    return option if at is None else Items(option.elements[:at] + option.elements[at + 1 :])


def _with_entry(
    evaluator: Evaluator,
    mapping: Mapping,
    node: cst.Subscript,
    value: cst.BaseExpression,
    context: Context,
) -> Mapping:
    """Return a mapping after ``mapping[key] = value``."""
    keys = subscripts.key_of(evaluator, node, context)
    entry = Element(value, evaluator.evaluate(value, context))
    added = tuple((key, entry) for key in keys.alternatives)
    kept = tuple(e for e in mapping.entries if e[0] not in keys.alternatives)
    kept = kept if keys.exhaustive else weaken(kept)
    return Mapping(kept + added, mapping.open or not keys.exhaustive)


def _changed_mapping(
    evaluator: Evaluator, mapping: Mapping, node: cst.Call, context: Context
) -> AbstractValue:
    """Return a mapping after ``setdefault`` or ``update``; other methods do not add to it."""
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    if method == "setdefault" and len(node.args) == 2:
        key, value = (one.value for one in node.args)
        keys = evaluator.evaluate(key, context)
        entry = Element(value, evaluator.evaluate(value, context))
        default = tuple((k, entry) for k in keys.alternatives)
        return merge_mappings(one_of(Mapping(default, not keys.exhaustive)), one_of(mapping))
    if method == "update":
        given = call_contexts.evaluate_arguments(evaluator, node, context)
        keywords = one_of(Mapping(tuple((k, Element(None, v)) for k, v in given.keywords)))
        whole = merge_mappings(merge_mappings(one_of(mapping), given.get(0) or keywords), keywords)
        return whole.with_labels(given.source_labels)
    return one_of(mapping)


def _insert(several: tuple[Element, ...], place: AbstractValue, new: Element) -> Items:
    """Return a list with one more item; where its place is not known, any may be anywhere."""
    index = place.certain
    if isinstance(index, int):
        return Items((*several[:index], new, *several[index:]))
    either = union(one.values for one in (*several, new))
    return Items(tuple(Element(one.node, either) for one in (*several, new)))
