"""Which variables may hold an array of a project, and are asked for one of its items.

An array reaches others by assignments, arrays and dictionaries that hold it, ``set_variable``
and loops over the pairs of a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable

from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import File

_COMPARING = frozenset({"==", "!=", "in", "not in"})


class ArrayReaders:
    """What the variables of some files are copied into, and which of them are asked for more."""

    def __init__(self, files: Iterable[File]) -> None:
        self._assigned: list[tuple[File, str, syntax.Expression]] = []
        self._copies: dict[str, set[str]] = {}
        self._asked: set[str] = set()
        self._seen: set[object] = set()
        for file in files:
            for node in syntax.nodes(file.statements):
                self._read(file, node)

    def of(self, file: File, listing: syntax.Listing) -> str:
        """Return a variable that is asked for an item of an array, or an empty text."""
        waiting = [
            name
            for where, name, value in self._assigned
            if where is file and value.start <= listing.start < value.end
        ]
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            if name in self._asked:
                return name
            new = self._copies.get(name, set()) - seen
            seen |= new
            waiting += new
        return ""

    def _read(self, file: File, node: object) -> None:
        if isinstance(node, syntax.Assignment):
            self._copy(file, node.value, node.name)
        elif isinstance(node, syntax.Loop) and len(node.names) > 1:
            self._copy(file, node.over, node.names[-1])
        elif isinstance(node, syntax.Index) and not isinstance(node.key, syntax.String):
            self._ask(node.owner)
        elif isinstance(node, syntax.Binary) and node.operator in _COMPARING:
            self._ask(node.left, node.right)
        elif isinstance(node, syntax.Call):
            given = [item.value for item in node.arguments.items]
            by_key = node.name == "get" and given and isinstance(given[0], syntax.String)
            if node.owner is not None and not by_key:
                self._ask(node.owner)
            elif node.name == "set_variable" and len(given) > 1:
                self._copy(file, given[1], getattr(given[0], "text", ""))

    def _copy(self, file: File, value: syntax.Expression, into: str) -> None:
        self._assigned.append((file, into, value))
        for node in syntax.nodes(value):
            if name := _name(node):
                self._copies.setdefault(name, set()).add(into)

    def _ask(self, *asked: object) -> None:
        """Note the variables of some expressions; each part is looked at once."""
        for node in syntax.nodes(asked, self._seen):
            if name := _name(node):
                self._asked.add(name)


def _name(node: object) -> str:
    """Return the variable that an expression is, or that ``get_variable`` is asked for."""
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Call) and node.name == "get_variable" and node.arguments.items:
        return getattr(node.arguments.items[0].value, "text", "")
    return ""
