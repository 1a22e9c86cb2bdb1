"""Attributes of objects: values that are stored from anywhere, and what bases see of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.evaluator import call_contexts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    Class,
    Context,
    Function,
    Instance,
    Method,
)
from no_libpython_dlopen.python.evaluator.frameworks import command_line
from no_libpython_dlopen.python.evaluator.other_modules import (
    ImportedModule,
    KnownResult,
    common_part,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import parameters


def known_result(evaluator: Evaluator, method: Any) -> KnownResult | None:
    """Return the result of a method for a base that calls it; ``None`` for one with arguments."""
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


def stored_values(
    evaluator: Evaluator,
    owner: Class | ImportedModule | command_line.CommandLine,
    name: str,
    context: Context,
) -> list[AbstractValue]:
    """Return the value of assignments to ``self.name``, ``Class.name`` and ``module.name``."""
    found = []
    flow = evaluator.dataflow
    for base, binding in flow.attribute_stores.get(name, ()):
        if binding in flow.replaced_attributes:
            continue
        owners = evaluator.evaluate(base).alternatives
        if any(o == owner or (isinstance(o, Instance) and o.cls == owner) for o in owners):
            found.append(evaluator.binding_value(binding, context))
    return found


def values_stored_by_name(evaluator: Evaluator, node: cst.Attribute) -> Iterator[AbstractValue]:
    """Yield the values stored in ``name.attribute`` elsewhere, of one object of a foreign class."""
    flow = evaluator.dataflow
    names = flow.bindings_of(node.value) if isinstance(node.value, cst.Name) else frozenset()
    if any(one.kind is BindingKind.IMPORTED for one in names):
        return
    for base, binding in flow.attribute_stores.get(node.attr.value, ()):
        is_read = binding not in flow.replaced_attributes
        if is_read and isinstance(base, cst.Name) and flow.bindings_of(base) & names:
            yield evaluator.binding_value(binding)
