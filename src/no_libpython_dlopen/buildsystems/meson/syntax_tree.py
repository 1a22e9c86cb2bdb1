"""The statements and expressions of a ``meson.build``, with their offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Something with a value, at ``[start, end)``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class String(Expression):
    """A string; ``text`` is its value, ``inner`` where that starts. Escapes are as written."""

    text: str
    inner: int
    formatted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expression):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expression):
    """``true``, ``false`` (``None`` for a number, which never matters)."""

    truth: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Argument(Expression):
    """One item of a call, an array or a dictionary, with its keyword or key if it has one."""

    keyword: str
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Listing(Expression):
    """An array, a dictionary, or a call's arguments, brackets included."""

    items: tuple[Argument, ...]
    mark: str

    @property
    def inner(self) -> tuple[int, int]:
        """The span between the brackets."""
        return self.start + 1, self.end - 1


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expression):
    """``name(…)``, or ``owner.name(…)``."""

    owner: Expression | None
    name: str
    arguments: Listing


@dataclass(frozen=True, slots=True, eq=False)
class Index(Expression):
    """``owner[key]``."""

    owner: Expression
    key: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Expression):
    """Two operands and the operator between them."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Not(Expression):
    """``not`` (or a minus sign, which never matters)."""

    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Ternary(Expression):
    """``condition ? yes : no``."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """``name = value`` or ``name += value``, at ``[start, end)``."""

    start: int
    end: int
    name: str
    added: bool
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class If:
    """The branches of an ``if``: a condition (``None`` for ``else``) and statements each."""

    branches: tuple[tuple[Expression | None, tuple[Statement, ...]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """``foreach``: the variables, what they run over, and the body."""

    names: tuple[str, ...]
    over: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leave:
    """``break`` or ``continue``."""


Statement = Expression | Assignment | If | Loop | Leave


def nodes(found: object, seen: set[object] | None = None) -> Iterator[object]:
    """Yield all nodes of some statements; the arguments of a call are only given by the call.

    What is ``seen`` is left out, with all that is in it.
    """
    seen = set() if seen is None else seen
    waiting = [found]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif is_dataclass(node) and node not in seen:
            seen.add(node)
            yield node
            parts = [getattr(node, each.name) for each in fields(node)]
            if isinstance(node, Call):
                parts = [node.owner, node.arguments.items]
            waiting.extend(parts)
