"""The attributes that ``parameterized_class`` gives a class of tests: one row for each run."""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.python.evaluator import call_contexts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Items,
    Mapping,
    iterate,
)
from no_libpython_dlopen.python.evaluator.models.containers import item_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

_MARKS = frozenset(
    {"parameterized.parameterized_class", "parameterized.parameterized.parameterized_class"}
)


def values_of(evaluator: Evaluator, node: cst.CSTNode, name: str) -> list[AbstractValue]:
    """Return the values that the rows of a class's mark give an attribute, none for another class."""
    found: list[AbstractValue] = []
    for one in node.decorators if isinstance(node, cst.ClassDef) else ():
        mark = one.decorator
        if not isinstance(mark, cst.Call) or evaluator.qualified_name(mark.func) not in _MARKS:
            continue
        given = call_contexts.evaluate_arguments(evaluator, mark)
        names, rows = given.get(0, "attrs") or UNKNOWN, given.get(1, "input_values")
        listed = iterate(names) if isinstance(names.only, Items) else names
        keys = listed.alternatives
        for row in iterate(rows if rows is not None else names).alternatives:
            if rows is not None and name in keys:
                found.append(item_of(row, keys.index(name)))
            elif isinstance(row, Mapping) and any(key == name for key, _ in row.entries):
                found.append(item_of(row, name))
    return found
