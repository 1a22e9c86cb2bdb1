"""Says what tests tell of a name that is picked out of a folder.

``name.startswith("libpython3.") and name.endswith(".so")`` is as good as a pattern, and so
are ``fnmatch``, regular expressions and ``Path.match``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    AbstractValue,
    External,
    Function,
    Partial,
    one_of,
)
from no_libpython_dlopen.python.evaluator.models.patterns import glob_text, regex_text
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

Assumed = dict[Binding, AbstractValue]
_GLOBS = frozenset({"fnmatch.fnmatch", "fnmatch.fnmatchcase"})
_EXPRESSIONS = frozenset({"re.match", "re.fullmatch", "re.search"})
#: More steps from one name to another, or from one test to another, are not followed.
_MAX_DEPTH = 3


class _Implication(NamedTuple):
    """What is known of an expression: its beginning, its end, or all of it."""

    subject: cst.BaseExpression
    head: str = ""
    tail: str = ""
    whole: str = ""


def implied_texts(evaluator: Evaluator, conditions: Conditions, depth: int = 0) -> Assumed:
    """Return the values that tests on the way prove of names with no other value."""
    found: dict[Binding, _Implication] = {}
    for test, outcome in _parts(conditions):
        known = _implication(evaluator, test, outcome, depth)
        for binding, one in _bound_names(evaluator, known) if known is not None else ():
            before = found.get(binding, one)
            found[binding] = one._replace(
                head=one.head or before.head,
                tail=one.tail or before.tail,
                whole=one.whole or before.whole,
            )
    texts = {
        binding: one.whole or one.head + UNKNOWN_PART + one.tail for binding, one in found.items()
    }
    return {
        binding: one_of(_complete(text), labels=FROM_CANDIDATES) for binding, text in texts.items()
    }


def accepted_text(evaluator: Evaluator, test: Any, depth: int = 0) -> str:
    """Return the texts for which a function is true; empty where these are not known."""
    if isinstance(test, Partial) and isinstance(test.callee, External):
        pattern = test.arguments.get(0)
        only = pattern.only if pattern is not None else None
        return _complete(_matching_text(test.callee.name, only))
    if not isinstance(test, Function) or depth >= _MAX_DEPTH:
        return ""
    scope = test.scope
    evaluator.dataflow.walk_function(scope)
    assert isinstance(scope.node, (cst.FunctionDef, cst.Lambda))
    params = scope.node.params.params
    ways = [
        one.conditions if _is_name(one.value, "True") else (*one.conditions, (one.value, True))
        for one in scope.returns
        if one.value is not None and not _is_name(one.value, "False", "None")
    ]
    if len(ways) != 1 or len(params) != 1:
        return ""
    name = params[0].name.value
    parameter = evaluator.dataflow.binding_at(params[0], name, BindingKind.PARAMETER)
    implied = implied_texts(evaluator, ways[0], depth + 1)
    return str(implied[parameter].only) if parameter in implied else ""


def _bound_names(
    evaluator: Evaluator, known: _Implication, depth: int = 0
) -> Iterator[tuple[Binding, _Implication]]:
    """Yield the unknown names that an implication is about, with what it says of each."""
    subject, before, after = known.subject, "", ""
    while not isinstance(subject, cst.Name):
        inner, attribute = _inner(subject)
        if inner is None:
            return
        subject = inner
        if attribute in ("name", "stem", "basename"):
            before, after = f"{UNKNOWN_PART}/", UNKNOWN_PART if attribute == "stem" else ""
    known = _Implication(
        subject,
        known.head and before + known.head,
        known.tail and known.tail + after,
        known.whole and before + known.whole + after,
    )
    for binding in evaluator.dataflow.uses.get(subject, ()):
        options = evaluator.binding_value(binding).alternatives
        if not any(isinstance(one, str) for one in options):
            yield binding, known
            is_copy = binding.kind is BindingKind.VALUE and not binding.path
            if is_copy and binding.value is not None and depth < _MAX_DEPTH:
                yield from _bound_names(evaluator, known._replace(subject=binding.value), depth + 1)


def _inner(node: cst.BaseExpression) -> tuple[cst.BaseExpression | None, str]:
    """Return the path of which an expression gives a part or a form, and the part's name."""
    if isinstance(node, cst.Attribute) and node.attr.value in ("name", "stem", "path"):
        return node.value, node.attr.value
    if isinstance(node, cst.Call):
        called = node.func
        word = called.attr.value if isinstance(called, cst.Attribute) else ""
        word = called.value if isinstance(called, cst.Name) else word
        if word in ("str", "fspath", "basename") and len(node.args) == 1:
            return node.args[0].value, word
        if isinstance(called, cst.Attribute) and word in ("lower", "as_posix") and not node.args:
            return called.value, word
    return None, ""


