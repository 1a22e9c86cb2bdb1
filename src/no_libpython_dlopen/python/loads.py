"""Finds the calls that open a shared library, by what is called and not by its spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst

from no_libpython_dlopen.names import is_libpython, shown
from no_libpython_dlopen.python.bindings import Scope
from no_libpython_dlopen.python.evaluate import Evaluator
from no_libpython_dlopen.python.loaders import CFFI, COLLECTIONS, FOREIGN, LOADERS
from no_libpython_dlopen.python.mentions import LOADER_WORDS
from no_libpython_dlopen.python.values import (
    PASSED,
    PROBED,
    Arguments,
    Class,
    Known,
    Method,
    Partial,
    Values,
    joined,
    of,
    union,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A live expression that opens a shared library by name.

    ``becomes`` is ``CDLL`` or ``PyDLL``, ``cffi``, or empty for other foreign loaders.
    ``plain`` is false where the loader is a subclass that does more.
    """

    node: cst.Call | cst.Subscript
    scope: Scope
    loader: str
    becomes: str
    names: Values
    argument: cst.BaseExpression | None
    plain: bool = True
    passed: bool = False

    @property
    def foreign(self) -> bool:
        """Whether something other than ctypes' classes opens it."""
        return self.becomes not in ("CDLL", "PyDLL")

    @property
    def hits(self) -> list[str]:
        """The alternatives of the name that are libpython."""
        return [one for one in self.names.options if isinstance(one, str) and is_libpython(one)]

    @property
    def library(self) -> str:
        """What a reader is told that is opened."""
        return shown(self.hits[0]).rpartition("/")[2] if self.hits else ""

    @property
    def certain(self) -> bool:
        """Whether nothing but libpython can be opened here."""
        rest = [one for one in self.names.options if one is not None]
        certain = self.names.complete and len(rest) == len(self.hits)
        return certain and not self.passed and not self.names.flags & (PASSED | PROBED)


def opened(evaluator: Evaluator) -> Iterator[Opened]:
    """Yield every expression that opens a library, whatever library it is."""
    for node, scope in evaluator.flow.candidates.items():
        if isinstance(node, cst.Attribute) or not _may_load(node, evaluator):
            continue
        if is_dead(scope, evaluator):
            continue
        found = _subscript(node, scope, evaluator) if isinstance(node, cst.Subscript) else None
        if isinstance(node, cst.Call):
            found = _call(node, scope, evaluator)
        if found is not None:
            yield found


def _may_load(node: cst.Call | cst.Subscript, evaluator: Evaluator) -> bool:
    """Tell whether what is called or subscripted may be a loader, or is handed one."""
    asked: list[cst.CSTNode] = [node.func if isinstance(node, cst.Call) else node.value]
    if isinstance(node, cst.Call):
        asked += [
            one.value for one in node.args if isinstance(one.value, (cst.Name, cst.Attribute))
        ]
    return any(evaluator.mentioned(one, LOADER_WORDS) for one in asked)


def is_dead(scope: Scope | None, evaluator: Evaluator) -> bool:
    """Tell whether code stands in a function that only code which never runs calls."""
    while scope is not None and scope.parent is not None:
        node = scope.node
        if isinstance(node, cst.FunctionDef) and not scope.parent.is_class:
            name = node.name.value
            bindings = scope.parent.bindings.get(name, [])
            read = any(binding.readers for binding in bindings)
            if not read and name in evaluator.flow.dead_names:
                return True
        scope = scope.parent
    return False


def _subscript(node: cst.Subscript, scope: Scope, evaluator: Evaluator) -> Opened | None:
    part = node.slice[0].slice
    if len(node.slice) != 1 or not isinstance(part, cst.Index):
        return None
    for option in evaluator.values(node.value).options:
        if isinstance(option, Known) and option.name in COLLECTIONS:
            names = evaluator.values(part.value)
            becomes = COLLECTIONS[option.name]
            return Opened(node, scope, f"{option.name}[]", becomes, names, part.value)
    return None


def _call(node: cst.Call, scope: Scope, evaluator: Evaluator) -> Opened | None:
    callees = evaluator.values(node.func)
    found: list[Opened] = []
    for callee in callees.options:
        arguments = Arguments()
        partial = False
        while isinstance(callee, Partial):
            arguments = arguments.after(callee.arguments)
            callee, partial = callee.callee, True
        if not isinstance(callee, (Known, Class, Method)):
            continue
        name, becomes, plain = _loader(callee, evaluator)
        if not name:
            continue
        given = evaluator.arguments(node).after(arguments)
        if name == "getattr":
            owner = given.get(0)
            found += [
                Opened(node, scope, option.name, COLLECTIONS[option.name], values, None)
                for option in (owner.options if owner else ())
                if isinstance(option, Known) and option.name in COLLECTIONS
                for values in [given.get(1) or of()]
            ]
            continue
        handle = given.get(2, "handle") if name in ("ctypes.CDLL", "ctypes.PyDLL") else None
        if handle is not None and given.complete and handle.options != (None,):
            continue
        names = given.get(0, "libname" if "ctypeslib" in name else "name")
        if names is None:
            continue
        names = joined([names]) if any(not _plain(o) for o in names.options) else names
        if "ctypeslib" in name:
            names = union([names, joined([names, of(".so")])])
        shown_name = callee.name if isinstance(callee, Known) else name
        found.append(
            Opened(
                node,
                scope,
                shown_name,
                becomes,
                names,
                _argument(node) if not partial or node.args else None,
                plain and not (partial and _more(arguments)),
                bool(callees.flags & (PASSED | PROBED)) or len(callees.options) > 1,
            )
        )
    return max(found, key=lambda one: bool(one.hits)) if found else None


def _more(arguments: Arguments) -> bool:
    return len(arguments.positional) > 1 or bool(arguments.keywords)


def _plain(option: Any) -> bool:
    return option is None or isinstance(option, str)


def _loader(callee: Any, evaluator: Evaluator) -> tuple[str, str, bool]:
    """Return a loader's qualified name, what it makes, and whether it does only that."""
    if isinstance(callee, Method):
        return "", "", False
    if isinstance(callee, Class):
        bases = evaluator.bases(callee)
        own = [callee, *(base for base in bases if isinstance(base, Class))]
        for base in bases:
            if isinstance(base, Known) and base.name in ("ctypes.CDLL", "ctypes.PyDLL"):
                plain = all(not one.scope.bindings for one in own)
                return base.name, LOADERS[base.name], plain
        return "", "", False
    name = callee.name
    if name in LOADERS:
        return name, LOADERS[name], True
    if name == "getattr":
        return name, "", True
    if name.endswith(CFFI):
        return name, "cffi", True
    return (name, "", True) if name in FOREIGN else ("", "", False)


def _argument(node: cst.Call) -> cst.BaseExpression | None:
    """Return the expression that names the library."""
    for argument in node.args:
        if argument.star:
            return None
        if argument.keyword is None or argument.keyword.value in ("name", "libname"):
            return argument.value
    return None
