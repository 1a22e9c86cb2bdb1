"""Named tuples: items that have names as well, and perhaps the methods of a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Arguments,
    Element,
    Items,
    Mapping,
    one_of,
)


@dataclass(frozen=True, slots=True)
class Record(Items):
    """A named tuple, with the object of a class of the file whose methods it has, if of one."""

    names: tuple[str, ...] = ()
    instance: Any = None

    def field(self, name: str) -> AbstractValue | None:
        """Return the item of a name; ``None`` if it has no such item."""
        return self.elements[self.names.index(name)].values if name in self.names else None


def named_tuple(arguments: Arguments) -> AbstractValue:
    """Return the value of ``namedtuple("Name", "first second")(...)``."""
    listed = arguments.keyword("field_names") or arguments.keyword("fields")
    given = arguments.positional[2 if listed is None else 1 :]
    only = (listed or arguments.get(1) or UNKNOWN).only
    if isinstance(only, str):
        names = only.replace(",", " ").split()
    else:
        names = [_name(one) for one in only.elements] if isinstance(only, Items) else []
    defaults = arguments.keyword("defaults")
    late = defaults.only.elements if defaults and isinstance(defaults.only, Items) else ()
    named = dict(zip(names[-len(late) :], (one.values for one in late), strict=False))
    named |= {**dict(arguments.keywords), **dict(zip(names, given, strict=False))}
    found = tuple(Element(None, named.get(name, UNKNOWN)) for name in names)
    return one_of(Record(found, tuple(names))) if names else UNKNOWN


def _name(field: Element) -> str:
    """Return a field's name, which ``typing.NamedTuple`` is given with its type."""
    only = field.values.only
    only = only.elements[0].values.only if isinstance(only, Items) and only.elements else only
    return only if isinstance(only, str) else ""


def record_method(owner: Record, name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the value of a call of a named tuple's own method; ``None`` for a tuple's."""
    named = dict(zip(owner.names, owner.elements, strict=False))
    if name == "_asdict":
        return one_of(Mapping(tuple(named.items())))
    if name == "_replace":
        named |= {key: Element(None, one) for key, one in arguments.keywords if key in named}
        return one_of(Record(tuple(named.values()), owner.names, owner.instance))
    return None
