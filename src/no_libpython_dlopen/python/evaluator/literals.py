"""What literals are worth: texts, numbers, collections and comprehensions.

Each function takes the frame of the call in which the literal is evaluated, if it is one.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator import loop_iterations
from no_libpython_dlopen.python.evaluator.abstract_values import (
    HOLE_VALUES,
    PROBED,
    UNKNOWN,
    Bag,
    Element,
    Frame,
    Items,
    Mapping,
    Values,
    doubted,
    flags_of,
    iterated,
    joined,
    of,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def string(_evaluator: Evaluator, node: cst.SimpleString, _frame: Frame | None) -> Values:
    value = node.evaluated_value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return of(value.replace(UNKNOWN_PART, "\1")) if len(value) <= 4096 else HOLE_VALUES


def integer(_evaluator: Evaluator, node: cst.Integer, _frame: Frame | None) -> Values:
    return of(node.evaluated_value) if len(node.value) < 20 else UNKNOWN


def concatenated(evaluator: Evaluator, node: cst.ConcatenatedString, frame: Frame | None) -> Values:
    parts: list[Values] = []
    current: cst.BaseExpression = node
    while isinstance(current, cst.ConcatenatedString):
        parts.append(evaluator.values(current.left, frame))
        current = current.right
    return joined([*parts, evaluator.values(current, frame)])


def formatted(evaluator: Evaluator, node: cst.FormattedString, frame: Frame | None) -> Values:
    parts: list[Values] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            parts.append(of(part.value.replace("{{", "{").replace("}}", "}")))
        elif isinstance(part, cst.FormattedStringExpression):
            value = evaluator.values(part.expression, frame)
            if part.equal is not None or part.conversion in ("r", "a"):
                value = HOLE_VALUES
            if part.format_spec:
                spec = part.format_spec[0]
                if len(part.format_spec) == 1 and isinstance(spec, cst.FormattedStringText):
                    value = methods.padded(value, spec.value)
                else:
                    value = HOLE_VALUES
            parts.append(value)
    return joined(parts)


def sequence(
    evaluator: Evaluator, node: cst.List | cst.Tuple | cst.Set, frame: Frame | None
) -> Values:
    found: list[Element] = []
    uncounted: list[Values] = []
    for element in node.elements:
        values = evaluator.values(element.value, frame)
        if isinstance(element, cst.StarredElement):
            if len(values.options) == 1 and isinstance(values.options[0], Items):
                found += [
                    Element(one.node, one.values.flagged(values.flags))
                    for one in values.options[0].elements
                ]
            else:
                uncounted.append(iterated(values))
        else:
            found.append(Element(element.value, values))
    if uncounted:
        return of(Bag(union([*(one.values for one in found), *uncounted])))
    return of(Items(tuple(found)), flags=flags_of(one.values for one in found) & ~PROBED)


def dictionary(evaluator: Evaluator, node: cst.Dict, frame: Frame | None) -> Values:
    entries: list[tuple[Any, Element]] = []
    is_open = False
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            keys = evaluator.values(element.key, frame)
            if not keys.complete:
                entries, is_open = list(doubted(entries)), True
            value = Element(element.value, evaluator.values(element.value, frame))
            entries += [(key, value) for key in keys.options]
        else:
            others = evaluator.values(element.value, frame)
            known = [one for one in others.options if isinstance(one, Mapping)]
            certain = others.complete and len(known) == len(others.options)
            if not certain or any(one.open for one in known):
                entries, is_open = list(doubted(entries)), True
            for one in known:
                entries += [
                    (key, Element(each.node, each.values.flagged(others.flags)))
                    for key, each in one.entries
                ]
    return of(Mapping(tuple(entries), is_open))


def comprehension(
    evaluator: Evaluator, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, frame: Frame | None
) -> Values:
    return loop_iterations.collected(evaluator, node, frame)


def dict_comprehension(evaluator: Evaluator, node: cst.DictComp, frame: Frame | None) -> Values:
    known_rounds = loop_iterations.comprehended(evaluator, node, [node.key, node.value], frame)
    if known_rounds is not None:
        entries = [(k, Element(node.value, v)) for keys, v in known_rounds[0] for k in keys.options]
        return of(Mapping(tuple(entries), not known_rounds[1]))
    value = Element(node.value, evaluator.values(node.value, frame))
    return of(Mapping(tuple((k, value) for k in evaluator.values(node.key, frame).options), True))
