"""Which parameters of a function are programs that it hands to a Python."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Function, Method
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.programs.program_sinks import program_arguments
from no_libpython_dlopen.python.syntax.parse import descendants


def run_parameters(evaluator: Evaluator, option: Any) -> tuple[tuple[int, str], ...]:
    """Return the parameters that a function hands to a Python as programs.

    They are positions in a call, and names.
    """
    function = option.function if isinstance(option, Method) else option
    if not isinstance(function, Function):
        return ()
    evaluator.dataflow.walk_function(function.scope)
    found: dict[str, None] = {}
    for node, scope in list(evaluator.dataflow.live_expressions.items()):
        if scope is not function.scope or not isinstance(node, cst.Call):
            continue
        for given in program_arguments(evaluator, node):
            for part in descendants(given):
                bindings = (
                    evaluator.dataflow.bindings_of(part) if isinstance(part, cst.Name) else ()
                )
                found |= {
                    one.name: None
                    for one in bindings
                    if one.kind is BindingKind.PARAMETER and one.scope is scope
                }
    definition = function.scope.node
    assert isinstance(definition, (cst.FunctionDef, cst.Lambda))
    listed = (*definition.params.posonly_params, *definition.params.params)
    params = [one.name.value for one in listed]
    params = params[1:] if isinstance(option, Method) else params
    return tuple((params.index(one) if one in params else -1, one) for one in found)
