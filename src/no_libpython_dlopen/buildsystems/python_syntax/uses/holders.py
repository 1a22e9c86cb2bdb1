"""The names under which a list of a build script is reached, and the targets that give them."""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.python_syntax.uses.names_of_modules import Names
from no_libpython_dlopen.python.syntax.parse_ast import last_word

#: Methods that give what a dictionary has under a key.
LOOKS_UP = frozenset({"get", "setdefault", "pop"})
#: A list that is deeper in others is not followed.
_LEVELS = 5


class HolderKind(Enum):
    """What a name means: a variable, an attribute or a key of anything, a function that returns."""

    VARIABLE = "variable"
    MEMBER = "member"
    FUNCTION = "function"


class Holder(NamedTuple):
    """A name under which the list, or what holds it, is reached, and its depth there.

    A variable without a ``scope`` is one of a module or a class.
    """

    kind: HolderKind
    word: str
    depth: int
    scope: ast.AST | None = None


class Holders:
    """The names that a list was given so far."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.holders: dict[Holder, None] = {}

    def add(self, kind: HolderKind, word: str, depth: int, scope: ast.AST | None = None) -> bool:
        """Note a name; return false where lists hold one another without end."""
        self.holders.setdefault(Holder(kind, word, depth, scope))
        return depth < _LEVELS

    def bind(self, target: ast.AST, depth: int) -> bool:
        """Note the names that a target gives what is stored there."""
        if isinstance(target, ast.Name):
            scope = self._names.scope_of(target)
            return self.add(HolderKind.VARIABLE, target.id, depth, scope)
        if isinstance(target, ast.Attribute):  # the environment is read by its keys
            return target.attr == "environ" or self.add(HolderKind.MEMBER, target.attr, depth)
        if isinstance(target, ast.Subscript):
            key = target.slice
            if isinstance(key, ast.Constant):
                self.add(HolderKind.MEMBER, str(key.value), depth)
            elif isinstance(key, ast.Slice):
                return self.bind(target.value, depth)
            return self.bind(target.value, depth + 1)
        if isinstance(target, (ast.Tuple, ast.List)):
            return depth > 0 and all(self.bind(one, depth - 1) for one in target.elts)
        if isinstance(target, ast.Starred):
            return self.bind(target.value, depth + 1)
        if isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute):
            first = target.args[0] if target.args else None
            if target.func.attr in LOOKS_UP and isinstance(first, ast.Constant):
                self.add(HolderKind.MEMBER, str(first.value), depth)
                return self.bind(target.func.value, depth + 1)
            return self.add(HolderKind.FUNCTION, target.func.attr, depth)
        return isinstance(target, ast.Call) and self.add(
            HolderKind.FUNCTION, last_word(target.func), depth
        )

    def bind_elements(self, target: ast.AST, depth: int) -> bool:
        if isinstance(target, (ast.Tuple, ast.List)):  # of a dictionary, or numbered
            return all(self.bind_elements(one, depth) for one in target.elts)
        return self.bind(target, depth)


def looks_up(call: ast.Call, key: ast.AST) -> bool:
    """Return whether a call gives what an attribute or a key of this name holds."""
    word = last_word(call.func)
    return word == "getattr" or (word in LOOKS_UP and bool(call.args) and call.args[0] is key)
