"""Which values of attributes are replaced before anything can have read them.

``self.name = "a"`` has no effect where ``self.name = "b"`` follows on every way to the end of the
function, unless the attribute is read between them, or something is called that may read it.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Env, Scope
from no_libpython_dlopen.python.syntax.parse import parameters

#: The key under which an environment has the values of attributes; it is no name.
KEY = "_."
#: Built-in functions through which code of the file is reached.
_SEEING = frozenset({"super", "eval", "exec"})
#: Methods that see each store of their object.
_HOOKS = frozenset({"__setattr__", "__getattribute__"})
#: What is no function, property or descriptor.
_LITERALS = (
    *(cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.Integer, cst.Float),
    *(cst.Name, cst.List, cst.Tuple, cst.Dict, cst.Set, cst.BinaryOperation, cst.IfExp),
)
#: Where more values are known at a time, all of them may be read.
_MAX_STORES = 64


class ReplacedAttributes:
    """The values of attributes by whether they reach the end of a scope, or a read."""

    def __init__(self) -> None:
        self._owners: dict[Binding, str] = {}
        self._read: set[Binding] = set()
        #: What stands for the values of a class whose attributes are assigned anew from outside.
        self._of_class: dict[Binding, Binding] = {}
        self._is_complete = False
        #: Names that classes of the file give something that may see what is stored.
        self._watched: set[str] = set()
        self._deleted: set[str] = set()

    def __contains__(self, binding: Binding) -> bool:
        """Return whether a value is replaced before anything can have read it."""
        is_read = binding in self._read or binding.name in self._watched
        return self._is_complete and binding in self._owners and not is_read

    def for_all(self, binding: Binding) -> bool:
        """Return whether a class's value is replaced for all of its objects before it is read."""
        stand_in = self._of_class.get(binding)
        return stand_in is not None and stand_in in self

    def delete(self, name: str) -> None:
        """Note that an attribute of this name is deleted, so that the class's is read again."""
        self._deleted.add(name)

    def complete(self, scopes: Iterable[Scope]) -> None:
        """Note that all scopes were walked."""
        several = (one.bindings for one in scopes if one.is_class)
        found = [(name, one) for each in several for name, all_ in each.items() for one in all_]
        self._watched = {name for name, one in found if not isinstance(one.value, _LITERALS)}
        self._is_complete = self._watched.isdisjoint(_HOOKS)
        self._watched |= self._deleted

    def begin(self, scope: Scope, env: Env) -> None:
        """Note the values of a class's attributes, which ``__init__`` may replace in its object."""
        node, parent = scope.node, scope.parent
        if not isinstance(node, cst.FunctionDef) or node.name.value != "__init__":
            return
        first = next(iter(parameters(node.params)), None)
        if first is None or parent is None or not parent.is_class:
            return
        plain = _values_of(parent)
        if 0 < len(plain) <= _MAX_STORES:
            self._owners.update(dict.fromkeys(plain, first.name.value))
            env[KEY] = plain

    def define(self, name: str, scope: Scope, env: Env) -> None:
        """Note the values of a class's attributes, which ``name.attribute = value`` may replace."""
        plain, before = _values_of(scope), env.get(KEY, frozenset())
        if plain and len(plain) + len(before) <= _MAX_STORES:
            new = {one: self._of_class.setdefault(one, replace(one)) for one in plain}
            self._owners.update(dict.fromkeys(new.values(), name))
            env[KEY] = before.union(new.values())

    def store(self, owner: cst.BaseExpression, binding: Binding, env: Env) -> None:
        """Note that an attribute is given a value, instead of the one that it had."""
        if not isinstance(owner, cst.Name):
            return
        self._owners[binding] = owner.value
        key = (owner.value, binding.name)
        before = env.get(KEY, frozenset())
        kept = {one for one in before if (self._owners[one], one.name) != key}
        if len(kept) >= _MAX_STORES:
            self._read |= kept
            kept.clear()
        env[KEY] = frozenset((*kept, binding))

    def read(self, node: cst.Attribute, env: Env) -> None:
        """Note that an attribute is read: of one that is not known, that it may be a property."""
        several = env.get(KEY)
        if several and isinstance(node.value, cst.Name):
            of_owner = {one for one in several if self._owners[one] == node.value.value}
            self._read |= {one for one in of_owner if one.name == node.attr.value} or of_owner

    def hand_on(self, owner: cst.Name, env: Env) -> None:
        """Note that an object is used as a whole."""
        several = env.get(KEY, frozenset())
        self._read |= {one for one in several if self._owners[one] == owner.value}

    def call(self, node: cst.Call, env: Env, scope: Scope) -> None:
        """Note that a function of the file, or one that is not known, may read all attributes."""
        if KEY in env and not _is_outside(node, env, scope):
            self.end(env)

    def end(self, env: Env) -> None:
        """Note that a scope may end here, or be left for a while."""
        self._read |= env.get(KEY, frozenset())


def _values_of(scope: Scope) -> frozenset[Binding]:
    """Return the definitions of a class that are plain assignments."""
    several = (one for each in scope.exit.values() for one in each)
    return frozenset(one for one in several if one.kind is BindingKind.VALUE)


def _is_outside(node: cst.Call, env: Env, scope: Scope) -> bool:
    """Return whether a call is of a built-in or imported function, or of a literal's method."""
    root: cst.BaseExpression = node.func
    while isinstance(root, (cst.Attribute, cst.Call)):
        root = root.value if isinstance(root, cst.Attribute) else root.func
    if any(_may_be_function(one.value, env) for one in node.args):
        return False
    if not isinstance(root, cst.Name):
        return isinstance(root, cst.SimpleString)
    bindings = env.get(root.value) or scope.lookup(root.value)
    if not bindings:
        return hasattr(builtins, root.value) and root.value not in _SEEING
    return all(one.kind is BindingKind.IMPORTED for one in bindings)


def _may_be_function(node: cst.BaseExpression, env: Env) -> bool:
    """Return whether an argument is a function of the file, which may be called now."""
    if isinstance(node, cst.Name):
        several = env.get(node.value, ())
        return any(one.kind is not BindingKind.IMPORTED and one.value is None for one in several)
    return isinstance(node, cst.Lambda)
