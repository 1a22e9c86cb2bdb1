"""What the methods of texts, lists and dictionaries give, and how texts are formatted."""

from __future__ import annotations

import operator as op
import re
import string
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.three_valued import any_of
from no_libpython_dlopen.python.evaluator.abstract_values import (
    HOLE_VALUES,
    MAX_TEXT,
    PROBED,
    UNKNOWN,
    Arguments,
    Bag,
    Element,
    Items,
    Known,
    Mapping,
    Values,
    combinations,
    doubted,
    elements,
    flags_of,
    items,
    joined,
    of,
    text,
    union,
)
from no_libpython_dlopen.python.evaluator.models.stdlib import joined_path

_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.\d+)?[hlL]?(?P<type>.)")
#: Methods that computed on each alternative, with plain arguments, give a text.
_PLAIN = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix"}
    | {"title", "capitalize", "casefold", "zfill", "expandtabs", "swapcase"}
)
_SAME = frozenset(
    {"encode", "decode", "as_posix", "resolve", "absolute", "expanduser", "__str__", "__fspath__"}
    | {"readlink", "copy", "value"}
)
_ORDER = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_TESTS = frozenset({"startswith", "endswith", "isdigit", "isalpha"})
_COUNTS = frozenset({"find", "rfind", "index", "rindex", "count"})
_SPLITS = frozenset({"split", "rsplit", "partition", "rpartition", "splitlines"})


def text_method(owner: str, name: str, arguments: Arguments) -> Values:
    """Return what a method of a text or path gives."""
    if name in _SAME:
        return of(owner)
    if name == "join":
        return _join(owner, arguments)
    if name == "format":
        return formatted(owner, arguments)
    if name == "format_map":
        return formatted(owner, Arguments(keywords=_entries(arguments.get(0)), complete=False))
    if name in ("substitute", "safe_substitute"):
        return _substituted(owner, arguments)
    if name == "joinpath":
        return joined_path((of(owner), *arguments.positional), arguments.complete)
    if name in ("with_name", "with_suffix", "with_stem"):
        return _renamed(owner, name, arguments)
    if name in ("glob", "rglob"):
        from no_libpython_dlopen.python.evaluator.models.stdlib import call

        patterns = call("glob.glob", arguments)
        found = elements(patterns.options[0]) if patterns else HOLE_VALUES
        return of(Bag(joined_path((of(owner), found))))
    if name in _PLAIN | _TESTS | _SPLITS | _COUNTS:
        results = [
            _computed(owner, name, combination)
            for combination in combinations([_plain(values) for values in arguments.positional])
        ]
        known = arguments.complete and not arguments.keywords and results
        return union(results) if known else UNKNOWN
    return UNKNOWN


def _plain(values: Values) -> Values:
    return values if values.complete else Values((), False)


def _computed(owner: str, name: str, arguments: tuple[Any, ...]) -> Values:
    """Compute a method of ``str`` for plain arguments."""
    plain: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Items):
            argument = tuple(
                element.values.options[0] if len(element.values.options) == 1 else UNKNOWN_PART
                for element in argument.elements
            )
        plain.append(argument)
    if name in _TESTS and UNKNOWN_PART in owner:
        return _tested(owner, name, plain)
    if name in _COUNTS and UNKNOWN_PART in owner:
        return UNKNOWN
    # What is put in place of a text may have unknown parts, what is looked for may not.
    asked = plain[:1] if name == "replace" else plain
    if any(isinstance(one, str) and UNKNOWN_PART in one for one in asked):
        return HOLE_VALUES if name in _PLAIN else UNKNOWN
    if any(isinstance(one, int) and one > MAX_TEXT for one in plain):
        return UNKNOWN  # ``zfill`` and ``expandtabs`` would make a text of that length
    try:
        result = getattr(owner, name)(*plain)
    except Exception:  # noqa: BLE001  the program would fail here as well
        return UNKNOWN
    if isinstance(result, (list, tuple)):
        return of(items(*(of(part) for part in result)))
    return of(result)


