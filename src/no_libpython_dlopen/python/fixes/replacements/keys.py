"""Keys of collections and names of attributes that a file reads or sets, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator.abstract_values import Mapping
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.positions import Positions


class Beginning(NamedTuple):
    """All keys, or names, that begin with a text."""

    text: str


#: A key of a collection, or the name of an attribute; many of them by what they begin with.
Key = str | int | Beginning
ANY = Beginning("")
ALL: frozenset[Key] = frozenset({ANY})
NONE: frozenset[Key] = frozenset()
#: Attributes with underscores at both ends that decide nothing about others.
_TOLD = frozenset(
    {"__doc__", "__name__", "__qualname__", "__module__", "__wrapped__", "__signature__"}
    | {"__annotations__", "__version__", "__author__", "__all__", "__test__", "__hash__"}
    | {"__traceback__", "__cause__", "__context__", "__suppress_context__", "__path__"}
)


def meets(changed: Iterable[Key], keys: set[str | int] | None) -> bool:
    """Return whether a change may set a key that is read; ``None`` is any key."""
    if keys is None:
        return any(True for _ in changed)
    return any(
        one in keys
        if not isinstance(one, Beginning)
        else any(str(key).startswith(one.text) for key in keys)
        for one in changed
    )


def is_special(name: Key) -> bool:
    """Return whether an attribute decides about others, as ``__class__`` and ``_value_`` do."""
    is_framed = isinstance(name, str) and len(name) > 2 and name[0] == "_" == name[-1]
    return is_framed and name not in _TOLD


def reaching_bindings(evaluator: Evaluator, part: cst.Name) -> frozenset[Binding]:
    """Return the bindings of a name that may reach a read of it, after the module has run."""
    flow = evaluator.dataflow
    scope = flow.free_names.get(part)
    if scope is None:
        return flow.bindings_of(part)
    return scope.lookup(part.value, is_late=True)


def start_of_function(evaluator: Evaluator, positions: Positions, part: cst.Name) -> int | None:
    """Return the start of the function that reads a name of an outer scope; ``None`` if none does."""
    if part not in evaluator.dataflow.free_names:
        return None
    kinds = (cst.FunctionDef, cst.Lambda)
    around = next((o for o in positions.ancestors(part) if isinstance(o, kinds)), None)
    return positions.span(around)[0] if around is not None else None


def known_keys(evaluator: Evaluator, node: cst.BaseExpression) -> set[str | int] | None:
    """Return the possible values of a key or a name; ``None`` where they are not known."""
    value = evaluator.evaluate(node)
    keys = {one for one in value.alternatives if isinstance(one, (str, int))}
    is_known = value.exhaustive and keys and len(keys) == len(value.alternatives)
    return keys if is_known and not any(UNKNOWN_PART in str(one) for one in keys) else None


def keys_of(evaluator: Evaluator, node: cst.BaseExpression) -> Iterator[Key]:
    """Yield the possible values of a key or a name."""
    known = known_keys(evaluator, node)
    if known is not None:
        yield from known
        return
    for one in evaluator.evaluate(node).alternatives or ("",):
        yield Beginning(one.partition(UNKNOWN_PART)[0] if isinstance(one, str) else "")


def updated_keys(evaluator: Evaluator, arguments: Iterable[cst.Arg]) -> Iterator[Key]:
    """Yield the names or keys that a call sets if it takes the arguments of ``dict.update``."""
    for one in arguments:
        if one.keyword is not None:
            yield one.keyword.value
            continue
        value = evaluator.evaluate(one.value)
        for each in value.alternatives:
            if isinstance(each, Mapping) and not each.open:
                yield from (key for key, _ in each.entries if isinstance(key, (str, int)))
            else:
                yield ANY
        if not value.alternatives or not value.exhaustive:
            yield ANY
