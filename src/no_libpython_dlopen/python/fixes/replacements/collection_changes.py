"""Collections that a file changes where the evaluator does not follow it.

What does not surely only read a collection may change it.
"""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Bag,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    elements,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.replacements.keys import (
    ALL,
    NONE,
    Key,
    keys_of,
    known_keys,
    meets,
    reaching_bindings,
    start_of_function,
    updated_keys,
)
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.syntax.positions import Positions

_COLLECTIONS = (Mapping, Items, Bag)
_METHODS = frozenset({*dir(dict), *dir(list), *dir(set), "appendleft", "extendleft", "popleft"})
#: Methods that only read; those that give the items themselves.
READING_METHODS = frozenset(
    {"get", "index", "count", "keys", "isdisjoint", "issubset", "issuperset"}
    | {"__contains__", "__len__", "__class__", "__doc__"}
)
GIVING_METHODS = frozenset(
    {"values", "items", "copy", "union", "difference", "intersection", "__getitem__", "__iter__"}
)
#: Methods of a list that are followed by its own name, and those of a dictionary that take a key.
_FOLLOWED = frozenset({"append", "add", "insert", "extend"})
_BY_KEY = frozenset({"__setitem__", "setdefault", "pop", "__delitem__"})
#: Methods of a parser of configuration files that set options which are not followed.
_CONFIGURING = frozenset(
    {"read", "read_file", "readfp", "set", "remove_option", "remove_section", "clear"}
)
#: Functions that keep no collection that they are given, and change none.
READERS = frozenset(
    {"print", "len", "str", "bytes", "repr", "format", "isinstance", "bool", "id", "hash", "type"}
)
ITEM_READERS = frozenset(
    {"sorted", "list", "tuple", "set", "frozenset", "dict", "min", "max", "any", "all", "sum"}
    | {"enumerate", "zip", "iter", "next", "reversed", "filter", "map", "range"}
)
_READING_MODULES = ("json.dump", "pprint.", "os.path.", "re.", "fnmatch.", "glob.", "itertools.")
#: Nodes that ask for a collection, or for its items, and keep it nowhere.
_ASKING = (
    *(cst.ComparisonTarget, cst.Comparison, cst.UnaryOperation, cst.Expr, cst.If, cst.While),
    *(cst.FormattedStringExpression, cst.Del, cst.AssignTarget, cst.AnnAssign, cst.Assert),
)
_NESTED = (cst.Element, cst.Tuple, cst.List, cst.StarredElement)
_ITEM_ASKING = (cst.For, cst.CompFor, cst.StarredElement, cst.StarredDictElement)


