"""The abstract values of literals: texts, numbers, collections and comprehensions.

Each function takes the frame of the call in which the literal is evaluated, if it is one.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator import loop_iterations
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Bag,
    Context,
    Element,
    Items,
    Mapping,
    concatenate,
    iterate,
    labels_of,
    one_of,
    union,
    weaken,
)
from no_libpython_dlopen.python.evaluator.models.formatting import apply_format_spec
from no_libpython_dlopen.python.evaluator.models.stdlib import as_mapping
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

#: An unknown part of a program in a text: a letter, so that it is a name in code.
HOLE = "\ua66e"
#: A list may be one of these, if its starred items are several. Of one with more, only the items
#: are known.
_MAX_WAYS = 16


def string(_evaluator: Evaluator, node: cst.SimpleString, _frame: Context) -> AbstractValue:
    is_plain = node.value[0] in "'\"" and "\\" not in node.value and "\r" not in node.value
    value = node.raw_value if is_plain else node.evaluated_value  # which compiles it
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    value = value.replace(UNKNOWN_PART, "\1").replace(HOLE, UNKNOWN_PART)
    return one_of(value)


def integer(_evaluator: Evaluator, node: cst.Integer, _frame: Context) -> AbstractValue:
    return one_of(node.evaluated_value) if len(node.value) < 20 else UNKNOWN


def concatenated_string(
    evaluator: Evaluator, node: cst.ConcatenatedString, context: Context
) -> AbstractValue:
    parts: list[AbstractValue] = []
    current: cst.BaseExpression = node
    while isinstance(current, cst.ConcatenatedString):
        parts.append(evaluator.evaluate(current.left, context))
        current = current.right
    return concatenate([*parts, evaluator.evaluate(current, context)])


def formatted_string(
    evaluator: Evaluator, node: cst.FormattedString, context: Context
) -> AbstractValue:
    parts: list[AbstractValue] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            parts.append(one_of(part.value.replace("{{", "{").replace("}}", "}")))
        elif isinstance(part, cst.FormattedStringExpression):
            value = evaluator.evaluate(part.expression, context)
            if part.equal is not None or part.conversion in ("r", "a"):
                value = UNKNOWN_TEXT
            if part.format_spec:
                spec = part.format_spec[0]
                if len(part.format_spec) == 1 and isinstance(spec, cst.FormattedStringText):
                    value = apply_format_spec(value, spec.value)
                else:
                    value = UNKNOWN_TEXT
            parts.append(value)
    return concatenate(parts)


def sequence(
    evaluator: Evaluator, node: cst.List | cst.Tuple | cst.Set, context: Context
) -> AbstractValue:
    ways: list[list[Element]] = [[]]
    uncounted: list[AbstractValue] = []
    exhaustive = True
    for element in node.elements:
        values = evaluator.evaluate(element.value, context)
        if isinstance(element, cst.StarredElement):
            lists = [one.elements for one in values.alternatives if isinstance(one, Items)]
            if 0 < len(lists) == len(values.alternatives) <= _MAX_WAYS // len(ways):
                exhaustive = exhaustive and (values.exhaustive or len(lists) == 1)
                added = [[one.with_labels(values.labels) for one in each] for each in lists]
                ways = [[*way, *each] for way in ways for each in added]
            else:
                uncounted.append(iterate(values))
        else:
            ways = [[*way, Element(element.value, values)] for way in ways]
    if uncounted:
        known = [one.values for way in ways for one in way]
        return one_of(Bag(union([*known, *uncounted])))
    labels = labels_of(one.values for way in ways for one in way) & ~FROM_CANDIDATES
    whole = one_of(*(Items(tuple(way)) for way in ways), labels=labels)
    return whole if exhaustive else AbstractValue(whole.alternatives, False, whole.labels)


def dictionary(evaluator: Evaluator, node: cst.Dict, context: Context) -> AbstractValue:
    entries: list[tuple[Any, Element]] = []
    is_open = False
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            keys = evaluator.evaluate(element.key, context)
            if not keys.exhaustive:
                entries, is_open = list(weaken(entries)), True
            value = Element(element.value, evaluator.evaluate(element.value, context))
            entries += [(key, value) for key in keys.alternatives]
        else:
            given = evaluator.evaluate(element.value, context)
            several = tuple(map(as_mapping, given.alternatives))
            others = AbstractValue(several, given.exhaustive, given.labels)
            known = [one for one in others.alternatives if isinstance(one, Mapping)]
            certain = others.exhaustive and len(known) == len(others.alternatives)
            if not certain or any(one.open for one in known):
                entries, is_open = list(weaken(entries)), True
            for one in known:
                entries += [(key, each.with_labels(others.labels)) for key, each in one.entries]
    return one_of(Mapping(tuple(entries), is_open))


def dict_comprehension(evaluator: Evaluator, node: cst.DictComp, context: Context) -> AbstractValue:
    parts = [node.key, node.value]
    known = loop_iterations.evaluate_iterations(evaluator, node, parts, context)
    if known is None:
        with loop_iterations.assume_tests(evaluator, node, context):
            known = [[evaluator.evaluate(part, context) for part in parts]], False
    pairs, certain = known
    entries = [(key, Element(node.value, v)) for keys, v in pairs for key in keys.alternatives]
    return one_of(Mapping(tuple(entries), not certain))
