"""Models of the functions of ``re`` and ``fnmatch``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    LISTED,
    LISTING,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Element,
    External,
    Mapping,
    Partial,
    combinations,
    is_output,
    items,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models.command_output import picked_line
from no_libpython_dlopen.python.evaluator.models.comparisons import compare
from no_libpython_dlopen.python.evaluator.models.patterns import (
    regex_groups,
    regex_text,
    replace_literal,
)

Model = AbstractValue | None

#: A regular expression without groups, classes and escapes.
_PLAIN = re.compile(r"[^(\[\\]*")


def replace(arguments: Arguments) -> Model:
    """Return the value of ``re.sub``."""
    given = [arguments.get(i, name) for i, name in enumerate(("pattern", "repl", "string"))]
    known = [one for one in given if one is not None and one.exhaustive]
    several = combinations(known) if len(known) == len(given) else ()
    found = {
        replace_literal(*one) if all(isinstance(part, str) for part in one) else UNKNOWN_PART
        for one in several
    }
    return one_of(*sorted(found)) if found else None


def patterns_in(value: AbstractValue) -> AbstractValue:
    """Return the texts of compiled patterns; the value itself if not all of it are such."""
    compiled = [
        one.arguments.get(0, "pattern")
        for one in value.alternatives
        if isinstance(one, Partial) and one.callee == External("re.compile")
    ]
    if not compiled or len(compiled) < len(value.alternatives):
        return value
    return union(one for one in compiled if one is not None).part_of(value)


def match(arguments: Arguments, function: str = "search") -> Model:
    """Return the value of ``re.match`` and the like: what its groups give, if anything matches."""
    pattern, subject = arguments.get(0, "pattern"), arguments.get(1, "string")
    has_flags = len(arguments.positional) + len(arguments.keywords) != 2
    if pattern is not None and subject is not None and subject.exhaustive and not has_flags:
        pairs = list(combinations((pattern, subject)))
        if pairs and not any(_may_match(function, *pair) for pair in pairs):
            return one_of(None).part_of(pattern).part_of(subject)
    if pattern is not None and subject is not None and _is_listing(subject):
        return one_of(External(picked_line(texts(pattern))), None, labels=FROM_CANDIDATES)
    groups = map(regex_groups, texts(pattern)) if pattern is not None else ()
    several = (tuple((key, Element(None, one_of(one))) for key, one in g.items()) for g in groups)
    found = (Mapping(entries) for entries in several if len(entries) > 1 or _tells(entries))
    return AbstractValue((*found, None), False)


def _may_match(function: str, pattern: Any, subject: Any) -> bool:
    """Return whether a function of ``re`` may find a pattern in an alternative."""
    if not isinstance(pattern, str) or not isinstance(subject, str) or UNKNOWN_PART in pattern:
        return True
    if "(?" in pattern:  # flags, perhaps
        return True
    several = pattern.split("|") if _PLAIN.fullmatch(pattern) else [pattern]
    matching = one_of(*(regex_text(one, function) for one in several))
    return compare("in", one_of(subject), one_of(items(matching))).certain is not False


def match_glob(arguments: Arguments) -> Model:
    """Return the value of ``fnmatch.fnmatch``."""
    name, pattern = arguments.get(0, "name"), arguments.get(1, "pat")
    if name is None or pattern is None:
        return None
    pairs = list(combinations((name, pattern)))
    known = [one for one in pairs if all(isinstance(part, str) for part in one)]
    if not pairs or len(known) < len(pairs) or any(UNKNOWN_PART in "".join(one) for one in known):
        return None
    outcomes = {fnmatchcase(*one) for one in known}
    return one_of(*sorted(outcomes)).part_of(name).part_of(pattern)


def _is_listing(value: AbstractValue) -> bool:
    return any(is_output(one, (LISTING, LISTED)) for one in value.alternatives)


def _tells(entries: Iterable[tuple[Any, Element]]) -> bool:
    return any(one.values != UNKNOWN_TEXT for _, one in entries)


def match_all(arguments: Arguments, *, is_text: bool = False) -> Model:
    """Return the value of ``re.finditer``, or of ``re.findall``: its only group, if it has one."""
    groups = match(arguments)
    if groups is not None and _is_listing(groups):
        return one_of(Bag(groups))
    found = [one for one in groups.alternatives if isinstance(one, Mapping)] if groups else []
    if is_text:
        kept = (dict(one.entries) for one in found if len(one.entries) <= 2)
        return one_of(Bag(union(one[max(one.keys() & {0, 1})].values for one in kept)))
    return one_of(Bag(one_of(*found)))
