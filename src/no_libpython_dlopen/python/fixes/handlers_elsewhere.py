"""Whether another file of a project handles what a failed load in a module raises.

It does so around an import of the module, or around a mention of a function that leads to the load.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from no_libpython_dlopen.python.fixes.handlers import CATCHERS, may_name_os_error
from no_libpython_dlopen.python.project.module_sources import read_tree
from no_libpython_dlopen.python.syntax.module_names import IMPORTERS
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, last_word

_TRIES = (ast.Try, *([ast.TryStar] if hasattr(ast, "TryStar") else []))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_EXITS = (ast.Return, ast.Break, ast.Continue, ast.Yield)
#: A file with a handler has one of these words.
_WORDS = frozenset({b"except", *(one.encode() for one in CATCHERS)})
_IMPORTERS = IMPORTERS | {"importorskip"}


class HandlersElsewhere:
    """The handlers of one file around imports of a module, and what leads to its loads."""

    def __init__(self, tree: ast.Module, module: str) -> None:
        self._module = module
        self.guarded = [
            part
            for node in _walk([tree], into_functions=True)
            for part in _walk(_guarded_nodes(node), into_functions=False)
        ]
        self._imported: dict[str, str] = {}
        self._texts: set[str] = set()
        for node in ast.walk(tree) if self.guarded else ():
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for one in node.names:
                    self._imported[one.asname or one.name] = one.name.rpartition(".")[2]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._texts.add(node.value.rpartition(".")[2])

    def handle(self, leading: set[str]) -> bool:
        """Return whether a handler is around what leads to a load.

        ``leading`` has ``Class.method`` for a method, ``Class`` for a constructor, and an empty text
        for the import of the module.
        """
        return any(self._leads(part, leading) for part in self.guarded)

    def _leads(self, node: ast.AST, leading: set[str]) -> bool:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [*(one.name for one in node.names), getattr(node, "module", None) or ""]
            return "" in leading and self._module in {one.rpartition(".")[2] for one in names}
        if isinstance(node, ast.Call) and last_word(node.func) in _IMPORTERS:
            return "" in leading and self._module in self._texts
        if isinstance(node, ast.Name):
            return self._imported.get(node.id) in leading or (
                "*" in self._imported and node.id in leading
            )
        if not isinstance(node, ast.Attribute):
            return False
        owner = last_word(node.value)
        return (node.attr in leading and self._imported.get(owner, owner) == self._module) or any(
            one.partition(".")[2] == node.attr and self._may_have(one.partition(".")[0])
            for one in leading
        )

    def _may_have(self, cls: str) -> bool:
        """Return whether the file may have objects of a class: it imports the class, or its module."""
        return not {cls, self._module, "*"}.isdisjoint(self._imported.values())


def may_handle(words: frozenset[bytes]) -> bool:
    """Return whether a file with some words may have a handler."""
    return not _WORDS.isdisjoint(words)


def handlers_in(path: str, module: str) -> HandlersElsewhere | None:
    """Return the handlers of a file; ``None`` where it has none, or cannot be parsed."""
    tree = read_tree(path)
    found = HandlersElsewhere(tree, module) if tree is not None else None
    return found if found is not None and found.guarded else None


def _walk(start: list[ast.AST], *, into_functions: bool) -> Iterator[ast.AST]:
    """Yield nodes and all below them, those in functions only on request: they run later."""
    todo = [*start]
    while todo:
        node = todo.pop()
        yield node
        if into_functions or not isinstance(node, _FUNCTIONS):
            todo += child_nodes(node)


def _guarded_nodes(node: ast.AST) -> list[ast.AST]:
    """Return the nodes whose exceptions a node handles, those of a load that fails among them."""
    if isinstance(node, _TRIES):
        handles = any(_catches(one.type) and not _reraises(one) for one in node.handlers)
        return [*node.body] if handles else []
    if isinstance(node, (ast.With, ast.AsyncWith)):
        is_caught = any(_is_catcher(one.context_expr) for one in node.items)
        return [*node.body] if is_caught else []
    if isinstance(node, ast.Call) and len(node.args) > 1 and _is_catcher(node):
        return [*node.args[1:]]
    return []


def _is_catcher(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and last_word(node.func) in CATCHERS
        and (not node.args or any(map(_catches, node.args)))
    )


def _catches(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    parts = _walk([caught], into_functions=True)
    return may_name_os_error({last_word(one) for one in parts} - {""})


def _reraises(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return (
        isinstance(last, ast.Raise)
        and last.exc is None
        and not any(isinstance(one, _EXITS) for one in _walk([*handler.body], into_functions=True))
    )
