"""What a call of a function opens because of what it is given.

A helper that opens whatever it is given is not at fault: its caller names libpython. In one
file the load is shown where it is, with its callers; from another module the call is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.limits import PYTHON_HELPERS
from no_libpython_dlopen.python.dataflow.bindings import Scope
from no_libpython_dlopen.python.dataflow.expression_walk import Candidate
from no_libpython_dlopen.python.evaluator import call_contexts, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    Bag,
    CallContext,
    Class,
    Context,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    Partial,
    one_of,
)
from no_libpython_dlopen.python.evaluator.frameworks import instances
from no_libpython_dlopen.python.evaluator.other_modules import KnownResult, Place
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.library_loads import LoadVisitor, inherited_library
from no_libpython_dlopen.python.loader_arguments import libpython_names

#: Decorators of methods that are called when the attribute is read.
_PROPERTIES = frozenset({"property", "cached_property"})
#: Values of a module that it may call.
_CALLED = (Function, Method, Class, Instance, Partial)


class HelperLoad(NamedTuple):
    """A library that a call opens, and what opens it: a call, or a class's name."""

    library_class: str
    names: AbstractValue
    node: Candidate | cst.Name
    #: Where that is, if yet another module does it.
    opened_at: Place | None = None
    #: The functions that lead to the call; those of this module begin with a dot.
    through: tuple[str, ...] = ()


def find_helper_load(evaluator: Evaluator, option: Any, given: Arguments) -> HelperLoad | None:
    """Return the load of libpython that a call of one of the module's objects makes.

    ``None`` where it makes none, or where the load is one without that call: it is found
    where it is written then.
    """
    if not _holds_name(option, given):
        return None
    for load in _loads(evaluator, option, given, 1):
        if libpython_names(load.names) and not _is_load_by_itself(evaluator, load.node):
            return load
    return None


def find_attribute_load(evaluator: Evaluator, owner: Any, name: str) -> HelperLoad | None:
    """Return the load of libpython that asking an object of the module for an attribute makes."""
    getter = _getter(evaluator, owner, name) if isinstance(owner, Instance) else None
    if getter is None:
        return None
    given = Arguments((one_of(name),)) if getter.name == "__getattr__" else Arguments()
    return find_helper_load(evaluator, getter, given)


def _getter(evaluator: Evaluator, owner: Instance, name: str) -> Method | None:
    """Return the method that Python calls for an attribute: a property's, or ``__getattr__``."""
    bases = (one for one in classes.bases_of(evaluator, owner.cls) if isinstance(one, Class))
    for cls in (owner.cls, *bases):
        for binding in cls.scope.exit.get(name, ()):
            node = binding.node
            if not isinstance(node, cst.FunctionDef):
                return None
            is_property = not _PROPERTIES.isdisjoint(call_contexts.decorator_names(node))
            function = Function(evaluator.dataflow.scopes[node])
            return Method(owner, name, function) if is_property else None
    if name in evaluator.dataflow.attribute_stores:
        return None
    found = classes.class_attribute(evaluator, owner.cls, "__getattr__", owner).only
    return found if isinstance(found, Method) else None


def _is_load_by_itself(evaluator: Evaluator, node: cst.CSTNode) -> bool:
    """Return whether the module's own names make an expression a load of libpython."""
    visitor = LoadVisitor(evaluator)
    visitor.on_visit(node)
    return any(one.libpython_names for one in visitor.loads)


def _loads(evaluator: Evaluator, callee: Any, given: Arguments, depth: int) -> Iterator[HelperLoad]:
    """Yield the loads of a call, its own and those of other functions of its module."""
    while isinstance(callee, Partial):
        given, callee = given.after(callee.arguments), callee.callee
    if depth > PYTHON_HELPERS:
        return
    if isinstance(callee, Class):
        inherited = inherited_library(evaluator, callee, given)
        if inherited is not None and isinstance(callee.scope.node, cst.ClassDef):
            yield HelperLoad(*inherited, callee.scope.node.name)
    context = _context_of_call(evaluator, callee, given, depth)
    if context is None:
        return
    name = _name_of(context.scope)
    for node in _calls_in(evaluator, context.scope.node):
        for one in _loads_of_call(evaluator, node, context, depth):
            yield one._replace(through=(name, *one.through))


def calls_made(
    evaluator: Evaluator, callee: Any, given: Arguments, depth: int = 1
) -> Iterator[tuple[cst.Call, CallContext]]:
    """Yield the calls that a call of ``callee`` makes, each with its context.

    Those in functions of the module follow to which the call passes a part of libpython's name.
    """
    while isinstance(callee, Partial):
        given, callee = given.after(callee.arguments), callee.callee
    context = _context_of_call(evaluator, callee, given, depth) if depth <= PYTHON_HELPERS else None
    if context is None:
        return
    for node in _calls_in(evaluator, context.scope.node):
        if not isinstance(node, cst.Call) or not _is_made(evaluator, node, context):
            continue
        yield node, context
        for inner in evaluator.evaluate(node.func, context).alternatives:
            if isinstance(inner, _CALLED):
                passed = call_contexts.evaluate_arguments(evaluator, node, context)
                if _holds_name(inner, passed):
                    yield from calls_made(evaluator, inner, passed, depth + 1)