def _tested(owner: str, name: str, plain: list[Any]) -> Values:
    known = (
        owner.partition(UNKNOWN_PART)[0]
        if name == "startswith"
        else owner.rpartition(UNKNOWN_PART)[2]
    )
    if name in ("startswith", "endswith") and plain:
        wanted = plain[0] if isinstance(plain[0], tuple) else (plain[0],)
        if all(isinstance(one, str) and len(one) <= len(known) for one in wanted):
            return of(getattr(known, name)(tuple(wanted)))
    return UNKNOWN


def _join(separator: str, arguments: Arguments) -> Values:
    given = arguments.get(0)
    if given is None:
        return UNKNOWN
    results = []
    for option in given.options:
        if isinstance(option, Items):
            parts: list[Values] = []
            for element in option.elements:
                parts += [of(separator), element.values] if parts else [element.values]
            results.append(joined(parts))
        else:
            results.append(HOLE_VALUES)
    return union(results) if results and given.complete else joined([*results[:1], HOLE_VALUES])


def _entries(values: Values | None) -> tuple[tuple[str, Values], ...]:
    """Return what a dictionary has under its texts; nothing if it is not one dictionary."""
    if values is None or len(values.options) != 1 or not isinstance(values.options[0], Mapping):
        return ()
    return tuple(
        (key, element.values) for key, element in values.options[0].entries if isinstance(key, str)
    )


def _substituted(template: str, arguments: Arguments) -> Values:
    """Return what ``string.Template(template).substitute(...)`` may give."""
    given = {**dict(_entries(arguments.get(0))), **dict(arguments.keywords)}
    parts: list[Values] = []
    position = 0
    for match in string.Template.pattern.finditer(template):
        name = match["named"] or match["braced"]
        parts.append(of(template[position : match.start()]))
        parts.append(of("$") if match["escaped"] else given.get(name, HOLE_VALUES))
        position = match.end()
    return joined([*parts, of(template[position:])])


def _renamed(owner: str, name: str, arguments: Arguments) -> Values:
    head, slash, base = owner.rpartition("/")
    new = arguments.get(0) or of("")
    if name == "with_name":
        return joined([of(head + slash), new])
    stem, dot, suffix = base.rpartition(".")
    stem, suffix = (stem, dot + suffix) if dot and stem else (base, "")
    if name == "with_stem":
        return joined([of(head + slash), new, of(suffix)])
    return joined([of(head + slash + stem), new])


def text_attribute(owner: str, name: str) -> Values | None:
    """Return an attribute of a path; ``None`` where texts and paths have none of it."""
    head, _, base = owner.rpartition("/")
    stem, dot, suffix = base.rpartition(".")
    found = {
        "parent": head or UNKNOWN_PART,
        "name": base,
        "stem": stem if dot and stem else base,
        "suffix": dot + suffix if dot and stem else "",
        "value": owner,
    }.get(name)
    return of(found) if found is not None else None


def formatted(template: str, arguments: Arguments) -> Values:
    """Return what ``template.format(...)`` may give."""
    parts: list[Values] = []
    number = 0
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:
        return HOLE_VALUES
    for literal, field, spec, _conversion in pieces:
        parts.append(of(literal))
        if field is None:
            continue
        name, rest = re.match(r"([^.\[]*)(.*)", field, re.DOTALL).groups()  # type: ignore[union-attr]
        if not name:
            name, number = str(number), number + 1
        found = arguments.get(int(name)) if name.isdigit() else arguments.get(10_000, name)
        parts.append(padded(_part(found, rest), spec or ""))
    return joined(parts)


def _part(values: Values | None, rest: str) -> Values:
    """Follow the ``[0]`` and ``.minor`` of a replacement field."""
    if values is None:
        return HOLE_VALUES
    for step in re.findall(r"\[([^\]]*)\]|\.(\w+)", rest):
        index, attribute = step
        if index.isdigit():
            values = union(item_of(option, int(index)) for option in values.options)
        elif index:
            values = union(item_of(option, index) for option in values.options)
        else:
            position = {"major": 0, "minor": 1, "micro": 2}.get(attribute, 99)
            values = union(item_of(option, position) for option in values.options)
    return values


