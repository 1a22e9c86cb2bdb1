"""What a file stores in attributes and its own names where the evaluator does not follow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, Instance, Method
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.replacements.changed_collections import (
    ChangedCollections,
    known_keys,
    reaching_bindings,
    updated_keys,
)
from no_libpython_dlopen.python.syntax.parse import children, descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions


class _Store(NamedTuple):
    """A store that the evaluator does not follow: into an object, or into the module's names.

    ``owner`` is ``None`` for a name of the module, and where a text names the owner; ``name``
    is ``None`` where it is computed, and begins with ``prefix`` then. ``of_fields`` is true for
    arguments of a constructor, which reach no more than the fields of a class.
    """

    owner: cst.BaseExpression | None
    name: str | None
    prefix: str = ""
    of_fields: bool = False
    by_text: bool = False


_TEXTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)
_CONSTANT_KINDS = (BindingKind.VALUE, BindingKind.AUGMENTED, BindingKind.MUTATED)
_SETTERS = ("setattr", "__setattr__", "object", "delattr")
_COPYING = ("replace", "_replace", "evolve")


class UnfollowedStores:
    """What a file stores where the evaluator does not follow it.

    That is what ``setattr`` with a computed name, ``__dict__``, ``type()`` of three arguments,
    ``dataclasses.replace``, a mock, ``globals()`` and another name of a collection change.
    """

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._collections = ChangedCollections(evaluator, positions)
        #: The parts that no store reaches.
        self._kept: set[int] = set()

    def reach(self, part: cst.CSTNode) -> bool:
        """Return whether a store may change what a part of a library's name gives.

        What a name is bound to is not looked at: whoever asks does, or asks for an attribute.
        """
        if not isinstance(part, cst.Attribute):
            return isinstance(part, cst.Name) and self._reach_name(part)
        parts = list(self._backward_slice(part))
        found = any(
            self._reach_attribute(one)
            if isinstance(one, cst.Attribute)
            else isinstance(one, cst.Name) and self._reach_name(one)
            for one in parts
        )
        if not found:
            self._kept.update(map(id, parts))
        return found

    def _backward_slice(self, attribute: cst.Attribute) -> Iterator[cst.CSTNode]:
        """Yield an attribute and the parts of what it is computed from, once for all questions."""
        seen: set[int] = set()
        todo: list[cst.CSTNode] = [attribute]
        while todo:
            part = todo.pop()
            if id(part) in seen or id(part) in self._kept:
                continue
            seen.add(id(part))
            yield part
            bindings: Iterable[Binding] = ()
            if isinstance(part, cst.Attribute):
                bindings = self._attribute_bindings(part)
                todo += self._returned_values(part)
            elif isinstance(part, cst.Name):
                bindings = reaching_bindings(self._evaluator, part)
            todo += [one.value for one in bindings if one.value is not None]
            # The owner of an attribute is not what its value is computed from.
            todo += [] if isinstance(part, cst.Attribute) else children(part)

    def _returned_values(self, part: cst.Attribute) -> Iterator[cst.BaseExpression]:
        """Yield what a method of this file returns."""
        for one in self._evaluator.evaluate(part).alternatives:
            if isinstance(one, Method) and one.function is not None:
                returns = one.function.scope.returns
                yield from (each.value for each in returns if each.value is not None)

    def _attribute_bindings(self, part: cst.Attribute) -> Iterator[Binding]:
        """Yield what an attribute of an object of this file is given in it."""
        name = part.attr.value
        owners = self._owners(part.value)
        yield from (
            binding
            for base, binding in self._evaluator.dataflow.attribute_stores.get(name, ())
            if self._owners(base) & owners
        )
        for one in owners:
            if isinstance(one, Class):
                yield from one.scope.bindings.get(name, ())

    # Attributes

    def _reach_attribute(self, part: cst.Attribute) -> bool:
        name, is_called = part.attr.value, isinstance(self._positions.parent(part), cst.Call)
        return self._collections.has_unseen_change(part) or any(
            one.by_text
            or (
                one.owner is not None
                and not (one.name is None and is_called)
                and self._may_be_one(one.owner, part.value)
                and (not one.of_fields or self._is_field(name))
            )
            for one in self._stores_of(name)
        )

    def _may_be_one(self, stored: cst.BaseExpression, read: cst.BaseExpression) -> bool:
        """Return whether two owners of attributes may be one object, or of one class."""
        mine, theirs = self._owners(read), self._owners(stored)
        return not mine or not theirs or bool(mine & theirs)

    def _owners(self, node: cst.BaseExpression) -> set[Any]:
        """Return the classes of the objects that an expression may be; empty if not known."""
        found: set[Any] = set()
        several = [one.value for one in node.elements] if isinstance(node, cst.Tuple) else [node]
        for one in (o for each in several for o in self._evaluator.evaluate(each).alternatives):
            cls = one.cls if isinstance(one, Instance) else one
            if isinstance(cls, Class):
                own = [base for base in bases_of(self._evaluator, cls) if isinstance(base, Class)]
                found.update([cls, *own])
            else:
                found.update([cls] if isinstance(cls, External) and "super" not in cls.name else [])
        return found

    def _is_field(self, name: str) -> bool:
        """Return whether a constructor may set an attribute: a field, or from a parameter."""
        return name in self._fields or any(
            isinstance(part, cst.Name)
            and any(
                each.kind is BindingKind.PARAMETER
                for each in self._evaluator.dataflow.bindings_of(part)
            )
            for _, one in self._evaluator.dataflow.attribute_stores.get(name, ())
            if one.value is not None
            for part in descendants(one.value)
        )

    @cached_property
    def _fields(self) -> set[str]:
        """The names that the file annotates, as the fields of a dataclass are."""
        targets = [one.target for one in self._positions.nodes(cst.AnnAssign)]
        return {one.value for one in targets if isinstance(one, cst.Name)}

    # Names

    def _reach_name(self, part: cst.Name) -> bool:
        bindings = reaching_bindings(self._evaluator, part)
        if any(one.scope.parent is None for one in bindings):
            is_constant = all(one.kind in _CONSTANT_KINDS for one in bindings)
            for one in self._stores_of(part.value):
                if one.owner is None and (is_constant or one.name is not None):
                    return True
        return self._collections.has_unseen_change(part)

    # The stores of a module

    def _stores_of(self, name: str) -> list[_Store]:
        """Return the stores that may be to an attribute, or a name of the module, of a name."""
        computed = [one for one in self._stores.get(None, ()) if name.startswith(one.prefix)]
        return [*self._stores.get(name, ()), *computed]

    @cached_property
    def _stores(self) -> dict[str | None, list[_Store]]:
        found: dict[str | None, list[_Store]] = {}
        for one in self._all_stores():
            found.setdefault(one.name, []).append(one)
        return found

    def _all_stores(self) -> Iterator[_Store]:
        for call in self._positions.nodes(cst.Call):
            yield from self._stores_by_call(call, last_word(call.func))
        for one in self._positions.nodes(cst.AssignTarget):
            target = one.target
            if isinstance(target, cst.Subscript):
                element = target.slice[0].slice
                for owner in self._namespaces(target.value):
                    if isinstance(element, cst.Index):
                        yield from self._named(owner, element.value)
            elif isinstance(target, cst.Attribute) and target.attr.value == "__dict__":
                yield _Store(target.value, None)
            elif isinstance(target, cst.Attribute) and self._is_module(target.value):
                yield _Store(None, target.attr.value)

    def _stores_by_call(self, call: cst.Call, word: str) -> Iterator[_Store]:
        values = [one.value for one in call.args if one.keyword is None and not one.star]
        receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
        if word in _SETTERS and len(values) > 1:
            if word == "__setattr__" and len(values) == 2 and receiver is not None:
                values = [receiver, *values]
            if isinstance(values[0], _TEXTS):  # ``monkeypatch.setattr("module.name", value)``
                yield from self._by_text(values[0])
            else:
                yield from self._named(self._owner(values[0]), values[1])
        elif word == "patch" and values:
            yield from self._by_text(values[0])
        elif receiver is not None and word in ("update", "__setitem__", "setdefault"):
            for owner in self._namespaces(receiver):
                if word == "update":
                    yield from self._updated(owner, call.args)
                elif values:
                    yield from self._named(owner, values[0])
        else:
            yield from self._stores_by_keyword(call, word, values)

    def _stores_by_keyword(
        self, call: cst.Call, word: str, values: list[cst.BaseExpression]
    ) -> Iterator[_Store]:
        """Yield what calls set whose keywords, or whose dictionary, name attributes."""
        keywords = [one for one in call.args if one.keyword is not None or one.star == "**"]
        is_metaclass = word == "type" or isinstance(call.func, cst.Call)
        if is_metaclass and len(values) == 3 and isinstance(values[1], cst.Tuple):
            yield from self._updated(values[1], call.args[2:])
        elif word == "multiple" and values:
            yield from self._updated(self._owner(values[0]), keywords)
        elif word in _COPYING:
            owner = values[0] if values else getattr(call.func, "value", None)
            if isinstance(owner, cst.BaseExpression):
                yield from self._updated(owner, keywords, of_fields=True)
        elif any(one.star for one in call.args):
            callees = self._evaluator.evaluate(call.func).alternatives
            if any(isinstance(one, Class) for one in callees):
                starred = [one for one in call.args if one.star]
                yield from self._updated(call.func, starred, of_fields=True)

    def _updated(
        self,
        owner: cst.BaseExpression | None,
        arguments: Iterable[cst.Arg],
        *,
        of_fields: bool = False,
    ) -> Iterator[_Store]:
        """Yield the stores to an owner by the keys of dictionaries and the names of keywords."""
        for name in dict.fromkeys(updated_keys(self._evaluator, arguments)):
            yield _Store(owner, name, of_fields=of_fields)

    def _owner(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return the owner of attributes; ``None`` for the module itself."""
        return None if self._is_module(node) else node

    def _by_text(self, node: cst.BaseExpression) -> Iterator[_Store]:
        """Yield the stores of a mock that is given the name of what it replaces."""
        for one in self._evaluator.evaluate(node).alternatives:
            if isinstance(one, str):
                yield _Store(None, one.rpartition(".")[2], by_text=True)

    def _named(
        self, owner: cst.BaseExpression | None, node: cst.BaseExpression
    ) -> Iterator[_Store]:
        """Yield the stores to an owner by a name that an expression gives."""
        names = known_keys(self._evaluator, node)
        if names is not None:
            yield from (_Store(owner, one) for one in names if isinstance(one, str))
            return
        texts = self._evaluator.evaluate(node).alternatives
        starts = {one.partition(UNKNOWN_PART)[0] if isinstance(one, str) else "" for one in texts}
        yield from (_Store(owner, None, one) for one in starts or {""})

    def _is_module(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression may be the module itself, as its name gives it."""
        bindings = reaching_bindings(self._evaluator, node) if isinstance(node, cst.Name) else ()
        values = [node, *(one.value for one in bindings if one.value is not None)]
        code = " ".join(map(self._positions.code, values))
        return "sys.modules[" in code or "__name__" in code or "__main__" in code

    def _namespaces(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression | None]:
        """Yield the owners whose dictionary an expression is; ``None`` for the module."""
        values: list[cst.BaseExpression] = [node]
        if isinstance(node, cst.Name):
            values += [
                one.value
                for one in reaching_bindings(self._evaluator, node)
                if one.value is not None
            ]
        for one in values:
            if isinstance(one, cst.Attribute) and one.attr.value == "__dict__":
                yield self._owner(one.value)
            elif isinstance(one, cst.Call) and last_word(one.func) == "globals":
                yield None
            elif isinstance(one, cst.Call) and last_word(one.func) == "vars" and one.args:
                yield self._owner(one.args[0].value)
