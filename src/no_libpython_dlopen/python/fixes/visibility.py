"""Whether a name means one thing at a place, whatever path and platform lead there.

Reaching definitions follow what plain Unix runs. A name that a rewrite brings to a place
has to be right on Windows as well, and an import in dead code makes a name local to its
function all the same: so bindings are looked for in the syntax here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from no_libpython_dlopen.python.syntax.parse import parameters
from no_libpython_dlopen.python.syntax.positions import Positions

_GROUPS = (cst.Element, cst.StarredElement, cst.Tuple, cst.List)
_SCOPES = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Module)
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
#: Nodes that bind the name in one of their fields.
_BINDERS: dict[type, str] = {
    cst.AssignTarget: "target",
    cst.AnnAssign: "target",
    cst.AugAssign: "target",
    cst.NamedExpr: "target",
    cst.For: "target",
    cst.CompFor: "target",
    cst.Del: "target",
    cst.AsName: "name",
    cst.Param: "name",
    cst.FunctionDef: "name",
    cst.ClassDef: "name",
    cst.NameItem: "name",
    cst.MatchAs: "name",
    cst.MatchStar: "name",
    cst.MatchMapping: "rest",
    cst.TypeVar: "name",
    cst.TypeVarTuple: "name",
    cst.ParamSpec: "name",
    cst.TypeAlias: "name",
}


class Visibility:
    """The places that bind the names of one module, dead code included."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._names: dict[str, list[cst.Name]] = {}
        for node in positions.nodes(cst.Name):
            self._names.setdefault(node.value, []).append(node)

    def binds_only(
        self, name: str, place: cst.CSTNode, allowed: Collection[cst.CSTNode] = ()
    ) -> bool:
        """Return whether nothing but ``allowed`` imports can bind a name as seen at a place.

        What functions around that of the imports bind is not seen there.
        """
        scopes = {id(self.scope(one)) for one in allowed}
        around: set[int] = set()
        for node in self._positions.ancestors(place):
            around.add(id(node))
            if id(node) in scopes:
                break
        for node in self._names.get(name, ()):
            binder = self._binder(node)
            if binder is None or any(binder is one for one in allowed):
                continue
            # ``global`` and ``nonlocal`` bind somewhere else
            if isinstance(binder, cst.NameItem) or id(self.scope(binder)) in around:
                return False
        return True

    def is_attribute(self, name: str) -> bool:
        """Return whether anything in the module is asked for an attribute of a name."""
        parents = map(self._positions.parent, self._names.get(name, ()))
        return any(isinstance(one, cst.Attribute) and one.attr.value == name for one in parents)

    def imports(self, name: str) -> Iterator[cst.ImportAlias]:
        """Yield the imports that bind a name, dead ones included."""
        for node in self._names.get(name, ()):
            binder = self._binder(node)
            if isinstance(binder, cst.ImportAlias):
                yield binder

    def _binder(self, node: cst.Name) -> cst.CSTNode | None:
        """Return the binding of a name where it is written; ``None`` where it is read."""
        inner: cst.CSTNode = node
        outer = self._positions.parent(node)
        while isinstance(outer, _GROUPS):
            inner, outer = outer, self._positions.parent(outer)
        if isinstance(outer, cst.Attribute):  # import a.b binds a
            while isinstance(outer, cst.Attribute) and outer.value is inner:
                inner, outer = outer, self._positions.parent(outer)
            if not isinstance(outer, cst.ImportAlias):
                return None
        if isinstance(outer, cst.ImportAlias):
            return outer if outer.asname is None else None
        if outer is None or getattr(outer, _BINDERS.get(type(outer), ""), None) is not inner:
            return None
        if isinstance(outer, cst.AsName):
            whole = self._positions.parent(outer)
            return whole if isinstance(whole, cst.ImportAlias) else outer
        return outer

    def scope(self, binder: cst.CSTNode) -> cst.CSTNode:
        """Return the function, class, comprehension or module in which something is bound."""
        kinds = _SCOPES + _COMPREHENSIONS if isinstance(binder, cst.CompFor) else _SCOPES
        for node in self._positions.ancestors(binder):
            if isinstance(node, kinds):
                return node
        raise AssertionError("a node outside any module")

    def dominates(self, statement: cst.CSTNode, place: cst.CSTNode) -> bool:
        """Return whether an earlier statement has always run when a place is reached."""
        line = self._positions.parent(statement)
        is_line = isinstance(line, cst.SimpleStatementLine)
        block = self._positions.parent(line) if line is not None and is_line else line
        if block is None or self._positions.span(statement) >= self._positions.span(place):
            return False
        return any(one is block for one in self._positions.ancestors(place))


class InnerScopes:
    """The lambdas, inner functions and comprehensions of one module, and the names they bind."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._bound: dict[int, frozenset[str]] = {}

    def hide(self, name: cst.Name, function: cst.FunctionDef) -> bool:
        """Return whether a name in a function is a parameter or variable of a scope inside.

        Defaults, decorators, annotations and what the first ``for`` of a comprehension goes
        through belong to the scope around.
        """
        parent = self._positions.parent(name)
        is_parameter = isinstance(parent, cst.Param) and parent.name is name
        inner: cst.CSTNode = name
        within: cst.CSTNode | None = None  # the part of the first clause
        for outer in self._positions.ancestors(name):
            if outer is function:
                return False
            if isinstance(outer, (cst.FunctionDef, cst.Lambda)):
                if is_parameter:
                    return True
                if inner is outer.body and name.value in self._names_of(outer):
                    return True
            elif isinstance(outer, cst.CompFor):
                within = outer.iter if inner is outer.iter else None
            elif isinstance(outer, _COMPREHENSIONS):
                is_around = within is not None and within is outer.for_in.iter
                if not is_around and name.value in self._names_of(outer):
                    return True
                within = None
            inner = outer
        return False

    def _names_of(self, scope: cst.FunctionDef | cst.Lambda | cst.BaseComp) -> frozenset[str]:
        known = self._bound.get(id(scope))
        if known is None:
            known = frozenset(_bound_names(scope))
            self._bound[id(scope)] = known
        return known


def _bound_names(scope: cst.FunctionDef | cst.Lambda | cst.BaseComp) -> Iterator[str]:
    """Yield the names of a function's parameters, or of a comprehension's variables."""
    if isinstance(scope, (cst.FunctionDef, cst.Lambda)):
        yield from (one.name.value for one in parameters(scope.params))
        return
    clause: cst.CompFor | None = scope.for_in
    while clause is not None:
        targets: list[cst.CSTNode] = [clause.target]
        while targets:
            target = targets.pop()
            if isinstance(target, cst.Name):
                yield target.value
            elif isinstance(target, (cst.Tuple, cst.List)):
                targets += (element.value for element in target.elements)
        clause = clause.inner_for_in
