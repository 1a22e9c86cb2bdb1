"""What a call gives: of a function or class of the file, or of what is known elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.evaluator import (
    call_contexts,
    classes,
    operators,
    picked_names,
    subscripts,
)
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    FROM_PLATFORM,
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
    Mapping,
    Method,
    Partial,
    items,
    iterate,
    one_of,
    text,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.cuts import ANY_CUT
from no_libpython_dlopen.python.evaluator.frameworks import command_line, instances
from no_libpython_dlopen.python.evaluator.models import iterables, stdlib
from no_libpython_dlopen.python.evaluator.models.containers import collection_method
from no_libpython_dlopen.python.evaluator.models.formatting import formatter_method
from no_libpython_dlopen.python.evaluator.models.text_methods import text_method
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def call(evaluator: Evaluator, node: cst.Call, context: Context) -> AbstractValue:
    """Return the value of a call."""
    callees = evaluator.evaluate(node.func, context)
    if not callees.alternatives:
        default = _call_of_unknown(evaluator, node, context)
        return default or UNKNOWN.with_labels(callees.labels & ANY_CUT)
    if not node.args and isinstance(callees.only, External) and callees.only.name in _NAMESPACES:
        return subscripts.local_names(evaluator, node, context)
    if callees.only == _SUPER:
        return classes.super_of(evaluator, node, context)
    arguments = call_contexts.evaluate_arguments(evaluator, node, context)
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("startswith", "endswith"):
        first = arguments.get(0)
        wanted = first.certain if first is not None else None
        if isinstance(wanted, str) and platforms.is_foreign_path(wanted):
            return one_of(False, labels=FROM_PLATFORM)  # of all paths on Unix
    result = _call_any(evaluator, callees, arguments, context)
    # Of several functions that are tried none makes its result a candidate; a method of one does.
    if not any(isinstance(one, Method) and one.function is None for one in callees.alternatives):
        callees = callees.without_labels(FROM_CANDIDATES)
    return command_line.with_parsers(result.part_of(callees), node)


def _call_of_unknown(
    evaluator: Evaluator, node: cst.Call, context: Context
) -> AbstractValue | None:
    """Return the value of ``unknown.get(key, default)``, and of ``unknown.glob(pattern)``."""
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    if method in ("glob", "rglob") and node.args:
        given = call_contexts.evaluate_arguments(evaluator, node, context)
        return text_method(UNKNOWN_PART, method, given)
    if method not in _WITH_DEFAULT or len(node.args) != 2 or any(one.star for one in node.args):
        return None
    default = evaluator.evaluate(node.args[1].value, context)
    return union([default, UNKNOWN]).with_labels(FROM_PARAMETER)


def _call_any(
    evaluator: Evaluator, callees: AbstractValue, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling any of the alternatives."""
    several = callees.alternatives
    return union(call_alternative(evaluator, one, arguments, context) for one in several)


