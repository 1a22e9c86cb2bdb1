"""The outcome of a test: in one call of the function around it, or wherever only the platform counts."""

from __future__ import annotations

from itertools import chain

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    FROM_PLATFORM,
    Context,
    External,
)
from no_libpython_dlopen.python.evaluator.models.comparisons import truth_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.vocabulary import PLATFORM_WORDS

_LITERALS = frozenset({cst.Integer, cst.SimpleString})
_NAMES = frozenset({cst.Name, cst.Attribute})
#: A module may also set ``TYPE_CHECKING`` to false itself; type checkers know the name.
_DECISIVE_NAMES = frozenset({"True", "False", "None", "TYPE_CHECKING"})


def outcome_of(
    evaluator: Evaluator, test: cst.BaseExpression, context: Context, *, strict: bool
) -> bool | None:
    """Return a test's outcome in Kleene's logic; ``strict`` where the platform must decide."""
    # ``isinstance`` takes long over classes that a node is not of.
    if type(test) is cst.BooleanOperation:
        both = [
            outcome_of(evaluator, part, context, strict=strict) for part in (test.left, test.right)
        ]
        return any_of(both) if isinstance(test.operator, cst.Or) else all_of(both)
    if type(test) is cst.UnaryOperation and type(test.operator) is cst.Not:
        return negation(outcome_of(evaluator, test.expression, context, strict=strict))
    if _asks_for_windows(evaluator, test, context):
        return False
    literal = type(test) in _LITERALS or (type(test) is cst.Name and test.value in _DECISIVE_NAMES)
    if strict and not literal and not evaluator.may_tell_platform(test):
        return None
    values = evaluator.evaluate(test, context)
    if not values.exhaustive or not values.alternatives:
        return None
    if strict and not literal and not values.labels & FROM_PLATFORM:
        return None
    if not strict and values.labels & (FROM_PARAMETER | FROM_CANDIDATES):
        return None
    found = {truth_of(option) for option in values.alternatives}
    return found.pop() if len(found) == 1 else None


def _asks_for_windows(evaluator: Evaluator, test: cst.BaseExpression, context: Context) -> bool:
    """Return whether a test is a flag of a library, or a function, that is true on Windows alone."""
    asked = test.func if type(test) is cst.Call and not test.args else test
    if type(asked) not in _NAMES:
        return False
    several, member = evaluator.dataflow.definitions_of(asked)
    if not several or any(one.kind is not BindingKind.IMPORTED for one in several):
        return False
    if not all(platforms.is_windows_flag(f"{one.qualified}{member}") for one in several):
        return False
    values = evaluator.evaluate(test, context)
    return values.exhaustive and all(isinstance(one, External) for one in values.alternatives)


def may_tell_platform(evaluator: Evaluator, test: cst.BaseExpression) -> bool:
    """Return whether the platform may decide a test, perhaps by a name of another module."""
    flow = evaluator.dataflow
    attributes, names = flow.words_of(test)
    for name in attributes if evaluator.mentions_platform else ():
        for scope in flow.initialisers_of(name):  # which may note the flag of an object
            flow.walk_function(scope)
    if evaluator.may_mean(test, PLATFORM_WORDS):
        return True
    if not attributes.isdisjoint(name[1:] for _, name in flow.platform_flags if name[0] == "."):
        return True
    words = frozenset(one.value for one in names)
    bindings = chain.from_iterable(map(flow.bindings_of, names))
    return any(_remembers_platform(evaluator, one, words) for one in bindings)


def _remembers_platform(evaluator: Evaluator, binding: Binding, words: frozenset[str]) -> bool:
    """Return whether the platform may decide what a name is, and so a test with these words."""
    flow, imports = evaluator.dataflow, evaluator.imports
    if binding.kind is BindingKind.IMPORTED:
        return imports is not None and imports.may_tell_platform(binding.qualified, words)
    if binding.kind is BindingKind.FUNCTION:
        return evaluator.may_mean(binding.node, PLATFORM_WORDS)
    return (binding.scope, binding.name) in flow.platform_flags
