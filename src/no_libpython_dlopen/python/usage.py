"""Follows what a load gives through the file: who reads it, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from no_libpython_dlopen.python.bindings import Binding, How
from no_libpython_dlopen.python.evaluate import Evaluator
from no_libpython_dlopen.python.tree import Positions


@dataclass(frozen=True, slots=True)
class Use:
    """One thing done with the library.

    ``does`` is ``called`` (``name`` is the function), ``prototype`` (``name`` is
    ``restype`` or the like), ``attribute``, ``probed`` (``hasattr``), ``inspected``
    (``isinstance``, ``_handle``), ``stored`` or ``passed``.
    """

    does: str
    name: str
    node: cst.CSTNode


PROTOTYPE = frozenset({"restype", "argtypes", "errcheck"})
_INSPECTED = frozenset({"_name", "_handle", "_FuncPtr", "_func_flags_"})


class Usage:
    """The uses of the expressions of a module."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._flow = evaluator.flow
        self._evaluator = evaluator
        self._positions = positions
        self._by_place: dict[tuple[cst.CSTNode, str], list[Binding]] = {}
        for binding in self._flow.made:
            known = self._by_place.setdefault((binding.node, binding.name), [])
            if binding not in known:
                known.append(binding)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the statement whose whole value an expression is; ``None`` for a part."""
        parent = self._positions.parent(node)
        if isinstance(parent, (cst.Expr, cst.Assign, cst.AnnAssign)):
            return parent
        return None

    def bindings(self, node: cst.CSTNode) -> list[Binding] | None:
        """Return the names that an assignment binds; ``None`` where it binds more."""
        if isinstance(node, cst.Assign):
            targets: list[cst.BaseExpression] = [target.target for target in node.targets]
        elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)):
            targets = [node.target]
        else:
            return None
        found: list[Binding] = []
        for target in targets:
            if not isinstance(target, cst.Name):
                return None
            found += self._by_place.get((node, target.value), [])
        return found

    def is_read(self, node: cst.CSTNode, exported: frozenset[str]) -> bool:
        """Tell whether anything can read the value of a load."""
        statement = self.statement(node)
        if isinstance(statement, cst.Expr):
            return False
        bindings = self.bindings(statement) if statement is not None else None
        if not bindings:
            return True
        return any(
            binding.readers or binding.scope.is_class or binding.name in exported
            for binding in bindings
        )

    def of(self, node: cst.CSTNode, depth: int = 0) -> Iterator[Use]:
        """Yield what is done with an expression's value."""
        parent = self._positions.parent(node)
        if isinstance(parent, cst.Attribute):
            yield from self._member(parent)
        elif isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
            bindings = self.bindings(parent)
            if bindings is None or any(binding.scope.is_class for binding in bindings):
                yield Use("stored", "", parent)
            else:
                for binding in bindings:
                    yield from self._readers(binding, depth)
            if isinstance(parent, cst.NamedExpr):
                yield from self.of(parent, depth)
        elif isinstance(parent, cst.Arg):
            yield self._argument(parent)
        elif isinstance(parent, (cst.If, cst.While, cst.Expr, cst.UnaryOperation)):
            return
        else:
            yield Use("passed", "", node)

    def _readers(self, binding: Binding, depth: int) -> Iterator[Use]:
        for reader in binding.readers:
            if depth < 3:
                yield from self.of(reader, depth + 1)
            else:
                yield Use("passed", "", reader)

    def _member(self, node: cst.Attribute) -> Iterator[Use]:
        name = node.attr.value
        parent = self._positions.parent(node)
        if name in _INSPECTED:
            yield Use("inspected", name, node)
        elif isinstance(parent, cst.Call) and parent.func is node:
            yield Use("called", name, node)
        elif isinstance(parent, cst.Attribute):
            which = parent.attr.value
            yield Use("prototype" if which in PROTOTYPE else "attribute", which, node)
            yield Use("named", name, node)
        elif isinstance(parent, cst.Assign) and parent.value is node:
            yield Use("named", name, node)
            for binding in self.bindings(parent) or ():
                yield from self._function_kept(binding)
            if not self.bindings(parent):
                yield Use("attribute", name, node)
        elif isinstance(parent, cst.Call) or parent is None:
            yield Use("attribute", name, node)
        else:
            yield Use("attribute", name, node)
            yield Use("named", name, node)

    def _function_kept(self, binding: Binding) -> Iterator[Use]:
        """Yield what is done with a function of the library that has a name of its own."""
        for reader in binding.readers:
            parent = self._positions.parent(reader)
            if isinstance(parent, cst.Attribute) and parent.attr.value in PROTOTYPE:
                yield Use("prototype", parent.attr.value, reader)
            elif not (isinstance(parent, cst.Call) and parent.func is reader):
                yield Use("attribute", binding.name, reader)

    def _argument(self, argument: cst.Arg) -> Use:
        call = self._positions.parent(argument)
        name = self._evaluator.qualified(call.func) if isinstance(call, cst.Call) else ""
        if name in ("hasattr", "getattr"):
            return Use("probed", name, argument)
        if name in ("isinstance", "type", "id", "ctypes.util.dlclose", "_ctypes.dlclose"):
            return Use("inspected", name, argument)
        return Use("passed", name, argument)


def exported(evaluator: Evaluator) -> frozenset[str]:
    """Return the names in the module's ``__all__``."""
    found: set[str] = set()
    for binding in evaluator.flow.scope.bindings.get("__all__", ()):
        if binding.how in (How.VALUE, How.AUGMENTED) and binding.value is not None:
            values = evaluator.iterated(evaluator.values(binding.value))
            found.update(option for option in values.options if isinstance(option, str))
    return frozenset(found)
