"""What a collection is worth after a statement that puts something into it."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator import calls, operators, subscripts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    Bag,
    Element,
    Frame,
    Items,
    Mapping,
    Values,
    doubted,
    elements,
    iterated,
    of,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def mutated(evaluator: Evaluator, binding: Binding, frame: Frame | None) -> Values:
    before = union(evaluator.bound(one, frame) for one in binding.before)
    node = binding.node
    found: list[Values] = [Values((), before.complete, before.flags)]
    found += [_grown(evaluator, one, node, binding.value, frame) for one in before.options]
    return union(found)


def _grown(
    evaluator: Evaluator,
    option: Any,
    node: cst.CSTNode,
    value: cst.BaseExpression | None,
    frame: Frame | None,
) -> Values:
    """Return a collection after one mutation."""
    if isinstance(node, cst.Subscript) and isinstance(option, Mapping) and value is not None:
        keys = subscripts.key_of(evaluator, node, frame)
        added = tuple((k, Element(value, evaluator.values(value, frame))) for k in keys.options)
        kept = tuple(e for e in option.entries if e[0] not in keys.options)
        kept = kept if keys.complete else doubted(kept)
        return of(Mapping(kept + added, option.open or not keys.complete))
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return of(Bag(UNKNOWN)) if isinstance(option, (Items, Bag)) else of(option)
    name = node.func.attr.value
    if not node.args:
        return of(option)
    last = node.args[-1].value
    values = evaluator.values(last, frame)
    if isinstance(option, Mapping) and name == "setdefault" and len(node.args) == 2:
        keys = evaluator.values(node.args[0].value, frame)
        default = tuple((k, Element(last, values)) for k in keys.options)
        return methods.merged(of(Mapping(default, not keys.complete)), of(option))
    if isinstance(option, Mapping) and name == "update":
        given = calls.arguments_of(evaluator, node, frame)
        keywords = of(Mapping(tuple((k, Element(None, v)) for k, v in given.keywords)))
        whole = methods.merged(methods.merged(of(option), given.get(0) or keywords), keywords)
        return whole.flagged(given.doubts)
    if isinstance(option, Bag) or (isinstance(option, Items) and len(option.elements) > 200):
        new = iterated(values) if name in ("extend", "update") else values
        return of(Bag(union([elements(option), new])))
    if not isinstance(option, Items):
        return of(option)
    if name == "insert":
        place = evaluator.values(node.args[0].value, frame)
        return of(_inserted(option.elements, place, Element(last, values)))
    if name in ("append", "add"):
        return of(Items((*option.elements, Element(last, values))))
    if name in ("extend", "update"):
        return operators.operated("Add", of(option), values)
    return of(option)


def _inserted(several: tuple[Element, ...], place: Values, new: Element) -> Items:
    """Return a list with one more item; where its place is not known, any may stand anywhere."""
    if place.complete and len(place.options) == 1 and isinstance(place.options[0], int):
        index = place.options[0]
        return Items((*several[:index], new, *several[index:]))
    either = union(one.values for one in (*several, new))
    return Items(tuple(Element(one.node, either) for one in (*several, new)))