def _implication(
    evaluator: Evaluator, test: cst.BaseExpression, outcome: bool, depth: int
) -> _Implication | None:
    """Return the fact that the outcome of one test proves; ``None`` for none."""
    if isinstance(test, cst.NamedExpr):
        return _implication(evaluator, test.value, outcome, depth)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        target = test.comparisons[0]
        if isinstance(target.operator, (cst.Is, cst.IsNot)):
            is_none = isinstance(target.operator, cst.Is) is outcome
            is_about_none = _is_name(target.comparator, "None")
            follow = is_about_none and not is_none
            return _implication(evaluator, test.left, True, depth) if follow else None
        if isinstance(target.operator, cst.In if outcome else cst.NotIn):
            part = evaluator.evaluate(test.left).only
            is_text = isinstance(part, str) and part
            whole = f"{UNKNOWN_PART}{part}{UNKNOWN_PART}"
            return _Implication(target.comparator, whole=whole) if is_text else None
    if not outcome or not isinstance(test, cst.Call) or not test.args:
        return None
    if _is_name(test.func, "bool"):
        return _implication(evaluator, test.args[0].value, True, depth)
    return _call_implication(evaluator, test, depth)


def _call_implication(evaluator: Evaluator, test: cst.Call, depth: int) -> _Implication | None:
    """Return the fact that a true result of a call proves."""
    given = [one.value for one in test.args]
    func = test.func
    word = func.attr.value if isinstance(func, cst.Attribute) else ""
    if isinstance(func, cst.Attribute) and word in ("startswith", "endswith") and len(given) == 1:
        found = evaluator.evaluate(given[0]).only
        text = found if isinstance(found, str) else ""
        head, tail = (text, "") if word == "startswith" else ("", text)
        return _Implication(func.value, head, tail)
    callee = evaluator.evaluate(func).only
    if isinstance(callee, External) and len(given) >= 2:
        index = 0 if callee.name in _EXPRESSIONS else 1
        pattern = evaluator.evaluate(given[index]).only
        return _Implication(given[1 - index], whole=_matching_text(callee.name, pattern))
    if isinstance(callee, (Function, Partial)):
        return _Implication(given[0], whole=accepted_text(evaluator, callee, depth))
    if callee is None and isinstance(func, cst.Attribute) and word == "match":
        pattern = evaluator.evaluate(given[0]).only
        if isinstance(pattern, str):
            return _Implication(func.value, whole=f"{UNKNOWN_PART}/{glob_text(pattern)}")
    return None


def _matching_text(function: str, pattern: Any) -> str:
    """Return the texts that a matching function accepts; empty where these are not known."""
    if not isinstance(pattern, str) or UNKNOWN_PART in pattern:
        return ""
    if function in _EXPRESSIONS:
        return regex_text(pattern, function.removeprefix("re."))
    return glob_text(pattern) if function in _GLOBS else ""


def _parts(conditions: Conditions) -> Iterator[tuple[cst.BaseExpression, bool]]:
    """Yield the tests that must have had an outcome, those that ``and`` and ``or`` join also."""
    for test, outcome in conditions:
        joined = cst.And if outcome else cst.Or
        if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, joined):
            yield from _parts(((test.left, outcome), (test.right, outcome)))
        elif isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            yield from _parts(((test.expression, not outcome),))
        else:
            yield test, outcome


def _complete(text: str) -> str:
    """Return a file's name with a dot behind ``libpython3``: no other can be opened."""
    return re.sub(rf"libpython3{UNKNOWN_PART}+(so)?\Z", _with_dot, text)


def _with_dot(found: re.Match[str]) -> str:
    return f"libpython3{UNKNOWN_PART}.so" if found[1] else f"libpython3.{UNKNOWN_PART}"


def _is_name(node: cst.BaseExpression | None, *names: str) -> bool:
    return isinstance(node, cst.Name) and node.value in names