def _context_of_call(
    evaluator: Evaluator, callee: Any, given: Arguments, depth: int
) -> CallContext | None:
    """Return the context of the function that a call enters, ``None`` where that is none."""
    if isinstance(callee, Instance):
        callee = classes.class_attribute(evaluator, callee.cls, "__call__", callee).only
    if isinstance(callee, Class):
        initialiser = classes.class_attribute(evaluator, callee, "__init__", Instance(callee))
        made = instances.instantiate(evaluator, callee, given, None).alternatives
        owner = next((one for one in made if isinstance(one, Instance)), Instance(callee))
        name, only = "__init__", initialiser.only
        if not isinstance(only, Method):  # of a data class
            name, given = "__post_init__", Arguments()
            only = classes.class_attribute(evaluator, callee, name, owner).only
        callee = Method(owner, name, only.function) if isinstance(only, Method) else None
    receiver: Any = None
    if isinstance(callee, Method):
        callee, receiver = callee.function, callee.owner
    if not isinstance(callee, Function):
        return None
    evaluator.dataflow.walk_function(callee.scope)
    return call_contexts.bind_arguments(
        evaluator, callee.scope, given, receiver, parent=callee.context, depth=depth
    )


def _name_of(scope: Scope) -> str:
    """Return the name of a function, with its class's, as an attribute of its module."""
    several = [one.node for one in (scope.parent, scope) if one is not None]
    named = (one.name.value for one in several if isinstance(one, (cst.FunctionDef, cst.ClassDef)))
    return "".join(f".{name}" for name in named)


def _calls_in(evaluator: Evaluator, function: cst.CSTNode) -> list[Candidate]:
    """Return the live calls and look-ups of a function, but those of the functions in it."""
    flow = evaluator.dataflow
    return [node for node, scope in flow.live_expressions.items() if scope.node is function]


def _is_made(evaluator: Evaluator, node: Candidate, context: CallContext) -> bool:
    return evaluator.may_hold(evaluator.dataflow.path_conditions[node], context)


def _loads_of_call(
    evaluator: Evaluator, node: Candidate, context: CallContext, depth: int
) -> Iterator[HelperLoad]:
    if isinstance(node, cst.Attribute):
        if isinstance(node.value, cst.Name):
            for owner in evaluator.evaluate(node.value, context).alternatives:
                is_own = isinstance(owner, Instance)
                getter = _getter(evaluator, owner, node.attr.value) if is_own else None
                if getter is not None and getter.name != "__getattr__":
                    yield from _loads(evaluator, getter, Arguments(), depth + 1)
        return
    if not _is_made(evaluator, node, context):
        return
    visitor = LoadVisitor(evaluator, context)
    visitor.on_visit(node)
    for one in visitor.loads:
        called = node.func if isinstance(node, cst.Call) else None
        own = (f".{called.value}",) if isinstance(called, cst.Name) else ()
        through = (*own, *one.opened_through)
        yield HelperLoad(one.library_class, one.names, one.node, one.opened_at, through)
    if visitor.loads or isinstance(node, cst.Subscript):
        return
    given: Arguments | None = None
    for callee in evaluator.evaluate(node.func, context).alternatives:
        if isinstance(callee, _CALLED):
            given = given or call_contexts.evaluate_arguments(evaluator, node, context)
            if _holds_name(callee, given):
                yield from _loads(evaluator, callee, given, depth + 1)


def _holds_name(option: Any, given: Arguments) -> bool:
    """Return whether what is called, or what it is given, holds a part of libpython's name."""
    while isinstance(option, Partial):
        given, option = given.after(option.arguments), option.callee
    context: Context = None
    if isinstance(option, Method) and isinstance(option.owner, Instance):
        context = option.owner.context
    elif isinstance(option, (Function, Instance)):
        context = option.context
    values = [*given.positional, *(value for _, value in given.keywords)]
    while context is not None:
        values += context.parameters.values()
        context = context.parent
    return any(map(may_name_libpython, values))


def may_name_libpython(value: AbstractValue) -> bool:
    """Return whether a value is, or holds, a text that may be a part of libpython's name."""
    for option in value.alternatives:
        if isinstance(option, str) and may_be_part(option, linked=True):
            return True
        inner: list[AbstractValue] = []
        if isinstance(option, (Items, Mapping)):
            entries = (
                option.elements if isinstance(option, Items) else dict(option.entries).values()
            )
            inner = [one.values for one in entries]
        elif isinstance(option, Bag):
            inner = [option.values]
        elif isinstance(option, KnownResult):
            inner = [option.value]
        if any(map(may_name_libpython, inner)):
            return True
    return False
