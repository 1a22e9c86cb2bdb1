"""Stores into objects and into a module's names that the evaluator does not follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, Function, Instance
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.replacements.changing_functions import (
    EXECUTING,
    FUNCTION_VALUES,
    ChangingFunctions,
)
from no_libpython_dlopen.python.fixes.replacements.collection_changes import CollectionChanges
from no_libpython_dlopen.python.fixes.replacements.keys import (
    ANY,
    Beginning,
    Key,
    is_special,
    keys_of,
    reaching_bindings,
    updated_keys,
)
from no_libpython_dlopen.python.fixes.uses import PROTOTYPE
from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions


class Owner(Enum):
    """What has the attribute, or the name, that is stored, if no expression tells it."""

    MODULE = "the module"
    FUNCTION = "any function of the module, whose local names are meant"
    OBJECT = "any object of the module's classes"
    ANY = "the module, or any object"


class Store(NamedTuple):
    """A store that the evaluator does not follow: into an object, or into the module's names.

    ``of_fields`` is true for arguments of a constructor, which reach no more than the fields of
    a class.
    """

    owner: cst.BaseExpression | Owner
    name: Key
    of_fields: bool = False


_TEXTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)
_SETTERS = ("setattr", "__setattr__", "object", "delattr", "__delattr__")
_COPYING = ("replace", "_replace", "evolve", "__replace__")
#: Methods that decide what every attribute of an object, or a class, is.
_DECIDING = frozenset({"__getattribute__", "__prepare__"})
#: Methods of a class that are called by it, without an object.
_OF_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
#: Methods of a parser that set the options of a command line in an object, and its keywords.
_PARSING = frozenset({"parse_args", "parse_known_args", "parse_intermixed_args"})
_FILLED = ("namespace", "values")
#: Methods of an object that set attributes, wherever they are taken from it.
_SETTING_METHODS = frozenset({*_COPYING[1:], "__setattr__", "__setstate__", "__delattr__"})
#: Functions that only look at a module that they are given, or store what their arguments say.
_TAKING_MODULES = frozenset(
    {"getattr", "hasattr", "vars", "dir", "getmembers", "isinstance", "id", "reload", "multiple"}
    | {*_SETTERS}
)
#: Modules whose functions make objects without their constructors.
_UNPICKLING = ("pickle.load", "dill.load", "cloudpickle.load", "joblib.load", "jsonpickle.")
#: What gives a module that is named by a text.
MODULE_GIVERS = ("sys.modules", "importlib.import_module", "__import__")
#: Classes whose constructors set no attribute that is not declared as a field.
_PLAIN_BASES = {"object", "typing.NamedTuple", "enum.Enum", "abc.ABC", "Exception"}
_NAMESPACES = {
    **dict.fromkeys(("__globals__", "f_globals", "f_builtins", "__builtins__"), Owner.MODULE),
    "f_locals": Owner.FUNCTION,
}


def _with_all_names(store: Store) -> Store:
    """Return a store to a special attribute as one to all that this attribute decides about."""
    if store.name in FUNCTION_VALUES:
        return Store(Owner.FUNCTION, ANY)
    is_wide = is_special(store.name) and store.owner is not Owner.MODULE
    return store._replace(name=ANY) if is_wide else store


class ModuleStores:
    """What a module stores in objects and its own names where the evaluator does not follow it.

    That is what ``setattr``, ``__dict__``, ``globals()``, ``exec``, a mock, ``type()`` of three
    arguments and ``dataclasses.replace`` set.
    """

    def __init__(
        self, evaluator: Evaluator, positions: Positions, collections: CollectionChanges
    ) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._collections = collections

    def all(self) -> list[Store]:
        """Return all stores."""
        known, computed = self._by_name
        return [*(one for several in known.values() for one in several), *(o for _, o in computed)]

    def of(self, name: str) -> list[Store]:
        """Return the stores that may set an attribute, or a variable of the module, of this name."""
        known, computed = self._by_name
        return [
            *known.get(name, ()),
            *(one for beginning, one in computed if name.startswith(beginning)),
        ]

    @cached_property
    def looks_itself_up(self) -> bool:
        """Whether the module may reach its own names by their texts."""
        words = ("globals", "locals", *EXECUTING)
        calls = self._positions.nodes(cst.Call)
        return any(
            last_word(call.func) in words or (last_word(call.func) == "vars" and not call.args)
            for call in calls
        ) or any(map(self.is_module, self._positions.nodes(cst.Subscript)))

    @cached_property
    def _by_name(self) -> tuple[dict[Key, list[Store]], list[tuple[str, Store]]]:
        """The stores by their names, and those whose names are not known by what these begin with."""
        known: dict[Key, list[Store]] = {}
        computed = []
        for one in dict.fromkeys(map(_with_all_names, self._all())):
            if isinstance(one.name, Beginning):
                computed.append((one.name.text, one))
            else:
                known.setdefault(one.name, []).append(one)
        return known, computed

    def _all(self) -> Iterator[Store]:
        for call in self._positions.nodes(cst.Call):
            yield from self._by_call(call, last_word(call.func))
            yield from self._by_namespace(call)
        for attribute in self._positions.nodes(cst.Attribute):
            yield from self._by_attribute(attribute)
        if ChangingFunctions(self._evaluator, self._positions).are_taken():
            yield from (Store(owner, ANY) for owner in (Owner.ANY, Owner.FUNCTION))
        if any(one.name.value in _DECIDING for one in self._positions.nodes(cst.FunctionDef)):
            yield Store(Owner.OBJECT, ANY)
        for definition in self._positions.nodes(cst.ClassDef):
            yield from self._by_derivation(definition)
        for module in filter(self.is_module, self._positions.nodes(cst.Subscript)):
            argument = self._positions.parent(module)
            given = self._positions.parent(argument) if isinstance(argument, cst.Arg) else None
            if isinstance(given, cst.Call) and last_word(given.func) not in _TAKING_MODULES:
                yield Store(Owner.MODULE, ANY)

    def _by_attribute(self, attribute: cst.Attribute) -> Iterator[Store]:
        """Yield the stores by a special attribute of an object, and those to it."""
        word, parent = attribute.attr.value, self._positions.parent(attribute)
        is_target = self._collections.is_target(attribute)
        is_changed = isinstance(parent, (cst.AugAssign, cst.Del)) and parent.target is attribute
        is_called = isinstance(parent, cst.Call) and parent.func is attribute
        if word == "__dict__" and is_target:
            yield Store(attribute.value, ANY)
        elif word == "__dict__" or word in _NAMESPACES:
            yield from self._by_namespace(attribute)
        elif (is_target or is_changed) and self.is_module(attribute.value):
            yield Store(Owner.MODULE, word)
        elif is_target and (
            is_special(word) or (word not in PROTOTYPE and self.may_be_foreign(attribute.value))
        ):
            yield Store(attribute.value, word)
        elif is_target and self._may_be_own(attribute.value):
            yield Store(Owner.OBJECT, word)
        elif is_changed:
            yield Store(attribute.value, word)
        elif (word in _SETTING_METHODS and not is_called) or (
            word == "__init__" and is_called and self._is_of_object(attribute.value)
        ):
            yield Store(attribute.value, ANY)
        elif word == "_make":
            yield Store(attribute.value, ANY, of_fields=True)
        elif self._is_borrowed(attribute, parent):
            yield Store(attribute.value, ANY)

    def may_be_foreign(self, owner: cst.BaseExpression) -> bool:
        """Return whether an expression may be another module, or a class or function of one."""
        maker = owner.func if isinstance(owner, cst.Call) else owner
        return last_word(maker) in ("__builtins__", "__import__", "import_module") or any(
            isinstance(one, External)
            and (not one.name.endswith(("()", "[]")) or one.name.startswith(MODULE_GIVERS))
            for one in self._alternatives(owner)
        )

    def _is_of_object(self, owner: cst.BaseExpression) -> bool:
        """Return whether a method is taken from an object, not from a class or ``super()``."""
        several = self._alternatives(owner)
        return any(isinstance(one, Instance) for one in several) or (
            not (isinstance(owner, cst.Call) and last_word(owner.func) == "super")
            and self._may_be_own(owner)
        )

    def _is_borrowed(self, method: cst.Attribute, parent: cst.CSTNode | None) -> bool:
        """Return whether a class is asked for a method, which may get an object of another class."""
        if method.attr.value not in self._methods:
            return False
        own = [one for one in self._alternatives(method.value) if isinstance(one, Class)]
        if not own or not any(isinstance(one, Function) for one in self._alternatives(method)):
            return False
        if isinstance(parent, cst.Attribute):
            return parent.attr.value in ("__get__", "__call__")
        if isinstance(parent, cst.Call) and parent.func is method and parent.args:
            given = self._alternatives(parent.args[0].value)
            return not given or not all(
                isinstance(one, Instance)
                and any(one.cls == cls or cls in bases_of(self._evaluator, one.cls) for cls in own)
                for one in given
            )
        return not isinstance(parent, (cst.AssignTarget, cst.Expr, cst.Del))

    @cached_property
    def _methods(self) -> set[str]:
        """The names of functions that may be methods for an object."""
        several = self._positions.nodes(cst.FunctionDef)
        return {one.name.value for one in several if not one.decorators} - _OF_CLASS

    def _may_be_own(self, owner: cst.BaseExpression) -> bool:
        """Return whether something that is not known may be an object of the module's classes."""
        several = self._alternatives(owner)
        flow = self._evaluator.dataflow
        names = [one for one in descendants(owner) if isinstance(one, cst.Name)]
        if names and not any(one in flow.uses or one in flow.free_names for one in names):
            return False  # code that never runs on Unix
        return not several or any(
            one.name.endswith(("()", "[]")) if isinstance(one, External) else one == UNKNOWN_PART
            for one in several
        )

    def _by_namespace(self, node: cst.Call | cst.Attribute) -> Iterator[Store]:
        """Yield the stores by the dictionary of an object, or of the module."""
        owners = list(self._namespaces(node))
        argument = self._positions.parent(node)
        call = self._positions.parent(argument) if isinstance(argument, cst.Arg) else None
        if owners and not (isinstance(call, cst.Call) and last_word(call.func) in EXECUTING):
            keys = self._collections.changed_keys(node, True)
            yield from (Store(owner, key) for owner in owners for key in keys)

    def _by_call(self, call: cst.Call, word: str) -> Iterator[Store]:
        values = [one.value for one in call.args if one.keyword is None and not one.star]
        if word in ("setattr", "__setattr__") and any(one.star for one in call.args):
            yield Store(Owner.ANY, ANY)
        elif word in _SETTERS and len(values) > 1:
            if word == "__setattr__" and len(values) == 2 and isinstance(call.func, cst.Attribute):
                values = [call.func.value, *values]
            if isinstance(values[0], _TEXTS):  # ``monkeypatch.setattr("module.name", value)``
                yield from self._by_text(values[0])
            else:
                owner = self._owner(values[0])
                yield from (Store(owner, key) for key in keys_of(self._evaluator, values[1]))
        elif word == "patch" and values:
            yield from self._by_text(values[0])
        elif word in EXECUTING:
            yield from self._by_code(call, values)
        elif self._evaluator.qualified_name(call.func).startswith(_UNPICKLING):
            yield Store(Owner.OBJECT, ANY)
        elif word == "update_wrapper" and values:
            yield Store(values[0], ANY)
        else:
            yield from self._by_keyword(call, word, values)
            yield from self._by_class(call, word, values)

    def _by_code(self, call: cst.Call, values: list[cst.BaseExpression]) -> Iterator[Store]:
        """Yield the stores of a text that a call runs; ``exec(code, {})`` has its own names."""
        spaces = [*values[1:], *(one.value for one in call.args if one.keyword is not None)]
        if spaces and not any(Owner.MODULE in self._namespaces(one) for one in spaces):
            return
        code = self._evaluator.evaluate(values[0]) if values else None
        for one in code.alternatives or ("",) if code is not None else ("",):
            is_known = isinstance(one, str) and one and UNKNOWN_PART not in one
            names = {*re.findall(r"\w+", one)} if is_known else {ANY}
            yield from (Store(Owner.ANY, name) for name in names)

    def _by_keyword(
        self, call: cst.Call, word: str, values: list[cst.BaseExpression]
    ) -> Iterator[Store]:
        """Yield the stores of calls whose keywords name attributes."""
        keywords = [one for one in call.args if one.keyword is not None or one.star == "**"]
        if word == "multiple" and values:
            is_text = isinstance(values[0], _TEXTS)
            yield from self._by_keys(Owner.ANY if is_text else self._owner(values[0]), keywords)
        elif word in _PARSING:
            named = [one.value for one in call.args if one.keyword and one.keyword.value in _FILLED]
            yield from (Store(self._owner(one), ANY) for one in (*values[1:], *named))
        elif word in _COPYING:
            owner = values[0] if values else getattr(call.func, "value", None)
            if isinstance(owner, cst.BaseExpression):
                yield from self._by_keys(owner, keywords, of_fields=True)
        elif keywords and any(map(self._has_foreign_constructor, self._alternatives(call.func))):
            yield from self._by_keys(call.func, keywords)

    def _has_foreign_constructor(self, cls: object) -> bool:
        """Return whether the constructor of a class is inherited from outside of the module."""
        several = [cls, *bases_of(self._evaluator, cls)] if isinstance(cls, Class) else []
        own = [one for one in several if isinstance(one, Class)]
        foreign = [one.name for one in several if isinstance(one, External)]
        return not set(foreign) <= _PLAIN_BASES and not any(
            {"__init__", "__new__"} & one.scope.bindings.keys() for one in own
        )

    def _by_class(
        self, call: cst.Call, word: str, values: list[cst.BaseExpression]
    ) -> Iterator[Store]:
        """Yield the stores of a call that makes a class."""
        if len(values) == 3 and isinstance(values[1], cst.Tuple):
            bases = (o for one in values[1].elements for o in self._alternatives(one.value))
            if word == "type" or any(isinstance(one, Class) for one in bases):
                yield from self._by_keys(values[1], call.args[2:])
        elif (word == "type" and (len(call.args) > 1 or any(one.star for one in call.args))) or (
            word in ("new_class", "make_dataclass") and len(call.args) > 1
        ):
            yield Store(Owner.OBJECT, ANY)

    def _by_derivation(self, node: cst.ClassDef) -> Iterator[Store]:
        """Yield the stores of a class that stands before another one, or derives from any."""
        is_after_foreign = False
        for base in node.bases:
            found = self._alternatives(base.value)
            scope = self._evaluator.dataflow.scopes.get(node)
            if not found and scope is not None:  # a parameter, such as a decorator's
                yield from (Store(Owner.OBJECT, name) for name in scope.bindings)
            is_own = any(isinstance(one, Class) for one in found)
            if is_own and is_after_foreign:
                yield Store(base.value, ANY)
            names = [one.name for one in found if isinstance(one, External)]
            is_after_foreign |= not is_own and not (names and _PLAIN_BASES.issuperset(names))

    def _alternatives(self, node: cst.BaseExpression) -> tuple[object, ...]:
        return self._evaluator.evaluate(node).alternatives

    def _by_keys(
        self,
        owner: cst.BaseExpression | Owner,
        arguments: Iterable[cst.Arg],
        *,
        of_fields: bool = False,
    ) -> Iterator[Store]:
        """Yield the stores to an owner by the keys of dictionaries and the names of keywords."""
        for name in dict.fromkeys(updated_keys(self._evaluator, arguments)):
            yield Store(owner, name, of_fields=of_fields)

    def _owner(self, node: cst.BaseExpression) -> cst.BaseExpression | Owner:
        """Return the owner of attributes, which the module may be as well."""
        return Owner.MODULE if self.is_module(node) else node

    def _by_text(self, node: cst.BaseExpression) -> Iterator[Store]:
        """Yield the stores of a mock that is given the name of what it replaces."""
        for one in self._alternatives(node):
            if isinstance(one, str):
                yield Store(Owner.ANY, one.rpartition(".")[2])

    def is_module(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression may be the module itself, as its name gives it."""
        bindings = reaching_bindings(self._evaluator, node) if isinstance(node, cst.Name) else ()
        values = [node, *(one.value for one in bindings if one.value is not None)]
        code = " ".join(map(self._positions.code, values))
        if any(one.qualified == "__main__" for one in bindings):
            return True
        return "sys.modules[" in code or "__name__" in code or "__main__" in code

    def _namespaces(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression | Owner]:
        """Yield the owners whose dictionary an expression is."""
        values: list[cst.BaseExpression] = [node]
        if isinstance(node, cst.Name):
            bindings = reaching_bindings(self._evaluator, node)
            values += [one.value for one in bindings if one.value is not None]
        for one in values:
            word = last_word(one.func) if isinstance(one, cst.Call) else last_word(one)
            if isinstance(one, cst.Attribute) and word == "__dict__":
                yield self._owner(one.value)
            elif isinstance(one, cst.Attribute) and word in _NAMESPACES:
                yield _NAMESPACES[word]
            elif isinstance(one, cst.Call) and word == "vars" and one.args:
                yield self._owner(one.args[0].value)
            elif isinstance(one, cst.Call) and word in ("globals", "locals", "vars"):
                yield Owner.OBJECT if word != "globals" and self._is_in_class(one) else Owner.MODULE

    def _is_in_class(self, node: cst.CSTNode) -> bool:
        """Return whether an expression stands in the body of a class, outside of its methods."""
        kinds = (cst.ClassDef, cst.FunctionDef, cst.Lambda)
        around = next(
            (one for one in self._positions.ancestors(node) if isinstance(one, kinds)), None
        )
        return isinstance(around, cst.ClassDef)
