"""Models of comparisons, and of what is true."""

from __future__ import annotations

import operator as op
import re
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.three_valued import any_of, negation
from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Bag,
    External,
    Items,
    Mapping,
    combinations,
    elements,
    one_of,
)

_OPPOSITES = {"not in": "in", "!=": "==", "is not": "is"}
_ORDER = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}


def compare(operator: str, left: AbstractValue, right: AbstractValue) -> AbstractValue:
    """Return the outcome of a comparison, not exhaustive where it may be either."""
    labels = left.labels | right.labels
    outcomes = {_outcome(operator, *pair) for pair in combinations((left, right))}
    if not (left.exhaustive and right.exhaustive and outcomes) or None in outcomes:
        return AbstractValue((), False, labels)
    return one_of(*sorted(outcomes), labels=labels)  # type: ignore[type-var]  # no None in it


def _outcome(operator: str, left: Any, right: Any) -> bool | None:
    if operator in _OPPOSITES:
        return negation(_outcome(_OPPOSITES[operator], left, right))
    if operator in ("==", "is"):
        return _equal(left, right)
    if operator == "in" and isinstance(right, (Items, Mapping)):
        inner = elements(right)
        equal = [_equal(left, option) for option in inner.alternatives]
        return any_of(equal) if inner.exhaustive else None
    if operator == "in" and isinstance(left, str) and isinstance(right, str):
        if UNKNOWN_PART in left:
            return None
        is_part = any(left in piece for piece in right.split(UNKNOWN_PART))
        return True if is_part else (None if UNKNOWN_PART in right else False)
    if operator in _ORDER and isinstance(left, int) and isinstance(right, int):
        return bool(_ORDER[operator](left, right))
    return None


def _equal(left: Any, right: Any) -> bool | None:
    comparable = (str, int, type(None))
    if not (isinstance(left, comparable) and isinstance(right, comparable)):
        return None
    if isinstance(left, str) and isinstance(right, str) and UNKNOWN_PART in left + right:
        for one, other in ((left, right), (right, left)):
            pattern = ".*".join(map(re.escape, one.split(UNKNOWN_PART)))
            if UNKNOWN_PART not in other and not re.fullmatch(pattern, other, re.DOTALL):
                return False
        return None
    return bool(left == right)


def truth_of(option: Any) -> bool | None:
    """Return whether an alternative is true, ``None`` where it may be either."""
    if isinstance(option, str) and UNKNOWN_PART in option:
        return True if option.strip(UNKNOWN_PART) else None
    if option is None or isinstance(option, (str, bool, int)):
        return bool(option)
    if isinstance(option, Items):
        return bool(option.elements)
    return None if isinstance(option, (Bag, Mapping, External)) else True
