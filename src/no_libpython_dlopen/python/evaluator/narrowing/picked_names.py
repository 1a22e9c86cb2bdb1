"""The patterns of the file names that conditions select in a directory.

``name.startswith("libpython3.") and name.endswith(".so")`` is a pattern, and so
are ``fnmatch``, regular expressions and ``Path.match``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART, is_libpython, may_be_part
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_CALLS
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    EMBEDDING_FLAGS,
    FLAG,
    FROM_CANDIDATES,
    LISTING,
    UNKNOWN,
    AbstractValue,
    External,
    Function,
    Instance,
    Items,
    Partial,
    is_output,
    iterate,
    one_of,
)
from no_libpython_dlopen.python.evaluator.known_values import Assumed
from no_libpython_dlopen.python.evaluator.models.command_output import picked_line
from no_libpython_dlopen.python.evaluator.models.pattern_functions import patterns_in
from no_libpython_dlopen.python.evaluator.models.patterns import complete, glob_text, regex_text
from no_libpython_dlopen.python.evaluator.narrowing.implications import Implication, found_place
from no_libpython_dlopen.python.evaluator.narrowing.name_parts import (
    divided_text,
    implication_of_whole,
    whole_of,
)
from no_libpython_dlopen.python.evaluator.other_modules import (
    ImportedModule,
    ImportedObject,
    common_part,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import last_word

_GLOBS = frozenset({"fnmatch.fnmatch", "fnmatch.fnmatchcase"})
_EXPRESSIONS = frozenset({"re.match", "re.fullmatch", "re.search"})
#: How many assignments from one name to another a condition is followed through. Beyond, each name
#: is just known less well, so no limit has to be told.
_MAX_COPIES = 3
#: The functions and names through which the analysis came to a test.
_Way = tuple[cst.CSTNode, ...]


def implied_texts(evaluator: Evaluator, conditions: Conditions, way: _Way = ()) -> Assumed:
    """Return the values of names that are known from the conditions around a use alone."""
    found: dict[Binding, Implication] = {}
    parts = list(_parts(conditions))
    for test, outcome in parts:
        known = _implication(evaluator, test, outcome, way)
        for binding, one in _bound_names(evaluator, known) if known and any(known[1:]) else ():
            found[binding] = one.merge(found[binding]) if binding in found else one
    return {
        binding: _possible_value(evaluator, binding, _assumed_value(evaluator, binding, one), parts)
        for binding, one in found.items()
    }


def _possible_value(
    evaluator: Evaluator,
    binding: Binding,
    value: AbstractValue,
    parts: list[tuple[cst.BaseExpression, bool]],
) -> AbstractValue:
    """Return a value without the texts of which one of several tests has another outcome.

    Texts none of which gives a part of libpython's name are not asked for one by one.
    """
    may_name = any(may_be_part(one) for one in value.alternatives if isinstance(one, str))
    if len(parts) < 2 or not may_name:
        return value
    kept = []
    for text in value.alternatives:
        with evaluator.assume({binding: AbstractValue((text,), value.exhaustive)}):
            outcomes = (evaluator.outcome(test, None) in (None, wanted) for test, wanted in parts)
            kept += [text] if all(outcomes) else []
    return AbstractValue(tuple(kept), value.exhaustive, value.labels)


def _assumed_value(evaluator: Evaluator, binding: Binding, known: Implication) -> AbstractValue:
    """Return the value of a name of which something is known: of a line in a list of libraries, which."""
    texts, value = known.texts(), evaluator.binding_value(binding)
    lines = [one for one in value.alternatives if is_output(one)]
    if not lines:
        named = [one for one in value.alternatives if isinstance(one, str) and is_libpython(one)]
        matches = [one for one in named if known.is_true_of(one)]
        return one_of(*(matches or texts), labels=FROM_CANDIDATES)
    if all(one.name.startswith(FLAG) for one in lines):
        is_library = all(one.startswith("-l") for one in texts)
        return one_of(External(EMBEDDING_FLAGS)) if is_library else UNKNOWN
    if all(one.name.startswith(LISTING) and "[]" in one.name for one in lines):
        return one_of(External(picked_line(texts)), labels=FROM_CANDIDATES)
    return value


def picked_items(items: AbstractValue) -> AbstractValue:
    """Return the items of a collection as a loop or a filter meets them, which may leave some out."""
    several = (
        External(FLAG) if is_output(one, (EMBEDDING_FLAGS,)) else one for one in items.alternatives
    )
    return AbstractValue(tuple(several), items.exhaustive, items.labels)


def accepted_texts(
    evaluator: Evaluator, test: Any, way: _Way = (), others: tuple[AbstractValue, ...] = ()
) -> tuple[str, ...]:
    """Return the texts for which a function returns true; none if they are not known.

    ``others`` are its other arguments, behind the text.
    """
    if isinstance(test, ImportedObject):
        with analysis.other_file():
            return test.module.accepted_texts(test.option, tuple(map(common_part, others)))
    if isinstance(test, Partial) and isinstance(test.callee, External):
        pattern = test.arguments.get(0)
        accepted = _matching_texts(test.callee.name, pattern) if pattern is not None else ()
        return tuple(map(complete, accepted))
    if not isinstance(test, Function) or test.scope.node in way:
        return ()
    if len(way) >= PYTHON_CALLS:
        analysis.note_limit(PYTHON_CALLS)
        return ()
    scope = test.scope
    evaluator.dataflow.walk_function(scope)
    assert isinstance(scope.node, (cst.FunctionDef, cst.Lambda))
    params = scope.node.params.params
    ways = [
        one.conditions if _is_name(one.value, "True") else (*one.conditions, (one.value, True))
        for one in scope.returns
        if one.value is not None and not _is_name(one.value, "False", "None")
    ]
    if len(ways) != 1 or len(params) != 1 + len(others):
        return ()
    flow = evaluator.dataflow
    bound = [flow.binding_at(one, one.name.value, BindingKind.PARAMETER) for one in params]
    parameter, *rest = (one for one in bound if one is not None)
    with evaluator.assume(dict(zip(rest, others, strict=True))):
        implied = implied_texts(evaluator, ways[0], (*way, scope.node))
    return known_texts(implied[parameter]) if parameter in implied else ()


def _bound_names(
    evaluator: Evaluator, known: Implication, depth: int = 0
) -> Iterator[tuple[Binding, Implication]]:
    """Yield the unknown names that an implication is about, with what it says of each."""
    while not isinstance(known.subject, cst.Name):
        inner, attribute = whole_of(known.subject)
        if inner is None:
            return
        known = implication_of_whole(known, attribute)._replace(subject=inner)
    for binding in evaluator.dataflow.uses.get(known.subject, ()):
        options = evaluator.binding_value(binding).alternatives
        if binding.kind is BindingKind.IMPORTED and any(map(_is_module, options)):
            continue  # ``os.name`` is no name of a file
        if any(isinstance(one, Instance) for one in options):
            continue  # nor is ``self.name``
        several = [one for one in options if isinstance(one, str)]
        if any(UNKNOWN_PART not in one for one in several):
            continue
        yield binding, known.within(several)
        if binding.kind is not BindingKind.VALUE or binding.value is None or depth >= _MAX_COPIES:
            continue
        if not binding.path:
            yield from _bound_names(evaluator, known._replace(subject=binding.value), depth + 1)
        elif isinstance(binding.value, cst.Call):  # ``stem, suffix = splitext(name)``
            inner, attribute = divided_text(binding.value, binding.path[0])
            if inner is not None and len(binding.path) == 1:
                whole = implication_of_whole(known, attribute)._replace(subject=inner)
                yield from _bound_names(evaluator, whole, depth + 1)


def _is_module(option: Any) -> bool:
    """Return whether an imported object is neither a text nor a program's output."""
    return isinstance(option, ImportedModule) or (
        isinstance(option, External) and not is_output(option)
    )


