"""Gives a function's own names a spelling of their own, so that no other function's are meant.

``mentions`` knows a name by its spelling alone. Two functions that both call something
``name`` or ``value`` look there as if they handed it to each other.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from no_libpython_dlopen.python.syntax.parse_ast import child_nodes
from no_libpython_dlopen.python.vocabulary import OBJECTS

#: By these a local name can be reached without being spelled.
_BY_TEXT = frozenset({"locals", "vars", "globals", "eval", "exec"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(slots=True)
class _Function:
    """A function or lambda, with what is bound in it and where its names stand."""

    number: int
    outer: _Function | None
    bound: set[str] = field(default_factory=set)
    #: Declared ``global``, and ``nonlocal``.
    elsewhere: set[str] = field(default_factory=set)
    further_out: set[str] = field(default_factory=set)
    nodes: list[ast.Name | ast.arg] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    function: _Function | None = None
    in_class: bool = False


class _Names:
    """The functions of a file, found in one pass."""

    def __init__(self) -> None:
        self.functions: list[_Function] = []
        #: Names that are bound in another way than by assignment, in functions or out of them.
        self.kept: set[str] = set()
        #: Whether names can be told apart at all.
        self.told = True

    def collect(self, tree: ast.Module) -> None:
        todo: list[tuple[ast.AST, _Place]] = [(tree, _Place())]
        while todo:
            node, place = todo.pop()
            if isinstance(node, _FUNCTIONS):
                todo += self._function(node, place)
                continue
            if isinstance(node, ast.ClassDef):
                self.kept.add(node.name)
                inside = _Place(place.function, in_class=True)
                body = {id(one) for one in node.body}
                todo += [(one, inside if id(one) in body else place) for one in child_nodes(node)]
                continue
            if isinstance(node, ast.Name):
                self._name(node, place)
            else:
                self._other(node, place)
            todo += [(one, place) for one in child_nodes(node)]

    def _function(self, node: Any, place: _Place) -> list[tuple[ast.AST, _Place]]:
        inner = _Function(len(self.functions), place.function)
        self.functions.append(inner)
        given = node.args
        several = (*given.posonlyargs, *given.args)
        for one in (*several, *given.kwonlyargs, given.vararg, given.kwarg):
            if one is None:
                continue
            if one.arg not in OBJECTS:  # what a method keeps in them, the others find there
                inner.bound.add(one.arg)
                inner.nodes.append(one)
            elif one not in several[:1] or len(given.defaults) == len(several):
                self.told = False
        if isinstance(node, ast.Lambda):
            return [(given, place), (node.body, _Place(inner))]
        self.kept.add(node.name)
        body = {id(one) for one in node.body}
        return [(one, _Place(inner) if id(one) in body else place) for one in child_nodes(node)]

    def _name(self, node: ast.Name, place: _Place) -> None:
        if node.id in _BY_TEXT:
            self.told = False
        if place.in_class and not isinstance(node.ctx, ast.Load):
            self.kept.add(node.id)
        elif place.function is not None:
            place.function.nodes.append(node)
            if not isinstance(node.ctx, ast.Load):
                place.function.bound.add(node.id)

    def _other(self, node: ast.AST, place: _Place) -> None:
        if isinstance(node, ast.Global | ast.Nonlocal):
            if place.function is not None:
                declared = place.function.elsewhere if isinstance(node, ast.Global) else None
                (place.function.further_out if declared is None else declared).update(node.names)
        elif isinstance(node, ast.alias):
            self.kept.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            self.kept.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            self.kept.add(node.rest or "")


def tell_apart(tree: ast.Module) -> bool:
    """Rename each function's own names in a tree, in place, or tell that they cannot be.

    ``name`` becomes ``name@4``, which no text can spell. Names that are imported, defined or
    bound in a class body stay as they are; they still may mean more than they do.
    """
    names = _Names()
    names.collect(tree)
    if not names.told:
        return False
    for function in names.functions:
        for node in function.nodes:
            name = node.arg if isinstance(node, ast.arg) else node.id
            owner = None if name in names.kept else _owner(function, name)
            if owner is None:
                continue
            if isinstance(node, ast.arg):
                node.arg = f"{name}@{owner.number}"
            else:
                node.id = f"{name}@{owner.number}"
    return True


def _owner(function: _Function | None, name: str) -> _Function | None:
    """Return the function whose own a name is. ``None`` for the module's."""
    while function is not None and name not in function.elsewhere:
        if name in function.bound and name not in function.further_out:
            return function
        function = function.outer
    return None
