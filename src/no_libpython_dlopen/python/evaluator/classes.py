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
    FROM_CANDIDATES,
    FROM_PARAMETER,
    FROM_PLATFORM,
    UNKNOWN,
    AbstractValue,
    Arguments,
    Bag,
    CallContext,
    Class,
    Context,
    Element,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    Partial,
    cut_by,
    iterate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.frameworks import (
    class_parameters,
    command_line,
    data_classes,
    enumerations,
    object_attributes,
)
from no_libpython_dlopen.python.evaluator.models import stdlib
from no_libpython_dlopen.python.evaluator.models.records import Record
from no_libpython_dlopen.python.evaluator.models.text_methods import text_attribute
from no_libpython_dlopen.python.evaluator.other_modules import (
    ImportedModule,
    ImportedObject,
    common_part,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


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


def iteration_values(evaluator: Evaluator, option: Any) -> AbstractValue | None:
    """Return the members of an enumeration of the file, or what an object of it iterates over.

    ``None`` for anything else.
    """
    several = call_special(evaluator, option, "__iter__")
    if several is not None:
        return iterate(several)
    if isinstance(option, Class):
        members = _members(evaluator, option)
        return members.any_value if members is not None else None
    if isinstance(option, ImportedObject) and isinstance(option.option, Class):
        with analysis.other_file():
            found = option.module.attribute_of(option.option, "__members__", "").only
        return found.any_value if isinstance(found, Mapping) else None
    return None


def _members(evaluator: Evaluator, cls: Class) -> Mapping | None:
    """Return the members of an enumeration; ``None`` for another class."""
    if not _is_enumeration(evaluator, cls):
        return None
    bound = (one for bindings in cls.scope.exit.values() for one in bindings)
    plain = filter(enumerations.is_member, bound)
    return Mapping(tuple((one.name, Element(None, _member(evaluator, cls, one))) for one in plain))


def _is_enumeration(evaluator: Evaluator, cls: Class) -> bool:
    is_class = isinstance(cls.scope.node, cst.ClassDef)
    return is_class and enumerations.has_members(bases_of(evaluator, cls))


def _member(evaluator: Evaluator, cls: Class, binding: Binding) -> AbstractValue:
    """Return a member of an enumeration: its value, or an object where methods tell them apart."""
    values = evaluator.binding_value(binding)
    own = enumerations.methods_of_members(evaluator, (cls, *bases_of(evaluator, cls)))
    if not own:
        return values
    known = values if "__new__" not in own else UNKNOWN
    fields = {name: known for name in ("value", "_value_") if name not in own}
    member = Instance(cls, evaluator.intern(CallContext(cls.scope, fields)))
    if own <= enumerations.SHOWN.keys() and values.certain is not None:
        shown = (call_special(evaluator, member, one, *enumerations.SHOWN[one]) for one in own)
        if all(one is not None and one.certain == values.certain for one in shown):
            return values
    return one_of(member)


def values_of_members(evaluator: Evaluator, members: AbstractValue) -> AbstractValue:
    """Return the values of members of an enumeration."""
    return union(
        attribute_of_alternative(evaluator, one, "value")
        if isinstance(one, Instance)
        else one_of(one)
        for one in members.alternatives
    ).part_of(members)


def call_special(
    evaluator: Evaluator, owner: Any, name: str, *given: AbstractValue, context: Context = None
) -> AbstractValue | None:
    """Return the result of a method that Python itself calls; ``None`` where there is none."""
    if isinstance(owner, ImportedObject) and isinstance(owner.option, Instance):
        with analysis.other_file():
            methods = owner.module.attribute_of(owner.option, name, "").alternatives
            answers = [
                one.module.call(one.option, Arguments(given), "")
                for one in methods
                if isinstance(one, ImportedObject) and isinstance(one.option, Method)
            ]
        return union(answers) if answers else None
    if not isinstance(owner, Instance):
        return None
    if evaluator.nested_methods >= PYTHON_CALLS:
        return cut_by(PYTHON_CALLS)
    evaluator.nested_methods += 1
    try:
        several = class_attribute(evaluator, owner.cls, name, owner).alternatives
        found = [
            call_contexts.call_function(evaluator, one.function, Arguments(given), owner, context)
            for one in several
            if isinstance(one, Method) and one.function is not None
        ]
    finally:
        evaluator.nested_methods -= 1
    return union(found) if found else None


def enter_value(evaluator: Evaluator, option: Any) -> AbstractValue:
    """Return the value that ``with`` gives its target."""
    if isinstance(option, Bag):  # of a generator
        return option.values
    found = call_special(evaluator, option, "__enter__")
    return found if found is not None else one_of(option)


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
    if isinstance(owner, command_line.CommandLine):
        own = object_attributes.stored_values(evaluator, owner, name, None)
        return union([*own, command_line.option_of(evaluator, owner, name)])
    if isinstance(owner, External):
        flag = command_line.flag_of(evaluator, owner.name, name)
        if flag is not None:
            return flag
        is_itself = name == "__call__" and owner.name != "type"
        return one_of(owner) if is_itself else stdlib.external(f"{owner.name}.{name}")
    if isinstance(owner, Partial) and owner.callee == External("re.compile"):
        return one_of(Partial(External(f"re.{name}"), owner.arguments))
    if isinstance(owner, ImportedModule):
        own = object_attributes.stored_values(evaluator, owner, name, None)
        with analysis.other_file():
            return union([*own, owner.module.attribute(name, f"{owner.name}.{name}")])
    if isinstance(owner, ImportedObject):
        with analysis.other_file():
            return owner.module.attribute_of(owner.option, name, f"{owner.name}.{name}")
    if isinstance(owner, str):
        found = text_attribute(owner, name)
        return found if found is not None else one_of(Method(owner, name))
    if isinstance(owner, (Items, Mapping, Bag)):
        return _attribute_of_collection(evaluator, owner, name)
    if isinstance(owner, Instance):
        return _attribute_of_instance(evaluator, owner, name)
    if isinstance(owner, Super):
        found = class_attribute(evaluator, owner.cls, name, owner.owner, is_base=True)
        return found if found.alternatives else stdlib.external(f"super().{name}")
    if isinstance(owner, Class):
        members = _members(evaluator, owner) if name == "__members__" else None
        if members is not None:
            return one_of(members)
        own = object_attributes.stored_values(evaluator, owner, name, None)
        return class_attribute(evaluator, owner, name, owner, own)
    return UNKNOWN


def _attribute_of_collection(
    evaluator: Evaluator, owner: Items | Mapping | Bag, name: str
) -> AbstractValue:
    """Return a field of a named tuple or a namespace, or a collection's method."""
    found: AbstractValue | None = None
    if isinstance(owner, Record):
        found = owner.field(name)
        if found is None and owner.instance is not None:
            of_class = attribute_of_alternative(evaluator, owner.instance, name)
            found = of_class if of_class.alternatives else None
    elif isinstance(owner, Items) and name == "value":  # of a member of an enumeration
        found = one_of(owner)
    elif isinstance(owner, Items):
        index = {"major": 0, "minor": 1, "micro": 2, "system": 0, "sysname": 0}.get(name)
        if index is not None and index < len(owner.elements):
            found = owner.elements[index].values
    elif isinstance(owner, Mapping):
        entries = [one.values for key, one in owner.entries if key == name]
        found = union(entries) if entries else None
    return found if found is not None else one_of(Method(owner, name))


def _attribute_of_instance(evaluator: Evaluator, owner: Instance, name: str) -> AbstractValue:
    """Return an attribute of an object of a class of the file."""
    if name == "__class__":
        return one_of(owner.cls)
    context = owner.context
    own = object_attributes.stored_values(evaluator, owner.cls, name, context)
    runs = class_parameters.values_of(evaluator, owner.cls.scope.node, name)
    own += [one.with_labels(FROM_CANDIDATES) for one in runs]
    if context is not None and context.scope is owner.cls.scope and name in context.parameters:
        return union([context.parameters[name], *own])
    found = class_attribute(evaluator, owner.cls, name, owner, own)
    found = found if found.alternatives else _computed_attribute(evaluator, owner, name)
    return found.with_labels(FROM_PLATFORM) if _is_flag(evaluator, owner.cls, name) else found


def _is_flag(evaluator: Evaluator, cls: Class, name: str) -> bool:
    """Return whether the platform decides which value an attribute of a class's objects gets."""
    owners = [owner for owner, one in evaluator.dataflow.platform_flags if one == f".{name}"]
    bases = bases_of(evaluator, cls) if owners else ()
    return any(isinstance(one, Class) and one.scope in owners for one in (cls, *bases))


def _computed_attribute(evaluator: Evaluator, owner: Instance, name: str) -> AbstractValue:
    """Return the attribute of an object that no statement of its class gives a value."""
    if name in ("value", "_value_"):
        members = _members(evaluator, owner.cls)
        if members is not None:
            return values_of_members(evaluator, members.any_value).with_labels(FROM_CANDIDATES)
    cls, bases = owner.cls, bases_of(evaluator, owner.cls)
    if name in data_classes.fields(cls, bases) and isinstance(cls.scope.node, cst.ClassDef):
        calls = evaluator.call_graph.calls(cls.scope.node, {cls.scope.node.name.value, "cls"})
        made = (one for one in calls if cls in evaluator.evaluate(one.func).alternatives)
        several = (call_contexts.evaluate_arguments(evaluator, one) for one in made)
        given = [data_classes.given_fields(cls, bases, one) for one in several]
        values = [one[name] for one in given if name in one]
        return union(values).with_labels(FROM_PARAMETER) if values else UNKNOWN
    if not name.startswith("__"):
        found = call_special(evaluator, owner, "__getattr__", one_of(name))
        return found if found is not None else UNKNOWN
    return UNKNOWN


def attribute(evaluator: Evaluator, node: cst.Attribute, context: Context) -> AbstractValue:
    owner = evaluator.evaluate(node.value, context)
    name = node.attr.value
    found = [attribute_of_alternative(evaluator, one, name) for one in owner.alternatives]
    if not owner.alternatives or isinstance(owner.only, (Mapping, External)):
        found += object_attributes.values_stored_by_name(evaluator, node)
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
            base = _view_of_base(evaluator, cls, owner, one.option, name if is_base else "")
            found.append(one.module.attribute_of(base, name, f"{one.name}.{name}"))
        if isinstance(one, External) and one.name.startswith("unittest.") and not found:
            found.append(stdlib.external(f"{one.name}().{name}"))
        if not isinstance(one, Class):
            continue
        bindings = one.scope.exit.get(name)
        if bindings and isinstance(owner, (Class, Instance)) and one is cls:
            replaced, is_made = evaluator.dataflow.replaced_attributes, isinstance(owner, Instance)
            kept = (each for each in bindings if not (is_made and each in replaced))
            bindings = frozenset(each for each in kept if not replaced.for_all(each))
        if bindings:
            found += [_bind_method(evaluator, binding, owner) for binding in bindings]
            break
        if one is not cls:
            found += object_attributes.stored_values(evaluator, one, name, None)
    return union(found) if found else UNKNOWN


def _view_of_base(
    evaluator: Evaluator, cls: Class, owner: Any, base: Class, hidden: str
) -> Class | Instance:
    """Return a class, or its object, as a base class in another module sees it.

    It keeps the attributes of its own that mean the same in every module, but for a hidden one.
    """
    known = call_contexts.once(
        evaluator, ("base", cls, owner, base), lambda: _own_attributes(evaluator, cls, owner, base)
    )
    given = {name: values for name, values in known.items() if name != hidden}
    made = owner.context if isinstance(owner, Instance) else None
    parent = made.parent if made is not None and made.scope is cls.scope else None
    if not given:
        return Instance(base, parent) if isinstance(owner, Instance) else base
    return Instance(base, evaluator.intern(CallContext(base.scope, given, parent)))


def _own_attributes(
    evaluator: Evaluator, cls: Class, owner: Any, base: Class
) -> dict[str, AbstractValue]:
    """Return the attributes of a class, or its object, for a base in another module."""
    given: dict[str, AbstractValue] = {}
    own = [cls, *(one for one in bases_of(evaluator, cls) if isinstance(one, Class))]
    replaced = object_attributes.attributes_set_first(base)
    for one in reversed(own):
        for name, bindings in one.scope.exit.items():
            if name in replaced and isinstance(owner, Instance):
                continue
            values = union(_bind_method(evaluator, each, owner) for each in bindings)
            result = (
                object_attributes.known_result(evaluator, values.only)
                if name in base.scope.exit
                else None
            )
            given[name] = one_of(result) if result is not None else common_part(values)
    for name in evaluator.dataflow.attribute_stores:
        stored = [
            values
            for one in own
            for values in object_attributes.stored_values(evaluator, one, name, None)
        ]
        if stored:
            given[name] = common_part(union([*stored, given.get(name, AbstractValue())]))
    return given


def _bind_method(evaluator: Evaluator, binding: Binding, owner: Any) -> AbstractValue:
    may_be_member = isinstance(owner, Class) and enumerations.is_member(binding)
    if may_be_member and _is_enumeration(evaluator, owner):
        return _member(evaluator, owner, binding)
    if not isinstance(binding.node, cst.FunctionDef):
        is_plain = binding.kind is BindingKind.VALUE and not binding.path
        made = call_contexts.wrapped_method(evaluator, binding, owner) if is_plain else None
        return made if made is not None else evaluator.binding_value(binding)
    scope = evaluator.dataflow.scopes[binding.node]
    names = call_contexts.decorator_names(binding.node)
    if "staticmethod" in names or (isinstance(owner, Class) and not names):
        return one_of(Function(scope))  # ``Base.__init__(self, name)`` names the object itself
    if "property" in names or "cached_property" in names:
        return call_contexts.call_function(evaluator, Function(scope), Arguments(), owner, None)
    return one_of(Method(owner, binding.name, Function(scope)))
