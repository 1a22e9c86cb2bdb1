"""Classes of the file: what calling one makes, and what its attributes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_BASES, PYTHON_CALLS
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
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
from no_libpython_dlopen.python.evaluator.other_modules import (
    ImportedModule,
    ImportedObject,
    common_part,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants


@dataclass(frozen=True, slots=True)
class Super:
    """The value of ``super()`` in a method of a class: the object as its bases see it."""

    cls: Class
    owner: Any


def super_of(evaluator: Evaluator, node: cst.Call, context: Context) -> AbstractValue:
    """Return the value of ``super()``, by the method that the call is in."""
    scope = evaluator.dataflow.live_expressions.get(node)
    while scope is not None and isinstance(scope.node, cst.Lambda):
        scope = scope.parent
    parent = scope.parent if scope is not None else None
    if scope is None or parent is None or not isinstance(scope.node, cst.FunctionDef):
        return UNKNOWN
    several = [*scope.node.params.posonly_params, *scope.node.params.params]
    if not parent.is_class or not several:
        return UNKNOWN
    bindings = scope.bindings.get(several[0].name.value, ())[:1]
    owners = union(evaluator.binding_value(one, context) for one in bindings)
    found = one_of(*(Super(Class(parent), one) for one in owners.alternatives))
    return found if found.alternatives else UNKNOWN


def instantiate(
    evaluator: Evaluator, cls: Class, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling a class of the file."""
    depth = context.depth + 1 if context is not None else 1
    init = class_attribute(evaluator, cls, "__init__", Instance(cls))
    inner: Context = None
    method = init.alternatives[0] if init.alternatives else None
    if isinstance(method, ImportedObject):
        inner = _context_from_base(evaluator, cls, arguments)
    elif isinstance(method, Method) and depth <= PYTHON_CALLS:
        if method.function is not None:
            scope, owner = method.function.scope, Instance(cls)
            inner = call_contexts.bind_arguments(evaluator, scope, arguments, owner, depth=depth)
    elif arguments.positional or arguments.keywords:  # a data class, or a named tuple
        fields = _fields(cls)
        given = dict(zip(fields, arguments.positional, strict=False)) | dict(arguments.keywords)
        inner = call_contexts.intern(evaluator, CallContext(cls.scope, given))
    names = [base.name for base in bases_of(evaluator, cls) if isinstance(base, External)]
    return one_of(Instance(cls, inner), *(External(f"{name}()") for name in names))


def _context_from_base(evaluator: Evaluator, cls: Class, arguments: Arguments) -> Context:
    """Return the context of an object of a class whose base in another module initialises it."""
    for one in bases_of(evaluator, cls):
        if isinstance(one, ImportedObject) and isinstance(one.option, Class):
            with analysis.other_file():
                made = one.module.call(one.option, arguments, "")
            options = (
                each.option for each in made.alternatives if isinstance(each, ImportedObject)
            )
            context = next((each.context for each in options if isinstance(each, Instance)), None)
            if context is not None:
                return call_contexts.intern(evaluator, CallContext(cls.scope, {}, parent=context))
    return None


def members(evaluator: Evaluator, option: Any) -> AbstractValue | None:
    """Return the members of an enumeration of the file; ``None`` for anything else."""
    if not isinstance(option, Class) or not isinstance(option.scope.node, cst.ClassDef):
        return None
    names = (one.name for one in bases_of(evaluator, option) if isinstance(one, External))
    if not any(name.startswith("enum.") for name in names):
        return None
    several = (one for bindings in option.scope.exit.values() for one in bindings)
    plain = [one for one in several if one.kind is BindingKind.VALUE]
    return union(evaluator.binding_value(one) for one in plain)


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
        own = _stored_values(evaluator, owner, name, None)
        with analysis.other_file():
            return union([*own, owner.module.attribute(name, f"{owner.name}.{name}")])
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
    if isinstance(owner, Super):
        found = class_attribute(evaluator, owner.cls, name, owner.owner, is_base=True)
        return found if found.alternatives else stdlib.external(f"super().{name}")
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
    evaluator: Evaluator,
    cls: Class,
    name: str,
    owner: Any,
    own: list[AbstractValue] | None = None,
    *,
    is_base: bool = False,
) -> AbstractValue:
    """Return the value of a class's attribute, with ``is_base`` as the classes above it have it."""
    found = list(own or ())
    for one in (*(() if is_base else (cls,)), *bases_of(evaluator, cls)):
        if isinstance(one, ImportedObject) and isinstance(one.option, Class) and not found:
            base = _view_of_base(evaluator, cls, owner, one.option, {name} if is_base else set())
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


def _view_of_base(
    evaluator: Evaluator, cls: Class, owner: Any, base: Class, hidden: set[str]
) -> Class | Instance:
    """Return a class, or its object, as a base class in another module sees it.

    It keeps the attributes of its own that mean the same in every module, but for the hidden.
    """
    given: dict[str, AbstractValue] = {}
    own = [cls, *(one for one in bases_of(evaluator, cls) if isinstance(one, Class))]
    for one in reversed(own):
        for name, bindings in one.scope.exit.items():
            values = union(_bind_method(evaluator, each, owner) for each in bindings)
            given[name] = common_part(values)
    for name in evaluator.dataflow.attribute_stores:
        stored = [values for one in own for values in _stored_values(evaluator, one, name, None)]
        if stored:
            given[name] = common_part(union([*stored, given.get(name, AbstractValue())]))
    given = {name: values for name, values in given.items() if name not in hidden}
    made = owner.context if isinstance(owner, Instance) else None
    parent = made.parent if made is not None and made.scope is cls.scope else None
    if not given:
        return Instance(base, parent) if isinstance(owner, Instance) else base
    context = CallContext(base.scope, given, parent=parent)
    return Instance(base, call_contexts.intern(evaluator, context))


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
    evaluator: Evaluator, owner: Class | ImportedModule, name: str, context: Context
) -> list[AbstractValue]:
    """Return the value of assignments to ``self.name``, ``Class.name`` and ``module.name``."""
    found = []
    for base, binding in evaluator.dataflow.attribute_stores.get(name, ()):
        owners = evaluator.evaluate(base).alternatives
        if any(o == owner or (isinstance(o, Instance) and o.cls == owner) for o in owners):
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
