"""What the methods of texts, lists and dictionaries give, and how texts are formatted."""

from __future__ import annotations

import operator as op
import re
import string
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.three_valued import any_of
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    MAX_TEXT,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Element,
    External,
    Items,
    Mapping,
    combinations,
    concatenate,
    elements,
    items,
    labels_of,
    one_of,
    text,
    union,
    weaken,
)
from no_libpython_dlopen.python.evaluator.models.stdlib import join_paths

_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.\d+)?[hlL]?(?P<type>.)")
#: Methods that computed on each alternative, with plain arguments, give a text.
_COMPUTED = frozenset(
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


def text_method(owner: str, name: str, arguments: Arguments) -> AbstractValue:
    """Return what a method of a text or path gives."""
    if name in _SAME:
        return one_of(owner)
    if name == "join":
        return _join(owner, arguments)
    if name == "format":
        return format_template(owner, arguments)
    if name == "format_map":
        return format_template(
            owner, Arguments(keywords=_entries(arguments.get(0)), complete=False)
        )
    if name in ("substitute", "safe_substitute"):
        return _substitute(owner, arguments)
    if name == "joinpath":
        return join_paths((one_of(owner), *arguments.positional), arguments.complete)
    if name in ("with_name", "with_suffix", "with_stem"):
        return _rename(owner, name, arguments)
    if name in ("glob", "rglob"):
        from no_libpython_dlopen.python.evaluator.models.stdlib import call_external

        patterns = call_external("glob.glob", arguments)
        found = elements(patterns.alternatives[0]) if patterns else UNKNOWN_TEXT
        return one_of(Bag(join_paths((one_of(owner), found))))
    if name in _COMPUTED | _TESTS | _SPLITS | _COUNTS:
        results = [
            _compute(owner, name, combination)
            for combination in combinations(
                [_if_exhaustive(values) for values in arguments.positional]
            )
        ]
        known = arguments.complete and not arguments.keywords and results
        return union(results) if known else UNKNOWN
    return UNKNOWN


def _if_exhaustive(values: AbstractValue) -> AbstractValue:
    return values if values.exhaustive else AbstractValue((), False)


def _compute(owner: str, name: str, arguments: tuple[Any, ...]) -> AbstractValue:
    """Compute a method of ``str`` for plain arguments."""
    plain: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Items):
            argument = tuple(
                element.values.alternatives[0]
                if len(element.values.alternatives) == 1
                else UNKNOWN_PART
                for element in argument.elements
            )
        plain.append(argument)
    if name in _TESTS and UNKNOWN_PART in owner:
        return _test(owner, name, plain)
    if name in _COUNTS and UNKNOWN_PART in owner:
        return UNKNOWN
    # What is put in place of a text may have unknown parts, what is looked for may not.
    asked = plain[:1] if name == "replace" else plain
    if any(isinstance(one, str) and UNKNOWN_PART in one for one in asked):
        return UNKNOWN_TEXT if name in _COMPUTED else UNKNOWN
    if any(isinstance(one, int) and one > MAX_TEXT for one in plain):
        return UNKNOWN  # ``zfill`` and ``expandtabs`` would make a text of that length
    try:
        result = getattr(owner, name)(*plain)
    except Exception:  # noqa: BLE001  the program would fail here as well
        return UNKNOWN
    if isinstance(result, (list, tuple)):
        return one_of(items(*(one_of(part) for part in result)))
    return one_of(result)


def _test(owner: str, name: str, plain: list[Any]) -> AbstractValue:
    known = (
        owner.partition(UNKNOWN_PART)[0]
        if name == "startswith"
        else owner.rpartition(UNKNOWN_PART)[2]
    )
    if name in ("startswith", "endswith") and plain:
        wanted = plain[0] if isinstance(plain[0], tuple) else (plain[0],)
        if all(isinstance(one, str) and len(one) <= len(known) for one in wanted):
            return one_of(getattr(known, name)(tuple(wanted)))
    return UNKNOWN


def _join(separator: str, arguments: Arguments) -> AbstractValue:
    given = arguments.get(0)
    if given is None:
        return UNKNOWN
    results = []
    for option in given.alternatives:
        if isinstance(option, Items):
            parts: list[AbstractValue] = []
            for element in option.elements:
                parts += [one_of(separator), element.values] if parts else [element.values]
            results.append(concatenate(parts))
        else:
            results.append(UNKNOWN_TEXT)
    return (
        union(results)
        if results and given.exhaustive
        else concatenate([*results[:1], UNKNOWN_TEXT])
    )


def _entries(values: AbstractValue | None) -> tuple[tuple[str, AbstractValue], ...]:
    """Return what a dictionary has under its texts; nothing if it is not one dictionary."""
    if (
        values is None
        or len(values.alternatives) != 1
        or not isinstance(values.alternatives[0], Mapping)
    ):
        return ()
    return tuple(
        (key, element.values)
        for key, element in values.alternatives[0].entries
        if isinstance(key, str)
    )


