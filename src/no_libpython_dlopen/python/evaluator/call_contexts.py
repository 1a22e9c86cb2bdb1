"""Calls of functions of the file: arguments bound to parameters, and what is returned."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from typing import Any, TypeVar

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.limits import PYTHON_CALLS
from no_libpython_dlopen.python.dataflow.bindings import Binding, Returned, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    UNKNOWN,
    AbstractValue,
    Arguments,
    Bag,
    CallContext,
    Context,
    Element,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    Partial,
    cut_by,
    items,
    iterate,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import stdlib
from no_libpython_dlopen.python.evaluator.narrowing.excluded_values import possible_values
from no_libpython_dlopen.python.evaluator.narrowing.one_call import texts_in_call
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

Result = TypeVar("Result")


def once(evaluator: Evaluator, key: Hashable, compute: Callable[[], Result]) -> Result:
    """Return the result of a computation from a module's values, which is kept as they are.

    It may be another one when more of the module has been walked, or calls are nested deeper.
    """
    walked = len(evaluator.dataflow.live_expressions)
    nested = evaluator.nested_methods, evaluator.nested_exclusions
    return evaluator.known.once((key, walked, *nested), compute)


def call_function(
    evaluator: Evaluator, function: Function, arguments: Arguments, owner: Any, context: Context
) -> AbstractValue:
    """Return the value of a function of the file for these arguments."""
    scope = function.scope
    evaluator.dataflow.walk_function(scope)
    depth = context.depth + 1 if context is not None else 1
    if depth > PYTHON_CALLS:
        return cut_by(PYTHON_CALLS)
    inner = bind_arguments(evaluator, scope, arguments, owner, parent=function.context, depth=depth)
    if scope.yields:
        return one_of(Bag(union(_live_results(evaluator, scope.yields, inner))))
    found = _live_results(evaluator, scope.returns, inner)
    if scope.falls_off:
        found.append(one_of(None))
    flag = (scope.parent, scope.node.name.value) if isinstance(scope.node, cst.FunctionDef) else ()
    is_flag = flag in evaluator.dataflow.platform_flags
    return union(found).with_labels(FROM_PLATFORM if is_flag else 0)


def _live_results(
    evaluator: Evaluator, several: list[Returned], context: CallContext
) -> list[AbstractValue]:
    """Return the value of a call."""
    live = [one for one in several if evaluator.may_hold(one.conditions, context)]
    return [_evaluate_result(evaluator, one, context) for one in live]


def _evaluate_result(
    evaluator: Evaluator, returned: Returned, context: CallContext
) -> AbstractValue:
    if returned.value is None:
        return one_of(None)
    values = evaluator.evaluate(returned.value, context)
    if returned.conditions and UNKNOWN_PART in "".join(texts(values)):
        implied = texts_in_call(evaluator, returned.conditions, context)
        with evaluator.assume(implied) if implied else nullcontext():
            values = evaluator.evaluate(returned.value, context)
    values = possible_values(evaluator, returned.value, returned.conditions, values, context)
    return iterate(values) if returned.spread else values


def evaluate_arguments(evaluator: Evaluator, node: cst.Call, context: Context = None) -> Arguments:
    """Return the values of a call's arguments, but what the tests on the way to it exclude."""
    tests = evaluator.dataflow.path_conditions.get(node, ())
    positional: list[AbstractValue] = []
    keywords: list[tuple[str, AbstractValue]] = []
    complete = True
    for argument in node.args:
        value = evaluator.evaluate(argument.value, context)
        value = possible_values(evaluator, argument.value, tests, value, context)
        if argument.keyword is not None:
            keywords.append((argument.keyword.value, value))
        elif not argument.star:
            positional.append(value)
        elif argument.star == "*" and isinstance(value.only, Items):
            several = (one.values for one in value.only.elements)
            positional += [one.with_labels(value.labels) for one in several]
        elif isinstance(whole := stdlib.as_mapping(value.only), Mapping):
            entries = whole.entries
            keywords += [(str(key), one.values.with_labels(value.labels)) for key, one in entries]
            complete = complete and not whole.open
        else:
            complete = False
    return Arguments(tuple(positional), tuple(keywords), complete)


