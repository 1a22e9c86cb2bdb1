"""Finds what may read a list by its name, wherever a build script does so.

A slice knows the code that runs on Unix. What runs elsewhere (``if sys.platform == "win32":``), and
what reaches the list by an attribute, a key, a parameter or another module, goes by its name
here: of each variable, attribute and key that may hold the list, all uses have to be ones
that the loss of an item leaves alone.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Hashable, Iterable, Iterator

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.python_syntax.uses.holders import Holder, HolderKind, looks_up
from no_libpython_dlopen.buildsystems.python_syntax.uses.list_flow import ListFlow
from no_libpython_dlopen.buildsystems.python_syntax.uses.names_of_modules import Names, Places
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.prefilter import Content
from no_libpython_dlopen.python.project.import_graph import (
    all_imports,
    is_on_disk,
    layout_of_file,
    reached_modules,
)
from no_libpython_dlopen.python.project.module_sources import read_source
from no_libpython_dlopen.python.syntax.parse_ast import last_word, parse_source

#: Calls that give names and values to code that is not followed.
_HIDES = frozenset({"vars", "globals", "locals", "eval", "exec", "attrgetter", "methodcaller"})

#: Methods that code runs without naming them, beside those that make an object or its text.
_UNNAMED = frozenset(
    {"__setattr__", "__setitem__", "__getattribute__", "__getattr__", "__getitem__", "__missing__"}
    | {"__set__", "__get__", "__add__", "__radd__", "__iadd__", "__or__", "__ior__", "__iter__"}
    | {"__call__", "__post_init__", "__new__", "__contains__", "__init_subclass__"}
)


class UsesByName:
    """The uses by name of what the links of one file are written in."""

    def __init__(self, source: Source, sinks: Iterable[Span]) -> None:
        trees = _modules(source)
        self._places = Places(source, trees[0]) if trees else None
        self._names = Names(trees)
        unnamed = not _UNNAMED.isdisjoint(self._names.functions)
        self._hides = (
            unnamed
            or not {"__dict__", "setter"}.isdisjoint(self._names.members)
            or any(map(_hides_names, self._names.calls))
        )
        #: The answers for lists that are met by the same names at first.
        self._known: dict[Hashable, bool] = {}
        self._sinks = {node for span in sinks if (node := self._at(span)) is not None}

    def _at(self, span: Span) -> ast.expr | None:
        return self._places.expression(span) if self._places is not None else None

    def are_harmless(self, span: Span) -> bool:
        """Return whether nothing can miss the item at ``span`` of a list, or that word of a text."""
        start = self._at(span)
        if start is None or self._hides:
            return False
        flow = ListFlow(self._names, self._sinks, start)
        try:
            if not flow.follow(start, -1):
                return False
            known = flow.state
            if known not in self._known:
                harmless = (self._is_harmless(flow, one) for one in _each_of(flow.holders))
                self._known[known] = all(harmless) and flow.is_certain
        except RecursionError:
            return False
        return self._known[known]

    def _is_harmless(self, flow: ListFlow, holder: Holder) -> bool:
        """Return whether all uses of a name are; note other names for the same."""
        kind, word, depth, scope = holder
        variables, members = self._names.variables[word], self._names.members[word]
        if kind is not HolderKind.MEMBER and scope is None:  # a module's, or a class's
            for alias in self._names.aliases[word]:
                flow.add(kind, alias, depth)
        if kind is HolderKind.FUNCTION:
            attributes = (one for one in members if isinstance(one, ast.Attribute))
            calls = ((one, self._names.parents[one]) for one in (*variables, *attributes))
            return all(
                isinstance(call, ast.Call) and call.func is one and flow.follow(call, depth)
                for one, call in calls
            )
        nodes: list[ast.AST] = list(members) if scope is None else []
        if kind is HolderKind.VARIABLE:
            nodes += self._names.variables_of(word, scope)
        else:
            for function in self._names.functions_with(word):
                flow.add(HolderKind.VARIABLE, word, depth, function)
        return all(self._is_harmless_use(flow, one, depth) for one in nodes)

    def _is_harmless_use(self, flow: ListFlow, node: ast.AST, depth: int) -> bool:
        """Return whether a variable, an attribute or a key is used so that no item is missed."""
        parent = self._names.parents[node]
        if isinstance(node, ast.Constant):
            if isinstance(parent, ast.Subscript) and parent.slice is node:
                return self._is_harmless_use(flow, parent, depth)
            return not (isinstance(parent, ast.Call) and looks_up(parent, node)) or flow.follow(
                parent, depth
            )
        if isinstance(parent, ast.AugAssign) and parent.target is node:
            return isinstance(parent.op, (ast.Add, ast.BitOr))
        return not isinstance(getattr(node, "ctx", None), ast.Load) or flow.follow(node, depth)


def _hides_names(call: ast.Call) -> bool:
    """Return whether a call reaches names that it does not spell."""
    word = last_word(call.func)
    if word == "exec" and len(call.args) > 1:  # in a dictionary of its own
        return last_word(getattr(call.args[1], "func", None)) in _HIDES
    computed = word in ("getattr", "setattr") and not all(
        isinstance(one, ast.Constant) for one in call.args[1:2]
    )
    return computed or word in _HIDES


def _modules(source: Source) -> list[ast.Module]:
    """Return the tree of a file, and of the modules that it leads to; none if one has none."""
    found = []
    for path in ("", *all_imports(source.path, Content(source.data)), *_importers(source.path)):
        one = read_source(path) if path else source
        try:
            tree = parse_source(one) if one is not None else None
        except NolibpyError:
            return []
        if not isinstance(tree, ast.Module):
            return []
        found.append(tree)
    return found


def _importers(path: str) -> Iterator[str]:
    """Yield the files beside a module, and in the folders above it, that import it."""
    if not is_on_disk(path) or os.path.basename(path) == "setup.py":
        return
    wanted, root = file_tree.real_path(path), layout_of_file(path).root
    folder = os.path.dirname(wanted)
    while folder.startswith(root):
        for name in sorted(os.listdir(folder)):
            one = os.path.join(folder, name)
            if name.endswith(".py") and one != wanted and wanted in reached_modules(one):
                yield one
        if folder == root:
            return
        folder = os.path.dirname(folder)


def _each_of(holders: dict[Holder, None]) -> Iterator[Holder]:
    """Yield the names, with those that are found meanwhile."""
    done: set[Holder] = set()
    while todo := [one for one in holders if one not in done]:
        done.update(todo)
        yield from todo