def _substitute(template: str, arguments: Arguments) -> AbstractValue:
    """Return what ``string.Template(template).substitute(...)`` may give."""
    given = {**dict(_entries(arguments.get(0))), **dict(arguments.keywords)}
    parts: list[AbstractValue] = []
    position = 0
    for match in string.Template.pattern.finditer(template):
        name = match["named"] or match["braced"]
        parts.append(one_of(template[position : match.start()]))
        parts.append(one_of("$") if match["escaped"] else given.get(name, UNKNOWN_TEXT))
        position = match.end()
    return concatenate([*parts, one_of(template[position:])])


def _rename(owner: str, name: str, arguments: Arguments) -> AbstractValue:
    head, slash, base = owner.rpartition("/")
    new = arguments.get(0) or one_of("")
    if name == "with_name":
        return concatenate([one_of(head + slash), new])
    stem, dot, suffix = base.rpartition(".")
    stem, suffix = (stem, dot + suffix) if dot and stem else (base, "")
    if name == "with_stem":
        return concatenate([one_of(head + slash), new, one_of(suffix)])
    return concatenate([one_of(head + slash + stem), new])


def text_attribute(owner: str, name: str) -> AbstractValue | None:
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
    return one_of(found) if found is not None else None


def format_template(template: str, arguments: Arguments) -> AbstractValue:
    """Return what ``template.format(...)`` may give."""
    parts: list[AbstractValue] = []
    number = 0
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:
        return UNKNOWN_TEXT
    for literal, field, spec, _conversion in pieces:
        parts.append(one_of(literal))
        if field is None:
            continue
        name, rest = re.match(r"([^.\[]*)(.*)", field, re.DOTALL).groups()  # type: ignore[union-attr]
        if not name:
            name, number = str(number), number + 1
        found = arguments.get(int(name)) if name.isdigit() else arguments.get(10_000, name)
        parts.append(apply_format_spec(_part(found, rest), spec or ""))
    return concatenate(parts)


def _part(values: AbstractValue | None, rest: str) -> AbstractValue:
    """Follow the ``[0]`` and ``.minor`` of a replacement field."""
    if values is None:
        return UNKNOWN_TEXT
    for step in re.findall(r"\[([^\]]*)\]|\.(\w+)", rest):
        index, attribute = step
        if index.isdigit():
            values = union(item_of(option, int(index)) for option in values.alternatives)
        elif index:
            values = union(item_of(option, index) for option in values.alternatives)
        else:
            position = {"major": 0, "minor": 1, "micro": 2}.get(attribute, 99)
            values = union(item_of(option, position) for option in values.alternatives)
    return values


def apply_format_spec(values: AbstractValue, spec: str) -> AbstractValue:
    """Return values as a format specification writes them."""
    if not spec or spec in ("s", "d"):
        return values
    if re.search(r"\d{4}", spec):  # wider than any name
        return UNKNOWN_TEXT
    found = []
    for option in values.alternatives:
        try:
            plain = isinstance(option, (str, int)) and UNKNOWN_PART not in text(option)
            found.append(format(option, spec) if plain else UNKNOWN_PART)
        except ValueError:  # noqa: PERF203  each alternative may fail alone
            found.append(UNKNOWN_PART)
    return AbstractValue(tuple(dict.fromkeys(found)), values.exhaustive, values.labels)


def format_percent(template: str, right: AbstractValue) -> AbstractValue:
    """Return what ``template % right`` may give."""
    results = []
    for option in right.alternatives if right.exhaustive else (External("?"),):
        parts: list[AbstractValue] = []
        position = number = 0
        for match in _PERCENT.finditer(template):
            parts.append(one_of(template[position : match.start()]))
            position = match.end()
            if match["type"] == "%":
                parts.append(one_of("%"))
                continue
            if match["key"] is not None:
                part = item_of(option, match["key"])
            elif isinstance(option, Items):
                part = item_of(option, number)
            else:
                part = one_of(option) if number == 0 else UNKNOWN
            number += 1
            parts.append(part if part.alternatives else UNKNOWN_TEXT)
        parts.append(one_of(template[position:]))
        results.append(concatenate(parts, right.labels))
    return union(results)


def comparable_key(key: Any) -> Any:
    """Return a key in a form that compares by value: a tuple of plain values as one."""
    if isinstance(key, Items):
        parts = [element.values for element in key.elements]
        if all(part.exhaustive and len(part.alternatives) == 1 for part in parts):
            return tuple(part.alternatives[0] for part in parts)
    return key


