"""What belongs to another module of the project, which evaluates it by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.python.evaluator.abstract_values import AbstractValue, Arguments

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

    def opened_library(self, option: Any, arguments: Arguments) -> OpenedLibrary | None:
        """Return the libpython that such a call opens because of its arguments."""

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
class OpenedLibrary:
    """A library that a function of another module opens: its names, and the place of the call."""

    library_class: str
    names: AbstractValue
    place: Place
