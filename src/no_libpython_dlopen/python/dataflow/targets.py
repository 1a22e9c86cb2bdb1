"""The part of the dataflow pass that binds names and notes what attributes are given."""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import (
    Binding,
    BindingKind,
    Conditions,
    Env,
    Scope,
)
from no_libpython_dlopen.python.dataflow.replaced_attributes import ReplacedAttributes
from no_libpython_dlopen.python.syntax.parse import last_word

#: What stands before an outer name in an environment as long as the function has not set it.
KEPT = "="


def _owner_of_namespace(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return the object of ``owner.__dict__`` or ``vars(owner)``."""
    if isinstance(node, cst.Attribute) and node.attr.value == "__dict__":
        return node.value
    if isinstance(node, cst.Call) and last_word(node.func) == "vars" and len(node.args) == 1:
        return node.args[0].value
    return None


class Targets:
    """What the pass binds; see ``ReachingDefinitions``.

    ``attribute_stores`` are assignments to attributes, by name.
    """

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        self.scope = Scope(module, None)
        self.attribute_stores: dict[str, list[tuple[cst.BaseExpression, Binding]]] = {}
        self.binding_log: list[Binding] = []
        self.conditions: Conditions = ()
        self.replaced_attributes = ReplacedAttributes()
        self._bound: dict[tuple[cst.CSTNode, str, BindingKind], Binding] = {}

    def walk(self, node: cst.CSTNode, env: Env) -> None:
        """Walk an expression in the order of its evaluation."""
        raise NotImplementedError

    def walk_owner(self, node: cst.BaseExpression, env: Env) -> None:
        """Walk the expression whose attribute is meant."""
        raise NotImplementedError

    def binding_at(self, node: cst.CSTNode, name: str, kind: BindingKind) -> Binding | None:
        """Return the binding of a name at one place."""
        return self._bound.get((node, name, kind))

    def bind(
        self,
        name: str,
        node: cst.CSTNode,
        kind: BindingKind,
        value: cst.BaseExpression | None,
        env: Env,
        *,
        path: tuple[int | tuple[int, int], ...] = (),
        qualified: str = "",
        before: frozenset[Binding] = frozenset(),
    ) -> Binding:
        """Bind a name in the current scope, or where ``global`` says."""
        scope = self.scope.declared_scopes.get(name, self.scope)
        key = (node, name, kind)
        binding = self._bound.get(key)
        if binding is None:
            binding = Binding(name, scope, node, kind, value, path, qualified)
            binding.conditions = self.conditions
            self._bound[key] = binding
            if scope is self.scope:
                scope.bindings.setdefault(name, []).append(binding)
            else:
                scope.external_bindings.setdefault(name, []).append(binding)
                self.scope.outer_bindings.setdefault(name, []).append(binding)
        binding.before |= before - {binding}
        self.binding_log.append(binding)
        env[name] = frozenset((binding,))
        if scope is not self.scope:
            env.pop(KEPT + name, None)
        return binding

    def bind_target(  # noqa: PLR0917  they are a binding's parts
        self,
        target: cst.CSTNode,
        node: cst.CSTNode,
        kind: BindingKind,
        value: cst.BaseExpression | None,
        path: tuple[int | tuple[int, int], ...],
        env: Env,
    ) -> None:
        """Bind whatever an assignment's target holds."""
        if isinstance(target, cst.Name):
            self.bind(target.value, node, kind, value, env, path=path)
        elif isinstance(target, (cst.Tuple, cst.List)):
            count = len(target.elements)
            starred = False
            for index, element in enumerate(target.elements):
                if isinstance(element, cst.StarredElement):
                    starred = True
                    step: int | tuple[int, int] = (index, count - index - 1)
                else:
                    step = index - count if starred else index
                self.bind_target(element.value, node, kind, value, (*path, step), env)
        elif isinstance(target, cst.Attribute):
            self.walk_owner(target.value, env)
            self._store(target.value, target.attr.value, node, kind, value, env, path)
        elif isinstance(target, cst.Subscript):
            self.walk(target.value, env)
            for part in target.slice:
                self.walk(part, env)
            owner = _owner_of_namespace(target.value)
            key = target.slice[0].slice
            if owner is not None and value is not None and not path and isinstance(key, cst.Index):
                self._store_by_text(owner, key.value, target, value, env)
            if isinstance(target.value, cst.Name):
                self.mutate(target.value, target, value, env)

    def _store(  # noqa: PLR0917  as above
        self,
        owner: cst.BaseExpression,
        name: str,
        node: cst.CSTNode,
        kind: BindingKind,
        value: cst.BaseExpression | None,
        env: Env,
        path: tuple[int | tuple[int, int], ...] = (),
    ) -> None:
        """Note what an attribute is given."""
        known = self.attribute_stores.setdefault(name, [])
        binding = next((one for base, one in known if base is owner), None)
        if binding is None:
            binding = Binding(name, self.scope, node, kind, value, path)
            binding.conditions = self.conditions
            known.append((owner, binding))
        self.replaced_attributes.store(owner, binding, env)

    def store_by_call(self, node: cst.Call, env: Env) -> None:
        """Note what ``setattr`` and its like give an attribute, if they name it."""
        func, given = node.func, [one.value for one in node.args if one.keyword is None]
        method = func.attr.value if isinstance(func, cst.Attribute) else ""
        if isinstance(func, cst.Attribute) and method == "update":
            owner = _owner_of_namespace(func.value)
            for one in node.args if owner is not None else ():
                if owner is not None and one.keyword is not None:
                    self._store(owner, one.keyword.value, node, BindingKind.VALUE, one.value, env)
        if isinstance(func, cst.Attribute) and method == "__setattr__" and len(given) == 2:
            given.insert(0, func.value)
        is_store = method == "__setattr__" or (last_word(func) == "setattr" and not method)
        if is_store and len(given) == 3:
            self._store_by_text(given[0], given[1], node, given[2], env)

    def _store_by_text(
        self,
        owner: cst.BaseExpression,
        key: cst.BaseExpression,
        node: cst.CSTNode,
        value: cst.BaseExpression,
        env: Env,
    ) -> None:
        name = key.evaluated_value if isinstance(key, cst.SimpleString) else None
        if isinstance(name, str):
            self._store(owner, name, node, BindingKind.VALUE, value, env)

    def mutate(
        self, name: cst.Name, node: cst.CSTNode, value: cst.BaseExpression | None, env: Env
    ) -> None:
        """Bind a name anew to the object that it has, which is changed."""
        before = env.get(name.value)
        if before:
            self.bind(name.value, node, BindingKind.MUTATED, value, env, before=before)
