"""What is taken out of a dictionary by the name of the platform, and what only others take."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Protocol

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.platforms import System
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.syntax.parse import descendants, nodes_of

_KEY_ERRORS = frozenset({"KeyError", "LookupError"})
#: Methods that take a key out of a dictionary.
_TAKING = frozenset({"pop", "popitem", "clear", "__delitem__"})


class TakenKeys:
    """What a module takes out of dictionaries, looked for once."""

    def __init__(self, module: cst.Module) -> None:
        self._module = module

    @cached_property
    def takes_foreign(self) -> bool:
        """Whether all values of a dictionary are taken, or one by another system's name."""
        return any(map(_may_take_foreign, nodes_of(self._module, cst.Index, cst.Attribute)))

    @cached_property
    def takes_any(self) -> bool:
        """Whether a key may be taken out of a dictionary."""
        return any(map(_may_take_key, nodes_of(self._module, cst.Del, cst.Attribute)))


class Flow(Protocol):
    """What is asked of the pass over a module."""

    taken_keys: TakenKeys

    def decide(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome on Unix, ``None`` for either."""

    def bindings_of(self, node: cst.Name) -> frozenset[Binding]:
        """Return the definitions of a name that reach a read."""


def foreign_functions(flow: Flow, node: cst.Dict) -> Collection[cst.BaseExpression]:
    """Return the functions under the names of other systems, where Linux or macOS has a key too.

    None of them where the file takes all values of a dictionary, or one by such a name.
    """
    several = [one for one in node.elements if isinstance(one, cst.DictElement)]
    keys = {_text_of(one.key) for one in several}
    if {System.LINUX, System.DARWIN}.isdisjoint(map(platforms.system_called, keys)):
        return ()
    found = {
        one.value
        for one in several
        if isinstance(one.value, (cst.Name, cst.Lambda))
        and platforms.names_foreign(_text_of(one.key))
    }
    return () if found and flow.taken_keys.takes_foreign else found


def is_unused_default(flow: Flow, node: cst.Call) -> bool:
    """Return whether the function in ``names.get(platform, function)`` is not used on Unix."""
    func = node.func
    if not isinstance(func, cst.Attribute) or func.attr.value != "get" or len(node.args) != 2:
        return False
    key, default = (one.value for one in node.args)
    is_function = isinstance(default, (cst.Name, cst.Lambda))
    return is_function and flow.decide(_contains(func.value, key)) is True


def finds_keys(flow: Flow, body: cst.BaseSuite) -> bool:
    """Return whether all that a block looks up is there on Unix, by the name of the platform."""
    parts = list(descendants(body))
    taken = [one for one in parts if isinstance(one, cst.Subscript)]
    called = [one for one in parts if isinstance(one, cst.Call)]
    is_more = any(isinstance(one, cst.Raise) for one in parts)
    if not taken or is_more or not all(_is_imported(flow, one) for one in called):
        return False
    for one in taken:
        part = one.slice[0].slice
        if not isinstance(part, cst.Index) or not flow.decide(_contains(one.value, part.value)):
            return False
    return not flow.taken_keys.takes_any


def _may_take_foreign(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Index):
        return platforms.names_foreign(_text_of(node.value))
    return isinstance(node, cst.Attribute) and node.attr.value in ("values", "items")


def _may_take_key(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Del):
        return any(isinstance(one, cst.Subscript) for one in descendants(node))
    return isinstance(node, cst.Attribute) and node.attr.value in _TAKING


def catches_keys(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    """Return whether a handler is for nothing but what a look-up in a dictionary raises."""
    caught = handler.type
    several = [one.value for one in caught.elements] if isinstance(caught, cst.Tuple) else [caught]
    names = {one.value for one in several if isinstance(one, cst.Name)}
    return bool(_KEY_ERRORS & names) and names <= {*_KEY_ERRORS, "IndexError"}


def _is_imported(flow: Flow, node: cst.Call) -> bool:
    """Return whether a call is of a module's function, or of a method of its result."""
    func: cst.BaseExpression = node.func
    while isinstance(func, (cst.Attribute, cst.Call)):
        func = func.value if isinstance(func, cst.Attribute) else func.func
    several = flow.bindings_of(func) if isinstance(func, cst.Name) else frozenset()
    return bool(several) and all(one.kind is BindingKind.IMPORTED for one in several)


def _contains(collection: cst.BaseExpression, item: cst.BaseExpression) -> cst.Comparison:
    """Return the test ``item in collection``."""
    return cst.Comparison(item, [cst.ComparisonTarget(cst.In(), collection)])


def _text_of(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""