def padded(values: Values, spec: str) -> Values:
    """Return values as a format specification writes them."""
    if not spec or spec in ("s", "d"):
        return values
    if re.search(r"\d{4}", spec):  # wider than any name
        return HOLE_VALUES
    found = []
    for option in values.options:
        try:
            plain = isinstance(option, (str, int)) and UNKNOWN_PART not in text(option)
            found.append(format(option, spec) if plain else UNKNOWN_PART)
        except ValueError:  # noqa: PERF203  each alternative may fail alone
            found.append(UNKNOWN_PART)
    return Values(tuple(dict.fromkeys(found)), values.complete, values.flags)


def percent(template: str, right: Values) -> Values:
    """Return what ``template % right`` may give."""
    results = []
    for option in right.options if right.complete else (Known("?"),):
        parts: list[Values] = []
        position = number = 0
        for match in _PERCENT.finditer(template):
            parts.append(of(template[position : match.start()]))
            position = match.end()
            if match["type"] == "%":
                parts.append(of("%"))
                continue
            if match["key"] is not None:
                part = item_of(option, match["key"])
            elif isinstance(option, Items):
                part = item_of(option, number)
            else:
                part = of(option) if number == 0 else UNKNOWN
            number += 1
            parts.append(part if part.options else HOLE_VALUES)
        parts.append(of(template[position:]))
        results.append(joined(parts, right.flags))
    return union(results)


def plain_key(key: Any) -> Any:
    """Return a key in a form that compares by value: a tuple of plain values as one."""
    if isinstance(key, Items):
        parts = [element.values for element in key.elements]
        if all(part.complete and len(part.options) == 1 for part in parts):
            return tuple(part.options[0] for part in parts)
    return key


def item_of(option: Any, key: Any) -> Values:
    """Return ``option[key]`` for a plain key."""
    if isinstance(option, Items) and isinstance(key, int):
        count = len(option.elements)
        return option.elements[key].values if -count <= key < count else UNKNOWN
    if isinstance(option, Bag):
        return option.values
    if isinstance(option, Mapping):
        key = plain_key(key)
        found = [
            e.values
            for k, e in option.entries
            if plain_key(k) == key and type(plain_key(k)) is type(key)
        ]
        if found and UNKNOWN_PART not in text(key):
            return union(found[-1:])
        if UNKNOWN_PART in text(key):  # any of them, and no other in a closed dictionary
            return union([*(e.values for _, e in option.entries), UNKNOWN]).flagged(PROBED)
        return UNKNOWN if option.open else Values()
    if isinstance(option, str) and isinstance(key, int):
        if UNKNOWN_PART in option:
            return HOLE_VALUES
        return of(option[key]) if -len(option) <= key < len(option) else UNKNOWN
    return UNKNOWN


def slice_of(option: Any, start: int | None, stop: int | None, step: int | None) -> Values:
    """Return ``option[start:stop:step]``."""
    if isinstance(option, Items):
        return of(Items(option.elements[start:stop:step]))
    if isinstance(option, Bag):
        return of(option)
    if isinstance(option, str):
        if UNKNOWN_PART not in option:
            return of(option[start:stop:step])
        return of(_cut_text(option, start or 0, stop)) if step is None else HOLE_VALUES
    return UNKNOWN


def _cut_text(text: str, start: int, stop: int | None) -> str:
    """Return ``text[start:stop]`` where the holes in it have no known length."""
    first, last = text.index(UNKNOWN_PART), len(text) - text.rindex(UNKNOWN_PART) - 1
    if start < 0 or start > first:
        return UNKNOWN_PART
    if stop is None:
        return text[start:]
    if stop < 0:
        return text[start:stop] if -stop <= last else text[start:first] + UNKNOWN_PART
    return text[start:stop] if stop <= first else text[start:first] + UNKNOWN_PART


