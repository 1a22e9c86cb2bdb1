"""What a parameter may be, and the calls of the file that give it its value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_SUBCLASSES
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions, Scope
from no_libpython_dlopen.python.evaluator import call_contexts, classes, subscripts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    UNKNOWN,
    AbstractValue,
    Arguments,
    CallContext,
    Class,
    Context,
    External,
    Function,
    Instance,
    Method,
    Partial,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.frameworks import command_line, runners
from no_libpython_dlopen.python.evaluator.frameworks.handed_calls import (
    calls_made_by,
    is_described,
    without_partial,
)
from no_libpython_dlopen.python.evaluator.narrowing.one_call import texts_in_call
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants, last_word

#: Of more candidates that a loop gives a call it is not asked which reach a load.
_MAX_CANDIDATES = 16
#: Methods that Python calls for what is looked up in an object.
_LOOK_UPS: dict[str, type] = {
    "__getitem__": cst.Subscript,
    "__missing__": cst.Subscript,
    "__getattr__": cst.Attribute,
}


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
    called = [(given, receiver) for _, given, receiver in callers(evaluator, scope)]
    for given, receiver in (*called, *_look_ups(evaluator, scope)):
        bound = call_contexts.bind_arguments(evaluator, scope, given, receiver)
        found.append(bound.parameters[binding.name])
    if not found:
        found = runners.values_of(evaluator, binding)
    found += command_line.decorated_values(evaluator, scope.node, binding.name)
    if not found:
        default = [evaluator.evaluate(binding.value)] if binding.value is not None else []
        found = [*default, UNKNOWN]
    elif binding.value is not None:
        found.append(evaluator.evaluate(binding.value))
    return union(found).with_labels(FROM_PARAMETER)


def narrow_by_calls(
    evaluator: Evaluator,
    scope: Scope,
    argument: cst.BaseExpression,
    conditions: Conditions,
    values: AbstractValue,
) -> AbstractValue:
    """Return the value of an argument in those calls of its function that reach it.

    Where it is not known in one of these, the given values are returned.
    """
    if not isinstance(scope.node, cst.FunctionDef) or not conditions:
        return values
    several = [(given, receiver) for _, given, receiver in callers(evaluator, scope)]
    if not several:
        return values
    contexts = [call_contexts.bind_arguments(evaluator, scope, *one) for one in several]
    default = call_contexts.bind_arguments(evaluator, scope, Arguments(), several[0][1])
    if all(one.exhaustive for one in default.parameters.values()):
        contexts.append(default)
    each = (one for context in contexts for one in _calls_one_by_one(evaluator, context))
    live = [one for one in each if evaluator.may_hold(conditions, one)]
    found = []
    for one in live:
        with evaluator.assume(texts_in_call(evaluator, conditions, one)):
            found.append(evaluator.evaluate(argument, one))
    narrowed = union(found).with_labels(values.labels)
    return narrowed if narrowed.exhaustive else values


def _calls_one_by_one(evaluator: Evaluator, context: CallContext) -> Iterator[CallContext]:
    """Yield the contexts of a call in a loop, one for each candidate that it is given."""
    for name, value in context.parameters.items():
        several = value.alternatives if value.labels & FROM_CANDIDATES and value.exhaustive else ()
        if 1 < len(several) <= _MAX_CANDIDATES:
            for one in several:
                given = {**context.parameters, name: one_of(one)}
                yield evaluator.intern(replace(context, parameters=given))
            return
    yield context


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
    return call_contexts.once(evaluator, ("callers", scope), lambda: _callers(evaluator, scope))


def _callers(evaluator: Evaluator, scope: Scope) -> list[tuple[cst.Call, Arguments, Any]]:
    found: list[tuple[cst.Call, Arguments, Any]] = []
    for node in _named_calls(evaluator, scope):
        if not evaluator.may_hold(evaluator.dataflow.path_conditions[node], None):
            continue
        for callee in evaluator.evaluate(node.func).alternatives:
            added = Arguments()
            if isinstance(callee, Partial):
                callee, added = without_partial(callee)
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
                found += [(node, given, owner) for given, owner in through]
            if isinstance(function, Function) and (
                function.scope is scope or _is_named(function.scope, _dispatcher(scope))
            ):
                given = call_contexts.evaluate_arguments(evaluator, node).after(added)
                found.append((node, given, receiver))
            elif isinstance(function, Function):
                through = _calls_by_function(evaluator, function, receiver, node, scope)
                found += [(node, given, owner) for given, owner in through]
    return found


def _calls_by_function(
    evaluator: Evaluator, function: Function, receiver: Any, node: cst.Call, scope: Scope
) -> Iterator[tuple[Arguments, Any]]:
    """Yield the arguments with which a function of the file calls one that ``node`` passes to it."""
    inner = function.scope
    passed = [one.value for one in node.args]
    others = [one for one in passed if not _names_function(evaluator, one, scope)]
    # Where the caller's own parameters are all that it passes, evaluating them may take long.
    if len(others) == len(passed) or all(_is_parameter(evaluator, one) for one in others):
        return
    within = (one for one in descendants(inner.node) if isinstance(one, cst.Call))
    calls = [one for one in within if _calls_parameter(evaluator, one, inner)]
    if not calls:
        return
    given = call_contexts.evaluate_arguments(evaluator, node)
    context = call_contexts.bind_arguments(
        evaluator, inner, given, receiver, parent=function.context
    )
    for call in calls:
        for one in evaluator.evaluate(call.func, context).alternatives:
            called, owner = (one.function, one.owner) if isinstance(one, Method) else (one, None)
            if isinstance(called, Function) and called.scope is scope:
                yield call_contexts.evaluate_arguments(evaluator, call, context), owner


def _names_function(evaluator: Evaluator, node: cst.BaseExpression, scope: Scope) -> bool:
    """Return whether an argument may be the function of a scope, by its name or as a lambda."""
    name = scope.node.name.value if isinstance(scope.node, cst.FunctionDef) else None
    if last_word(node) != name:
        return node is scope.node
    bound = evaluator.dataflow.bindings_of(node) if isinstance(node, cst.Name) else ()
    return not bound or any(one.node is scope.node for one in bound)


def _calls_parameter(evaluator: Evaluator, node: cst.Call, scope: Scope) -> bool:
    """Return whether a call stands in a function itself, and is of one of its parameters."""
    is_own = evaluator.dataflow.live_expressions.get(node) is scope
    return is_own and _is_parameter(evaluator, node.func)


def _is_parameter(evaluator: Evaluator, node: cst.BaseExpression) -> bool:
    """Return whether an expression is a parameter of the function that it stands in."""
    bound = evaluator.dataflow.bindings_of(node) if isinstance(node, cst.Name) else ()
    return any(one.kind is BindingKind.PARAMETER for one in bound)


def _look_ups(evaluator: Evaluator, scope: Scope) -> Iterator[tuple[Arguments, Instance]]:
    """Yield the arguments of methods that Python calls for ``owner[key]`` or ``owner.name``."""
    method = scope.node.name.value if isinstance(scope.node, cst.FunctionDef) else ""
    if method not in _LOOK_UPS or scope.parent is None or not scope.parent.is_class:
        return
    for node in list(evaluator.dataflow.live_expressions):
        if isinstance(node, cst.Call) or not isinstance(node, _LOOK_UPS[method]):
            continue
        for owner in evaluator.evaluate(node.value).alternatives:
            if not isinstance(owner, Instance) or owner.cls.scope is not scope.parent:
                continue
            if isinstance(node, cst.Subscript):
                yield Arguments((subscripts.key_of(evaluator, node, None),)), owner
            elif node.attr.value not in scope.parent.bindings:
                yield Arguments((one_of(node.attr.value),)), owner


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
) -> Iterator[tuple[Arguments, Any]]:
    """Yield the arguments of the calls that ``map``, a thread and the like make of a function.

    With them comes the object whose method is called.
    """

    def is_it(callee: Any) -> bool:
        function = callee.function if isinstance(callee, Method) else callee
        return isinstance(function, Function) and function.scope is scope

    def owner_of(callee: Any) -> Any:
        return callee.owner if isinstance(callee, Method) else None

    given = call_contexts.evaluate_arguments(evaluator, node)
    several = given.positional
    if several and (name == "functools.partial" or name.endswith("()")):
        rest = Arguments(several[1:], given.keywords, complete=False)
        yield from ((rest, owner_of(one)) for one in several[0].alternatives if is_it(one))
        return
    for callee, own in calls_made_by(name, given, lambda one, _: is_it(one)):
        function, added = without_partial(callee)
        if is_it(function):
            own = own.after(added)
            yield replace(own, complete=own.complete and is_described(name)), owner_of(function)


def _dispatcher(scope: Scope) -> str:
    """Return the function of ``functools.singledispatch`` that calls one that is registered."""
    for one in scope.node.decorators if isinstance(scope.node, cst.FunctionDef) else ():
        mark = one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator
        if isinstance(mark, cst.Attribute) and mark.attr.value == "register":
            return last_word(mark.value)
    return ""


def _is_named(scope: Scope, name: str) -> bool:
    node = scope.node
    return isinstance(node, cst.FunctionDef) and node.name.value == name


def _named_calls(evaluator: Evaluator, scope: Scope) -> list[cst.Call]:
    """Return calls that may invoke a function: by its name, or with it as an argument."""
    node = scope.node
    name = node.name.value if isinstance(node, cst.FunctionDef) else ""
    names = {name}
    owner = scope.parent.node if scope.parent is not None else None
    if name == "__call__" and isinstance(owner, cst.ClassDef):
        names.add(f"{owner.name.value}()")
    if isinstance(owner, cst.FunctionDef):  # which may return it
        names.add(f"{owner.name.value}()")
    names |= {_dispatcher(scope)} - {""}
    if name in ("__init__", "__new__"):
        names |= {owner.name.value, "cls"} if isinstance(owner, cst.ClassDef) else set()
    return evaluator.call_graph.calls(node, names)
