"""Values that belong to another module of the project, which evaluates them itself.

Values cross from one module to another as far as they mean the same in each: texts, numbers,
and collections of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    Bag,
    Element,
    External,
    Items,
    Mapping,
    Partial,
)
from no_libpython_dlopen.python.evaluator.models.records import Record

T = TypeVar("T")

#: A place in another file, by its path.
Place = tuple[str, Location, Location]


class OtherModule(Protocol):
    """Another module of the project, which evaluates what is its own."""

    def attribute(self, name: str, qualified: str) -> AbstractValue:
        """Return the value of the module's attribute, which is asked for as ``qualified``."""

    def attribute_of(self, option: Any, name: str, qualified: str) -> AbstractValue:
        """Return the value of an attribute of one of the module's objects."""

    def call(self, option: Any, arguments: Arguments, qualified: str) -> AbstractValue:
        """Return the value of a call of one of the module's objects by another module."""

    def fixture(self, name: str) -> AbstractValue | None:
        """Return the value of one of the module's fixtures; ``None`` if it has none of the name."""

    def opened_library(self, option: Any, arguments: Arguments) -> OpenedLibrary | None:
        """Return the libpython that such a call opens because of its arguments."""

    def opened_by_attribute(self, option: Any, name: str) -> OpenedLibrary | None:
        """Return the libpython that is opened when an object is asked for an attribute."""

    def run_parameters(self, option: Any) -> tuple[tuple[int, str], ...]:
        """Return the parameters of a function that are programs: positions in a call, and names."""

    def accepted_texts(self, option: Any, others: tuple[AbstractValue, ...]) -> tuple[str, ...]:
        """Return the texts for which a function returns true with other arguments behind."""

    def answer(self, question: Callable[[Any], T]) -> T | None:
        """Return the answer of the module's evaluator; ``None`` without one, or if it takes too long."""

    def place(self, name: str) -> Place | None:
        """Return the place where a name is given its value."""


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """Another module of the project, by the name that the file knows it by."""

    module: OtherModule
    name: str


@dataclass(frozen=True, slots=True)
class ImportedObject:
    """A function, class or object of another module of the project, as ``option`` there."""

    module: OtherModule
    option: Any
    name: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class KnownResult:
    """The result of a method without arguments that overrides one of a base in another module."""

    value: AbstractValue


@dataclass(frozen=True, slots=True)
class OpenedLibrary:
    """A library that a function of another module opens: its names, and the place of the call.

    ``through`` are the functions that reach the call, by module and name.
    """

    library_class: str
    names: AbstractValue
    place: Place
    through: tuple[str, ...] = ()


def common_arguments(arguments: Arguments) -> Arguments:
    """Return a call's arguments as far as they mean the same in every module."""
    return Arguments(
        tuple(map(common_part, arguments.positional)),
        tuple((name, common_part(one)) for name, one in arguments.keywords),
        arguments.complete,
    )


def common_part(value: AbstractValue) -> AbstractValue:
    """Return a value as far as it means the same in every module."""
    kept = [found for one in value.alternatives for found in common(one)]
    whole = value.exhaustive and len(kept) == len(value.alternatives)
    return AbstractValue(tuple(kept), whole, value.labels)


#: What is the same in every module.
_SAME_EVERYWHERE = (str, bool, int, ImportedObject, ImportedModule, KnownResult)


def common(option: Any) -> tuple[Any, ...]:
    """Return an alternative as it is in every module, nothing for what belongs to one file."""
    if option is None or isinstance(option, _SAME_EVERYWHERE):
        return (option,)
    if isinstance(option, External):
        return () if option.name.startswith(".") else (option,)
    if isinstance(option, Partial) and isinstance(option.callee, External):
        return (Partial(option.callee, common_arguments(option.arguments)),)
    if isinstance(option, Record):
        kept = tuple(map(_common_element, option.elements))
        owner = option.instance if isinstance(option.instance, ImportedObject) else None
        return (Record(kept, option.names, owner),)
    if isinstance(option, Items):
        return (Items(tuple(map(_common_element, option.elements))),)
    if isinstance(option, Bag):
        return (Bag(common_part(option.values)),)
    if isinstance(option, Mapping):
        entries = [(key, _common_element(one)) for key, one in option.entries if common(key)]
        return (Mapping(tuple(entries), option.open or len(entries) < len(option.entries)),)
    return ()


def _common_element(element: Element) -> Element:
    return Element(None, common_part(element.values))
