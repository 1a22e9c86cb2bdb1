"""Finds the names that a star import takes from a module, where nothing is evaluated."""

from __future__ import annotations

import ast

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, parse_source

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_OWN_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def public_names(source: Source) -> tuple[str, ...]:
    """Return the names that the code of a module binds, none where it cannot be parsed.

    Of a module with ``__all__`` none are returned: what that lists is not evaluated.
    """
    try:
        tree = parse_source(source)
    except NolibpyError:
        return ()
    found: dict[str, None] = {}
    todo: list[ast.AST] = [] if isinstance(tree, SyntaxError) else [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, _DEFINITIONS):
            found[node.name] = None
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((one.asname or one.name.partition(".")[0], None) for one in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        elif not isinstance(node, _OWN_SCOPES):
            todo += child_nodes(node)
    return (
        ()
        if "__all__" in found
        else tuple(one for one in found if one.isidentifier() and one[0] != "_")
    )
