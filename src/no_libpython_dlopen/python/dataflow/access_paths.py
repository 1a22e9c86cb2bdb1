"""Access paths: a name with the attributes and items that are read from it, ``args.lib``.

Two expressions with the same access path have the same value, as long as nothing is stored
through it in between.
"""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.dataflow.expression_walk import ExpressionWalk
from no_libpython_dlopen.python.syntax.parse import descendants, last_word

#: Functions that return the same value for the same arguments, by their last words.
_LOOK_UPS = frozenset({"get", "getenv", "getattr"})


class AccessPath(NamedTuple):
    """The bindings of a name, and the attributes and items read from it, as they are written."""

    roots: frozenset[Binding]
    steps: tuple[object, ...] = ()


def access_path_of(flow: ExpressionWalk, node: cst.CSTNode) -> AccessPath | None:
    """Return the access path of an expression; ``None`` for one that is none."""
    if isinstance(node, cst.Name):
        roots = flow.bindings_of(node)
        return AccessPath(roots) if roots else None
    if isinstance(node, cst.NamedExpr) and isinstance(node.target, cst.Name):
        return access_path_of(flow, node.value)
    if isinstance(node, cst.Attribute):
        return _longer(access_path_of(flow, node.value), node.attr.value)
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        part = node.slice[0].slice
        key = _constant(part.value) if isinstance(part, cst.Index) else None
        return _longer(access_path_of(flow, node.value), "[", key) if key is not None else None
    return _of_call(flow, node) if isinstance(node, cst.Call) else None


def _of_call(flow: ExpressionWalk, node: cst.Call) -> AccessPath | None:
    """Return the access path of ``os.environ.get("LIB")``, and of any one call by itself."""
    func, given = node.func, [one.value for one in node.args]
    if last_word(func) in _LOOK_UPS:
        owner = access_path_of(flow, func.value if isinstance(func, cst.Attribute) else func)
        if owner is None and given:  # getattr(args, "lib")
            owner, given = access_path_of(flow, given[0]), given[1:]
        keys = list(map(_constant, given))
        if None not in keys:
            return _longer(owner, last_word(func), "(", *keys)
    names = (one for one in descendants(node) if isinstance(one, cst.Name))
    roots = frozenset().union(*map(flow.bindings_of, names))
    return AccessPath(roots, (node,)) if roots else None


def _longer(path: AccessPath | None, *steps: object) -> AccessPath | None:
    return AccessPath(path.roots, (*path.steps, *steps)) if path is not None else None


def _constant(node: cst.BaseExpression) -> object:
    """Return the value of a text or number, the name of another constant, or ``None``."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = _constant(node.expression)
        return -inner if isinstance(inner, int) else None
    if isinstance(node, cst.Name) and node.value in ("None", "True", "False"):
        return (node.value,)
    return node.evaluated_value if isinstance(node, (cst.SimpleString, cst.Integer)) else None
