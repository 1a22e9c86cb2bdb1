"""Classes of the file: what calling one makes, and what its attributes are."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_BASES, PYTHON_CALLS
from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator import call_contexts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Arguments,
    Bag,
    CallContext,
    Class,
    Context,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    Partial,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.models import stdlib
from no_libpython_dlopen.python.evaluator.models.text_methods import text_attribute
from no_libpython_dlopen.python.evaluator.other_modules import ImportedModule, ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants


def instantiate(
    evaluator: Evaluator, cls: Class, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling a class of the file."""
    depth = context.depth + 1 if context is not None else 1
    init = class_attribute(evaluator, cls, "__init__", Instance(cls))
    inner: Context = None
    method = init.alternatives[0] if init.alternatives else None
    if isinstance(method, Method) and depth <= PYTHON_CALLS:
        if method.function is not None:
            scope, owner = method.function.scope, Instance(cls)
            inner = call_contexts.bind_arguments(evaluator, scope, arguments, owner, depth=depth)
    elif arguments.positional or arguments.keywords:  # a data class, or a named tuple
        fields = _fields(cls)
        given = dict(zip(fields, arguments.positional, strict=False)) | dict(arguments.keywords)
        inner = call_contexts.intern(evaluator, CallContext(cls.scope, given))
    names = [base.name for base in bases_of(evaluator, cls) if isinstance(base, External)]
    return one_of(Instance(cls, inner), *(External(f"{name}()") for name in names))


def bases_of(evaluator: Evaluator, cls: Class, seen: tuple[Class, ...] = ()) -> list[Any]:
    """Return a class's bases, theirs included, the nearest first."""
    found: list[Any] = []
    node = cls.scope.node
    assert isinstance(node, cst.ClassDef)
    for argument in node.bases:
        for option in evaluator.evaluate(argument.value).alternatives:
            found.append(option)
            if isinstance(option, Class) and option not in (*seen, cls):
                if len(seen) < PYTHON_BASES:
                    found += bases_of(evaluator, option, (*seen, cls))
                else:
                    analysis.note_limit(PYTHON_BASES)
    return found


def attribute_of_alternative(evaluator: Evaluator, owner: Any, name: str) -> AbstractValue:
    """Return the value of ``owner.name``; nothing where asking for it fails."""
    if owner is None:
        return AbstractValue()
    if isinstance(owner, External):
        is_itself = name == "__call__" and owner.name != "type"
        return one_of(owner) if is_itself else stdlib.external(f"{owner.name}.{name}")
    if isinstance(owner, Partial) and owner.callee == External("re.compile"):
        return one_of(Partial(External(f"re.{name}"), owner.arguments))
    if isinstance(owner, ImportedModule):
        with analysis.other_file():
            return owner.module.attribute(name, f"{owner.name}.{name}")
    if isinstance(owner, ImportedObject):
        with analysis.other_file():
            return owner.module.attribute_of(owner.option, name, f"{owner.name}.{name}")
    if isinstance(owner, str):
        found = text_attribute(owner, name)
        return found if found is not None else one_of(Method(owner, name))
    if isinstance(owner, Items):
        index = {"major": 0, "minor": 1, "micro": 2, "system": 0, "sysname": 0}.get(name)
        if index is not None and index < len(owner.elements):
            return owner.elements[index].values
        return one_of(Method(owner, name))
    if isinstance(owner, Mapping):
        entries = [e.values for key, e in owner.entries if key == name]
        return union(entries) if entries else one_of(Method(owner, name))
    if isinstance(owner, Bag):
        return one_of(Method(owner, name))
    if isinstance(owner, Instance):
        if name == "__class__":
            return one_of(owner.cls)
        context = owner.context
        if context is not None and context.scope is owner.cls.scope and name in context.parameters:
            return context.parameters[name]
        own = _stored_values(evaluator, owner.cls, name, context)
        return class_attribute(evaluator, owner.cls, name, owner, own)
    if isinstance(owner, Class):
        own = _stored_values(evaluator, owner, name, None)
        return class_attribute(evaluator, owner, name, owner, own)
    return UNKNOWN


def attribute(evaluator: Evaluator, node: cst.Attribute, context: Context) -> AbstractValue:
    owner = evaluator.evaluate(node.value, context)
    name = node.attr.value
    found = [attribute_of_alternative(evaluator, one, name) for one in owner.alternatives]
    return (union(found) if found else UNKNOWN).part_of(owner)


def class_attribute(
    evaluator: Evaluator, cls: Class, name: str, owner: Any, own: list[AbstractValue] | None = None
) -> AbstractValue:
    found = list(own or ())
    for one in (cls, *bases_of(evaluator, cls)):
        if isinstance(one, ImportedObject) and isinstance(one.option, Class) and not found:
            base = Instance(one.option) if isinstance(owner, Instance) else one.option
            found.append(one.module.attribute_of(base, name, f"{one.name}.{name}"))
        if isinstance(one, External) and one.name.startswith("unittest.") and not found:
            found.append(stdlib.external(f"{one.name}().{name}"))
        if not isinstance(one, Class):
            continue
        bindings = one.scope.exit.get(name)
        if bindings:
            found += [_bind_method(evaluator, binding, owner) for binding in bindings]
            break
        if one is not cls:
            found += _stored_values(evaluator, one, name, None)
    return union(found) if found else UNKNOWN


def _bind_method(evaluator: Evaluator, binding: Binding, owner: Any) -> AbstractValue:
    if not isinstance(binding.node, cst.FunctionDef):
        return evaluator.binding_value(binding)
    scope = evaluator.dataflow.scopes[binding.node]
    names = call_contexts.decorator_names(binding.node)
    if "staticmethod" in names or (isinstance(owner, Class) and not names):
        return one_of(Function(scope))  # ``Base.__init__(self, name)`` names the object itself
    if "property" in names or "cached_property" in names:
        return call_contexts.call_function(evaluator, Function(scope), Arguments(), owner, None)
    return one_of(Method(owner, binding.name, Function(scope)))


def _stored_values(
    evaluator: Evaluator, cls: Class, name: str, context: Context
) -> list[AbstractValue]:
    """Return the value of assignments to ``self.name`` and ``Class.name``."""
    found = []
    for base, binding in evaluator.dataflow.attribute_stores.get(name, ()):
        owners = evaluator.evaluate(base).alternatives
        if any(o == cls or (isinstance(o, Instance) and o.cls == cls) for o in owners):
            found.append(evaluator.binding_value(binding, context))
    return found


def _fields(cls: Class) -> list[str]:
    """Return the names in a class body that can be fields, in their order."""
    names = [
        part.target.value
        for part in descendants(cls.scope.node)
        if isinstance(part, cst.AnnAssign) and isinstance(part.target, cst.Name)
    ]
    return names or list(cls.scope.bindings)