def _implication(
    evaluator: Evaluator, test: cst.BaseExpression, outcome: bool, way: _Way
) -> Implication | None:
    """Return the fact that the outcome of one test proves; ``None`` for none."""
    if isinstance(test, cst.NamedExpr):
        return _implication(evaluator, test.value, outcome, way)
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _implication(evaluator, test.expression, not outcome, way)
    if isinstance(test, cst.BooleanOperation):
        first = _implication(evaluator, test.left, outcome, way)
        second = _implication(evaluator, test.right, outcome, way)
        both_hold = isinstance(test.operator, cst.And if outcome else cst.Or)
        if first is None or second is None:
            return (first or second) if both_hold else None
        return first.both(second) if both_hold else first.either(second)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        return _comparison_implication(evaluator, test, outcome, way)
    if outcome and isinstance(test, cst.Name) and test not in way:
        several = list(evaluator.dataflow.uses.get(test, ()))  # ``found = re.match(...)``
        value = several[0].value if len(several) == 1 and not several[0].path else None
        is_call = several and several[0].kind is BindingKind.VALUE and isinstance(value, cst.Call)
        return _implication(evaluator, value, True, (*way, test)) if is_call and value else None
    if not outcome or not isinstance(test, cst.Call) or not test.args:
        return None
    if _is_name(test.func, "bool"):
        return _implication(evaluator, test.args[0].value, True, way)
    given = test.args[0].value
    if _is_name(test.func, "any", "all") and isinstance(given, (cst.GeneratorExp, cst.ListComp)):
        return _implication_of_items(evaluator, given, way, is_all=_is_name(test.func, "all"))
    return _call_implication(evaluator, test, way)


