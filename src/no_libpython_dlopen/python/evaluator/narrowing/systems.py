"""Decides what tests of the platform exclude, by asking them of one system after another.

What the outcomes mean says ``knowledge.platforms``. Asking one system at a time also sees that
two comparisons are of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.knowledge.platforms import System, names_on
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.python.dataflow.bindings import Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    AbstractValue,
    CallContext,
    Context,
)
from no_libpython_dlopen.python.evaluator.known_values import KnownValues
from no_libpython_dlopen.python.evaluator.other_modules import common_part
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants

Load = cst.Call | cst.Subscript


def on_one_system(value: AbstractValue, system: System) -> AbstractValue:
    """Return the value of a system's name where the system is known."""
    names = tuple(name for name in value.alternatives if isinstance(name, str))
    if value.labels & FROM_PLATFORM and len(names) == len(value.alternatives):
        return AbstractValue(names_on(system, names), value.exhaustive, value.labels)
    return value


def usual_outcome(evaluator: Evaluator, test: cst.BaseExpression) -> bool | None:
    """Return a test's outcome on all of Unix, or that on Linux and macOS if it names no other."""
    outer, evaluator.is_cut = evaluator.is_cut, False
    try:
        with evaluator.imports.test() if evaluator.imports is not None else nullcontext():
            return _usual_outcome(evaluator, test)
    finally:
        evaluator.is_cut = outer


def _usual_outcome(evaluator: Evaluator, test: cst.BaseExpression) -> bool | None:
    outcome = evaluator.decided_outcome(test)
    imports = evaluator.imports
    is_cut = evaluator.is_cut or (imports is not None and imports.steps_left == 0)
    known = outcome is not None or evaluator.system is not None
    if known or is_cut or not (evaluator.may_tell_platform(test) and _tells(evaluator, test)):
        return outcome

    def decide(system: System | None) -> bool | None:
        return outcome if system is None else _outcome_on(evaluator, test, system)

    return platforms.usual_outcome(decide)


def _tells(evaluator: Evaluator, test: cst.BaseExpression) -> bool:
    """Return whether a value in a test comes from the platform.

    Where none does, no system decides the test: what holds on any Unix has all that one system has.
    """
    parts = (one for one in descendants(test) if isinstance(one, cst.BaseExpression))
    return any(evaluator.evaluate(one).labels & FROM_PLATFORM for one in parts)


def may_hold(evaluator: Evaluator, conditions: Conditions) -> bool:
    """Return whether conditions can hold on the system that the evaluator asks for."""
    return all(evaluator.decided_outcome(test) in (None, outcome) for test, outcome in conditions)


def usual_names(
    evaluator: Evaluator,
    load: Load,
    argument: cst.BaseExpression,
    value: AbstractValue,
    context: Context,
) -> AbstractValue:
    """Return a load's names without those that are opened only on systems that no test names.

    What is opened in the ``else`` of tests for Linux and for macOS is for Windows.
    """
    found = [one for one in value.alternatives if isinstance(one, str) and is_libpython(one)]
    if not found or evaluator.system is not None or not _may_depend(evaluator, load, argument):
        return value
    try:
        with analysis.note_apart():  # what one reading leaves out, the others do as well
            unusual = _unusual(evaluator, load, argument, context, set(found))
    except LimitReached as error:
        analysis.note_limit(error.limit)
        return value
    kept = tuple(one for one in value.alternatives if one not in unusual)
    return AbstractValue(kept, value.exhaustive, value.labels)


def _unusual(
    evaluator: Evaluator,
    load: Load,
    argument: cst.BaseExpression,
    context: Context,
    names: set[str],
) -> set[str]:
    """Return those of a load's names that only systems get which the file does not name.

    Linux and macOS count as named. If only they reach the load, no system gets the other names,
    and these are returned, too.
    """
    is_reached = False

    def names_on(system: System) -> set[Any]:
        tests = evaluator.dataflow.path_conditions[load]
        return _names_on(evaluator.on(system), load, argument, tests, context)

    for system in (System.LINUX, System.DARWIN):
        found = names_on(system) if names else set()
        is_reached |= bool(found)
        names = names - found
    others = names_on(System.UNNAMED) if names else set()
    names = names if is_reached and not others else names & others
    for system in _others_named(evaluator) if names else ():
        names = names - names_on(system)
    return names


def _others_named(evaluator: Evaluator) -> list[System]:
    """Return the systems besides Linux and macOS that the file or its modules have names of."""
    imports = evaluator.imports
    named = platforms.others_named(evaluator.dataflow.module.code)
    named |= imports.other_systems() if imports is not None else frozenset()
    return sorted(named, key=lambda system: system.value)


def _may_depend(evaluator: Evaluator, load: Load, argument: cst.BaseExpression) -> bool:
    """Return whether the platform may decide which library is opened, or whether one is."""
    flow, imports = evaluator.dataflow, evaluator.imports
    is_in_function = flow.live_expressions[load] is not flow.scope
    is_literal = isinstance(argument, cst.SimpleString) and not flow.path_conditions[load]
    if is_literal and not is_in_function:
        return False
    return evaluator.mentions_platform or (imports is not None and imports.any_may_tell_platform())


def _names_on(
    evaluator: Evaluator,
    load: Load,
    argument: cst.BaseExpression,
    tests: Conditions,
    context: Context,
) -> set[Any]:
    """Return the alternatives of a load's argument on one system, none where it is not reached."""
    here = _same_call(evaluator, context)
    scope = evaluator.dataflow.live_expressions.get(load)
    if (context is not None and here is None) or scope is None:
        return set()
    if evaluator.dataflow.is_never_called(scope) or not may_hold(evaluator, tests):
        return set()
    if any(evaluator.outcome(test, here) is (not outcome) for test, outcome in tests):
        return set()
    return set(evaluator.evaluate(argument, here).alternatives)


def _same_call(evaluator: Evaluator, context: Context) -> Context:
    """Return the context of a call as another evaluator of the module has it."""
    if context is None:
        return None
    parent = _same_call(evaluator, context.parent)
    scope = evaluator.dataflow.scopes.get(context.scope.node)
    if scope is None or (context.parent is not None and parent is None):
        return None
    given = {name: common_part(one) for name, one in context.parameters.items()}
    return evaluator.intern(CallContext(scope, given, parent, context.depth))


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
