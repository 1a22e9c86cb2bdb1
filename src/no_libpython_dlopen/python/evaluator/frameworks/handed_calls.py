"""The calls that functions of libraries make of what they are given: ``map``, threads, executors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    External,
    Items,
    Mapping,
    Partial,
    combinations,
    iterate,
    union,
)
from no_libpython_dlopen.python.evaluator.models.containers import item_of
from no_libpython_dlopen.python.loader_tables import FORWARDING, MAPPING, PACKED

#: Last words of functions of any library that call what they are given.
_CALLING = frozenset(
    {"run", "run_sync", "run_in_executor", "run_in_thread", "submit", "apply", "apply_async"}
    | {"after", "after_idle", "call", "call_soon", "call_later", "call_soon_threadsafe", "callback"}
    | {"spawn", "start_soon", "start_new_thread", "retry_call", "defer", "deferToThread"}
    | {"callLater", "callInThread", "singleShot", "add_job", "to_thread"}
)
#: Last words of all functions that call what they are given, or ask it for an attribute.
CALLING_WORDS = _CALLING.union(
    (name.rpartition(".")[2] for name in (*FORWARDING, *PACKED)),
    *(MAPPING, ("getattr", "__getattr__", "methodcaller", "itemgetter", "attrgetter", "partial")),
)
#: Tells whether an argument is a function whose calls are asked for, by the argument behind it.
_IsWanted = Callable[[Any, AbstractValue], bool]


def calls_made_by(
    name: str, given: Arguments, is_wanted: _IsWanted
) -> Iterator[tuple[Any, Arguments]]:
    """Yield the functions that a function of a library calls, with the arguments.

    A function that is in none of the tables calls the first argument that ``is_wanted``.
    """
    positional = given.positional
    packed = next((PACKED[end] for end in PACKED if name.endswith(end)), None)
    index = next((at for end, at in FORWARDING.items() if name.endswith(end)), None)
    callees: AbstractValue | None = None
    own = Arguments()
    if name == "operator.methodcaller()" and len(positional) >= 2:
        own = Arguments(positional[1:-1], given.keywords)
        for method, owner in combinations((positional[0], positional[-1])):
            if isinstance(owner, External):
                yield External(f"{owner.name}.{method}"), own
    elif name == "operator.itemgetter()" and len(positional) == 2:
        for owner in positional[1].alternatives:
            if isinstance(owner, External):
                yield External(f"{owner.name}.__getitem__"), Arguments(positional[:1])
    elif is_map(name) and len(positional) >= 2:
        callees, items = positional[0], [iterate(one) for one in positional[1:]]
        if "starmap" in name:
            items = _columns(items[0])
        own = Arguments(tuple(items))
    elif packed is not None:
        callees, values, keywords = (given.get(*place) for place in packed)
        own = _arguments_in(values, keywords)
    else:
        if index is None and name.rpartition(".")[2] in _CALLING:
            index = _find_wanted(positional, is_wanted)
        callees = given.get(index) if index is not None else None
        own = Arguments(positional[(index or 0) + 1 :], given.keywords, given.complete)
    for callee in callees.alternatives if callees is not None else ():
        yield callee, own


def is_described(name: str) -> bool:
    """Return whether a function is in the tables: it adds no arguments that are not known."""
    return is_map(name) or name.endswith((*PACKED, *FORWARDING))


def is_map(name: str) -> bool:
    """Return whether a function calls what it is given with each item of the next argument."""
    return name.rpartition(".")[2] in MAPPING


def without_partial(callee: Any) -> tuple[Any, Arguments]:
    """Return the function that a ``partial`` calls in the end, and the arguments that it adds."""
    added = Arguments()
    while isinstance(callee, Partial):
        added, callee = added.after(callee.arguments), callee.callee
    return callee, added


def _columns(rows: AbstractValue) -> list[AbstractValue]:
    """Return the columns of a table by its rows; one column if the table is not known."""
    widths = [len(one.elements) for one in rows.alternatives if isinstance(one, Items)]
    several = range(max(widths, default=1))
    return [union(item_of(one, at) for one in rows.alternatives) for at in several]


def _find_wanted(positional: tuple[AbstractValue, ...], is_wanted: _IsWanted) -> int | None:
    """Return the position of the first argument that is a wanted function."""
    for index, (one, following) in enumerate(pairwise((*positional, AbstractValue()))):
        callee, added = without_partial(one.only)
        if is_wanted(callee, (added.positional or (following,))[0]):
            return index
    return None


def _arguments_in(values: AbstractValue | None, keywords: AbstractValue | None) -> Arguments:
    """Return the arguments that are given as a tuple and a dictionary."""
    items = values.only if values is not None else None
    entries = keywords.only.entries if keywords and isinstance(keywords.only, Mapping) else ()
    return Arguments(
        tuple(one.values for one in items.elements) if isinstance(items, Items) else (),
        tuple((str(key), one.values) for key, one in entries),
    )
