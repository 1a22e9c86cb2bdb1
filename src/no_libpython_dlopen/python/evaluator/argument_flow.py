"""What a parameter may be, and the calls of the file that give it its value."""

from __future__ import annotations

from itertools import islice
from typing import Any

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_SUBCLASSES
from no_libpython_dlopen.python.dataflow.bindings import Binding, Scope
from no_libpython_dlopen.python.evaluator import call_contexts, calls, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
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
    iterate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.models.containers import item_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

_PARAMETRIZE = "pytest.mark.parametrize"


def parameter_value(evaluator: Evaluator, binding: Binding, context: Context) -> AbstractValue:
    """Return the value of a parameter: in one call, or in all calls of the file."""
    if context is not None and binding.name in context.parameters:
        return context.parameters[binding.name]
    scope = binding.scope
    owner = _owner(scope, binding)
    if owner is not None:
        cls = owner.cls if isinstance(owner, Instance) else owner
        several = [cls, *_subclasses(evaluator, cls)]
        return one_of(*map(Instance, several)) if isinstance(owner, Instance) else one_of(*several)
    found: list[AbstractValue] = []
    for _, arguments, receiver in callers(evaluator, scope):
        context = call_contexts.bind_arguments(evaluator, scope, arguments, receiver)
        found.append(context.parameters[binding.name])
    if not found:
        found = _values_from_pytest(evaluator, binding)
    if not found:
        default = [evaluator.evaluate(binding.value)] if binding.value is not None else []
        found = [*default, UNKNOWN]
    elif binding.value is not None:
        found.append(evaluator.evaluate(binding.value))
    return union(found).with_labels(FROM_PARAMETER)


def _values_from_pytest(evaluator: Evaluator, binding: Binding) -> list[AbstractValue]:
    """Return the values that pytest gives a parameter: of a mark, or of a fixture of its name."""
    node, parent = binding.scope.node, binding.scope.parent
    if not isinstance(node, cst.FunctionDef) or parent is None:
        return []
    found = []
    for one in node.decorators:
        mark = one.decorator
        if isinstance(mark, cst.Call) and evaluator.qualified_name(mark.func) == _PARAMETRIZE:
            given = calls.evaluate_arguments(evaluator, mark)
            names, rows = given.get(0, "argnames"), given.get(1, "argvalues")
            if names is not None and rows is not None:
                found += _values_in_rows(names, rows, binding.name)
    for bindings in (one.exit.get(binding.name, ()) for one in (parent, parent.module)):
        for fixture in bindings if not found else ():
            if fixture.node is not node and evaluator.dataflow.is_fixture(fixture.node):
                function = Function(evaluator.dataflow.scopes[fixture.node])
                made = calls.call_alternative(evaluator, function, Arguments(), None)
                bags = (each.values for each in made.alternatives if isinstance(each, Bag))
                found.append(union([made, *bags]))
    return found


def _values_in_rows(names: AbstractValue, rows: AbstractValue, name: str) -> list[AbstractValue]:
    """Return what the rows of ``pytest.mark.parametrize`` give one of its names."""
    listed = iterate(names) if isinstance(names.only, Items) else names
    several = [
        part.strip()
        for one in listed.alternatives
        if isinstance(one, str)
        for part in one.split(",")
    ]
    if name not in several:
        return []
    index = several.index(name)
    each = iterate(rows)
    picked = [
        item_of(one, index) if isinstance(one, Items) else one_of(one)
        for one in each.alternatives
        if len(several) == 1 or isinstance(one, Items)
    ]
    return [union(picked).part_of(each).with_labels(FROM_CANDIDATES)]


def _owner(scope: Scope, binding: Binding) -> Any:
    """Return the value of ``self`` or ``cls``; ``None`` for other parameters."""
    parent = scope.parent
    node = scope.node
    if parent is None or not parent.is_class or not isinstance(node, cst.FunctionDef):
        return None
    params = [*node.params.posonly_params, *node.params.params]
    if call_contexts.is_static(scope) or not params or params[0] is not binding.node:
        return None
    is_class = "classmethod" in call_contexts.decorator_names(node) or node.name.value == "__new__"
    return Class(parent) if is_class else Instance(Class(parent))


