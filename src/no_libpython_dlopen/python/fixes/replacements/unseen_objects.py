"""Classes of which a file makes objects where the evaluator does not see it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, Function
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.syntax.positions import Positions

#: Functions that only ask for the class that they are given.
_ASKING = frozenset({"isinstance", "issubclass", "super", "hasattr", "cast", "print", "repr"})
#: Decorators and metaclasses that leave the attributes of a class as they are.
_PLAIN_MAKERS = (
    *("dataclasses.", "functools.", "enum.", "typing.", "abc.", "attr.", "attrs.", "unittest."),
    *("pytest.", "typing_extensions."),
)
#: Decorators that leave what a function returns as it is.
_PLAIN_DECORATORS = (
    *("functools.", "contextlib.", "typing.", "typing_extensions.", "abc.", "property"),
    *("staticmethod", "classmethod", "pytest.", "unittest."),
)
#: Attributes of a class that make no object of it.
_LOOKED_AT = frozenset(
    {"__name__", "__qualname__", "__module__", "__doc__", "__dict__", "__annotations__"}
    | {"__members__", "__mro__", "__bases__", "_fields", "_field_defaults"}
)


class UnseenObjects:
    """The classes of a module whose objects may be made by what is not followed.

    Followed are calls by the name of a class. Whoever is given the class itself, as ``map`` is,
    and whoever takes it from an object, may make others.
    """

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._known: dict[Class, bool] = {}

    def may_be_of(self, cls: Class) -> bool:
        """Return whether unseen objects may be of a class, or of one that is derived from it."""
        if cls not in self._known:
            family = [cls, *(one for one in self._classes if cls in bases_of(self._evaluator, one))]
            self._known[cls] = any(
                self._escapes(node) for one in family for node in self._mentions(one)
            ) or any(self._is_taken(node) for node in self._taken_classes)
        return self._known[cls]

    def is_made_by_others(self, cls: Class) -> bool:
        """Return whether a decorator or a metaclass from outside may change a class."""
        node = cls.scope.node
        if not isinstance(node, cst.ClassDef):
            return False
        makers = [one.decorator for one in node.decorators]
        makers += [one.value for one in node.keywords]
        called = [one.func if isinstance(one, cst.Call) else one for one in makers]
        found = (o for one in called for o in self._evaluator.evaluate(one).alternatives or (None,))
        return any(
            one is None or (isinstance(one, External) and not one.name.startswith(_PLAIN_MAKERS))
            for one in found
        )

    def is_replaced_by_decorator(self, node: cst.FunctionDef) -> bool:
        """Return whether a decorator may put another function in the place of one."""
        makers = [one.decorator for one in node.decorators]
        called = [one.func if isinstance(one, cst.Call) else one for one in makers]
        return not all(
            _is_plain(one)
            for maker in called
            for one in self._evaluator.evaluate(maker).alternatives or (None,)
        )

    @cached_property
    def _classes(self) -> list[Class]:
        scopes = self._evaluator.dataflow.scopes
        nodes = self._positions.nodes(cst.ClassDef)
        return [Class(scopes[one]) for one in nodes if one in scopes]

    def _mentions(self, cls: Class) -> Iterator[cst.CSTNode]:
        """Yield the reads of a class by its name, and by ``cls`` in its own methods."""
        parent = cls.scope.parent
        name = cls.scope.node.name.value if isinstance(cls.scope.node, cst.ClassDef) else ""
        own = [*parent.bindings.get(name, ())] if parent is not None else []
        for several in cls.scope.bindings.values():
            for one in several:
                scope = self._evaluator.dataflow.scopes.get(one.node)
                if scope is not None and one.kind is BindingKind.FUNCTION:
                    params = (each for some in scope.bindings.values() for each in some)
                    own += [
                        o for o in params if o.name == "cls" and o.kind is BindingKind.PARAMETER
                    ]
        yield from dict.fromkeys(reader for one in own for reader in one.readers)

    @cached_property
    def _taken_classes(self) -> list[cst.CSTNode]:
        """The expressions that take the class of an object: ``type(x)``, ``x.__class__``."""
        calls = self._positions.nodes(cst.Call)
        attributes = self._positions.nodes(cst.Attribute)
        return [
            *(one for one in calls if last_word(one.func) == "type" and len(one.args) == 1),
            *(one for one in attributes if one.attr.value == "__class__"),
        ]

    def _is_taken(self, node: cst.CSTNode) -> bool:
        """Return whether a class that is taken from an object may make another."""
        parent = self._positions.parent(node)
        return (isinstance(parent, cst.Call) and parent.func is node) or self._escapes(node)

    def _escapes(self, node: cst.CSTNode) -> bool:
        """Return whether a mention of a class gives it to what may make objects of it."""
        parent = self._positions.parent(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            return any(one.star for one in parent.args)
        if isinstance(parent, cst.Attribute):
            found = self._evaluator.evaluate(parent).alternatives
            return parent.attr.value not in _LOOKED_AT and (
                not found or any(isinstance(one, External) for one in found)
            )
        if isinstance(parent, (cst.Comparison, cst.ComparisonTarget, cst.ExceptHandler, cst.Raise)):
            return False
        holder = parent
        if isinstance(holder, cst.Element):  # of ``isinstance(x, (A, B))``
            tuple_ = self._positions.parent(holder)
            holder = self._positions.parent(tuple_) if tuple_ is not None else None
        outer = self._positions.parent(holder) if isinstance(holder, cst.Arg) else holder
        if isinstance(outer, (cst.ClassDef, cst.ExceptHandler)):
            return False
        if isinstance(outer, cst.Call) and last_word(outer.func) in _ASKING:
            return False
        return not any(isinstance(one, cst.Annotation) for one in self._positions.ancestors(node))


def _is_plain(decorator: object) -> bool:
    """Return whether a decorator gives the function that it gets, or one that does the same."""
    if isinstance(decorator, Function):
        node, returns = decorator.scope.node, [one.value for one in decorator.scope.returns]
        first = node.params.params[:1] if isinstance(node, cst.FunctionDef) else ()
        names = {one.value if isinstance(one, cst.Name) else "" for one in returns}
        return bool(first) and names == {first[0].name.value}
    return (
        isinstance(decorator, External)
        and decorator.name.startswith(_PLAIN_DECORATORS)
        and "singledispatch" not in decorator.name
    )
