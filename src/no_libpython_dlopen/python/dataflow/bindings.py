"""What a name may be bound to, and the scopes that hold names."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import Enum

import libcst as cst

#: Which bindings may have reached a place, by name.
Env = dict[str, "frozenset[Binding]"]
#: Tests that hold where something happens, each with the outcome that it had.
Conditions = tuple[tuple[cst.BaseExpression, bool], ...]


class BindingKind(Enum):
    """In which way a binding takes its value from its expression."""

    VALUE = "value"  # name = expression, also unpacked along ``path``
    ELEMENT = "element"  # for name in expression
    ENTERED = "entered"  # with expression as name
    AUGMENTED = "augmented"  # name op= expression
    MUTATED = "mutated"  # name.append(...), name[key] = value
    IMPORTED = "imported"
    FUNCTION = "function"
    CLASS = "class"
    PARAMETER = "parameter"
    UNKNOWN = "unknown"


@dataclass(eq=False, slots=True)
class Binding:
    """One place that binds a name.

    ``path`` says which part of the value is meant when it is unpacked: an index, or
    ``(first, from_end)`` for a starred target. ``before`` are the bindings that an
    augmented assignment or a mutation builds on.
    """

    name: str
    scope: Scope
    node: cst.CSTNode
    kind: BindingKind
    value: cst.BaseExpression | None = None
    path: tuple[int | tuple[int, int], ...] = ()
    qualified: str = ""
    before: frozenset[Binding] = frozenset()
    conditions: Conditions = ()
    readers: dict[cst.CSTNode, None] = field(default_factory=dict)
    #: Later ones have higher numbers: a set of bindings has no order of its own.
    serial: int = field(default_factory=itertools.count().__next__)


@dataclass(eq=False, slots=True)
class Returned:
    """A value that a function returns or yields; ``None`` for a bare ``return``."""

    value: cst.BaseExpression | None
    conditions: Conditions
    #: ``yield from`` gives each element of its value.
    spread: bool = False


ScopeNode = cst.Module | cst.FunctionDef | cst.ClassDef | cst.Lambda


@dataclass(eq=False, slots=True)
class Scope:
    """A module, function, class body or lambda.

    ``exit`` holds the bindings that are there when the body has run; ``external_bindings``
    those that inner functions make with ``global`` or ``nonlocal``, ``early_bindings`` those of
    outer names that a call of this function finds, and the end of the outer body does not.
    ``outer_bindings`` are those that this function makes in these ways, ``kept_names`` the outer
    names that it may leave as they were.
    """

    node: ScopeNode
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    exit: Env = field(default_factory=dict)
    external_bindings: dict[str, list[Binding]] = field(default_factory=dict)
    early_bindings: dict[str, frozenset[Binding]] = field(default_factory=dict)
    outer_bindings: dict[str, list[Binding]] = field(default_factory=dict)
    kept_names: set[str] = field(default_factory=set)
    declared_scopes: dict[str, Scope] = field(default_factory=dict)
    returns: list[Returned] = field(default_factory=list)
    yields: list[Returned] = field(default_factory=list)
    falls_off: bool = False
    #: Whether a test is skipped in it.
    skips: bool = False
    done: bool = False

    @property
    def is_class(self) -> bool:
        """Whether functions inside do not see this scope's names."""
        return type(self.node) is cst.ClassDef

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def lookup(self, name: str, *, is_late: bool = False) -> frozenset[Binding]:
        """Return the definitions of a free variable of this scope's code.

        With ``is_late`` they are those at the end of the outer body.
        """
        scope: Scope | None = self
        first = True
        early = frozenset[Binding]()
        while scope is not None:
            if first or not scope.is_class:
                found = scope.exit.get(name) or frozenset(scope.bindings.get(name, ()))
                external = scope.external_bindings.get(name)
                if external:
                    found = found | frozenset(external)
                if found:
                    return found if is_late else found | early
            early |= scope.early_bindings.get(name, frozenset())
            first = False
            scope = scope.parent
        return frozenset()


def merge(one: Env | None, other: Env | None) -> Env | None:
    """Return the definitions that reach a place where two paths join; ``None`` is no path."""
    if one is None or other is None:
        return other if one is None else one
    result = dict(one)
    for name, bindings in other.items():
        mine = result.get(name)
        result[name] = bindings if mine is None or mine is bindings else mine | bindings
    return result