def merged(left: Values, right: Values) -> Values:
    """Return what ``left | right`` of two dictionaries may be."""
    found = [Values((), left.complete)]
    for one in left.options:
        for other in (*right.options, *([] if right.complete else [None])):
            if not isinstance(one, Mapping):
                found.append(UNKNOWN)
            elif not isinstance(other, Mapping):
                found.append(of(Mapping(doubted(one.entries), open=True)))
            else:
                new = {key for key, _ in other.entries}
                kept = tuple(entry for entry in one.entries if entry[0] not in new)
                kept = doubted(kept) if other.open else kept
                found.append(of(Mapping(kept + other.entries, one.open or other.open)))
    return union(found)


def collection_method(owner: Any, name: str, arguments: Arguments) -> Values:
    """Return what a method of a list or dictionary gives."""
    if name == "copy":
        return of(owner)
    if isinstance(owner, Mapping):
        if name in ("get", "pop", "setdefault"):
            keys = arguments.get(0) or UNKNOWN
            default = arguments.get(1) or of(None)
            if not keys.complete:
                return union([*(e.values for _, e in owner.entries), default, UNKNOWN])
            found = [item_of(owner, key) for key in keys.options]
            missing = any(not values.options for values in found)
            return union([*found, *([default] if missing else [])]).flagged(keys.flags)
        everything: dict[str, tuple[Element, ...]] = {
            "values": tuple(element for _, element in owner.entries),
            "keys": tuple(Element(None, of(key)) for key, _ in owner.entries),
            "items": tuple(
                Element(None, of(Items((Element(None, of(key)), element))))
                for key, element in owner.entries
            ),
        }
        if name in everything:
            listed = Items(everything[name])
            return of(Bag(union([elements(listed), UNKNOWN])) if owner.open else listed)
    if name == "pop":
        key = arguments.get(0) or of(-1)
        if isinstance(owner, Items) and len(owner.elements) > 1:
            return elements(owner).flagged(PROBED)  # which one depends on those taken before
        if len(key.options) == 1:
            return item_of(owner, key.options[0])
    return UNKNOWN


def compared(operator: str, left: Values, right: Values) -> Values:
    """Return what a comparison of two values gives, ``UNKNOWN`` where it may be either."""
    flags = flags_of((left, right))
    if not (left.complete and right.complete):
        return Values((), False, flags)
    results: set[bool] = set()
    for one, other in combinations((left, right)):
        outcome = _outcome(operator, one, other)
        if outcome is None:
            return Values((), False, flags)
        results.add(outcome)
    return of(*sorted(results), flags=flags) if results else Values((), False, flags)


def _outcome(operator: str, left: Any, right: Any) -> bool | None:
    if operator in ("not in", "!=", "is not"):
        opposite = {"not in": "in", "!=": "==", "is not": "is"}[operator]
        found = _outcome(opposite, left, right)
        return None if found is None else not found
    if operator == "in":
        if isinstance(right, (Items, Mapping)):
            inner = elements(right)
            if not inner.complete:
                return None
            return any_of([_outcome("==", left, option) for option in inner.options])
        if isinstance(right, str) and isinstance(left, str):
            if UNKNOWN_PART in left + right:
                return None
            return left in right
        return None
    if operator in ("==", "is"):
        return _equal(left, right)
    if isinstance(left, int) and isinstance(right, int):
        return bool(_ORDER[operator](left, right))
    return None


def _equal(left: Any, right: Any) -> bool | None:
    plain = (str, int, type(None))
    if isinstance(left, plain) and isinstance(right, plain):
        if isinstance(left, str) and isinstance(right, str) and UNKNOWN_PART in left + right:
            for one, other in ((left, right), (right, left)):
                pattern = ".*".join(map(re.escape, one.split(UNKNOWN_PART)))
                if UNKNOWN_PART not in other and not re.fullmatch(pattern, other, re.DOTALL):
                    return False
            return None
        return bool(left == right)
    return None


def truth_of(option: Any) -> bool | None:
    """Return whether an alternative is true, ``None`` where it may be either."""
    if isinstance(option, str):
        return (
            bool(option)
            if UNKNOWN_PART not in option
            else (True if option.strip(UNKNOWN_PART) else None)
        )
    if option is None or isinstance(option, (bool, int)):
        return bool(option)
    if isinstance(option, Items):
        return bool(option.elements)
    return None if isinstance(option, (Bag, Mapping, Known)) else True
