"""Decides what tests of the platform exclude, by asking them of one system after another.

What the outcomes mean says ``knowledge.platforms``. Asking one system at a time also sees that
two comparisons are of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.knowledge.platforms import System, names_on
from no_libpython_dlopen.python.dataflow.bindings import Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    AbstractValue,
    Context,
)
from no_libpython_dlopen.python.evaluator.known_values import KnownValues
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def on_one_system(value: AbstractValue, system: System) -> AbstractValue:
    """Return the value of a system's name where the system is known."""
    names = tuple(name for name in value.alternatives if isinstance(name, str))
    if value.labels & FROM_PLATFORM and len(names) == len(value.alternatives):
        return AbstractValue(names_on(system, names), value.exhaustive, value.labels)
    return value


def usual_outcome(evaluator: Evaluator, test: cst.BaseExpression) -> bool | None:
    """Return a test's outcome on all of Unix, or that on Linux and macOS if it names no other."""
    outcome = evaluator.decided_outcome(test)
    known = outcome is not None or evaluator.system is not None
    if known or not evaluator.may_tell_platform(test):
        return outcome

    def decide(system: System | None) -> bool | None:
        return outcome if system is None else _outcome_on(evaluator, test, system)

    return platforms.usual_outcome(decide)


def may_hold(evaluator: Evaluator, conditions: Conditions) -> bool:
    """Return whether conditions can hold on the system that the evaluator asks for."""
    return all(evaluator.decided_outcome(test) in (None, outcome) for test, outcome in conditions)


def usual_names(
    evaluator: Evaluator,
    node: cst.BaseExpression,
    conditions: Conditions,
    value: AbstractValue,
    context: Context,
) -> AbstractValue:
    """Return a library's names without those that are chosen only on systems that no test names.

    What is opened in the ``else`` of tests for Linux and for macOS is for Windows.
    """
    found = [one for one in value.alternatives if isinstance(one, str) and is_libpython(one)]
    if not found or evaluator.system is not None or not _may_depend(evaluator, node, conditions):
        return value
    of_unnamed = _values_on(evaluator, node, conditions, context, System.UNNAMED).intersection(
        found
    )
    for system in (System.LINUX, System.DARWIN) if of_unnamed else ():
        of_unnamed -= _values_on(evaluator, node, conditions, context, system)
    kept = tuple(one for one in value.alternatives if one not in of_unnamed)
    return AbstractValue(kept, value.exhaustive, value.labels)


def _may_depend(evaluator: Evaluator, node: cst.BaseExpression, conditions: Conditions) -> bool:
    """Return whether the platform may decide what an expression is, or whether it is reached."""
    if isinstance(node, cst.SimpleString) and not conditions:
        return False
    return evaluator.mentions_platform or any(
        evaluator.may_tell_platform(test) for test, _ in conditions
    )


def _values_on(
    evaluator: Evaluator,
    node: cst.BaseExpression,
    conditions: Conditions,
    context: Context,
    system: System,
) -> set[Any]:
    """Return the alternatives of an expression on one system, none where it is not reached."""
    with _on(evaluator, system):
        if not evaluator.may_hold(conditions, context):
            return set()
        return set(evaluator.evaluate(node, context).alternatives)


def _outcome_on(evaluator: Evaluator, test: cst.BaseExpression, system: System) -> bool | None:
    with _on(evaluator, system):
        return evaluator.decided_outcome(test)


@contextmanager
def _on(evaluator: Evaluator, system: System) -> Iterator[None]:
    """Evaluate as on one system within a ``with`` statement."""
    outer = evaluator.known
    evaluator.known = evaluator.known_on.setdefault(system, KnownValues())
    evaluator.system = system
    try:
        yield
    finally:
        evaluator.known, evaluator.system = outer, None