def call_alternative(
    evaluator: Evaluator, callee: Any, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling one alternative."""
    if isinstance(callee, External):
        return _call_external(evaluator, callee.name, arguments, context)
    if isinstance(callee, Partial):
        arguments = arguments.after(callee.arguments)
        return call_alternative(evaluator, callee.callee, arguments, context)
    if isinstance(callee, Function):
        return call_contexts.call_function(evaluator, callee, arguments, None, context)
    if isinstance(callee, ImportedObject):
        arguments = instances.as_data(evaluator, arguments)
        with analysis.other_file():
            return callee.module.call(callee.option, arguments, f"{callee.name}()")
    if isinstance(callee, Method):
        owner, name, function = callee.owner, callee.name, callee.function
        if function is not None:
            return call_contexts.call_function(evaluator, function, arguments, owner, context)
        if isinstance(owner, command_line.CommandLine):
            return command_line.parser_method(owner, name)
        model = text_method if isinstance(owner, str) else collection_method
        return model(owner, name, arguments).with_labels(arguments.source_labels)
    if isinstance(callee, Class):
        return instances.instantiate(evaluator, callee, arguments, context)
    if isinstance(callee, Instance):
        found = classes.class_attribute(evaluator, callee.cls, "__call__", callee)
        return _call_any(evaluator, found, arguments, context)
    return UNKNOWN


def _call_external(
    evaluator: Evaluator, name: str, arguments: Arguments, context: Context
) -> AbstractValue:
    if name in _HIGHER_ORDER and len(arguments.positional) >= 2:
        return _HIGHER_ORDER[name](evaluator, arguments, context)
    if name.endswith(_ENTERING) and arguments.positional:
        return _enter(evaluator, arguments, context)
    if name in _OPERATORS and len(arguments.positional) == 2:
        return operators.apply_operator(_OPERATORS[name], *arguments.positional)
    if name in ("ctypes.CFUNCTYPE()", "ctypes.PYFUNCTYPE()") and arguments.positional:
        return _get_function(evaluator, arguments, context)
    first = arguments.get(0)
    if name in ("importlib.import_module", "__import__") and first is not None:
        several = (one if isinstance(one, str) else "?" for one in first.alternatives)
        is_whole = name != "__import__" or arguments.get(3, "fromlist") is not None
        names = (one if is_whole else one.partition(".")[0] for one in several)
        return union(evaluator.module_value(one) for one in names).part_of(first)
    if name in _FIELDS:
        maker = arguments.keyword("default_factory") or arguments.keyword("factory")
        made = _call_any(evaluator, maker, Arguments(), context) if maker is not None else UNKNOWN
        return arguments.get(0, "default") or made
    kept = _call_keeping(name, arguments)
    if kept is not None:
        return kept
    if name == "globals().get" and first is not None:
        return subscripts.global_names(evaluator, first)
    if name == "type" and first is not None and len(arguments.positional) == 1:
        classes_of = (one.cls for one in first.alternatives if isinstance(one, Instance))
        return AbstractValue(tuple(dict.fromkeys(classes_of)), False, first.labels)
    if name in _OF_FIELDS and first is not None:
        objects = [
            _OF_FIELDS[name](evaluator, one, arguments)
            for one in first.alternatives
            if isinstance(one, Instance)
        ]
        parsed = [one for one in first.alternatives if isinstance(one, command_line.CommandLine)]
        if name == "vars":
            objects += [one_of(command_line.options_of(evaluator, one)) for one in parsed]
        if objects:
            return union(objects)
    if name == "vars" and first is not None:
        return union(
            classes.attribute_of_alternative(evaluator, one, "__dict__")
            for one in first.alternatives
            if isinstance(one, External)
        )
    if name.endswith(".__dict__.get") and first is not None:
        owner = External(name.removesuffix(".__dict__.get"))
        given = Arguments((one_of(owner), *arguments.positional))
        return _get_attribute(evaluator, given, context)
    found = iterables.call_builtin(name, arguments)
    if found is not None:
        return found
    if name == "string.Formatter().format":
        found = formatter_method(arguments)
    found = (
        found or iterables.call_combining(name, arguments) or stdlib.call_external(name, arguments)
    )
    found = found or _default_of(name, arguments)
    labels = arguments.source_labels
    if name == "ctypes.util.find_library" and first and UNKNOWN_PART in "".join(texts(first)):
        labels &= FROM_CANDIDATES  # a caller gives a part, and the rest says whose library it is
    return (found or one_of(External(f"{name}()"))).with_labels(labels)


def _default_of(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the value that an unknown function is given as a default, if it is given one."""
    default = arguments.keyword("default") or arguments.keyword("fallback")
    owner, _, method = name.rpartition(".")
    if method in _WITH_DEFAULT and owner.endswith((")", "]")) and len(arguments.positional) == 2:
        default = arguments.positional[1]
    is_text = default is not None and any(isinstance(one, str) for one in default.alternatives)
    return union([default, UNKNOWN]).with_labels(FROM_PARAMETER) if default and is_text else None


def _call_keeping(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the value of a function whose result is a function of its arguments."""
    if name == "functools.partial" and arguments.positional:
        return one_of(
            *(Partial(one, arguments.rest) for one in arguments.positional[0].alternatives)
        )
    if name in _DECORATING and arguments.positional:
        return arguments.positional[0]
    if command_line.keeps_arguments(name):
        return one_of(Partial(External(f"{name}()"), arguments))
    holder = command_line.flag_holder(name, arguments)
    if holder is not None:
        return one_of(holder)
    if name in _KEPT and arguments.positional:
        return one_of(Partial(External(_KEPT[name]), arguments))
    return None


def _get_attribute(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue:
    """Return the value of ``getattr``."""
    owner, attribute, *default = arguments.positional
    found = [
        classes.attribute_of_alternative(evaluator, one, name)
        for one in owner.alternatives
        for name in attribute.alternatives
        if isinstance(name, str)
    ]
    return union([*(found or [UNKNOWN]), *default[:1]]) if found or default else UNKNOWN


def _map(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of ``map``."""
    function, *several = arguments.positional

    def call_with(*given: AbstractValue) -> AbstractValue:
        return _call_any(evaluator, function, Arguments(given), context)

    if len(several) == 1 and isinstance(several[0].certain, Items):
        found = [call_with(element.values) for element in several[0].certain.elements]
        return one_of(items(*found), labels=several[0].labels)
    return one_of(Bag(call_with(*map(iterate, several))))


def _filter(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue:
    """Return the value of ``filter``: of names that are not known, what the test proves."""
    tests, several = arguments.positional[:2]
    found = iterate(several)
    if any(not isinstance(one, str) or UNKNOWN_PART not in one for one in found.alternatives):
        return one_of(Bag(picked_names.picked_items(found)))
    kept = [picked_names.accepted_texts(evaluator, one) for one in tests.alternatives]
    names = [one_of(*several, labels=FROM_CANDIDATES) for several in kept if several]
    return one_of(Bag(union(names) if names else found))


def _get_by_name(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of ``operator.attrgetter(name)(owner)``."""
    names, owner = arguments.positional[:2]
    path = text(names.only).split(".")
    if len(path) == 1:
        return _get_attribute(evaluator, Arguments((owner, names)), context)
    for name in path:
        owner = _get_attribute(evaluator, Arguments((owner, one_of(name))), context)
    return owner


def _reduce(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of ``functools.reduce`` over items that are known."""
    function, several, *start = arguments.positional
    if not isinstance(several.certain, Items):
        return UNKNOWN
    values = [*start[:1], *(one.values for one in several.certain.elements)]
    whole = values[0] if values else UNKNOWN
    for one in values[1:]:
        whole = _call_any(evaluator, function, Arguments((whole, one)), context)
    return whole


def _enter(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue:
    """Return the value of ``stack.enter_context(manager)``."""
    given = arguments.positional[0]
    return union(classes.entered(evaluator, one) for one in given.alternatives).part_of(given)


def _get_item(_: Evaluator, arguments: Arguments, __: Context) -> AbstractValue:
    """Return the value of ``operator.itemgetter(key)(owner)``."""
    *keys, owner = arguments.positional
    found = [subscripts.look_up(owner, one) for one in keys]
    return found[0] if len(found) == 1 else one_of(items(*found))


def _get_function(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of ``CFUNCTYPE(...)(("name", library))``."""
    pair = arguments.positional[0].only
    if not isinstance(pair, Items) or len(pair.elements) != 2:
        return UNKNOWN
    name, library = (one.values for one in pair.elements)
    return _get_attribute(evaluator, Arguments((library, name)), context)


def _call_by_name(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of ``operator.methodcaller(name, ...)(owner)``."""
    name, *given, owner = arguments.positional
    methods = _get_attribute(evaluator, Arguments((owner, name)), context)
    return _call_any(evaluator, methods, Arguments(tuple(given), arguments.keywords), context)


_SUPER = External("super")
#: Functions that give the names of the scope they are called in.
_NAMESPACES = frozenset({"locals", "vars"})
#: Functions whose results keep their arguments for a later call, and what that call is named.
_KEPT = {
    "re.compile": "re.compile",
    "operator.attrgetter": "operator.attrgetter()",
    "operator.methodcaller": "operator.methodcaller()",
    "operator.itemgetter": "operator.itemgetter()",
    "collections.namedtuple": "collections.namedtuple()",
    "typing.NamedTuple": "typing.NamedTuple()",
}
#: Functions that describe the field of a data class: its default, or what makes it.
_FIELDS = frozenset(
    {"dataclasses.field", "attr.ib", "attr.attrib", "attr.field", "attrs.field"}
    | {"pydantic.Field", "typer.Option", "typer.Argument", "sqlmodel.Field"}
    | {f"fastapi.{kind}" for kind in ("Query", "Path", "Body", "Header", "Cookie", "Form")}
)
#: Functions of data classes' objects.
_OF_FIELDS: dict[str, Callable[[Evaluator, Any, Arguments], AbstractValue]] = {
    **dict.fromkeys(
        ("dataclasses.asdict", "attr.asdict", "attrs.asdict", "vars"),
        lambda evaluator, one, _: one_of(Mapping(instances.fields_of(evaluator, one), open=True)),
    ),
    **dict.fromkeys(
        ("dataclasses.astuple", "attr.astuple", "attrs.astuple"),
        lambda evaluator, one, _: one_of(
            Items(tuple(each for _, each in instances.fields_of(evaluator, one)))
        ),
    ),
    **dict.fromkeys(
        ("dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve"),
        instances.with_fields,
    ),
}
#: Functions that return what they are given, or something that is called as it is.
_DECORATING = frozenset({"functools.cache", "functools.lru_cache()", "staticmethod"})
#: Functions that look at the file: at the attributes of its classes, at its functions.
_HIGHER_ORDER = {
    "getattr": _get_attribute,
    "map": _map,
    "filter": _filter,
    "operator.attrgetter()": _get_by_name,
    "operator.methodcaller()": _call_by_name,
    "operator.itemgetter()": _get_item,
    "operator.getitem": lambda _, given, __: subscripts.look_up(*given.positional[:2]),
    "functools.reduce": _reduce,
}
#: Ends of the names of methods that enter a context manager.
_ENTERING = ("Stack().enter_context", "Stack().enter_async_context", "TestCase().enterContext")
#: Functions that do what an operator does, by libcst's name of it.
_OPERATORS = {
    **dict.fromkeys(("operator.add", "operator.concat", "operator.iadd"), "Add"),
    "operator.mod": "Modulo",
    "operator.truediv": "Divide",
    "operator.or_": "BitOr",
}
#: Methods of dictionaries, and of what is like one, that give a default for a missing key.
_WITH_DEFAULT = frozenset({"get", "pop", "setdefault", "getoption"})
