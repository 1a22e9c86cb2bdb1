"""Models of the methods and attributes of texts and paths."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.limits import PYTHON_ALTERNATIVES, PYTHON_TEXT
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Items,
    Mapping,
    combinations,
    concatenate,
    cut_by,
    elements,
    items,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.models.command_output import file_content
from no_libpython_dlopen.python.evaluator.models.comparisons import compare
from no_libpython_dlopen.python.evaluator.models.formatting import (
    format_map,
    format_template,
    substitute,
)
from no_libpython_dlopen.python.evaluator.models.paths import file_exists, join_paths
from no_libpython_dlopen.python.evaluator.models.stdlib import match_files

#: Methods that are computed on each alternative. These give a text.
_TO_TEXT = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix"}
    | {"title", "capitalize", "casefold", "zfill", "expandtabs", "swapcase"}
)
_TESTS = frozenset({"startswith", "endswith", "isdigit", "isalpha"})
_COUNTS = frozenset({"find", "rfind", "index", "rindex", "count"})
_SPLITS = frozenset({"split", "rsplit", "partition", "rpartition", "splitlines"})
_COMPUTED = _TO_TEXT | _TESTS | _COUNTS | _SPLITS


def text_method(owner: str, name: str, arguments: Arguments) -> AbstractValue:
    """Return the abstract value of a call of a text's or a path's method."""
    if name in _METHODS:
        return _METHODS[name](owner, arguments)
    if name not in _COMPUTED or not arguments.complete or arguments.keywords:
        return UNKNOWN
    if not all(one.exhaustive for one in arguments.positional):
        return UNKNOWN
    results = [_compute(owner, name, given) for given in combinations(arguments.positional)]
    return union(results) if results else cut_by(PYTHON_ALTERNATIVES)


def _compute(owner: str, name: str, arguments: tuple[Any, ...]) -> AbstractValue:
    """Return the value of a method of ``str`` for known arguments."""
    given = [_tuple_of(one) if isinstance(one, Items) else one for one in arguments]
    if name in _TESTS and UNKNOWN_PART in owner:
        return _test(owner, name, given)
    if name in _COUNTS and UNKNOWN_PART in owner:
        return UNKNOWN
    # What is put in place of a text may have unknown parts, what is looked for may not.
    asked = given[:1] if name == "replace" else given
    if any(isinstance(one, str) and UNKNOWN_PART in one for one in asked):
        return UNKNOWN_TEXT if name in _TO_TEXT else UNKNOWN
    if any(isinstance(one, int) and one > PYTHON_TEXT for one in given):
        return UNKNOWN  # ``zfill`` and ``expandtabs`` would make a text of that length
    try:
        result = getattr(owner, name)(*given)
    except Exception:  # noqa: BLE001  the program would fail here as well
        return UNKNOWN
    if isinstance(result, (list, tuple)):
        return one_of(items(*map(one_of, result)))
    return one_of(result)


def _translate(owner: str, arguments: Arguments) -> AbstractValue:
    table = arguments.get(0)
    only = table.certain if table is not None else None
    if not isinstance(only, Mapping):
        return UNKNOWN_TEXT
    several = [(key, one.values) for key, one in only.entries]
    is_known = all(one.exhaustive and len(one.alternatives) == 1 for _, one in several)
    if only.open or not is_known:
        return UNKNOWN_TEXT
    try:
        return one_of(owner.translate({key: one.only for key, one in several}))
    except (TypeError, ValueError):
        return UNKNOWN_TEXT


def _tuple_of(option: Items) -> tuple[Any, ...]:
    several = [element.values.alternatives for element in option.elements]
    return tuple(one[0] if len(one) == 1 else UNKNOWN_PART for one in several)


def _test(owner: str, name: str, given: list[Any]) -> AbstractValue:
    """Return the outcome of a test of a text whose beginning or end may be known."""
    if name in ("startswith", "endswith") and given:
        head, _, rest = owner.partition(UNKNOWN_PART)
        known = head if name == "startswith" else rest.rpartition(UNKNOWN_PART)[2]
        wanted = given[0] if isinstance(given[0], tuple) else (given[0],)
        if all(isinstance(one, str) and len(one) <= len(known) for one in wanted):
            return one_of(getattr(known, name)(wanted))
        if known and all(isinstance(one, str) and UNKNOWN_PART not in one for one in wanted):
            longer = [getattr(one, name)(known) or getattr(known, name)(one) for one in wanted]
            return UNKNOWN if any(longer) else one_of(False)
    return UNKNOWN


def _join(separator: str, arguments: Arguments) -> AbstractValue:
    given = arguments.get(0)
    if given is None:
        return UNKNOWN
    results = []
    for option in given.alternatives:
        parts: list[AbstractValue] = []
        for element in option.elements if isinstance(option, Items) else ():
            parts += [one_of(separator), element.values] if parts else [element.values]
        results.append(concatenate(parts) if isinstance(option, Items) else UNKNOWN_TEXT)
    if results and given.exhaustive:
        return union(results)
    return concatenate([*results[:1], UNKNOWN_TEXT])


def _split_path(path: str) -> tuple[str, str, str]:
    """Return a path's folder with its slash, and the stem and the suffix of its last part."""
    head, slash, base = path.rpartition("/")
    stem, dot, suffix = base.rpartition(".")
    return (head + slash, stem, dot + suffix) if dot and stem else (head + slash, base, "")


