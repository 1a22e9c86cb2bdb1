"""What another file of a project may change of the classes and the collections of a module.

The file is read by names alone: an attribute of any object may be the module's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from no_libpython_dlopen.python.fixes.replacements.collection_changes import (
    GIVING_METHODS,
    ITEM_READERS,
    READERS,
    READING_METHODS,
)
from no_libpython_dlopen.python.project.module_sources import read_tree
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, last_word

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: What keeps a collection by another name, or passes it to code that may change it.
_KEEPING = (
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.keyword, ast.Return, ast.Yield, ast.Dict),
    *(ast.List, ast.Tuple, ast.Set, ast.IfExp, ast.BoolOp, ast.Lambda),
)
#: Methods of an item that change it: a text has none of them.
_CHANGING = {*dir(list), *dir(dict), *dir(set)} - {*dir(str)} - READING_METHODS - GIVING_METHODS


class ChangesElsewhere:
    """The names that one file binds in derived classes, calls, and reads or changes otherwise."""

    def __init__(self, tree: ast.Module) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._mentions: dict[str, list[ast.AST]] = {}
        self._imported: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._classes: list[ast.ClassDef] = []
        #: The attributes that are set or deleted, but those of the file's own objects.
        self.stored: set[str] = set()
        #: The last words of what is called with arguments, and of what else may call it.
        self.called: set[str] = set()
        todo: list[ast.AST] = [tree]
        while todo:
            node = todo.pop()
            inner = child_nodes(node)
            self._parents.update(dict.fromkeys(inner, node))
            todo += inner
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Name, ast.Attribute)):
            self._mentions.setdefault(last_word(node), []).append(node)
            is_own = getattr(getattr(node, "value", None), "id", "") in ("self", "cls")
            if (
                isinstance(node, ast.Attribute)
                and not isinstance(node.ctx, ast.Load)
                and not is_own
            ):
                self.stored.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            self._imported.update(one.name for one in node.names)
            for one in node.names:
                self._mentions.setdefault(one.name, []).append(one)
                self._renamed[one.asname or one.name] = one.name
        elif isinstance(node, ast.ClassDef) and node.bases:
            self._classes.append(node)
        elif isinstance(node, ast.Call) and (node.args or node.keywords):
            self.called.add(last_word(node.func))
            self.called.update(map(last_word, node.args))

    def may_change(self, name: str) -> bool:
        """Return whether the file may do more than read a collection of a name."""
        is_own = self._imported.isdisjoint((name, "*"))
        return any(
            self._is_change(one)
            for one in self._mentions.get(name, ())
            if not (is_own and isinstance(one, ast.Name))
        )

    def renames(self, name: str) -> bool:
        """Return whether an imported name gets another one."""
        return any(new != name == old for new, old in self._renamed.items())

    def derived_classes(self, classes: set[str]) -> list[ast.ClassDef]:
        """Return the file's classes that derive from some, or from a base without a name.

        If ``classes`` is empty, these are all that derive from anything.
        """
        known, found = {*classes, ""}, dict.fromkeys(() if classes else self._classes)
        while new := [
            one
            for one in self._classes
            if one not in found and not known.isdisjoint(self._words(one.bases))
        ]:
            found.update(dict.fromkeys(new))
            known.update(one.name for one in new)
        return [*found]

    def _words(self, bases: list[ast.expr]) -> set[str]:
        words = map(last_word, bases)
        return {self._renamed.get(one, one) for one in words}

    def _is_change(self, node: ast.AST, *, is_item: bool = False) -> bool:
        """Return whether a use may change a collection, or an item of one."""
        parent = self._parents[node]
        if isinstance(node, ast.alias):
            return node.asname not in (None, node.name)
        if not isinstance(getattr(node, "ctx", None), (ast.Load, type(None))):
            return not isinstance(node, ast.Name) or isinstance(parent, ast.AugAssign)
        if isinstance(parent, ast.Subscript):
            return parent.value is node and self._is_change(parent, is_item=True)
        if isinstance(parent, ast.Attribute):
            read = READING_METHODS | GIVING_METHODS
            return parent.attr in _CHANGING if is_item else parent.attr not in read
        if isinstance(parent, ast.Call):
            if parent.func is node:  # ``get_config_vars()["LIBDIR"] = …``
                return self._is_change(parent)
            return not is_item and getattr(parent.func, "id", "") not in READERS | ITEM_READERS
        return not is_item and isinstance(parent, _KEEPING)


def bound_names(definition: ast.ClassDef) -> Iterator[str]:
    """Yield the names that the body of a class binds."""
    todo: list[ast.AST] = [*definition.body]
    while todo:
        node = todo.pop()
        if isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        else:
            todo += child_nodes(node)


def changes_in(path: str) -> ChangesElsewhere | None:
    """Return the changes that a file may make; ``None`` where they are not known."""
    tree = read_tree(path)
    return ChangesElsewhere(tree) if tree is not None else None
