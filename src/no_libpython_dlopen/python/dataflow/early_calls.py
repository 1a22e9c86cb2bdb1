"""What the outer names of a function are where it is called before the end of the outer body.

A function reads ``name`` when it is called: what is bound at the end of the module is what most
calls find, but not those that the module makes before it replaces the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Env, Scope
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.vocabulary import LOADER_WORDS

#: Calls beyond these are taken to find what is bound at the end.
_MAX_EARLY = 64
_DEFINITIONS = frozenset({BindingKind.FUNCTION, BindingKind.CLASS})


class EarlyCalls:
    """The calls of functions and classes by the scope that defines them, in their order."""

    def __init__(self) -> None:
        self._calls: list[tuple[frozenset[Binding], Env]] = []

    def note(self, node: cst.Call, env: Env) -> None:
        """Note what is bound where a function is called, or given to another one of the file."""
        func = node.func.value if isinstance(node.func, cst.Attribute) else node.func
        called = _definitions(func, env)
        if not called or len(self._calls) >= _MAX_EARLY:
            return
        given = [_definitions(one.value, env) for one in node.args]
        self._calls.append((called.union(*given), dict(env)))

    def note_bindings(
        self,
        scopes: dict[cst.CSTNode, Scope],
        free_names: dict[cst.Name, Scope],
        live: Mapping[cst.Call | cst.Subscript | cst.Attribute, Scope],
    ) -> None:
        """Give each function the bindings of its free names that its early calls find.

        Only functions that may open a library there: what others return is for whoever calls
        them, early or late. ``live`` are expressions with their scopes.
        """
        replaced = _replaced_names(free_names) if self._calls else {}
        if not replaced:
            return
        loading = {scope for node, scope in live.items() if _may_load(node)}
        leads = _leads(scopes, free_names)
        loads = {one: not loading.isdisjoint(_reach({one}, leads)) for one in replaced}
        for called, env in self._calls:
            for scope in _reach(_scopes_of(called, scopes), leads):
                names = replaced.get(scope, {}) if loads.get(scope) else {}
                for name, owner in names.items():
                    found = frozenset(one for one in env.get(name, ()) if one.scope is owner)
                    scope.early_bindings[name] = scope.early_bindings.get(name, found) | found


def _may_load(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and last_word(node.func) in LOADER_WORDS


def _definitions(node: cst.BaseExpression, env: Env) -> frozenset[Binding]:
    """Return the functions and classes that a name is bound to."""
    several = env.get(node.value, frozenset()) if isinstance(node, cst.Name) else frozenset()
    return frozenset(
        one for one in several if one.kind in _DEFINITIONS or isinstance(one.value, cst.Lambda)
    )


def _replaced_names(free_names: dict[cst.Name, Scope]) -> dict[Scope, dict[str, Scope]]:
    """Return the free names of each scope that their owner binds otherwise before its end."""
    found: dict[Scope, dict[str, Scope]] = {}
    for node, scope in free_names.items():
        last = scope.lookup(node.value)
        for owner in {one.scope for one in last}:
            if not owner.is_class and not last.issuperset(owner.bindings.get(node.value, ())):
                found.setdefault(scope, {})[node.value] = owner
    return found


def _leads(
    scopes: dict[cst.CSTNode, Scope], free_names: dict[cst.Name, Scope]
) -> dict[Scope, set[Scope]]:
    """Return the scopes that each scope holds, or names, and so may run."""
    found: dict[Scope, set[Scope]] = {}
    for scope in scopes.values():
        if scope.parent is not None:
            found.setdefault(scope.parent, set()).add(scope)
    for node, scope in free_names.items():
        named = _scopes_of(scope.lookup(node.value), scopes)
        found.setdefault(scope, set()).update(named)
    return found


def _scopes_of(several: Iterable[Binding], scopes: dict[cst.CSTNode, Scope]) -> set[Scope]:
    nodes = (one.node if one.kind in _DEFINITIONS else one.value for one in several)
    return {scopes[node] for node in nodes if node is not None and node in scopes}


def _reach(start: set[Scope], leads: dict[Scope, set[Scope]]) -> set[Scope]:
    """Return the scopes that some lead to, themselves included."""
    seen = set(start)
    todo = list(start)
    while todo:
        new = leads.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return seen
