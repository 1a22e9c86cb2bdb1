"""Data that a program parses from a text of its own: JSON, TOML, literals, configuration files."""

from __future__ import annotations

import ast
import configparser
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from no_libpython_dlopen.files.toml import parse_toml
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Arguments,
    Element,
    Mapping,
    items,
    one_of,
    text,
    union,
)


@dataclass(frozen=True, slots=True)
class Configuration(Mapping):
    """The sections of a ``ConfigParser``, each a dictionary of its options."""

    def option(self, given: Arguments) -> AbstractValue:
        """Return the value of ``parser.get(section, option, fallback=...)``."""
        names = [text(one.only) if one is not None else "" for one in (given.get(0), given.get(1))]
        fallback = given.keyword("fallback")
        known = [fallback] if fallback is not None else []
        for section in (names[0], configparser.DEFAULTSECT):
            inner = dict(self.entries).get(section)
            options = inner.values.only if inner is not None else None
            if isinstance(options, Mapping) and names[1].lower() in dict(options.entries):
                value: AbstractValue = dict(options.entries)[names[1].lower()].values
                return value
        return union([*known, UNKNOWN])


def new_configuration(arguments: Arguments) -> AbstractValue:
    """Return the value of ``ConfigParser(defaults)``."""
    defaults = arguments.get(0, "defaults")
    only = defaults.only if defaults is not None else None
    known = ((configparser.DEFAULTSECT, Element(None, one_of(only))),)
    return one_of(Configuration(known if isinstance(only, Mapping) else (), open=True))


def read_configuration(option: Configuration, method: str, given: Arguments) -> Configuration:
    """Return a configuration after ``read_string`` or ``read_dict``."""
    first = given.get(0)
    found: Any = first.only if first is not None else None
    if method == "read_string" and isinstance(found, str):
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(found)
        except (configparser.Error, AttributeError):  # of a line that goes on with no value
            return option
        sections = {name: dict(parser[name]) for name in parser}
        found = _value(sections).only
    if not isinstance(found, Mapping):
        return option
    return Configuration((*option.entries, *found.entries), open=True)


def parse_data(parse: Callable[[str], Any], arguments: Arguments) -> AbstractValue | None:
    """Return the value of a function that parses its first argument."""
    first = arguments.get(0, "s")
    several = first.alternatives if first is not None else ()
    found = [_parse(parse, one) for one in several if isinstance(one, str)]
    return union(found) if found else None


def _parse(parse: Callable[[str], Any], given: str) -> AbstractValue:
    try:
        return _value(parse(given))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return UNKNOWN


def _value(data: Any) -> AbstractValue:
    """Return parsed data as an abstract value."""
    if isinstance(data, dict):
        entries = ((key, Element(None, _value(one))) for key, one in data.items())
        return one_of(Mapping(tuple(entries)))
    if isinstance(data, (list, tuple)):
        return one_of(items(*map(_value, data)))
    if isinstance(data, bytes):
        return one_of(data.decode("latin-1"))
    return one_of(data) if data is None or isinstance(data, (str, bool, int)) else UNKNOWN


PARSERS: dict[str, Callable[[str], Any]] = {
    "json.loads": lambda given: json.loads(given, strict=False),
    "ast.literal_eval": ast.literal_eval,
    **dict.fromkeys(("tomllib.loads", "tomli.loads", "toml.loads"), parse_toml),
}
