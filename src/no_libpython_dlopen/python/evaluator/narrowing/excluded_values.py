"""Leaves out the alternatives of a value that the tests on the way to it exclude.

After ``if name == "libpython3.11.so": return`` the name is not that one, whatever else it may be.
Each known alternative of what both the tests and the value depend on is assumed in turn; it is
left out if one of the tests then has another outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.python.dataflow.access_paths import AccessPath, access_path_of
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Context,
    Instance,
    Items,
    Mapping,
    one_of,
)
from no_libpython_dlopen.python.evaluator.known_values import Assumed
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants, last_word

#: If there are more alternatives, none is left out: then more is reported.
_MAX_CANDIDATES = 16
#: Expressions are not followed through more names than these.
_MAX_NAMES = 200
#: The tests on the way to what a test depends on count as well, but not the tests beyond those.
_MAX_NESTED = 2
#: Behind so many choices in a file nothing is left out any more: then more is reported.
_MAX_CHOICES = 200
#: Functions and methods that tell texts apart.
_TELLING = frozenset({"startswith", "endswith", "isinstance", "any", "all", "bool"})
_DATA = (str, int, Items, Mapping, Instance)
_READS = (cst.Name, cst.Attribute, cst.Subscript, cst.Call, cst.NamedExpr)


def possible_values(
    evaluator: Evaluator,
    node: cst.BaseExpression,
    conditions: Conditions,
    value: AbstractValue,
    context: Context,
) -> AbstractValue:
    """Return an expression's value without libpython's names that the conditions exclude."""
    if not conditions or not any(map(_names_libpython, value.alternatives)):
        return value
    conditions = tuple(one for one in conditions if _may_exclude(evaluator, one[0]))
    if not conditions or evaluator.nested_exclusions == _MAX_NESTED:
        return value
    if evaluator.choices_tried >= _MAX_CHOICES:
        return value
    # These do not include what the tests alone imply of names that are otherwise unknown.
    plain = set(filter(_names_libpython, evaluator.evaluate(node, context).alternatives))
    conditions = tuple(one for one in conditions if not _is_outdated(evaluator, one))
    tested = _paths_of(evaluator, (test for test, _ in conditions))
    roots = frozenset().union(*(one.roots for one in tested if not one.steps))
    for path, part in _paths_of(evaluator, [node]).items():
        is_tested = path in tested if path.steps else not roots.isdisjoint(path.roots)
        if not is_tested or not _is_data(evaluator.evaluate(part, context)):
            continue
        choices = _choices(evaluator, path, part, context, conditions)
        found = _found_under(evaluator, node, choices)
        excluded = plain - found
        kept = tuple(one for one in value.alternatives if one not in excluded)
        value = AbstractValue(kept, value.exhaustive, value.labels)
    return value


def _may_exclude(evaluator: Evaluator, test: cst.BaseExpression) -> bool:
    """Return whether a test may tell one text from another, without a look at the disk."""
    if isinstance(test, cst.UnaryOperation):
        return _may_exclude(evaluator, test.expression)
    if isinstance(test, cst.BooleanOperation):
        return any(_may_exclude(evaluator, one) for one in (test.left, test.right))
    if isinstance(test, cst.Comparison):
        operators = (one.operator for one in test.comparisons)
        return not any(isinstance(one, (cst.Is, cst.IsNot)) for one in operators)
    if not isinstance(test, cst.Call):
        return False
    is_own = isinstance(test.func, cst.Name) and bool(evaluator.dataflow.bindings_of(test.func))
    return is_own or last_word(test.func) in _TELLING


def _is_data(value: AbstractValue) -> bool:
    """Return whether a value may be one that tests compare: no function, nothing from outside."""
    return any(isinstance(one, _DATA) for one in value.alternatives)


def _found_under(
    evaluator: Evaluator,
    node: cst.BaseExpression,
    choices: Iterable[tuple[Assumed, Context, Conditions]],
) -> set[Any]:
    """Return the alternatives of an expression under the choices that pass the tests."""
    found: set[Any] = set()
    evaluator.nested_exclusions += 1
    try:
        for assumed, context, conditions in choices:
            evaluator.choices_tried += 1
            with evaluator.assume(assumed):
                if all(
                    evaluator.outcome(one, context) in (None, wanted) for one, wanted in conditions
                ):
                    found.update(evaluator.evaluate(node, context).alternatives)
    finally:
        evaluator.nested_exclusions -= 1
    return found


def _names_libpython(option: Any) -> bool:
    return isinstance(option, str) and is_libpython(option)


def _paths_of(
    evaluator: Evaluator, nodes: Iterable[cst.BaseExpression]
) -> dict[AccessPath, cst.BaseExpression]:
    """Return the access paths that expressions read, directly or in the values of their names."""
    found: dict[AccessPath, cst.BaseExpression] = {}
    seen: set[Binding] = set()
    todo = [(one, True) for one in nodes]
    while todo and len(seen) <= _MAX_NAMES:
        node, is_own = todo.pop()
        for part in descendants(node):
            path = access_path_of(evaluator.dataflow, part) if isinstance(part, _READS) else None
            if path is None or path in found or not isinstance(part, cst.BaseExpression):
                continue
            # Outside of a comprehension its variable has no single value.
            if not is_own and any(isinstance(one.node, cst.CompFor) for one in path.roots):
                continue
            found[path] = part
            for binding in path.roots - seen if not path.steps else ():
                seen.add(binding)
                todo += [(binding.value, False)] if binding.value is not None else []
    return found


def _choices(
    evaluator: Evaluator,
    path: AccessPath,
    part: cst.BaseExpression,
    context: Context,
    conditions: Conditions,
) -> Iterator[tuple[Assumed, Context, Conditions]]:
    """Yield each value that may be assumed for an access path, its context, and the tests of it.

    The unknown value is one of them, unless all values of the path are known. No test is of what
    is assigned behind it.
    """
    if path.steps:
        for one in _alternatives(evaluator.evaluate(part, context)):
            yield {path: one}, context, conditions
        return
    absent: Assumed = dict.fromkeys(path.roots, AbstractValue())
    for binding in sorted(path.roots, key=lambda binding: binding.serial):
        tests = tuple(one for one in conditions if not _is_behind(evaluator, binding, one))
        for one in _alternatives(evaluator.binding_value(binding, context)):
            inner = _with_parameter(evaluator, context, binding, one)
            yield {**absent, binding: one}, inner, tests


def _with_parameter(
    evaluator: Evaluator, context: Context, binding: Binding, value: AbstractValue
) -> Context:
    """Return the context of a call in which a parameter has another value."""
    if context is None or binding.scope is not context.scope:
        return context
    if binding.kind is not BindingKind.PARAMETER or binding.name not in context.parameters:
        return context
    given = {**context.parameters, binding.name: value}
    return evaluator.intern(replace(context, parameters=given))


def _alternatives(value: AbstractValue) -> Iterator[AbstractValue]:
    if len(value.alternatives) > _MAX_CANDIDATES:
        yield value
        return
    yield from map(one_of, value.alternatives)
    if not value.exhaustive:
        yield UNKNOWN


def _is_outdated(evaluator: Evaluator, condition: tuple[cst.BaseExpression, bool]) -> bool:
    """Return whether an attribute may have been set to another value since it was tested."""
    flow = evaluator.dataflow
    words = (one.attr.value for one in descendants(condition[0]) if isinstance(one, cst.Attribute))
    stores = (binding for word in words for _, binding in flow.attribute_stores.get(word, ()))
    return any(_is_behind(evaluator, store, condition) for store in stores)


def _is_behind(
    evaluator: Evaluator, store: Binding, condition: tuple[cst.BaseExpression, bool]
) -> bool:
    """Return whether an assignment is made behind a test, here or in a function called there."""
    if condition in store.conditions:
        return True
    flow = evaluator.dataflow
    name, scope = store.name, store.scope
    declaring = (one for one in flow.scopes.values() if one.declared_scopes.get(name) is scope)
    functions = (one.node for one in (scope, *declaring))
    return any(
        condition in flow.path_conditions[call]
        for function in functions
        if isinstance(function, cst.FunctionDef)
        for call in evaluator.call_graph.calls(function, {function.name.value})
    )
