"""Takes a loop over known items one round at a time.

The name of ``for name in ("libc.so.6", "libpython3.11.so")`` is worth all its items at
once. Where a test tells them apart (``if "python" in name: continue``), each round has to
be looked at alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding, Conditions, How
from no_libpython_dlopen.python.evaluator.abstract_values import (
    PROBED,
    Bag,
    Element,
    Frame,
    Items,
    Values,
    of,
    union,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.evaluator.subscripts import unpacked
from no_libpython_dlopen.python.syntax.parse import descendants

#: More rounds than this are not told apart.
MAX_ROUNDS = 64
_MAX_STEPS_BACK = 4

Round = dict[Binding, Values]
Comprehension = cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp


def comprehended(
    evaluator: Evaluator,
    node: Comprehension,
    parts: Sequence[cst.BaseExpression],
    frame: Frame | None,
) -> tuple[list[list[Values]], bool] | None:
    """Return what the parts of a comprehension give in each round, and whether all happen.

    ``None`` where its items are not known one by one.
    """
    clause = node.for_in
    source = evaluator.values(clause.iter, frame)
    if clause.inner_for_in is not None:
        return None
    rounds = _rounds([_targets(evaluator, clause)], [source])
    if rounds is None:
        return None
    found: list[list[Values]] = []
    certain = True
    for given in rounds:
        with evaluator.assuming(given):
            outcomes = [evaluator.truth(test.test, frame) for test in clause.ifs]
            certain = certain and None not in outcomes
            if False not in outcomes:
                found.append([evaluator.values(part, frame) for part in parts])
    return found, certain


def collected(
    evaluator: Evaluator, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, frame: Frame | None
) -> Values:
    """Return what a comprehension over a sequence gives."""
    known = comprehended(evaluator, node, [node.elt], frame)
    if known is None:
        tests = tuple((test.test, True) for test in node.for_in.ifs)
        given = implied(evaluator, tests) if tests else {}
        if not given:
            return of(Bag(evaluator.values(node.elt, frame)))
        with evaluator.assuming(given):
            return of(Bag(evaluator.values(node.elt, frame)))
    rounds, certain = known
    if not certain:
        return of(Bag(union(values for [values] in rounds)))
    return of(Items(tuple(Element(node.elt, values) for [values] in rounds)))


def narrowed(
    evaluator: Evaluator, argument: cst.BaseExpression, conditions: Conditions, values: Values
) -> Values:
    """Return what an argument may be in those rounds of its loops in which it is reached."""
    loops: dict[cst.CSTNode, list[Binding]] = {}
    for node in (argument, *(test for test, _ in conditions)):
        for binding in _elements(evaluator, node, 0):
            loops.setdefault(binding.node, []).append(binding)
    groups = [list(dict.fromkeys(group)) for group in loops.values()]
    sources = [
        evaluator.values(group[0].value) if group[0].value is not None else of() for group in groups
    ]
    rounds = _rounds(groups, sources) if groups else None
    if rounds is None:
        return values
    found: list[Values] = []
    for given in rounds:
        with evaluator.assuming(given):
            if all(evaluator.truth(test, None) in (None, outcome) for test, outcome in conditions):
                found.append(evaluator.values(argument))
    return union(found).flagged(values.flags)


def implied(evaluator: Evaluator, conditions: Conditions) -> Round:
    """Return what tests on the way tell of names that are not known otherwise.

    ``name.startswith("libpython3.") and name.endswith(".so")`` is as good as a pattern.
    """
    heads: dict[Binding, str] = {}
    tails: dict[Binding, str] = {}
    for test in _parts([test for test, outcome in conditions if outcome]):
        if (
            isinstance(test, cst.Call)
            and isinstance(test.func, cst.Attribute)
            and isinstance(test.func.value, cst.Name)
            and test.func.attr.value in ("startswith", "endswith")
            and len(test.args) == 1
        ):
            found = evaluator.values(test.args[0].value).options
            text = found[0] if len(found) == 1 and isinstance(found[0], str) else ""
            into = heads if test.func.attr.value == "startswith" else tails
            for binding in evaluator.flow.uses.get(test.func.value, ()):
                if not any(isinstance(one, str) for one in evaluator.bound(binding).options):
                    into[binding] = text
    return {
        binding: of(f"{heads.get(binding, '')}{UNKNOWN_PART}{tails.get(binding, '')}", flags=PROBED)
        for binding in {**heads, **tails}
    }


def _parts(tests: list[cst.BaseExpression]) -> Iterator[cst.BaseExpression]:
    """Yield tests that all hold where ``and`` joins them."""
    for test in tests:
        if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
            yield from _parts([test.left, test.right])
        else:
            yield test


def _elements(evaluator: Evaluator, node: cst.CSTNode, depth: int) -> Iterator[Binding]:
    """Yield the loop variables on which an expression depends."""
    for part in descendants(node):
        if not isinstance(part, cst.Name):
            continue
        for binding in evaluator.flow.uses.get(part, ()):
            if binding.how is How.ELEMENT:
                yield binding
            elif binding.value is not None and depth < _MAX_STEPS_BACK:
                yield from _elements(evaluator, binding.value, depth + 1)


def _targets(evaluator: Evaluator, clause: cst.CompFor) -> list[Binding]:
    names = [part.value for part in descendants(clause.target) if isinstance(part, cst.Name)]
    found = [evaluator.flow.binding_at(clause, name, How.ELEMENT) for name in names]
    return [binding for binding in found if binding is not None]


def _rounds(groups: Sequence[list[Binding]], sources: Sequence[Values]) -> list[Round] | None:
    """Return what loop variables are in each round; ``None`` if the rounds are not known."""
    choices: list[list[Round]] = []
    total = 1
    for group, source in zip(groups, sources, strict=True):
        option = source.options[0] if source.complete and len(source.options) == 1 else None
        if not isinstance(option, Items):
            return None
        total *= len(option.elements)
        if total > MAX_ROUNDS:
            return None
        choices.append(
            [
                {
                    binding: unpacked(element.values.flagged(source.flags), binding)
                    for binding in group
                }
                for element in option.elements
            ]
        )
    return [
        {binding: values for part in combination for binding, values in part.items()}
        for combination in itertools.product(*choices)
    ]
