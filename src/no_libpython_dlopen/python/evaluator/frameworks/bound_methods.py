"""What a base class in another module sees of the classes below it."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.python.evaluator import call_contexts
from no_libpython_dlopen.python.evaluator.abstract_values import Arguments, Function, Method
from no_libpython_dlopen.python.evaluator.other_modules import KnownResult, common_part
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import parameters


def known_result(evaluator: Evaluator, method: Any) -> KnownResult | None:
    """Return a method that overrides a base's as that one calls it; ``None`` for one with arguments."""
    function = method.function if isinstance(method, Method) else method
    if not isinstance(function, Function) or evaluator.nested_methods:
        return None
    params = (
        function.scope.node.params if isinstance(function.scope.node, cst.FunctionDef) else None
    )
    receiver = method.owner if isinstance(method, Method) else None
    if params is None or len(list(parameters(params))) != (receiver is not None):
        return None
    evaluator.nested_methods += 1
    try:
        found = call_contexts.call_function(evaluator, function, Arguments(), receiver, None)
    finally:
        evaluator.nested_methods -= 1
    return KnownResult(common_part(found))


def attributes_set_first(cls: Class) -> frozenset[str]:
    """Return the attributes that a class's ``__init__`` always sets, whatever subclasses have."""
    found = set[str]()
    for binding in cls.scope.exit.get("__init__", ()):
        node = binding.node
        several = parameters(node.params) if isinstance(node, cst.FunctionDef) else []
        for line in node.body.body if isinstance(node, cst.FunctionDef) and several else ():
            for one in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                targets = (
                    [each.target for each in one.targets] if isinstance(one, cst.Assign) else []
                )
                found |= {
                    each.attr.value
                    for each in targets
                    if isinstance(each, cst.Attribute)
                    and isinstance(each.value, cst.Name)
                    and each.value.value == several[0].name.value
                }
    return frozenset(found)
