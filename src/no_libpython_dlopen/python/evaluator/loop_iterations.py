"""Evaluates loops and comprehensions over known items one iteration at a time.

The name of ``for name in ("libc.so.6", "libpython3.11.so")`` may be any of the items. Where
a test tells them apart (``if "python" in name: continue``), each iteration has to be
evaluated alone.
"""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_ITERATIONS
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    AbstractValue,
    Bag,
    Context,
    Element,
    Items,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.known_values import Assumed
from no_libpython_dlopen.python.evaluator.narrowing.one_call import texts_in_call
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.evaluator.subscripts import unpack
from no_libpython_dlopen.python.syntax.parse import descendants

Comprehension = cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp


def evaluate_iterations(
    evaluator: Evaluator, node: Comprehension, parts: Sequence[cst.BaseExpression], context: Context
) -> tuple[list[list[AbstractValue]], bool] | None:
    """Return the values of a comprehension's parts in each iteration, and whether all happen.

    ``None`` where its items are not known one by one.
    """
    clause = node.for_in
    source = evaluator.evaluate(clause.iter, context)
    if clause.inner_for_in is not None:
        return None
    rounds = _iterations([_targets(evaluator, clause)], [source])
    if rounds is None:
        return None
    found: list[list[AbstractValue]] = []
    certain = True
    for given in rounds:
        with evaluator.assume(given):
            outcomes = [evaluator.outcome(test.test, context) for test in clause.ifs]
            certain = certain and None not in outcomes
            if False not in outcomes:
                found.append([evaluator.evaluate(part, context) for part in parts])
    return found, certain


def collection(
    evaluator: Evaluator, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, context: Context
) -> AbstractValue:
    """Return the value of a comprehension over a sequence."""
    known = evaluate_iterations(evaluator, node, [node.elt], context)
    if known is not None:
        rows, certain = known
        if certain:
            several = Items(tuple(Element(node.elt, value) for [value] in rows))
            is_chosen = all(_platform_decides(evaluator, one.test) for one in node.for_in.ifs)
            return one_of(several, labels=FROM_PLATFORM if is_chosen and node.for_in.ifs else 0)
        return one_of(Bag(union(value for [value] in rows)))
    with assume_tests(evaluator, node, context):
        return one_of(Bag(evaluator.evaluate(node.elt, context)))


def _platform_decides(evaluator: Evaluator, test: cst.BaseExpression) -> bool:
    """Return whether a test is of the platform, with any of the values of a loop's variables."""
    is_asked = evaluator.may_tell_platform(test)
    return is_asked and bool(evaluator.evaluate(test).labels & FROM_PLATFORM)


def assume_tests(
    evaluator: Evaluator, node: Comprehension, context: Context
) -> AbstractContextManager[None]:
    """Return a block that evaluates as in an iteration which a comprehension's tests let pass."""
    tests: list[cst.CompIf] = []
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        tests += clause.ifs
        clause = clause.inner_for_in
    conditions = tuple((test.test, True) for test in tests)
    implied = texts_in_call(evaluator, conditions, context)
    return evaluator.assume(implied) if implied else nullcontext()


def narrow_by_iterations(
    evaluator: Evaluator,
    argument: cst.BaseExpression,
    conditions: Conditions,
    values: AbstractValue,
) -> AbstractValue:
    """Return the value of an argument in those iterations of its loops that reach it."""
    loops: dict[cst.CSTNode, list[Binding]] = {}
    for binding in _elements(evaluator, (argument, *(test for test, _ in conditions))):
        loops.setdefault(binding.node, []).append(binding)
    groups = list(loops.values())
    sources = [
        evaluator.evaluate(group[0].value) if group[0].value is not None else one_of()
        for group in groups
    ]
    rounds = _iterations(groups, sources) if groups else None
    if rounds is None:
        return values
    found: list[AbstractValue] = []
    for given in rounds:
        with evaluator.assume(given):
            if all(
                evaluator.outcome(test, None) in (None, outcome) for test, outcome in conditions
            ):
                found.append(evaluator.evaluate(argument))
    return union(found).with_labels(values.labels)


def _elements(evaluator: Evaluator, nodes: Sequence[cst.BaseExpression]) -> Iterator[Binding]:
    """Yield the loop variables on which expressions depend."""
    todo = list(nodes)
    seen: set[Binding] = set()
    while todo:
        for part in descendants(todo.pop(0)):
            several = evaluator.dataflow.uses.get(part, ()) if isinstance(part, cst.Name) else ()
            for binding in several:
                if binding in seen:
                    continue
                seen.add(binding)
                if binding.kind is BindingKind.ELEMENT:
                    yield binding
                elif binding.value is not None:
                    todo.append(binding.value)


def _targets(evaluator: Evaluator, clause: cst.CompFor) -> list[Binding]:
    names = [part.value for part in descendants(clause.target) if isinstance(part, cst.Name)]
    found = [evaluator.dataflow.binding_at(clause, name, BindingKind.ELEMENT) for name in names]
    return [binding for binding in found if binding is not None]


def _iterations(
    groups: Sequence[list[Binding]], sources: Sequence[AbstractValue]
) -> list[Assumed] | None:
    """Return the loop variables' values in each iteration; ``None`` if these are not known."""
    choices: list[list[Assumed]] = []
    total = 1
    for group, source in zip(groups, sources, strict=True):
        if not isinstance(source.certain, Items):
            return None
        several = [one.values.with_labels(source.labels) for one in source.certain.elements]
        total *= len(several)
        if total > PYTHON_ITERATIONS:
            analysis.note_limit(PYTHON_ITERATIONS)
            return None
        choices.append([{binding: unpack(one, binding) for binding in group} for one in several])
    return [dict(ChainMap(*combination)) for combination in itertools.product(*choices)]