def _rename(owner: str, arguments: Arguments, name: str) -> AbstractValue:
    head, stem, suffix = _split_path(owner)
    before = head + stem if name == "with_suffix" else head
    after = suffix if name == "with_stem" else ""
    return concatenate([one_of(before), arguments.get(0) or one_of(""), one_of(after)])


def _glob(owner: str, arguments: Arguments) -> AbstractValue:
    patterns = match_files(arguments)
    found = elements(patterns.alternatives[0]) if patterns else UNKNOWN_TEXT
    return one_of(Bag(join_paths((one_of(owner), found))))


def _compare(operator: str, owner: str, arguments: Arguments) -> AbstractValue:
    first = arguments.get(0)
    if first is None:
        return UNKNOWN
    pair = (first, one_of(owner)) if operator == "in" else (one_of(owner), first)
    return compare(operator, *pair)


_COMPARISONS = {"__eq__": "==", "__ne__": "!=", "__contains__": "in"}
_SAME = (
    *("encode", "decode", "as_posix", "resolve", "absolute", "expanduser", "__str__"),
    *("__fspath__", "readlink", "copy", "value", "read", "readline"),
)
_READS = ("open", "read_text", "read_bytes")
_METHODS: dict[str, Callable[[str, Arguments], AbstractValue]] = {
    **dict.fromkeys(_SAME, lambda owner, _: one_of(owner)),
    "join": _join,
    "format": format_template,
    "format_map": format_map,
    "substitute": substitute,
    "safe_substitute": substitute,
    "translate": _translate,
    "joinpath": lambda owner, given: join_paths((one_of(owner), *given.positional), given.complete),
    "with_name": lambda owner, given: _rename(owner, given, "with_name"),
    "with_suffix": lambda owner, given: _rename(owner, given, "with_suffix"),
    "with_stem": lambda owner, given: _rename(owner, given, "with_stem"),
    **dict.fromkeys(("exists", "is_dir", "is_file"), lambda owner, _: file_exists(one_of(owner))),
    **dict.fromkeys(_READS, lambda owner, _: file_content(one_of(owner)) or UNKNOWN),
    "glob": _glob,
    "rglob": _glob,
    **{name: partial(_compare, operator) for name, operator in _COMPARISONS.items()},
}


def text_attribute(owner: str, name: str) -> AbstractValue | None:
    """Return an attribute of a path; ``None`` where texts and paths have none of it."""
    head, stem, suffix = _split_path(owner)
    found = {
        "parent": head[:-1] or UNKNOWN_PART,
        "name": stem + suffix,
        "stem": stem,
        "suffix": suffix,
        "value": owner,
        "path": owner,  # of an entry of ``os.scandir``
    }.get(name)
    return one_of(found) if found is not None else None
