"""Decides what a test of the platform excludes, by asking it of one system after another.

What the outcomes mean says ``knowledge.platforms``. Asking one system at a time also sees that
two comparisons are of the same name.
"""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.platforms import System, names_on
from no_libpython_dlopen.python.evaluator.abstract_values import FROM_PLATFORM, AbstractValue
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

    def decide(system: System | None) -> bool | None:
        if system is None:
            return evaluator.decided_outcome(test)
        is_open = evaluator.system is None and evaluator.may_tell_platform(test)
        return _outcome_on(evaluator, test, system) if is_open else None

    return platforms.usual_outcome(decide)


def _outcome_on(evaluator: Evaluator, test: cst.BaseExpression, system: System) -> bool | None:
    outer = evaluator.known
    evaluator.known = evaluator.known_on.setdefault(system, KnownValues())
    evaluator.system = system
    try:
        return evaluator.decided_outcome(test)
    finally:
        evaluator.known, evaluator.system = outer, None
