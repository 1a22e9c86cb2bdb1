"""What a call gives: of a function or class of the file, or of what is known elsewhere."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.evaluator import (
    call_contexts,
    classes,
    external_calls,
    operators,
    subscripts,
)
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    FROM_PLATFORM,
    UNKNOWN,
    AbstractValue,
    Arguments,
    Bag,
    Class,
    Context,
    External,
    Function,
    Instance,
    Items,
    Method,
    Partial,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.cuts import ANY_CUT
from no_libpython_dlopen.python.evaluator.frameworks import command_line, instances, runners
from no_libpython_dlopen.python.evaluator.models.containers import collection_method
from no_libpython_dlopen.python.evaluator.models.text_methods import text_method
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject, KnownResult
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def call(evaluator: Evaluator, node: cst.Call, context: Context) -> AbstractValue:
    """Return the value of a call."""
    if isinstance(node.func, cst.Attribute) and node.func.attr.value == "getfixturevalue":
        return runners.requested_fixture(evaluator, node, context)
    callees = evaluator.evaluate(node.func, context)
    if not callees.alternatives:
        default = _call_of_unknown(evaluator, node, context)
        return default or UNKNOWN.with_labels(callees.labels & ANY_CUT)
    if not node.args and isinstance(callees.only, External) and callees.only.name in _NAMESPACES:
        return subscripts.local_names(evaluator, node, context)
    if callees.only == _SUPER:
        return classes.super_of(evaluator, node, context)
    arguments = call_contexts.evaluate_arguments(evaluator, node, context)
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("startswith", "endswith"):
        first = arguments.get(0)
        wanted = first.certain if first is not None else None
        is_foreign = isinstance(wanted, str) and platforms.is_foreign_path(wanted)
        if is_foreign or operators.is_foreign_program(wanted, callees.only):
            return one_of(False, labels=FROM_PLATFORM)  # of all paths on Unix
    result = call_any(evaluator, callees, arguments, context)
    # Of several functions that are tried none makes its result a candidate; a method of one does.
    if not any(isinstance(one, Method) and one.function is None for one in callees.alternatives):
        callees = callees.without_labels(FROM_CANDIDATES)
    return command_line.with_parsers(result.part_of(callees), node)


def _call_of_unknown(
    evaluator: Evaluator, node: cst.Call, context: Context
) -> AbstractValue | None:
    """Return the value of ``unknown.get(key, default)``, and of ``unknown.glob(pattern)``."""
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    if method in ("glob", "rglob") and node.args:
        given = call_contexts.evaluate_arguments(evaluator, node, context)
        return text_method(UNKNOWN_PART, method, given)
    if (
        method not in external_calls.WITH_DEFAULT
        or len(node.args) != 2
        or any(one.star for one in node.args)
    ):
        return None
    default = evaluator.evaluate(node.args[1].value, context)
    return union([default, UNKNOWN]).with_labels(FROM_PARAMETER)


def call_any(
    evaluator: Evaluator, callees: AbstractValue, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling any of the alternatives."""
    several = callees.alternatives
    return union(call_alternative(evaluator, one, arguments, context) for one in several)


def call_alternative(
    evaluator: Evaluator, callee: Any, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling one alternative."""
    if isinstance(callee, External):
        return external_calls.call_external(evaluator, callee.name, arguments, context)
    if isinstance(callee, Partial):
        arguments = arguments.after(callee.arguments)
        return call_alternative(evaluator, callee.callee, arguments, context)
    if isinstance(callee, Function):
        return call_contexts.call_function(evaluator, callee, arguments, None, context)
    if isinstance(callee, ImportedObject):
        if not isinstance(callee.option, Class) and not evaluator.known.calls_other():
            return UNKNOWN
        arguments = instances.as_data(evaluator, arguments)
        with analysis.other_file():
            return callee.module.call(callee.option, arguments, f"{callee.name}()")
    if isinstance(callee, KnownResult):
        return callee.value
    if isinstance(callee, Method):
        owner, name, function = callee.owner, callee.name, callee.function
        if function is not None:
            return call_contexts.call_function(evaluator, function, arguments, owner, context)
        if isinstance(owner, command_line.CommandLine):
            return command_line.parser_method(owner, name)
        operator = _OF_SETS.get(name, "") if isinstance(owner, (Items, Bag)) else ""
        if operator and len(arguments.positional) == 1:
            return operators.apply_operator(operator, one_of(owner), arguments.positional[0])
        model = text_method if isinstance(owner, str) else collection_method
        return model(owner, name, arguments).with_labels(arguments.source_labels)
    if isinstance(callee, Class):
        return instances.instantiate(evaluator, callee, arguments, context)
    if isinstance(callee, Instance):
        found = classes.class_attribute(evaluator, callee.cls, "__call__", callee)
        return call_any(evaluator, found, arguments, context)
    return UNKNOWN


_SUPER = External("super")
#: Methods of sets, and the operators that do the same.
_OF_SETS = {"intersection": "BitAnd", "union": "Add"}
#: Functions that give the names of the scope they are called in.
_NAMESPACES = frozenset({"locals", "vars"})
