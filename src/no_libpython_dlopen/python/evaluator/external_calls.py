"""The values of calls of functions from outside the file: built-ins, libraries, unknown ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator import classes, operators, subscripts
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
    Instance,
    Items,
    Mapping,
    Partial,
    items,
    iterate,
    one_of,
    text,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.frameworks import command_line, instances
from no_libpython_dlopen.python.evaluator.models import iterables, module_imports, stdlib
from no_libpython_dlopen.python.evaluator.models.comparisons import compare, truth_of
from no_libpython_dlopen.python.evaluator.models.formatting import formatter_method
from no_libpython_dlopen.python.evaluator.narrowing import picked_names
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def call_external(
    evaluator: Evaluator, name: str, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of a call of something from outside the file."""
    first = arguments.get(0)
    fewest, handler = _HANDLERS.get(name, (0, None))
    found = None
    if handler is not None and len(arguments.positional) >= fewest:
        found = handler(evaluator, arguments, context)
    if found is None:
        found = _call_by_ending(evaluator, name, arguments, context)
    if found is None:
        found = _call_keeping(name, arguments) or iterables.call_builtin(name, arguments)
    if found is not None:
        return found
    if name == "string.Formatter().format":
        found = formatter_method(arguments)
    found = (
        found
        or iterables.call_combining(name, arguments)
        or stdlib.call_external(name, arguments)
        or _default_of(name, arguments)
    )
    labels = arguments.source_labels
    if name == "ctypes.util.find_library" and first and UNKNOWN_PART in "".join(texts(first)):
        labels &= FROM_CANDIDATES  # a caller gives a part, and the rest says whose library it is
    return (found or one_of(External(f"{name}()"))).with_labels(labels)


def _call_by_ending(
    evaluator: Evaluator, name: str, arguments: Arguments, context: Context
) -> AbstractValue | None:
    """Return the value of a method that is known by the end of its name; ``None`` for others."""
    if name.endswith(_ENTERING) and arguments.positional:
        return _enter(evaluator, arguments, context)
    if name.endswith(".__dict__.get") and arguments.positional:
        owner = External(name.removesuffix(".__dict__.get"))
        given = Arguments((one_of(owner), *arguments.positional))
        return _get_attribute(evaluator, given, context)
    return None


