"""What a library's name is computed from, and whether a store that is not followed changes it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Class,
    External,
    Function,
    Instance,
    Method,
)
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.replacements.collection_changes import CollectionChanges
from no_libpython_dlopen.python.fixes.replacements.keys import (
    Beginning,
    known_keys,
    reaching_bindings,
    start_of_function,
)
from no_libpython_dlopen.python.fixes.replacements.star_imports import unknown_star_imports
from no_libpython_dlopen.python.fixes.replacements.stores import (
    MODULE_GIVERS,
    ModuleStores,
    Owner,
    Store,
)
from no_libpython_dlopen.python.fixes.replacements.unseen_objects import UnseenObjects
from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions, Span


class _Read(NamedTuple):
    """A read of an attribute, by its name or by ``getattr``."""

    owner: cst.BaseExpression
    name: str
    is_called: bool = False


#: What makes texts that can be set in place, and functions that only read them.
_BUFFERS = frozenset({"create_string_buffer", "create_unicode_buffer", "bytearray"})
_BUFFER_READERS = frozenset({"print", "len", "repr", "str", "bytes", "sizeof", "fsdecode"})
#: Modules whose attributes are data, which their functions do not read.
_DATA_MODULES = {"sys", "os", "builtins"}
_CONFIGURATION = "sysconfig.get_config_var"
_CONSTANT_KINDS = (BindingKind.VALUE, BindingKind.AUGMENTED, BindingKind.MUTATED)


class UnfollowedStores:
    """Whether what a library's name is computed from may be changed where this is not followed.

    A name whose value something may change that the analysis cannot follow is not known.
    """

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._collections = CollectionChanges(evaluator, positions)
        self._stores = ModuleStores(evaluator, positions, self._collections)
        self._objects = UnseenObjects(evaluator, positions)

    def sources(self, part: cst.CSTNode) -> Iterator[cst.BaseExpression]:
        """Yield the expressions that give a part of a library's name its value."""
        bindings: set[Binding] = set()
        if isinstance(part, cst.Name):
            bindings = {*reaching_bindings(self._evaluator, part)}
            bindings |= {before for one in bindings for before in one.before}
        for read in self._reads(part):
            bindings |= {*self._attribute_bindings(read)}
        yield from (
            o.value for o in sorted(bindings, key=lambda o: o.serial) if o.value is not None
        )
        if isinstance(part, (cst.Call, cst.Attribute)):
            yield from self._returned_values(part)

    def reach(self, part: cst.CSTNode) -> bool:
        """Return whether a store may change what a part of a library's name gives.

        What a name is bound to is not looked at: whoever asks does.
        """
        if isinstance(part, cst.Name):
            return self._reach_name(part) or self._reach_foreign(part)
        if isinstance(part, cst.Call) and (
            self._reads_unseen(part) or self._is_replaced(part) or self._asks_changed(part)
        ):
            return True
        if isinstance(part, cst.Attribute) and (
            self._reach_foreign(part) or self._collections.has_unseen_change(part)
        ):
            return True
        return any(map(self._reach_attribute, self._reads(part)))

    # What is read

    def _reads(self, part: cst.CSTNode) -> Iterator[_Read]:
        """Yield the attributes that a part reads."""
        if isinstance(part, cst.Attribute):
            is_called = isinstance(self._positions.parent(part), cst.Call)
            yield _Read(part.value, part.attr.value, is_called)
        elif isinstance(part, cst.Call) and self._is_getattr(part):
            for name in known_keys(self._evaluator, part.args[1].value) or ():
                yield _Read(part.args[0].value, str(name))

    def _is_getattr(self, call: cst.Call) -> bool:
        return self._evaluator.qualified_name(call.func) == "getattr" and len(call.args) > 1

    def _reads_unseen(self, call: cst.Call) -> bool:
        """Return whether a function that is not the file's reads an object of the file."""
        if self._is_getattr(call):
            return known_keys(self._evaluator, call.args[1].value) is None
        callees = self._evaluator.evaluate(call.func).alternatives
        given = (o for one in call.args for o in self._evaluator.evaluate(one.value).alternatives)
        is_own = bool(callees) and all(isinstance(o, (Function, Method, Class)) for o in callees)
        return not is_own and any(isinstance(one, (Instance, Class)) for one in given)

    def _is_replaced(self, call: cst.Call) -> bool:
        """Return whether a decorator may have replaced the function of the file that is called."""
        called = self._evaluator.evaluate(call.func).alternatives
        own = [one.function if isinstance(one, Method) else one for one in called]
        nodes = [one.scope.node for one in own if isinstance(one, Function)]
        return any(
            isinstance(one, cst.FunctionDef) and self._objects.is_replaced_by_decorator(one)
            for one in nodes
        )

    def _asks_changed(self, call: cst.Call) -> bool:
        """Return whether a call asks for a configuration variable of Python, which the file sets."""
        asked = self._evaluator.qualified_name(call.func)
        return asked.startswith(_CONFIGURATION) and self._sets_configuration

    @cached_property
    def _sets_configuration(self) -> bool:
        return any(
            self._collections.changed_keys(one, True)
            for one in self._positions.nodes(cst.Call)
            if self._evaluator.qualified_name(one.func) == f"{_CONFIGURATION}s" and not one.args
        )

    def _returned_values(self, part: cst.Call | cst.Attribute) -> Iterator[cst.BaseExpression]:
        """Yield the expressions that a called function or a property of this file returns."""
        function = part.func if isinstance(part, cst.Call) else part
        called = self._evaluator.evaluate(function).alternatives
        own = [one.function if isinstance(one, Method) else one for one in called]
        scopes = [one.scope for one in own if isinstance(one, Function)]
        if isinstance(part, cst.Attribute):
            bindings = self._class_bindings(_Read(part.value, part.attr.value))
            nodes = [one.node for one in bindings if isinstance(one.node, cst.FunctionDef)]
            scopes += [self._evaluator.dataflow.scopes[one] for one in nodes if one.decorators]
        for scope in scopes:
            several = (*scope.returns, *scope.yields)
            yield from (each.value for each in several if each.value is not None)

    def _attribute_bindings(self, read: _Read) -> Iterator[Binding]:
        """Yield the bindings in this file of an attribute of its objects."""
        owners = self._owners(read.owner)
        yield from (
            binding
            for base, binding in self._evaluator.dataflow.attribute_stores.get(read.name, ())
            if self._owners(base) & owners
        )
        yield from self._class_bindings(read)

    def _class_bindings(self, read: _Read) -> Iterator[Binding]:
        for one in self._owners(read.owner):
            if isinstance(one, Class):
                yield from one.scope.bindings.get(read.name, ())

    def _reach_foreign(self, part: cst.Name | cst.Attribute) -> bool:
        """Return whether the file changes what it reads of another module, or of Python itself."""
        if isinstance(part, cst.Attribute):
            word = part.attr.value
            owners = self._alternatives(part.value)
            if any(isinstance(one, (Class, Instance)) for one in owners):
                return False
            names = [one.name for one in owners if isinstance(one, External)]
        else:
            bindings = reaching_bindings(self._evaluator, part)
            stores = self._stores.of(part.value)
            if not bindings and any(one.owner is Owner.ANY for one in stores):
                return True
            if any(one.kind is not BindingKind.IMPORTED for one in bindings):
                return False
            names = [one.qualified for one in bindings] or ["builtins"]
            word = part.value if not bindings else names[0].rpartition(".")[2]
        modules = {*map(_module_of, names)}
        parent = self._positions.parent(part)
        is_called = isinstance(parent, cst.Call) and parent.func is part
        return any(self._is_outside(one, modules) for one in self._stores.of(word)) or (
            is_called and not modules.isdisjoint(self._changed_modules)
        )

    def _is_outside(self, store: Store, modules: set[str]) -> bool:
        """Return whether a store may be to one of some modules, or to what hides their names."""
        if isinstance(store.owner, Owner):
            is_named = not isinstance(store.name, Beginning)
            return store.owner in (Owner.ANY, Owner.MODULE) and is_named
        owned = self._modules_of(store.owner)
        is_one = not modules or "" in owned or not modules.isdisjoint(owned)
        return is_one and self._stores.may_be_foreign(store.owner)

    @cached_property
    def _changed_modules(self) -> set[str]:
        """The modules of which the file changes something, which their functions may use."""
        owners = [one.owner for one in self._stores.all()]
        several = [self._modules_of(one) for one in owners if not isinstance(one, Owner)]
        return set().union(*several) - {"", *_DATA_MODULES}

    def _modules_of(self, owner: cst.BaseExpression) -> set[str]:
        """Return the modules that the owner of an attribute may be, or be of."""
        if last_word(owner) == "__builtins__":
            return {"builtins"}
        several = [one for one in self._alternatives(owner) if isinstance(one, External)]
        return {_module_of(one.name) for one in several} or {""}

    def _alternatives(self, node: cst.BaseExpression) -> tuple[Any, ...]:
        return self._evaluator.evaluate(node).alternatives

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

    # Who stores there

    def _reach_attribute(self, read: _Read) -> bool:
        owners = self._owners(read.owner)
        is_own = not owners or any(isinstance(one, Class) for one in owners)
        if is_own and self._is_field(read.name) and self._is_made_unseen(owners):
            return True
        if any(isinstance(one, Class) and self._objects.is_made_by_others(one) for one in owners):
            return True
        return any(self._is_of(one, read, owners) for one in self._stores.of(read.name))

    def _is_of(self, store: Store, read: _Read, owners: set[Any]) -> bool:
        """Return whether a store may be to the attribute that is read of some owners."""
        is_own = not owners or any(isinstance(one, Class) for one in owners)
        is_named = not isinstance(store.name, Beginning)
        if isinstance(store.owner, Owner):
            return (store.owner is Owner.ANY and is_named) or (
                store.owner in (Owner.ANY, Owner.OBJECT) and is_own
            )
        return (
            (is_named or not read.is_called)
            and self._may_be_one(store.owner, owners)
            and (not store.of_fields or self._is_field(read.name))
        )

    def _is_made_unseen(self, owners: set[Any]) -> bool:
        return self._stores.looks_itself_up or any(
            self._objects.may_be_of(one) for one in owners if isinstance(one, Class)
        )

    def _may_be_one(self, stored: cst.BaseExpression, mine: set[Any]) -> bool:
        """Return whether two owners of attributes may be one object, or of one class."""
        theirs = self._owners(stored)
        return not mine or not theirs or bool(mine & theirs)

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
        """The names that the file annotates, or gives what a call makes, as fields are."""
        targets = [one.target for one in self._positions.nodes(cst.AnnAssign)]
        for one in self._positions.nodes(cst.Assign):
            targets += [o.target for o in one.targets if isinstance(one.value, cst.Call)]
        return {one.value for one in targets if isinstance(one, cst.Name)}

    def _reach_name(self, part: cst.Name) -> bool:
        bindings = reaching_bindings(self._evaluator, part)
        if any(self._is_stored(part.value, bindings, one) for one in self._stores.of(part.value)):
            return True
        return (
            self._is_bound_anew(part, bindings)
            or self._is_imported_over(bindings)
            or any(
                one.kind is BindingKind.MUTATED and any(map(_is_buffer, one.before))
                for each in bindings
                for one in each.scope.bindings.get(part.value, ())
            )
            or any(self._is_set_in(reader, one) for one in bindings for reader in one.readers)
            or self._collections.has_unseen_change(part)
        )

    def _is_set_in(self, reader: cst.CSTNode, binding: Binding) -> bool:
        """Return whether a use may set the text in a buffer, or an attribute of a template."""
        parent = self._positions.parent(reader)
        if _is_buffer(binding):
            call = self._positions.parent(parent) if isinstance(parent, cst.Arg) else None
            is_read = isinstance(call, cst.Call) and last_word(call.func) in _BUFFER_READERS
            if not is_read and not isinstance(
                parent, (cst.Attribute, cst.FormattedStringExpression)
            ):
                return True
        if not isinstance(parent, cst.Attribute) or not isinstance(reader, cst.Name):
            return False
        known = self._evaluator.evaluate(reader).alternatives
        is_target = isinstance(self._positions.parent(parent), cst.AssignTarget)
        return is_target and any(isinstance(one, str) for one in known)

    def _is_bound_anew(self, part: cst.Name, bindings: frozenset[Binding]) -> bool:
        """Return whether a function may have read a name before the value that it has at last."""
        start = start_of_function(self._evaluator, self._positions, part)
        if start is None:
            return False
        if part.value in self._deleted:
            return True
        known = {*bindings}
        for one in bindings:
            known |= one.before if one.kind is BindingKind.MUTATED else set()
        values = {o for one in known for o in self._evaluator.binding_value(one).alternatives}
        return any(
            one not in known
            and one.kind in (BindingKind.VALUE, BindingKind.AUGMENTED)
            and not values.issuperset({*self._evaluator.binding_value(one).alternatives} - {None})
            for binding in bindings
            if self._positions.span(binding.node)[0] > start
            for one in binding.scope.bindings.get(part.value, ())
        )

    @cached_property
    def _deleted(self) -> set[str]:
        """The names that the file deletes."""
        targets = [one.target for one in self._positions.nodes(cst.Del)]
        return {one.value for one in targets if isinstance(one, cst.Name)}

    def _is_stored(self, name: str, bindings: frozenset[Binding], store: Store) -> bool:
        """Return whether a store may be to a name of the module, or of a function."""
        is_global = any(one.scope.parent is None for one in bindings)
        if store.owner is Owner.FUNCTION:
            return bool(bindings) and not is_global
        is_constant = all(one.kind in _CONSTANT_KINDS for one in bindings)
        return (
            is_global
            and store.owner in (Owner.MODULE, Owner.ANY)
            and (is_constant or store.name == name)
        )

    def _is_imported_over(self, bindings: frozenset[Binding]) -> bool:
        """Return whether a later ``from … import *`` may bind a name of the module anew."""
        places = [
            self._positions.span(one.node)
            for one in bindings
            if one.scope.parent is None and one.kind in _CONSTANT_KINDS
        ]
        return bool(places) and any(place > min(places) for place in self._star_imports)

    @cached_property
    def _star_imports(self) -> list[Span]:
        return unknown_star_imports(self._evaluator, self._positions)


def _is_buffer(binding: Binding) -> bool:
    """Return whether a name is given a text that can be set in place."""
    return isinstance(binding.value, cst.Call) and last_word(binding.value.func) in _BUFFERS


def _module_of(name: str) -> str:
    """Return the top of a qualified name; modules of paths are of ``os``, an unknown one is empty."""
    if name.startswith((*MODULE_GIVERS, "?")):
        return ""
    top = name.partition(".")[0]
    return "os" if top in ("posixpath", "ntpath", "genericpath") else top
