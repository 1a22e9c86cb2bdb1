"""The statements of a build file in Python's syntax that add to a list or a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.dataflow.reaching_definitions import ReachingDefinitions
from no_libpython_dlopen.python.syntax.parse import nodes_of


@dataclass(frozen=True, slots=True)
class Mutation:
    """A statement that puts something into what ``base`` holds."""

    base: cst.BaseExpression
    value: cst.BaseExpression
    #: ``append`` and the like give one item, ``extend`` and ``+=`` a list or a text.
    single: bool
    #: The key of ``base[key] = value``; ``update`` has none and gives a dictionary.
    key: str | None = None
    mapping: bool = False
    #: The binding of the list from here on, if the name is bound in this scope.
    bound: Binding | None = None


_SINGLE = frozenset({"append", "insert", "add", "appendleft"})
_SEVERAL = frozenset({"extend", "update", "extendleft"})
_TAKES = frozenset({"remove", "discard"})


def find_mutations(
    flow: ReachingDefinitions,
    is_live: Callable[[cst.BaseExpression], bool],
    key_of: Callable[[cst.Subscript], str | None],
) -> Iterator[Mutation]:
    """Yield the mutations of a file that run on Unix."""
    mutated_by = {
        one.node: one
        for one in flow.binding_log
        if one.kind in (BindingKind.MUTATED, BindingKind.AUGMENTED)
    }
    for node in nodes_of(flow.module, cst.Call, cst.AugAssign, cst.Assign):
        if isinstance(node, cst.Call):
            if not isinstance(node.func, cst.Attribute):
                continue
            name, base = node.func.attr.value, node.func.value
            if name in _SINGLE | _SEVERAL and node.args and is_live(base):
                yield from _by_method(node, name, base, mutated_by.get(node))
        elif isinstance(node, cst.AugAssign):
            if not is_live(node.target):
                continue
            bitor = isinstance(node.operator, cst.BitOrAssign)
            if isinstance(node.operator, cst.AddAssign) or bitor:
                bound = mutated_by.get(node)
                yield Mutation(node.target, node.value, False, None, bitor, bound)
        else:
            targets = (one.target for one in node.targets)
            for at in (one for one in targets if isinstance(one, cst.Subscript)):
                key = key_of(at) if is_live(at.value) else None
                if key is not None:
                    yield Mutation(at.value, node.value, single=False, key=key)


def _by_method(
    call: cst.Call, name: str, base: cst.BaseExpression, bound: Binding | None
) -> Iterator[Mutation]:
    """Yield the mutations that a call of a method of ``base`` makes."""
    for argument in call.args[-1:] if name != "update" else call.args:
        if argument.keyword is not None:
            yield Mutation(base, argument.value, single=False, key=argument.keyword.value)
        else:
            single, mapping = name in _SINGLE, name == "update"
            yield Mutation(base, argument.value, single, None, mapping, bound)


def find_removals(
    flow: ReachingDefinitions,
) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """Yield the list and the argument of ``names.remove("x")``."""
    for node in flow.live_expressions:
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in _TAKES
            and node.args
        ):
            yield node.func.value, node.args[0].value


def mutations_by_place(
    mutations: Iterable[Mutation], places: Callable[[cst.BaseExpression], Iterable[Hashable]]
) -> dict[Hashable, list[Mutation]]:
    """Return the mutations of each place, and with each binding those that made it.

    Those that give a dictionary one key are with the pair of place and key.
    """
    found: dict[Hashable, list[Mutation]] = {}
    for one in mutations:
        for place in places(one.base):
            at = place if one.key is None else ("key", place, one.key)
            found.setdefault(at, []).append(one)
        if one.bound is not None:
            found.setdefault(one.bound, []).append(one)
    return found