def _make_field(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of a data class's field: its default, or what makes it."""
    maker = arguments.keyword("default_factory") or arguments.keyword("factory")
    made = evaluator.call(maker, Arguments(), context) if maker is not None else UNKNOWN
    return arguments.get(0, "default") or made


def _operate(
    operator: str, _: Evaluator, arguments: Arguments, __: Context
) -> AbstractValue | None:
    """Return the value of a function that does what an operator does."""
    several = arguments.positional
    return operators.apply_operator(operator, *several) if len(several) == 2 else None


def _type(_: Evaluator, arguments: Arguments, __: Context) -> AbstractValue | None:
    """Return the class of an object of the file's classes."""
    if len(arguments.positional) != 1:
        return None
    first = arguments.positional[0]
    classes_of = (one.cls for one in first.alternatives if isinstance(one, Instance))
    return AbstractValue(tuple(dict.fromkeys(classes_of)), False, first.labels)


def _is_instance(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue | None:
    """Return the value of ``isinstance``, known for texts and objects of the file's classes."""
    if len(arguments.positional) != 2:
        return None
    first, second = arguments.positional
    cls = second.certain
    outcomes: set[bool] = set()
    for option in first.alternatives:
        if isinstance(option, Instance) and isinstance(cls, Class):
            bases = classes.bases_of(evaluator, option.cls)
            outcomes.add(cls in (option.cls, *bases))
        elif isinstance(option, str) and cls in _OF_TEXT:
            outcomes.add(_OF_TEXT[cls])
        elif isinstance(option, (Items, Mapping, Bag)) and cls == External("str"):
            outcomes.add(False)
        else:
            return UNKNOWN
    return one_of(*outcomes).part_of(first)


def _vars(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue | None:
    """Return the value of ``vars`` of an object, of options, or of a module from outside."""
    found = _of_objects(_as_dictionary, evaluator, arguments, context)
    first = arguments.positional[0]
    parsed = (one for one in first.alternatives if isinstance(one, command_line.CommandLine))
    objects = [*([found] if found is not None else [])]
    objects += [one_of(command_line.options_of(evaluator, one)) for one in parsed]
    others = (one for one in first.alternatives if isinstance(one, External))
    return union(
        objects or (classes.attribute_of_alternative(evaluator, one, "__dict__") for one in others)
    )


def _of_objects(
    convert: Callable[[Evaluator, Instance, Arguments], AbstractValue],
    evaluator: Evaluator,
    arguments: Arguments,
    _: Context,
) -> AbstractValue | None:
    """Return the result of a function for objects of the file's classes; ``None`` without any."""
    several = arguments.positional[0].alternatives
    found = [convert(evaluator, one, arguments) for one in several if isinstance(one, Instance)]
    return union(found) if found else None


def _as_dictionary(evaluator: Evaluator, option: Instance, _: Arguments) -> AbstractValue:
    return one_of(Mapping(instances.fields_of(evaluator, option), open=True))


def _as_tuple(evaluator: Evaluator, option: Instance, _: Arguments) -> AbstractValue:
    return one_of(Items(tuple(each for _, each in instances.fields_of(evaluator, option))))


def _default_of(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the value that an unknown function is given as a default, if it is given one."""
    default = arguments.keyword("default") or arguments.keyword("fallback")
    owner, _, method = name.rpartition(".")
    if method in WITH_DEFAULT and owner.endswith((")", "]")) and len(arguments.positional) == 2:
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
    only = owner.only.name if isinstance(owner.only, External) else ""
    if default and (only, attribute.only) in platforms.ABSENT:
        return default[0].with_labels(FROM_PLATFORM)
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
        return evaluator.call(function, Arguments(given), context)

    if len(several) == 1 and isinstance(several[0].certain, Items):
        found = [call_with(element.values) for element in several[0].certain.elements]
        return one_of(items(*found), labels=several[0].labels | function.labels)
    return one_of(Bag(call_with(*map(iterate, several))))


def _filter(evaluator: Evaluator, arguments: Arguments, context: Context) -> AbstractValue:
    """Return the value of ``filter``: of names that are not known, what the test proves."""
    tests, several = arguments.positional[:2]
    chosen = _chosen_items(evaluator, tests, several, context)
    if chosen is not None:
        return chosen
    found = iterate(several)
    if any(not isinstance(one, str) or UNKNOWN_PART not in one for one in found.alternatives):
        return one_of(Bag(picked_names.picked_items(found)))
    kept = [picked_names.accepted_texts(evaluator, one) for one in tests.alternatives]
    names = [one_of(*several, labels=FROM_CANDIDATES) for several in kept if several]
    return one_of(Bag(union(names) if names else found))


def _chosen_items(
    evaluator: Evaluator, tests: AbstractValue, several: AbstractValue, context: Context
) -> AbstractValue | None:
    """Return the items for which a function is true; ``None`` where they are not all known."""
    if not isinstance(several.certain, Items) or not tests.alternatives:
        return None
    labels = several.labels | tests.labels
    kept = []
    for one in several.certain.elements:
        is_itself = tests.alternatives == (None,)
        given = Arguments((one.values,))
        outcome = one.values if is_itself else evaluator.call(tests, given, context)
        truths = {truth_of(option) for option in outcome.alternatives}
        if not outcome.exhaustive or len(truths) != 1 or None in truths:
            return None
        kept += [one] if True in truths else []
        labels |= outcome.labels
    return one_of(Items(tuple(kept)), labels=labels)


def _compare(operator: str, _: Evaluator, arguments: Arguments, __: Context) -> AbstractValue:
    """Return the value of a function that does what a comparison does."""
    first, second = arguments.positional[:2]
    return (
        compare(operator, second, first) if operator == "in" else compare(operator, first, second)
    )


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
        whole = evaluator.call(function, Arguments((whole, one)), context)
    return whole


def _enter(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue:
    """Return the value of ``stack.enter_context(manager)``."""
    given = arguments.positional[0]
    return union(classes.enter_value(evaluator, one) for one in given.alternatives).part_of(given)


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
    return evaluator.call(methods, Arguments(tuple(given), arguments.keywords), context)


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
#: Functions that return what they are given, or something that is called as it is.
_DECORATING = frozenset({"functools.cache", "functools.lru_cache()", "staticmethod"})
#: Ends of the names of methods that enter a context manager.
_ENTERING = ("Stack().enter_context", "Stack().enter_async_context", "TestCase().enterContext")
#: Functions that do what an operator does, by libcst's name of it.
_OPERATORS = {
    **dict.fromkeys(("operator.add", "operator.concat", "operator.iadd"), "Add"),
    "operator.mod": "Modulo",
    "operator.truediv": "Divide",
    "operator.or_": "BitOr",
    "operator.and_": "BitAnd",
}
#: The same of comparisons; of ``contains`` the first argument is what is searched.
_COMPARISONS = {
    "operator.eq": "==",
    "operator.ne": "!=",
    "operator.is_": "is",
    "operator.is_not": "is not",
    "operator.contains": "in",
}
#: Methods of dictionaries, and of what is like one, that give a default for a missing key.
WITH_DEFAULT = frozenset({"get", "pop", "setdefault", "getoption"})
#: Values of ``isinstance`` of a text, by the class.
_OF_TEXT = {
    External("str"): True,
    **dict.fromkeys(map(External, ("int", "list", "tuple", "dict", "float", "set")), False),
}
#: What gives the value of a call by the function's name, and how many arguments it needs.
_Handler = Callable[[Evaluator, Arguments, Context], "AbstractValue | None"]
_HANDLERS: dict[str, tuple[int, _Handler]] = {
    "getattr": (2, _get_attribute),
    "map": (2, _map),
    "filter": (2, _filter),
    "operator.attrgetter()": (2, _get_by_name),
    "operator.methodcaller()": (2, _call_by_name),
    "operator.itemgetter()": (2, _get_item),
    "operator.getitem": (2, lambda _, given, __: subscripts.look_up(*given.positional[:2])),
    "functools.reduce": (2, _reduce),
    **{name: (2, partial(_operate, operator)) for name, operator in _OPERATORS.items()},
    **{name: (2, partial(_compare, operator)) for name, operator in _COMPARISONS.items()},
    **dict.fromkeys(("ctypes.CFUNCTYPE()", "ctypes.PYFUNCTYPE()"), (1, _get_function)),
    "importlib.import_module": (0, module_imports.import_module),
    "__import__": (0, module_imports.import_package),
    **dict.fromkeys(_FIELDS, (0, _make_field)),
    "globals().get": (1, lambda one, given, _: subscripts.global_names(one, given.positional[0])),
    "type": (1, _type),
    "isinstance": (2, _is_instance),
    "vars": (1, _vars),
    **dict.fromkeys(
        ("dataclasses.asdict", "attr.asdict", "attrs.asdict"),
        (1, partial(_of_objects, _as_dictionary)),
    ),
    **dict.fromkeys(
        ("dataclasses.astuple", "attr.astuple", "attrs.astuple"),
        (1, partial(_of_objects, _as_tuple)),
    ),
    **dict.fromkeys(
        ("dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve"),
        (1, partial(_of_objects, instances.with_fields)),
    ),
}
