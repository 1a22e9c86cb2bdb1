"""The fields of data classes, named tuples and typed dictionaries, whichever library makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import libcst as cst

from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    Class,
    Element,
    External,
    Mapping,
    Partial,
)
from no_libpython_dlopen.python.evaluator.models.records import Record, named_tuple
from no_libpython_dlopen.python.syntax.parse import descendants

#: Bases whose objects are dictionaries.
_DICTIONARIES = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
#: Functions that make a class of named tuples, by what they give.
_NAMED_TUPLES = (External("collections.namedtuple()"), External("typing.NamedTuple()"))
#: What the annotation or the value of a class's attribute has that is no field of its objects.
_NO_FIELD = frozenset({"ClassVar", "KW_ONLY", "init"})


def fields(cls: Class, bases: list[Any]) -> list[str]:
    """Return the names that can be fields of a class with these bases, in their order."""
    base = _named_tuple_base(bases)
    if base is not None:
        plain = named_tuple(base.arguments).only
        return list(plain.names) if isinstance(plain, Record) else []
    several = [one for one in bases if isinstance(one, Class)]
    names = dict.fromkeys(name for one in (*several[::-1], cls) for name in _own_fields(one))
    return list(names) or list(cls.scope.bindings)


def given_fields(cls: Class, bases: list[Any], arguments: Arguments) -> dict[str, AbstractValue]:
    """Return the values that the fields of an object get when it is made."""
    base = _named_tuple_base(bases)
    if base is not None:
        plain = named_tuple(arguments.after(base.arguments)).only
        if isinstance(plain, Record):
            return {name: one.values for name, one in zip(plain.names, plain.elements, strict=True)}
    by_position = zip(fields(cls, bases), arguments.positional, strict=False)
    return dict(by_position) | dict(arguments.keywords)


def is_named_tuple(bases: Iterable[Any]) -> bool:
    """Return whether a class with these bases makes named tuples."""
    several = list(bases)
    return External("typing.NamedTuple") in several or _named_tuple_base(several) is not None


def typed_dictionary(bases: Iterable[Any], arguments: Arguments) -> Mapping | None:
    """Return the dictionary that a typed one is; ``None`` for a class of another kind."""
    if not any(isinstance(one, External) and one.name in _DICTIONARIES for one in bases):
        return None
    return Mapping(tuple((key, Element(None, value)) for key, value in arguments.keywords), True)


def _named_tuple_base(bases: Iterable[Any]) -> Partial | None:
    several = (one for one in bases if isinstance(one, Partial) and one.callee in _NAMED_TUPLES)
    return next(several, None)


def _own_fields(cls: Class) -> Iterator[str]:
    """Yield the names that a class's body annotates."""
    for line in cls.scope.node.body.body if isinstance(cls.scope.node, cst.ClassDef) else ():
        for part in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(part, cst.AnnAssign) and isinstance(part.target, cst.Name):
                words = {one.value for one in descendants(part) if isinstance(one, cst.Name)}
                if words.isdisjoint(_NO_FIELD):
                    yield part.target.value