class CollectionChanges:
    """The lists and dictionaries of a module that are changed where this is not followed.

    That is by a computed key, by another name, inside another collection, and wherever a
    collection is given to what is not known.
    """

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._changed: dict[tuple[int, str, bool, int], frozenset[Key] | None] = {}

    def has_unseen_change(self, part: cst.Name | cst.Attribute) -> bool:
        """Return whether an item that is read of a collection may be set where this is not followed."""
        kinds = self._kinds(part)
        if not kinds or last_word(self._positions.parent(part)) in _FOLLOWED:  # nothing is read
            return False
        is_dict = kinds[0] is Mapping
        keys = self._read_keys(part) if is_dict else None
        if isinstance(part, cst.Attribute):
            uses = self._attributes.get(part.attr.value, ())
            return any(meets(self.changed_keys(one, is_dict), keys) for one in uses)
        until = self._end_of_following(part)
        return any(
            meets(self._changed_by_name(one.scope, one.name, is_dict, until), keys)
            for one in reaching_bindings(self._evaluator, part)
            if not self._is_fixed(one)
        )

    def changed_keys(self, node: cst.CSTNode, is_dict: bool) -> frozenset[Key]:
        """Return the keys of a collection that a use may change, and what the use gives it to."""
        others: list[Binding] = []
        found = self._changed_by_use(node, is_dict, False, others)
        several = {(one.scope, one.name): one for one in others}
        return found.union(*(self._changed_by_name(*one, is_dict) for one in several))

    def _changed_by_use(
        self, node: cst.CSTNode, is_dict: bool, own: bool, others: list[Binding]
    ) -> frozenset[Key]:
        """Return the keys that a use of a collection may change; add its new names to ``others``.

        Those that a collection's ``own`` name sets by literals are followed, so they are left out.
        """
        parent = self._positions.parent(node)
        if isinstance(parent, cst.Subscript) and parent.value is node:
            return self._changed_by_item(parent, is_dict, own)
        if isinstance(parent, cst.Attribute):
            return self._changed_by_method(node, parent, is_dict, own)
        if isinstance(parent, cst.Arg):
            return self._changed_by_call(node, parent, others)
        if isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)) and parent.value is node:
            aliases = self._aliases.get(id(node), ())
            others += aliases
            if isinstance(parent, cst.NamedExpr):
                return self._changed_by_use(parent, is_dict, False, others)
            return NONE if aliases else ALL
        if isinstance(parent, cst.AugAssign) and parent.target is node:
            is_read = own and not is_dict
        elif isinstance(parent, cst.Element):
            is_read = self.is_target(node)
        elif isinstance(parent, (cst.BinaryOperation, cst.AugAssign, *_ITEM_ASKING)):
            is_read = not self._holds_collections(node)
        else:
            is_read = isinstance(parent, _ASKING)
        return NONE if is_read else ALL

    def is_target(self, node: cst.CSTNode) -> bool:
        """Return whether something is set where it stands, as in ``a.x, b[0] = …``."""
        inner, outer = node, self._positions.parent(node)
        while isinstance(outer, _NESTED):
            inner, outer = outer, self._positions.parent(outer)
        if isinstance(outer, (cst.For, cst.CompFor, cst.AugAssign, cst.AnnAssign)):
            return outer.target is inner
        return isinstance(outer, (cst.AssignTarget, cst.AsName, cst.Del))

    # What is read

    def _kinds(self, node: cst.BaseExpression) -> list[type]:
        values = self._evaluator.evaluate(node).alternatives
        return [kind for one in values for kind in _COLLECTIONS if isinstance(one, kind)]

    def _holds_collections(self, node: cst.CSTNode) -> bool:
        """Return whether an item of a collection may be a collection."""
        assert isinstance(node, cst.BaseExpression)
        several = self._evaluator.evaluate(node).alternatives
        inner = [
            each
            for one in several
            for each in (one.any_value if isinstance(one, Mapping) else elements(one)).alternatives
        ]
        return any(isinstance(one, (*_COLLECTIONS, Instance)) for one in inner)

    @cached_property
    def _attributes(self) -> dict[str, list[cst.Attribute]]:
        """The attributes of the file by their names."""
        found: dict[str, list[cst.Attribute]] = {}
        for one in self._positions.nodes(cst.Attribute):
            found.setdefault(one.attr.value, []).append(one)
        return found

    def _read_keys(self, part: cst.Name | cst.Attribute) -> set[str | int] | None:
        """Return the keys that are read of a dictionary; ``None`` if it may be any."""
        parent = self._positions.parent(part)
        if isinstance(parent, cst.Subscript) and isinstance(parent.slice[0].slice, cst.Index):
            return known_keys(self._evaluator, parent.slice[0].slice.value)
        if isinstance(parent, cst.Attribute) and parent.attr.value == "get":
            call = self._positions.parent(parent)
            if isinstance(call, cst.Call) and call.args:
                return known_keys(self._evaluator, call.args[0].value)
        return None

    def _end_of_following(self, part: cst.Name) -> int:
        """Return the place until which changes by a name are followed, for what reads it there.

        A function may be called at any time after its start.
        """
        parent = self._positions.parent(part)
        is_read = isinstance(parent, (cst.Subscript, cst.Attribute, *_ITEM_ASKING)) or (
            isinstance(parent, cst.Arg) and not self.changed_keys(part, False)
        )
        if not is_read:
            return 0
        start = start_of_function(self._evaluator, self._positions, part)
        return len(self._positions.text) if start is None else start

    def _is_fixed(self, binding: Binding) -> bool:
        """Return whether a name is bound to what cannot change, such as a tuple of texts."""
        value = binding.value
        if binding.kind is not BindingKind.VALUE or value is None:
            return binding.kind is BindingKind.IMPORTED
        if isinstance(value, cst.Tuple):
            return not self._holds_collections(value)
        whole = value.value if isinstance(value, cst.Subscript) else value
        return last_word(whole) == "version_info"

    # Changes by a name

    def _changed_by_name(
        self, scope: Scope, name: str, is_dict: bool, until: int = 0
    ) -> frozenset[Key]:
        """Return the keys of a collection that one of its names changes unseen, or an alias of it.

        By its own name that is a change of computed keys before a place, and any change elsewhere.
        """
        question = (id(scope), name, is_dict, until)
        if question not in self._changed:
            self._changed[question] = None
            found: set[Key] = set()
            todo = [(scope, name)]
            for place, (holder, word) in enumerate(todo):  # which grows meanwhile
                others: list[Binding] = []
                end = 0 if place else until
                found |= self._changed_by_readers(holder, word, is_dict, end, others)
                todo += {(o.scope, o.name): o for o in others}.keys() - {*todo}
            self._changed[question] = frozenset(found)
        known = self._changed[question]
        return ALL if known is None else known  # asked inside itself

    def _changed_by_readers(
        self, scope: Scope, name: str, is_dict: bool, until: int, others: list[Binding]
    ) -> set[Key]:
        """Return the keys that the readers of a name change in its collection."""
        several = [*scope.bindings.get(name, ()), *scope.external_bindings.get(name, ())]
        is_grown = any(
            one.kind is BindingKind.AUGMENTED and self._positions.span(one.node)[0] >= until
            for one in several
        )
        found = {*ALL} if is_grown else set()
        for one in several:
            others += self._aliases.get(id(one.value), ())
        for reader in dict.fromkeys(node for one in several for node in one.readers):
            is_before = reader in self._evaluator.dataflow.uses and (
                self._positions.span(reader)[0] < until
            )
            found |= self._changed_by_use(reader, is_dict, is_before, others)
        return found

    @cached_property
    def _aliases(self) -> dict[int, list[Binding]]:
        """The bindings by the expression that is their whole value."""
        found: dict[int, list[Binding]] = {}
        for one in dict.fromkeys(self._evaluator.dataflow.binding_log):
            if one.kind is BindingKind.VALUE and not one.path and one.value is not None:
                found.setdefault(id(one.value), []).append(one)
        return found

    # Changes by a use

    def _changed_by_item(self, item: cst.Subscript, is_dict: bool, own: bool) -> frozenset[Key]:
        """Return the keys that ``x[key] = …``, ``del x[key]`` or a use of ``x[key]`` changes."""
        element = item.slice[0].slice
        outer = self._positions.parent(item)
        is_set = self.is_target(item)
        if not isinstance(element, cst.Index):
            return ALL if is_set or self._holds_collections(item.value) else NONE
        if not is_set:
            return self._changed_inside(item, element.value, is_dict)
        is_literal = isinstance(element.value, (cst.SimpleString, cst.Integer))
        if own and isinstance(outer, cst.AssignTarget) and (is_literal or not is_dict):
            return NONE
        return frozenset(keys_of(self._evaluator, element.value)) if is_dict else ALL

    def _changed_inside(
        self, item: cst.BaseExpression, key: cst.BaseExpression, is_dict: bool
    ) -> frozenset[Key]:
        """Return the key whose item is a collection that is changed."""
        kinds = self._kinds(item)
        if not kinds or not self.changed_keys(item, kinds[0] is Mapping):
            return NONE
        return frozenset(keys_of(self._evaluator, key)) if is_dict else ALL

    def _changed_by_method(
        self, node: cst.CSTNode, attribute: cst.Attribute, is_dict: bool, own: bool
    ) -> frozenset[Key]:
        """Return the keys that a method of a collection may change."""
        word, call = attribute.attr.value, self._positions.parent(attribute)
        if word in _CONFIGURING:
            return ALL
        is_giving = word in GIVING_METHODS and not self._holds_collections(node)
        if word not in _METHODS or is_giving or (word in READING_METHODS and word != "get"):
            return NONE
        if not isinstance(call, cst.Call) or call.func is not attribute:
            return ALL
        first = call.args[0].value if call.args else None
        if word == "get" and first is not None:
            return self._changed_inside(call, first, is_dict)
        if not is_dict:
            return NONE if own and word in _FOLLOWED else ALL
        if word == "update":
            arguments = [one for one in call.args if not (own and _is_literal(one))]
            return frozenset(updated_keys(self._evaluator, arguments))
        if word in _BY_KEY and first is not None:
            is_followed = own and word == "setdefault"
            return NONE if is_followed else frozenset(keys_of(self._evaluator, first))
        return ALL

    def _changed_by_call(
        self, node: cst.CSTNode, argument: cst.Arg, others: list[Binding]
    ) -> frozenset[Key]:
        """Return the keys that a call may change in a collection that it is given.

        Those are known of ``patch.dict(x, …)``, ``setitem(x, …)`` and the like.
        """
        call = self._positions.parent(argument)
        if not isinstance(call, cst.Call):
            return ALL
        word, rest = last_word(call.func), call.args[1:]
        if call.args[0] is argument and rest and isinstance(call.func, cst.Attribute):
            if word == "dict" or (word == "update" and last_word(call.func.value) == "dict"):
                return frozenset(updated_keys(self._evaluator, rest))
            if word in ("setitem", "__setitem__", "delitem"):
                return frozenset(keys_of(self._evaluator, rest[0].value))
        callees = self._evaluator.evaluate(call.func).alternatives
        for callee in callees:
            function = callee.function if isinstance(callee, Method) else callee
            if isinstance(function, Function) and not argument.star and not _collects(function):
                several = (one for each in function.scope.bindings.values() for one in each)
                others += [one for one in several if one.kind is BindingKind.PARAMETER]
            elif not self._only_reads(callee, node):
                return ALL
        return NONE if callees else ALL

    def _only_reads(self, callee: object, node: cst.CSTNode) -> bool:
        """Return whether a function neither keeps nor changes a collection that it is given."""
        if isinstance(callee, Method):
            return isinstance(callee.owner, str)
        if not isinstance(callee, External):
            return False
        return callee.name in READERS or (
            (callee.name in ITEM_READERS or callee.name.startswith(_READING_MODULES))
            and not self._holds_collections(node)
        )


def _is_literal(argument: cst.Arg) -> bool:
    """Return whether an argument of ``dict.update`` shows its keys."""
    return argument.keyword is not None or (
        isinstance(argument.value, cst.Dict)
        and all(
            isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString)
            for one in argument.value.elements
        )
    )


def _collects(function: Function) -> bool:
    """Return whether a function takes arguments together, in ``*args`` or ``**kwargs``."""
    node = function.scope.node
    return isinstance(node, (cst.FunctionDef, cst.Lambda)) and (
        isinstance(node.params.star_arg, cst.Param) or node.params.star_kwarg is not None
    )