def _subclasses(evaluator: Evaluator, cls: Class) -> list[Class]:
    """Return the classes of the file that inherit from one."""
    scopes = evaluator.dataflow.scopes.items()
    several = (Class(to) for node, to in scopes if isinstance(node, cst.ClassDef) and node.bases)
    found = (one for one in list(several) if one != cls and cls in classes.bases_of(evaluator, one))
    known = list(islice(found, PYTHON_SUBCLASSES + 1))
    if len(known) > PYTHON_SUBCLASSES:
        analysis.note_limit(PYTHON_SUBCLASSES)
    return known[:PYTHON_SUBCLASSES]


def callers(evaluator: Evaluator, scope: Scope) -> list[tuple[cst.Call, Arguments, Any]]:
    """Return every live call of a function in the file, with its arguments."""
    found: list[tuple[cst.Call, Arguments, Any]] = []
    for node in _named_calls(evaluator, scope):
        for callee in evaluator.evaluate(node.func).alternatives:
            function, receiver = callee, None
            if isinstance(callee, Method):
                function, receiver = callee.function, callee.owner
            elif isinstance(callee, Class):
                function, receiver = _constructor(evaluator, callee, scope)
            elif isinstance(callee, Instance):
                found_call = classes.class_attribute(evaluator, callee.cls, "__call__", callee).only
                if isinstance(found_call, Method):
                    function, receiver = found_call.function, callee
            elif isinstance(callee, External):
                through = _calls_through(evaluator, callee.name, node, scope)
                found += [(node, given, None) for given in through]
            if isinstance(function, Function) and function.scope is scope:
                found.append((node, calls.evaluate_arguments(evaluator, node), receiver))
    return found


def _constructor(evaluator: Evaluator, cls: Class, scope: Scope) -> tuple[Any, Any]:
    """Return the function that makes an object of a class, and what it is called on."""
    if isinstance(scope.node, cst.FunctionDef) and scope.node.name.value == "__new__":
        found = classes.class_attribute(evaluator, cls, "__new__", cls)
        return (found.alternatives[0] if found.alternatives else None), cls
    found = classes.class_attribute(evaluator, cls, "__init__", Instance(cls))
    one = found.alternatives[0] if found.alternatives else None
    return (one.function if isinstance(one, Method) else None), Instance(cls)


def _calls_through(
    evaluator: Evaluator, name: str, node: cst.Call, scope: Scope
) -> list[Arguments]:
    """Return the arguments of the calls that ``map`` and ``partial`` make of a function."""
    arguments = calls.evaluate_arguments(evaluator, node)
    several = arguments.positional
    if not several or not any(
        isinstance(one, Function) and one.scope is scope for one in several[0].alternatives
    ):
        return []
    if name == "map":
        return [Arguments(tuple(map(iterate, several[1:])))]
    if name == "functools.partial" or name.endswith((".submit", "()")):
        return [Arguments(several[1:], arguments.keywords, False)]
    return []


def _named_calls(evaluator: Evaluator, scope: Scope) -> list[cst.Call]:
    """Return the calls that could be of a function: by its name, or handing it on."""
    node = scope.node
    name = node.name.value if isinstance(node, cst.FunctionDef) else ""
    names = {name}
    owner = scope.parent.node if scope.parent is not None else None
    if name == "__call__" and isinstance(owner, cst.ClassDef):
        names.add(f"{owner.name.value}()")
    if isinstance(owner, cst.FunctionDef):  # which may return it
        names.add(f"{owner.name.value}()")
    if name in ("__init__", "__new__"):
        names |= {owner.name.value, "cls"} if isinstance(owner, cst.ClassDef) else set()
    return evaluator.call_graph.calls(node, names)
