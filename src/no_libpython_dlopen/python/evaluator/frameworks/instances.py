"""Objects of the file's classes: what calling a class makes, and its fields as data."""

from __future__ import annotations

from typing import Any

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_CALLS
from no_libpython_dlopen.python.evaluator import call_contexts, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Arguments,
    CallContext,
    Class,
    Context,
    Element,
    External,
    Instance,
    Mapping,
    Method,
    one_of,
)
from no_libpython_dlopen.python.evaluator.frameworks import command_line, data_classes, enumerations
from no_libpython_dlopen.python.evaluator.models.records import Record
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def instantiate(
    evaluator: Evaluator, cls: Class, arguments: Arguments, context: Context
) -> AbstractValue:
    """Return the value of calling a class of the file."""
    depth = context.depth + 1 if context is not None else 1
    init = classes.class_attribute(evaluator, cls, "__init__", Instance(cls))
    inner: Context = None
    method = init.alternatives[0] if init.alternatives else None
    if isinstance(method, ImportedObject):
        inner = _context_from_base(evaluator, cls, arguments)
    elif isinstance(method, Method) and depth <= PYTHON_CALLS:
        if method.function is not None:
            scope, owner = method.function.scope, Instance(cls)
            inner = call_contexts.bind_arguments(evaluator, scope, arguments, owner, depth=depth)
    elif arguments.positional or arguments.keywords:  # a data class, or a named tuple
        given = data_classes.given_fields(cls, classes.bases_of(evaluator, cls), arguments)
        inner = evaluator.intern(CallContext(cls.scope, given))
    return _make_instance(evaluator, Instance(cls, inner), arguments)


def _make_instance(evaluator: Evaluator, made: Instance, arguments: Arguments) -> AbstractValue:
    """Return an object as what it is by its class's bases, too."""
    bases = classes.bases_of(evaluator, made.cls)
    names = [base.name for base in bases if isinstance(base, External)]
    if enumerations.has_members(bases):
        return _member_of(evaluator, made.cls, arguments)
    if data_classes.is_named_tuple(bases):
        entries = fields_of(evaluator, made)
        found = tuple(one for _, one in entries)
        return one_of(Record(found, tuple(name for name, _ in entries), made))
    dictionary = data_classes.typed_dictionary(bases, arguments)
    if dictionary is not None:
        return one_of(dictionary)
    return one_of(made, *(External(f"{name}()") for name in names))


def fields_of(evaluator: Evaluator, option: Any) -> tuple[tuple[str, Element], ...]:
    """Return the fields of an object of a data class, with what they are."""
    names = data_classes.fields(option.cls, classes.bases_of(evaluator, option.cls))
    values = [classes.attribute_of_alternative(evaluator, option, name) for name in names]
    return tuple((name, Element(None, one)) for name, one in zip(names, values, strict=True))


def as_data(evaluator: Evaluator, arguments: Arguments) -> Arguments:
    """Return arguments for another module, which sees the fields of objects as dictionaries."""

    def convert(value: AbstractValue) -> AbstractValue:
        several = []
        for one in value.alternatives:
            if isinstance(one, command_line.CommandLine) and one.is_parsed:
                one = command_line.options_of(evaluator, one)
            elif isinstance(one, Instance):
                one = Mapping(fields_of(evaluator, one), open=True)
            several.append(one)
        return AbstractValue(tuple(several), value.exhaustive, value.labels)

    keywords = tuple((name, convert(one)) for name, one in arguments.keywords)
    return Arguments(tuple(map(convert, arguments.positional)), keywords, arguments.complete)


def with_fields(evaluator: Evaluator, option: Any, arguments: Arguments) -> AbstractValue:
    """Return the value of ``dataclasses.replace(option, ...)``."""
    given = {name: one.values for name, one in fields_of(evaluator, option)}
    given |= {name: value for name, value in arguments.keywords if name in given}
    return one_of(Instance(option.cls, evaluator.intern(CallContext(option.cls.scope, given))))


def _member_of(evaluator: Evaluator, cls: Class, arguments: Arguments) -> AbstractValue:
    """Return the members of an enumeration that have the value of an argument."""
    every, wanted = classes.iteration_values(evaluator, cls), arguments.get(0)
    if every is None or wanted is None:
        return UNKNOWN
    several = set(wanted.alternatives)
    found = tuple(
        one
        for one in every.alternatives
        if one in several
        or several.intersection(classes.values_of_members(evaluator, one_of(one)).alternatives)
    )
    return AbstractValue(found, labels=wanted.labels) if wanted.exhaustive else every


def _context_from_base(evaluator: Evaluator, cls: Class, arguments: Arguments) -> Context:
    """Return the context of an object of a class whose base in another module initialises it."""
    for one in classes.bases_of(evaluator, cls):
        if isinstance(one, ImportedObject) and isinstance(one.option, Class):
            with analysis.other_file():
                made = one.module.call(one.option, arguments, "")
            options = (
                each.option for each in made.alternatives if isinstance(each, ImportedObject)
            )
            context = next((each.context for each in options if isinstance(each, Instance)), None)
            if context is not None:
                return evaluator.intern(CallContext(cls.scope, {}, parent=context))
    return None