def bind_arguments(
    evaluator: Evaluator,
    scope: Scope,
    arguments: Arguments,
    owner: Any,
    *,
    parent: Context = None,
    depth: int = 1,
) -> CallContext:
    """Return the context of a call, in which arguments are bound to parameters."""
    assert isinstance(scope.node, (cst.FunctionDef, cst.Lambda))
    params = scope.node.params
    positional = list(arguments.positional)
    if owner is not None and not is_static(scope):
        positional.insert(0, one_of(owner))
    given = dict(arguments.keywords)
    bound: dict[str, AbstractValue] = {}
    by_position = [*params.posonly_params, *params.params]
    for index, parameter in enumerate(by_position):
        name = parameter.name.value
        if index < len(positional):
            bound[name] = positional[index]
        else:
            bound[name] = _default(evaluator, parameter, given, arguments.complete)
    if isinstance(params.star_arg, cst.Param):
        rest = positional[len(by_position) :]
        whole = one_of(items(*rest)) if arguments.complete else UNKNOWN
        bound[params.star_arg.name.value] = whole
    for parameter in params.kwonly_params:
        bound[parameter.name.value] = _default(evaluator, parameter, given, arguments.complete)
    if params.star_kwarg is not None:
        rest_entries = tuple((k, Element(None, v)) for k, v in given.items() if k not in bound)
        bound[params.star_kwarg.name.value] = one_of(Mapping(rest_entries, not arguments.complete))
    return evaluator.intern(CallContext(scope, bound, parent=parent, depth=depth))


def _default(
    evaluator: Evaluator, parameter: cst.Param, given: dict[str, AbstractValue], complete: bool
) -> AbstractValue:
    name = parameter.name.value
    if name in given:
        return given[name]
    default = [evaluator.evaluate(parameter.default)] if parameter.default is not None else []
    return union([*default, *([] if complete and default else [UNKNOWN])])


def decorator_names(node: cst.FunctionDef) -> set[str]:
    """Return the last words of a function's decorators."""
    words = set()
    for decorator in node.decorators:
        called = decorator.decorator
        called = called.func if isinstance(called, cst.Call) else called
        if isinstance(called, cst.Attribute):
            words.add(called.attr.value)
        elif isinstance(called, cst.Name):
            words.add(called.value)
    return words


def is_static(scope: Scope) -> bool:
    """Return whether a scope is a static method."""
    return isinstance(scope.node, cst.FunctionDef) and "staticmethod" in decorator_names(scope.node)


#: What turns a function that is not defined in the class into a method or a property of it.
_WRAPPERS = frozenset(
    {"classmethod", "property", "functools.cached_property", "functools.partialmethod"}
)


def wrapped_method(evaluator: Evaluator, binding: Binding, owner: Any) -> AbstractValue | None:
    """Return the attribute that ``name = partialmethod(function, ...)`` and the like make.

    ``None`` for what is no function that the object is bound to.
    """
    value, wrapper, rest = binding.value, "", Arguments()
    if isinstance(value, cst.Call):
        wrapper = evaluator.qualified_name(value.func)
        if wrapper not in _WRAPPERS or not value.args:
            return None
        rest = evaluate_arguments(evaluator, value).rest
        value = value.args[0].value
    if not isinstance(value, (cst.Lambda, cst.Name)):
        return None
    functions = [one for one in evaluator.evaluate(value).alternatives if isinstance(one, Function)]
    if not functions or (not wrapper and not isinstance(owner, Instance)):
        return None
    if wrapper.endswith("property"):
        return union(call_function(evaluator, one, Arguments(), owner, None) for one in functions)
    receiver = owner.cls if wrapper == "classmethod" and isinstance(owner, Instance) else owner
    methods = [Method(receiver, binding.name, one) for one in functions]
    return one_of(*(Partial(one, rest) if rest != Arguments() else one for one in methods))