def _implication_of_items(
    evaluator: Evaluator, node: cst.GeneratorExp | cst.ListComp, way: _Way, *, is_all: bool
) -> Implication | None:
    """Return the fact that ``any(name.startswith(one) for one in ("a", "b"))`` proves."""
    test, clause = node.elt, node.for_in
    items = iterate(evaluator.evaluate(clause.iter))
    if isinstance(test, cst.Call) and all(isinstance(one, Partial) for one in items.alternatives):
        return None if is_all or clause.ifs else _call_implication(evaluator, test, way)
    texts = known_texts(items)
    if not texts or clause.ifs or clause.inner_for_in or not isinstance(clause.target, cst.Name):
        return None
    name = clause.target.value
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        operator, whole = test.comparisons[0].operator, test.comparisons[0].comparator
        if isinstance(operator, cst.In) and _is_name(test.left, name):
            known = Implication(whole)
            return known._replace(parts=texts) if is_all else known._replace(choices=(texts,))
        if isinstance(operator, cst.Equal) and _is_name(whole, name) and not is_all:
            return Implication(test.left, wholes=texts)
    if not isinstance(test, cst.Call) or is_all or not isinstance(test.func, cst.Attribute):
        return None
    word = test.func.attr.value
    if len(test.args) == 2:
        return _call_implication(evaluator, test, way)  # of a pattern that is one of the items
    if len(test.args) != 1 or not _is_name(test.args[0].value, name):
        return None
    if word == "startswith":
        return Implication(test.func.value, heads=texts)
    return Implication(test.func.value, tails=texts) if word == "endswith" else None


def _comparison_implication(
    evaluator: Evaluator, test: cst.Comparison, outcome: bool, way: _Way
) -> Implication | None:
    """Return the fact that the outcome of one comparison proves."""
    left, right = test.left, test.comparisons[0].comparator
    operator = test.comparisons[0].operator
    place = found_place(operator, right, outcome=outcome)
    if place and isinstance(left, cst.Call) and last_word(left.func) == "find":
        return _found_text(evaluator, left, is_head=place == "head")
    if isinstance(operator, (cst.Is, cst.IsNot)):
        is_none = isinstance(operator, cst.Is) is outcome
        follow = _is_name(right, "None") and not is_none
        return _implication(evaluator, left, True, way) if follow else None
    if isinstance(operator, cst.Equal if outcome else cst.NotEqual):
        return _equality(left, known_texts(evaluator.evaluate(right)))
    if not isinstance(operator, cst.In if outcome else cst.NotIn):
        return None
    part, whole = evaluator.evaluate(left).only, evaluator.evaluate(right)
    if isinstance(part, str) and UNKNOWN_PART not in part:
        return Implication(right, parts=(part,)) if part else None
    is_list = isinstance(whole.only, Items)
    return _equality(left, known_texts(iterate(whole))) if is_list else None


