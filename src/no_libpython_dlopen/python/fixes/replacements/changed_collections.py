"""Collections that a file changes where the evaluator does not follow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Bag,
    Class,
    Function,
    Items,
    Mapping,
    Method,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.syntax.positions import Positions

_LIST_CHANGES = ("append", "insert", "extend", "__setitem__")


class ChangedCollections:
    """The lists and dictionaries of a module that are changed where this is not followed.

    That is by a computed key, and by another name, a parameter or an attribute.
    """

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._changed: dict[tuple[int, str, frozenset[Any] | None, bool], bool] = {}

    def has_unseen_change(self, part: cst.Name | cst.Attribute) -> bool:
        """Return whether what is read of a collection, by its name, may be set unseen."""
        values = self._evaluator.evaluate(part).alternatives
        kinds = [one for one in values if isinstance(one, (Mapping, Items, Bag))]
        if not kinds:
            return False
        is_dict = isinstance(kinds[0], Mapping)
        keys = self._read_keys(part) if is_dict else None
        asked = None if keys is None else frozenset(keys)
        if isinstance(part, cst.Attribute):
            return any(
                _meets(self._changed_keys(one, is_dict, own=True), asked)
                for one in self._attributes.get(part.attr.value, ())
            )
        return any(
            self._is_changed(one.scope, one.name, asked, is_dict)
            for one in reaching_bindings(self._evaluator, part)
        )

    @cached_property
    def _attributes(self) -> dict[str, list[cst.Attribute]]:
        """The attributes of the file by their names."""
        found: dict[str, list[cst.Attribute]] = {}
        for one in self._positions.nodes(cst.Attribute):
            found.setdefault(one.attr.value, []).append(one)
        return found

    def _read_keys(self, part: cst.Name | cst.Attribute) -> set[Any] | None:
        """Return the keys that are read of a dictionary; ``None`` if it may be any."""
        parent = self._positions.parent(part)
        if isinstance(parent, cst.Subscript) and isinstance(parent.slice[0].slice, cst.Index):
            return known_keys(self._evaluator, parent.slice[0].slice.value)
        if isinstance(parent, cst.Attribute) and parent.attr.value == "get":
            call = self._positions.parent(parent)
            if isinstance(call, cst.Call) and call.args:
                return known_keys(self._evaluator, call.args[0].value)
        return None

    def _is_changed(
        self, scope: Scope, name: str, keys: frozenset[Any] | None, is_dict: bool
    ) -> bool:
        """Return whether a collection is changed unseen by one of its names.

        By its own name that is a change of computed keys, by another name any change.
        """
        question = (id(scope), name, keys, is_dict)
        if question not in self._changed:
            self._changed[question] = self._changes_a_name(scope, name, keys, is_dict)
        return self._changed[question]

    def _changes_a_name(
        self, scope: Scope, name: str, keys: frozenset[Any] | None, is_dict: bool
    ) -> bool:
        todo = [(scope, name)]
        seen = {(id(scope), name)}
        for place, (holder, word) in enumerate(todo):  # which grows meanwhile
            several = [*holder.bindings.get(word, ()), *holder.external_bindings.get(word, ())]
            if place and any(one.kind is BindingKind.AUGMENTED for one in several):
                return True
            for reader in dict.fromkeys(node for one in several for node in one.readers):
                if _meets(self._changed_keys(reader, is_dict, own=not place), keys):
                    return True
                others, by_attribute = self._other_names(reader)
                if by_attribute and self._changes_attribute(keys, is_dict):
                    return True
                new = [one for one in others if (id(one.scope), one.name) not in seen]
                seen.update((id(one.scope), one.name) for one in new)
                todo += [(one.scope, one.name) for one in new]
        return False

    def _changed_keys(self, node: cst.CSTNode, is_dict: bool, *, own: bool) -> set[Any]:
        """Return the keys that a use of a collection sets; ``None`` in it for any of them.

        Those that a collection's own name sets by literals are followed, so they are left out.
        """
        parent = self._positions.parent(node)
        around = self._positions.parent(parent) if parent is not None else None
        if isinstance(parent, cst.Subscript) and isinstance(around, cst.AssignTarget):
            element = parent.slice[0].slice
            if not isinstance(element, cst.Index):
                return {None}
            return self._set_keys(element.value, own) if is_dict or not own else set()
        if isinstance(parent, cst.Arg) and isinstance(around, cst.Call):
            return self._keys_set_by(around, parent)
        if not isinstance(parent, cst.Attribute) or parent.value is not node:
            return set()
        if not isinstance(around, cst.Call) or around.func is not parent:
            is_kept = is_dict and parent.attr.value in ("update", "__setitem__")
            return {None} if is_kept else set()
        if not around.args:
            return set()
        if not is_dict:
            return {None} if parent.attr.value in _LIST_CHANGES and not own else set()
        if parent.attr.value == "update":
            arguments = [one for one in around.args if not (own and _is_literal(one))]
            return {*updated_keys(self._evaluator, arguments)}
        is_set = parent.attr.value == "__setitem__"
        return self._set_keys(around.args[0].value, False) if is_set else set()

    def _keys_set_by(self, call: cst.Call, argument: cst.Arg) -> set[Any]:
        """Return the keys that ``patch.dict(x, …)``, ``setitem(x, …)`` and the like set in ``x``."""
        word, rest = last_word(call.func), call.args[1:]
        if call.args[0] is not argument or not rest or not isinstance(call.func, cst.Attribute):
            return set()
        if word == "dict" or (word == "update" and last_word(call.func.value) == "dict"):
            return {*updated_keys(self._evaluator, rest)}
        return self._set_keys(rest[0].value, False) if word in ("setitem", "__setitem__") else set()

    def _set_keys(self, node: cst.BaseExpression, own: bool) -> set[Any]:
        if own and isinstance(node, (cst.SimpleString, cst.Integer)):
            return set()
        return known_keys(self._evaluator, node) or {None}

    def _other_names(self, reader: cst.CSTNode) -> tuple[list[Binding], bool]:
        """Return the names that a use gives a collection, and whether an attribute may be one."""
        parent = self._positions.parent(reader)
        others: list[Binding] = []
        by_attribute = False
        if isinstance(parent, (cst.Assign, cst.AnnAssign)) and parent.value is reader:
            others = [one for one in self._aliases.get(id(reader), ()) if not one.path]
            by_attribute = not others
        elif isinstance(parent, cst.Arg):
            call = self._positions.parent(parent)
            func = call.func if isinstance(call, cst.Call) else parent.value
            for callee in self._evaluator.evaluate(func).alternatives:
                function = callee.function if isinstance(callee, Method) else callee
                if isinstance(function, Function):
                    bound = function.scope.bindings.values()
                    params = [b for each in bound for b in each]
                    others += [b for b in params if b.kind is BindingKind.PARAMETER]
                by_attribute = by_attribute or isinstance(callee, Class)
        return others, by_attribute

    @cached_property
    def _aliases(self) -> dict[int, list[Binding]]:
        """The bindings whose value is only another name, by that."""
        found: dict[int, list[Binding]] = {}
        for one in dict.fromkeys(self._evaluator.dataflow.binding_log):
            if isinstance(one.value, cst.Name) and one.kind is BindingKind.VALUE:
                found.setdefault(id(one.value), []).append(one)
        return found

    def _changes_attribute(self, keys: frozenset[Any] | None, is_dict: bool) -> bool:
        """Return whether the file changes a collection that is an attribute of an object."""
        for node in self._positions.nodes(cst.Attribute):
            if _meets(self._changed_keys(node, is_dict, own=False), keys):
                return True
        return False


def _meets(changed: set[Any], keys: frozenset[Any] | None) -> bool:
    """Return whether a change may set a key that is read; ``None`` is any key."""
    return bool(changed) and (keys is None or None in changed or bool(changed & keys))


def _is_literal(argument: cst.Arg) -> bool:
    """Return whether an argument of ``dict.update`` shows its keys."""
    return argument.keyword is not None or (
        isinstance(argument.value, cst.Dict)
        and all(
            isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString)
            for one in argument.value.elements
        )
    )


def reaching_bindings(evaluator: Evaluator, part: cst.Name) -> frozenset[Binding]:
    """Return the bindings of a name that may reach a read of it."""
    flow = evaluator.dataflow
    scope = flow.free_names.get(part)
    return scope.lookup(part.value) if scope is not None else flow.bindings_of(part)


def known_keys(evaluator: Evaluator, node: cst.BaseExpression) -> set[Any] | None:
    """Return what a key or a name may be; ``None`` where that is not known."""
    value = evaluator.evaluate(node)
    keys = {one for one in value.alternatives if isinstance(one, (str, int))}
    is_known = value.exhaustive and keys and len(keys) == len(value.alternatives)
    return keys if is_known and not any(UNKNOWN_PART in str(one) for one in keys) else None


def updated_keys(evaluator: Evaluator, arguments: Iterable[cst.Arg]) -> Iterator[str | None]:
    """Yield the names or keys that arguments as of ``dict.update`` set; ``None`` for any."""
    for one in arguments:
        if one.keyword is not None:
            yield one.keyword.value
            continue
        value = evaluator.evaluate(one.value)
        for each in value.alternatives:
            if isinstance(each, Mapping) and not each.open:
                yield from (key for key, _ in each.entries if isinstance(key, str))
            else:
                yield None
        if not value.alternatives or not value.exhaustive:
            yield None