def item_of(option: Any, key: Any) -> AbstractValue:
    """Return ``option[key]`` for a plain key."""
    if isinstance(option, Items) and isinstance(key, int):
        count = len(option.elements)
        return option.elements[key].values if -count <= key < count else UNKNOWN
    if isinstance(option, Bag):
        return option.values
    if isinstance(option, Mapping):
        key = comparable_key(key)
        found = [
            e.values
            for k, e in option.entries
            if comparable_key(k) == key and type(comparable_key(k)) is type(key)
        ]
        if found and UNKNOWN_PART not in text(key):
            return union(found[-1:])
        if UNKNOWN_PART in text(key):  # any of them, and no other in a closed dictionary
            return union([*(e.values for _, e in option.entries), UNKNOWN]).with_labels(
                FROM_CANDIDATES
            )
        return UNKNOWN if option.open else AbstractValue()
    if isinstance(option, str) and isinstance(key, int):
        if UNKNOWN_PART in option:
            return UNKNOWN_TEXT
        return one_of(option[key]) if -len(option) <= key < len(option) else UNKNOWN
    return UNKNOWN


def slice_of(option: Any, start: int | None, stop: int | None, step: int | None) -> AbstractValue:
    """Return ``option[start:stop:step]``."""
    if isinstance(option, Items):
        return one_of(Items(option.elements[start:stop:step]))
    if isinstance(option, Bag):
        return one_of(option)
    if isinstance(option, str):
        if UNKNOWN_PART not in option:
            return one_of(option[start:stop:step])
        return one_of(_cut_text(option, start or 0, stop)) if step is None else UNKNOWN_TEXT
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


def merge_mappings(left: AbstractValue, right: AbstractValue) -> AbstractValue:
    """Return what ``left | right`` of two dictionaries may be."""
    found = [AbstractValue((), left.exhaustive)]
    for one in left.alternatives:
        for other in (*right.alternatives, *([] if right.exhaustive else [None])):
            if not isinstance(one, Mapping):
                found.append(UNKNOWN)
            elif not isinstance(other, Mapping):
                found.append(one_of(Mapping(weaken(one.entries), open=True)))
            else:
                new = {key for key, _ in other.entries}
                kept = tuple(entry for entry in one.entries if entry[0] not in new)
                kept = weaken(kept) if other.open else kept
                found.append(one_of(Mapping(kept + other.entries, one.open or other.open)))
    return union(found)


def collection_method(owner: Any, name: str, arguments: Arguments) -> AbstractValue:
    """Return what a method of a list or dictionary gives."""
    if name == "copy":
        return one_of(owner)
    if isinstance(owner, Mapping):
        if name in ("get", "pop", "setdefault"):
            keys = arguments.get(0) or UNKNOWN
            default = arguments.get(1) or one_of(None)
            if not keys.exhaustive:
                return union([*(e.values for _, e in owner.entries), default, UNKNOWN])
            found = [item_of(owner, key) for key in keys.alternatives]
            missing = any(not values.alternatives for values in found)
            return union([*found, *([default] if missing else [])]).with_labels(keys.labels)
        everything: dict[str, tuple[Element, ...]] = {
            "values": tuple(element for _, element in owner.entries),
            "keys": tuple(Element(None, one_of(key)) for key, _ in owner.entries),
            "items": tuple(
                Element(None, one_of(Items((Element(None, one_of(key)), element))))
                for key, element in owner.entries
            ),
        }
        if name in everything:
            listed = Items(everything[name])
            return one_of(Bag(union([elements(listed), UNKNOWN])) if owner.open else listed)
    if name == "pop":
        key = arguments.get(0) or one_of(-1)
        if isinstance(owner, Items) and len(owner.elements) > 1:
            return elements(owner).with_labels(
                FROM_CANDIDATES
            )  # which one depends on those taken before
        if len(key.alternatives) == 1:
            return item_of(owner, key.alternatives[0])
    return UNKNOWN


def compare(operator: str, left: AbstractValue, right: AbstractValue) -> AbstractValue:
    """Return what a comparison of two values gives, ``UNKNOWN`` where it may be either."""
    labels = labels_of((left, right))
    if not (left.exhaustive and right.exhaustive):
        return AbstractValue((), False, labels)
    results: set[bool] = set()
    for one, other in combinations((left, right)):
        outcome = _outcome(operator, one, other)
        if outcome is None:
            return AbstractValue((), False, labels)
        results.add(outcome)
    return one_of(*sorted(results), labels=labels) if results else AbstractValue((), False, labels)


def _outcome(operator: str, left: Any, right: Any) -> bool | None:
    if operator in ("not in", "!=", "is not"):
        opposite = {"not in": "in", "!=": "==", "is not": "is"}[operator]
        found = _outcome(opposite, left, right)
        return None if found is None else not found
    if operator == "in":
        if isinstance(right, (Items, Mapping)):
            inner = elements(right)
            if not inner.exhaustive:
                return None
            return any_of([_outcome("==", left, option) for option in inner.alternatives])
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
    return None if isinstance(option, (Bag, Mapping, External)) else True
