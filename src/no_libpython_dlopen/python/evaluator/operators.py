"""What operators give: ``+``, ``%``, ``/``, ``or``, comparisons and conditional expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.platforms import FOREIGN_ENVIRONMENT, is_foreign_path
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of
from no_libpython_dlopen.python.evaluator import classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    FROM_PLATFORM,
    UNKNOWN,
    AbstractValue,
    Bag,
    Context,
    External,
    Items,
    Mapping,
    combinations,
    concatenate,
    elements,
    labels_of,
    one_of,
    text,
    union,
)
from no_libpython_dlopen.python.evaluator.models.comparisons import compare, truth_of
from no_libpython_dlopen.python.evaluator.models.containers import merge_mappings
from no_libpython_dlopen.python.evaluator.models.formatting import format_percent
from no_libpython_dlopen.python.evaluator.models.paths import join_paths
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
#: The methods that objects of the file's classes may have for an operator.
_METHODS = {"Add": "add", "Modulo": "mod", "Divide": "truediv", "BitOr": "or", "BitAnd": "and"}
_EQUALITIES = frozenset({"==", "!=", "in", "not in"})
_IDENTITIES = frozenset({"==", "!=", "is", "is not"})
#: What ``os.path`` is on Unix, and what it is on Windows.
_OS_PATH = External("os.path")
_PATH_MODULES = {External("posixpath"): True, External("ntpath"): False}


def operation(evaluator: Evaluator, node: cst.BinaryOperation, context: Context) -> AbstractValue:
    operator = type(node.operator).__name__
    left, right = evaluator.evaluate(node.left, context), evaluator.evaluate(node.right, context)
    own = _method_result(evaluator, operator, left, right) if operator in _METHODS else None
    return own if own is not None else apply_operator(operator, left, right)


def _method_result(
    evaluator: Evaluator, operator: str, left: AbstractValue, right: AbstractValue
) -> AbstractValue | None:
    """Return the result of an object's own method for an operator; ``None`` where none has one."""
    name = _METHODS[operator]
    for owners, method, other in ((left, f"__{name}__", right), (right, f"__r{name}__", left)):
        several = owners.alternatives
        found = [classes.call_special(evaluator, one, method, other) for one in several]
        if any(one is not None for one in found):
            return union(one if one is not None else UNKNOWN for one in found)
    return None


def apply_operator(operator: str, left: AbstractValue, right: AbstractValue) -> AbstractValue:
    """Return the value of a binary operator, which is named as by libcst."""
    labels = left.labels | right.labels
    if operator == "Modulo":
        return union(
            format_percent(option, right) if isinstance(option, str) else UNKNOWN
            for option in left.alternatives
        ).with_labels(labels)
    if operator == "Divide":
        return join_paths((left, right))
    outcome = _outcome_of_both(operator, left, right)
    if outcome is not None:
        return one_of(outcome, labels=labels)
    if operator == "BitOr":
        if any(isinstance(option, Mapping) for option in left.alternatives):
            return merge_mappings(left, right).with_labels(labels)
        found = [_join_flags(pair) for pair in combinations((left, right))]
        return union(found).with_labels(labels) if found else UNKNOWN
    if operator == "BitAnd":
        common = _common_items(left, right)
        if common is not None:
            return common
        # Of a set with one that is not known.
        known = [one for one in left.alternatives + right.alternatives if isinstance(one, Items)]
        several = (elements(one).with_labels(FROM_CANDIDATES) for one in known)
        return one_of(Bag(union(several))) if known else UNKNOWN
    if operator != "Add":
        return UNKNOWN
    if any(isinstance(option, (Items, Bag)) for option in left.alternatives + right.alternatives):
        found = []
        for one in left.alternatives or (Bag(UNKNOWN),):
            for other in right.alternatives or (Bag(UNKNOWN),):
                if isinstance(one, Items) and isinstance(other, Items):
                    found.append(one_of(Items(one.elements + other.elements)))
                else:
                    found.append(one_of(Bag(union([elements(one), elements(other)]))))
        return union(found).with_labels(labels)
    if all(type(option) is int for option in left.alternatives + right.alternatives):
        sums = one_of(*(a + b for a in left.alternatives for b in right.alternatives))
        return sums.part_of(left).part_of(right)
    return concatenate([left, right])


def _join_flags(pair: Sequence[Any]) -> AbstractValue:
    """Return the value of ``|`` of two flags, which are numbers or named by other modules."""
    numbers = [one for one in pair if type(one) is int]
    if len(numbers) == len(pair):
        return one_of(reduce(or_, numbers))
    named = [one.name for one in pair if isinstance(one, External)]
    return one_of(External("|".join((*named, *map(str, numbers))))) if named else UNKNOWN


