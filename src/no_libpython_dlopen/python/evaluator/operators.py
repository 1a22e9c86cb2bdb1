"""What operators give: ``+``, ``%``, ``/``, ``or``, comparisons and conditional expressions."""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.python.evaluator.abstract_values import (
    PASSED,
    PLATFORM,
    UNKNOWN,
    Bag,
    Frame,
    Items,
    Known,
    Mapping,
    Values,
    elements,
    joined,
    of,
    text,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods, stdlib
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

_COMPARISONS: dict[type, str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}


def operation(evaluator: Evaluator, node: cst.BinaryOperation, frame: Frame | None) -> Values:
    return operated(
        type(node.operator).__name__,
        evaluator.values(node.left, frame),
        evaluator.values(node.right, frame),
    )


def operated(operator: str, left: Values, right: Values) -> Values:
    flags = left.flags | right.flags
    if operator == "Modulo":
        return union(
            methods.percent(option, right) if isinstance(option, str) else UNKNOWN
            for option in left.options
        ).flagged(flags)
    if operator == "Divide":
        return stdlib.joined_path((left, right))
    if operator == "BitOr":
        if any(isinstance(option, Mapping) for option in left.options):
            return methods.merged(left, right).flagged(flags)
        named = [text(o.name) for o in (*left.options, *right.options) if isinstance(o, Known)]
        return of(Known("|".join(named)), flags=flags) if named else UNKNOWN
    if operator != "Add":
        return UNKNOWN
    if any(isinstance(option, (Items, Bag)) for option in left.options + right.options):
        found = []
        for one in left.options or (Bag(UNKNOWN),):
            for other in right.options or (Bag(UNKNOWN),):
                if isinstance(one, Items) and isinstance(other, Items):
                    found.append(of(Items(one.elements + other.elements)))
                else:
                    found.append(of(Bag(union([elements(one), elements(other)]))))
        return union(found).flagged(flags)
    if all(type(option) is int for option in left.options + right.options):
        sums = of(*(a + b for a in left.options for b in right.options))
        whole = sums.complete and left.complete and right.complete
        return Values(sums.options, whole, flags)
    return joined([left, right])


def boolean(evaluator: Evaluator, node: cst.BooleanOperation, frame: Frame | None) -> Values:
    left, right = evaluator.values(node.left, frame), evaluator.values(node.right, frame)
    stops = isinstance(node.operator, cst.Or)
    kept = [option for option in left.options if methods.truth_of(option) is not (not stops)]
    first = Values(tuple(kept), left.complete, left.flags)
    goes_on = not left.complete or any(
        methods.truth_of(option) is not stops for option in left.options
    )
    return union([first, right]) if goes_on else first


def unary(evaluator: Evaluator, node: cst.UnaryOperation, frame: Frame | None) -> Values:
    values = evaluator.values(node.expression, frame)
    if isinstance(node.operator, cst.Not):
        outcome = evaluator.truth(node.expression, frame)
        return of(not outcome, flags=values.flags) if outcome is not None else UNKNOWN
    if isinstance(node.operator, cst.Minus):
        numbers = [-one for one in values.options if type(one) is int]
        return Values(tuple(numbers), values.complete and len(numbers) == len(values.options))
    return UNKNOWN


def conditional(evaluator: Evaluator, node: cst.IfExp, frame: Frame | None) -> Values:
    outcome = evaluator.guard(node.test)
    if outcome is None and frame is not None:
        outcome = evaluator.truth(node.test, frame)
    branches = [(node.body, True), (node.orelse, False)]
    test = evaluator.values(node.test, frame)
    return union(
        evaluator.values(branch, frame) for branch, side in branches if outcome in (None, side)
    ).flagged(test.flags & PASSED)


def comparison(evaluator: Evaluator, node: cst.Comparison, frame: Frame | None) -> Values:
    if len(node.comparisons) != 1:
        return UNKNOWN
    target = node.comparisons[0]
    operator = _COMPARISONS[type(target.operator)]
    right = evaluator.values(target.comparator, frame)
    left = evaluator.values(node.left, frame)
    environment = right.options == (Known("os.environ"),)
    if operator in ("in", "not in") and environment and len(left.options) == 1:
        from no_libpython_dlopen.knowledge.platforms import FOREIGN_ENVIRONMENT

        if text(left.options[0]).startswith(FOREIGN_ENVIRONMENT):
            return of(operator == "not in", flags=PLATFORM)
        return UNKNOWN
    return methods.compared(operator, left, right)
