"""Models of the ways to format a text: ``%``, ``format``, templates and format specifications."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from itertools import count
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    External,
    Items,
    Mapping,
    concatenate,
    one_of,
    text,
    union,
)
from no_libpython_dlopen.python.evaluator.models.containers import item_of
from no_libpython_dlopen.python.evaluator.models.stdlib import as_mapping

_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.\d+)?[hlL]?(?P<type>.)")
_FIELD = re.compile(r"([^.\[]*)(.*)", re.DOTALL)
_FIELD_STEP = re.compile(r"\[([^\]]*)\]|\.(\w+)")
_VERSION_PARTS = {"major": 0, "minor": 1, "micro": 2}
_OUT_OF_RANGE = 99


def _fill(
    template: str, pattern: re.Pattern[str], part: Callable[[re.Match[str]], AbstractValue]
) -> AbstractValue:
    """Return a template with a part in place of each match."""
    parts: list[AbstractValue] = []
    position = 0
    for match in pattern.finditer(template):
        parts += [one_of(template[position : match.start()]), part(match)]
        position = match.end()
    return concatenate([*parts, one_of(template[position:])])


def format_percent(template: str, right: AbstractValue) -> AbstractValue:
    """Return the abstract value of ``template % right``."""
    options = right.alternatives if right.exhaustive else (External("?"),)
    return union(_percent(template, option).with_labels(right.labels) for option in options)


def _percent(template: str, option: Any) -> AbstractValue:
    numbers = count()

    def part(match: re.Match[str]) -> AbstractValue:
        if match["type"] == "%":
            return one_of("%")
        number = next(numbers)
        if match["key"] is not None:
            found = item_of(as_mapping(option), match["key"])
        elif isinstance(option, Items):
            found = item_of(option, number)
        else:
            found = one_of(option) if number == 0 else UNKNOWN
        return found if found.alternatives else UNKNOWN_TEXT

    return _fill(template, _PERCENT, part)


def _entries(value: AbstractValue | None) -> tuple[tuple[str, AbstractValue], ...]:
    """Return the values of a dictionary by key; nothing if it is not one dictionary."""
    only = as_mapping(value.only) if value is not None else None
    if not isinstance(only, Mapping):
        return ()
    return tuple((key, one.values) for key, one in only.entries if isinstance(key, str))


def substitute(template: str, arguments: Arguments) -> AbstractValue:
    """Return the abstract value of ``string.Template(template).substitute(...)``."""
    given = {**dict(_entries(arguments.get(0))), **dict(arguments.keywords)}

    def part(match: re.Match[str]) -> AbstractValue:
        name = match["named"] or match["braced"]
        return one_of("$") if match["escaped"] else given.get(name, UNKNOWN_TEXT)

    return _fill(template, string.Template.pattern, part)


def format_map(template: str, arguments: Arguments) -> AbstractValue:
    """Return the abstract value of ``template.format_map(...)``."""
    given = Arguments(keywords=_entries(arguments.get(0)), complete=False)
    return format_template(template, given)


def formatter_method(arguments: Arguments) -> AbstractValue | None:
    """Return the value of ``string.Formatter().format(template, ...)``."""
    first = arguments.get(0)
    if first is None:
        return None
    return union(format_template(text(one), arguments.rest) for one in first.alternatives)


def format_template(template: str, arguments: Arguments) -> AbstractValue:
    """Return the abstract value of ``template.format(...)``."""
    parts: list[AbstractValue] = []
    numbers = count()
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:
        return UNKNOWN_TEXT
    for literal, field, spec, _conversion in pieces:
        parts.append(one_of(literal))
        if field is None:
            continue
        name, steps = _FIELD.match(field).groups()  # type: ignore[union-attr]  # anything matches
        name = name or str(next(numbers))
        found = arguments.get(int(name)) if name.isdigit() else arguments.keyword(name)
        parts.append(apply_format_spec(_field_part(found, steps), spec or ""))
    return concatenate(parts)


def _field_part(value: AbstractValue | None, steps: str) -> AbstractValue:
    """Follow the ``[0]`` and ``.minor`` of a replacement field."""
    if value is None:
        return UNKNOWN_TEXT
    for index, attribute in _FIELD_STEP.findall(steps):
        key = int(index) if index.isdigit() else index
        key = key if index else _VERSION_PARTS.get(attribute, _OUT_OF_RANGE)
        value = union(item_of(as_mapping(option), key) for option in value.alternatives)
    return value


def apply_format_spec(value: AbstractValue, spec: str) -> AbstractValue:
    """Return a value as a format specification writes it."""
    if not spec or spec in ("s", "d"):
        return value
    if re.search(r"\d{4}", spec):  # wider than any name
        return UNKNOWN_TEXT
    found = []
    for option in value.alternatives:
        try:
            is_known = isinstance(option, (str, int)) and UNKNOWN_PART not in text(option)
            found.append(format(option, spec) if is_known else UNKNOWN_PART)
        except ValueError:  # noqa: PERF203  each alternative may fail alone
            found.append(UNKNOWN_PART)
    return AbstractValue(tuple(dict.fromkeys(found)), value.exhaustive, value.labels)