def _outcome_of_both(operator: str, left: AbstractValue, right: AbstractValue) -> bool | None:
    """Return the outcome of ``|`` or ``&`` of two truths, in Kleene's logic; ``None`` of others."""
    truths = [one.certain if isinstance(one.certain, bool) else None for one in (left, right)]
    if operator == "BitOr":
        return any_of(truths)
    return all_of(truths) if operator == "BitAnd" else None


def _common_items(left: AbstractValue, right: AbstractValue) -> AbstractValue | None:
    """Return the items that two sets have in common; ``None`` where it is not known."""
    if not isinstance(left.certain, Items) or not isinstance(right.certain, Items):
        return None
    several = left.certain.elements
    outcomes = [compare("in", one.values, right) for one in several]
    if any(one.certain is None for one in outcomes):
        return None
    kept = [one for one, found in zip(several, outcomes, strict=True) if found.certain]
    return one_of(Items(tuple(kept)), labels=labels_of((left, right, *outcomes)))


def boolean(evaluator: Evaluator, node: cst.BooleanOperation, context: Context) -> AbstractValue:
    left, right = evaluator.evaluate(node.left, context), evaluator.evaluate(node.right, context)
    stops = isinstance(node.operator, cst.Or)
    kept = [option for option in left.alternatives if truth_of(option) is not (not stops)]
    first = AbstractValue(tuple(kept), left.exhaustive, left.labels)
    always_stops = all(truth_of(option) is stops for option in left.alternatives)
    return first if left.exhaustive and always_stops else union([first, right])


def unary(evaluator: Evaluator, node: cst.UnaryOperation, context: Context) -> AbstractValue:
    values = evaluator.evaluate(node.expression, context)
    if isinstance(node.operator, cst.Not):
        outcome = evaluator.outcome(node.expression, context)
        return one_of(not outcome, labels=values.labels) if outcome is not None else UNKNOWN
    if isinstance(node.operator, cst.Minus):
        numbers = [-one for one in values.alternatives if type(one) is int]
        is_whole = len(numbers) == len(values.alternatives)
        return AbstractValue(tuple(numbers), values.exhaustive and is_whole)
    return UNKNOWN


def conditional(evaluator: Evaluator, node: cst.IfExp, context: Context) -> AbstractValue:
    outcome = evaluator.platform_outcome(node.test)
    if outcome is None and context is not None:
        outcome = evaluator.outcome(node.test, context)
    test = evaluator.evaluate(node.test, context)
    sides = ((node.body, True), (node.orelse, False))
    found = [evaluator.evaluate(one, context) for one, side in sides if outcome in (None, side)]
    return union(found).with_labels(test.labels & FROM_PARAMETER)


def comparison(evaluator: Evaluator, node: cst.Comparison, context: Context) -> AbstractValue:
    lefts = (node.left, *(one.comparator for one in node.comparisons))
    found = [
        _comparison(evaluator, left, target, context)
        for left, target in zip(lefts, node.comparisons, strict=False)
    ]
    if len(found) == 1:
        return found[0]
    outcome = all_of([one.certain for one in found])
    return UNKNOWN if outcome is None else one_of(outcome, labels=labels_of(found))


def _comparison(
    evaluator: Evaluator, left: cst.BaseExpression, target: cst.ComparisonTarget, context: Context
) -> AbstractValue:
    """Return the value of one comparison of a chain."""
    operator = _COMPARISONS[type(target.operator)]
    first = evaluator.evaluate(left, context)
    second = evaluator.evaluate(target.comparator, context)
    environment = second.alternatives == (External("os.environ"),)
    if operator in ("in", "not in") and environment and len(first.alternatives) == 1:
        if text(first.only).startswith(FOREIGN_ENVIRONMENT):
            return one_of(operator == "not in", labels=FROM_PLATFORM)
        return UNKNOWN
    outcome = compare(operator, first, second)
    negated = operator in ("not in", "!=", "is not")
    is_foreign = operator in _EQUALITIES and any(map(_is_foreign_path, (first, second)))
    if is_foreign and outcome.certain in (None, negated):
        return one_of(negated, labels=FROM_PLATFORM)
    pair = (first.certain, second.certain)
    if operator in _EQUALITIES and (is_foreign_program(*pair) or is_foreign_program(*pair[::-1])):
        return one_of(negated, labels=FROM_PLATFORM)
    if _OS_PATH in pair and operator in _IDENTITIES:
        other = pair[pair[0] == _OS_PATH]
        if other in _PATH_MODULES:
            return one_of(_PATH_MODULES[other] is not negated, labels=FROM_PLATFORM)
    return outcome


def is_foreign_program(text: Any, program: Any) -> bool:
    """Return whether a text is in the running Python's path on Windows only: ``.exe``."""
    return (
        isinstance(text, str)
        and text.lower().endswith(".exe")
        and isinstance(program, External)
        and program.name.startswith("sys.executable")
    )


def _is_foreign_path(value: AbstractValue) -> bool:
    """Return whether a value is a path of Android's, which nothing of plain Unix has in it."""
    return isinstance(value.certain, str) and is_foreign_path(value.certain)
