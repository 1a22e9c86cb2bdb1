"""Classes of the file: what calling one makes, and what its attributes are."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator import call_contexts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    Arguments,
    Bag,
    Class,
    Frame,
    Function,
    Instance,
    Items,
    Known,
    Mapping,
    Method,
    Values,
    of,
    union,
)
from no_libpython_dlopen.python.evaluator.models import methods, stdlib
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants


def made(evaluator: Evaluator, cls: Class, arguments: Arguments, frame: Frame | None) -> Values:
    """Return what calling a class of the file gives."""
    depth = frame.depth + 1 if frame is not None else 1
    init = class_attribute(evaluator, cls, "__init__", Instance(cls))
    inner: Frame | None = None
    if init.options and isinstance(init.options[0], Method) and depth <= call_contexts.MAX_DEPTH:
        function = init.options[0].function
        if function is not None:
            inner = call_contexts.frame_of(
                evaluator, function.scope, arguments, Instance(cls), depth=depth
            )
    elif arguments.positional or arguments.keywords:  # a data class, or a named tuple
        fields = _fields(cls)
        given = dict(zip(fields, arguments.positional, strict=False)) | dict(arguments.keywords)
        inner = call_contexts.interned(evaluator, Frame(cls.scope, given))
    known_base = [base for base in bases_of(evaluator, cls) if isinstance(base, Known)]
    return union([of(Instance(cls, inner)), of(*(Known(f"{base.name}()") for base in known_base))])


def bases_of(evaluator: Evaluator, cls: Class, seen: tuple[Class, ...] = ()) -> list[Any]:
    """Return a class's bases, theirs included, the nearest first."""
    found: list[Any] = []
    node = cls.scope.node
    assert isinstance(node, cst.ClassDef)
    for argument in node.bases:
        for option in evaluator.values(argument.value).options:
            found.append(option)
            if isinstance(option, Class) and option not in (*seen, cls) and len(seen) < 8:
                found += bases_of(evaluator, option, (*seen, cls))
    return found


def attribute(evaluator: Evaluator, owner: Any, name: str) -> Values:
    """Return what ``owner.name`` may be; nothing where asking for it fails."""
    if owner is None:
        return Values()
    if isinstance(owner, Known):
        return stdlib.constant(f"{owner.name}.{name}")
    if isinstance(owner, str):
        found = methods.text_attribute(owner, name)
        return found if found is not None else of(Method(owner, name))
    if isinstance(owner, Items):
        index = {"major": 0, "minor": 1, "micro": 2, "system": 0, "sysname": 0}.get(name)
        if index is not None and index < len(owner.elements):
            return owner.elements[index].values
        return of(Method(owner, name))
    if isinstance(owner, Mapping):
        entries = [e.values for key, e in owner.entries if key == name]
        return union(entries) if entries else of(Method(owner, name))
    if isinstance(owner, Bag):
        return of(Method(owner, name))
    if isinstance(owner, Instance):
        frame = owner.frame
        if frame is not None and frame.scope is owner.cls.scope and name in frame.parameters:
            return frame.parameters[name]
        own = _stored(evaluator, owner.cls, name, frame)
        return class_attribute(evaluator, owner.cls, name, owner, own)
    if isinstance(owner, Class):
        return class_attribute(evaluator, owner, name, owner, _stored(evaluator, owner, name, None))
    return UNKNOWN


def attribute_of(evaluator: Evaluator, node: cst.Attribute, frame: Frame | None) -> Values:
    owner = evaluator.values(node.value, frame)
    found = [attribute(evaluator, option, node.attr.value) for option in owner.options]
    result = union(found) if found else UNKNOWN
    return Values(result.options, result.complete and owner.complete, result.flags | owner.flags)


def class_attribute(
    evaluator: Evaluator, cls: Class, name: str, owner: Any, own: list[Values] | None = None
) -> Values:
    found = list(own or ())
    for one in (cls, *bases_of(evaluator, cls)):
        if not isinstance(one, Class):
            continue
        bindings = one.scope.exit.get(name)
        if bindings:
            found += [_bound_to(evaluator, binding, owner) for binding in bindings]
            break
        if one is not cls:
            found += _stored(evaluator, one, name, None)
    return union(found) if found else UNKNOWN


def _bound_to(evaluator: Evaluator, binding: Binding, owner: Any) -> Values:
    if not isinstance(binding.node, cst.FunctionDef):
        return evaluator.bound(binding)
    scope = evaluator.flow.scopes[binding.node]
    names = call_contexts.decorators(binding.node)
    if "staticmethod" in names or (isinstance(owner, Class) and not names):
        return of(Function(scope))  # ``Base.__init__(self, name)`` names the object itself
    if "property" in names or "cached_property" in names:
        return call_contexts.run(evaluator, Function(scope), Arguments(), owner, None)
    return of(Method(owner, binding.name, Function(scope)))


def _stored(evaluator: Evaluator, cls: Class, name: str, frame: Frame | None) -> list[Values]:
    """Return what assignments to ``self.name`` and ``Class.name`` give."""
    found = []
    for base, binding in evaluator.flow.stores.get(name, ()):
        owners = evaluator.values(base).options
        if any(o == cls or (isinstance(o, Instance) and o.cls == cls) for o in owners):
            found.append(evaluator.bound(binding, frame))
    return found


def _fields(cls: Class) -> list[str]:
    """Return the names in a class body that can be fields, in their order."""
    names = [
        part.target.value
        for part in descendants(cls.scope.node)
        if isinstance(part, cst.AnnAssign) and isinstance(part.target, cst.Name)
    ]
    return names or list(cls.scope.bindings)