def _found_text(evaluator: Evaluator, call: cst.Call, *, is_head: bool) -> Implication | None:
    """Return the fact that ``name.find(text)`` has found the text."""
    texts = known_texts(evaluator.evaluate(call.args[0].value)) if len(call.args) == 1 else ()
    if not texts or not isinstance(call.func, cst.Attribute):
        return None
    subject = call.func.value
    return Implication(subject, heads=texts) if is_head else Implication(subject, choices=(texts,))


def _equality(subject: cst.BaseExpression, texts: tuple[str, ...]) -> Implication | None:
    """Return the fact that an expression is one of several texts."""
    if not texts:
        return None
    part = subject.slice[0].slice if isinstance(subject, cst.Subscript) else None
    if isinstance(subject, cst.Subscript) and isinstance(part, cst.Slice) and part.step is None:
        if part.lower is None and isinstance(part.upper, cst.Integer):
            return Implication(subject.value, heads=texts)
        is_end = isinstance(part.lower, cst.UnaryOperation) and part.upper is None
        return Implication(subject.value, tails=texts) if is_end else None
    return Implication(subject, wholes=texts)


def known_texts(value: AbstractValue) -> tuple[str, ...]:
    """Return the texts that a value may be; none if it may be something else."""
    several = tuple(one for one in value.alternatives if isinstance(one, str))
    return several if value.exhaustive and len(several) == len(value.alternatives) else ()


def _call_implication(evaluator: Evaluator, test: cst.Call, way: _Way) -> Implication | None:
    """Return the fact that a true result of a call proves."""
    given = [one.value for one in test.args]
    func = test.func
    word = func.attr.value if isinstance(func, cst.Attribute) else ""
    if isinstance(func, cst.Attribute) and word in ("startswith", "endswith") and len(given) == 1:
        found = evaluator.evaluate(given[0])
        listed = found.only.elements if isinstance(found.only, Items) else ()
        known = [known_texts(one.values) for one in listed] or [known_texts(found)]
        texts = tuple(chain.from_iterable(known)) if all(known) else ()
        is_head = word == "startswith"
        return Implication(func.value, texts if is_head else (), () if is_head else texts)
    callees = evaluator.evaluate(func)
    several = callees.alternatives if callees.exhaustive else (callees.only,)
    if several and all(isinstance(one, (Function, Partial, ImportedObject)) for one in several):
        others = tuple(evaluator.evaluate(one) for one in given[1:])
        accepted = [accepted_texts(evaluator, one, way, others) for one in several]
        return Implication(given[0], wholes=tuple(chain(*accepted)) if all(accepted) else ())
    if isinstance(callee := callees.only, External) and len(given) > 1:
        index = 0 if callee.name in _EXPRESSIONS else 1
        pattern = evaluator.evaluate(given[index])
        return Implication(given[1 - index], wholes=_matching_texts(callee.name, pattern))
    if isinstance(func, cst.Attribute) and word in ("match", "full_match"):
        patterns = known_texts(evaluator.evaluate(given[0]))
        if patterns and not isinstance(callee, External):
            paths = tuple(f"{UNKNOWN_PART}/{glob_text(one)}" for one in patterns)
            return Implication(func.value, wholes=paths)
    return None


def _matching_texts(function: str, pattern: AbstractValue) -> tuple[str, ...]:
    """Return the texts that a matching function accepts; none if they are not known."""
    several = known_texts(patterns_in(pattern))
    if not several or any(UNKNOWN_PART in one for one in several):
        return ()
    if function in _EXPRESSIONS:
        return tuple(regex_text(one, function.removeprefix("re.")) for one in several)
    return tuple(map(glob_text, several)) if function in _GLOBS else ()


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


def _is_name(node: cst.BaseExpression | None, *names: str) -> bool:
    return isinstance(node, cst.Name) and node.value in names
