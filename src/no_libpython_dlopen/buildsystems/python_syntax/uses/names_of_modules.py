"""The places of each name in the modules of a build script, without regard to what runs."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, last_word

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


class Names:
    """The names of several modules, and the nodes around each node."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.variables: defaultdict[str, list[ast.Name]] = defaultdict(list)
        #: Attributes, and texts, which may be keys.
        self.members: defaultdict[str, list[ast.Attribute | ast.Constant]] = defaultdict(list)
        self.functions: defaultdict[str, list[Function]] = defaultdict(list)
        self.calls: list[ast.Call] = []
        #: What an import calls a name.
        self.aliases: defaultdict[str, set[str]] = defaultdict(set)
        self._by_scope: dict[str, defaultdict[ast.AST | None, list[ast.Name]]] = {}
        self._bound: dict[ast.AST, set[str]] = {}
        self._free: dict[ast.AST, set[str]] = {}
        for tree in trees:
            self._read(tree)

    def _read(self, tree: ast.Module) -> None:
        todo: list[ast.AST] = [tree]
        while todo:
            node = todo.pop()
            for child in child_nodes(node):
                self.parents[child] = node
                todo.append(child)
            if isinstance(node, ast.Name):
                self.variables[node.id].append(node)
            elif isinstance(node, ast.Attribute):
                self.members[node.attr].append(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.members[node.value].append(node)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[node.name].append(node)
                if node.name == "__init__" and isinstance(
                    owner := self.parents[node], ast.ClassDef
                ):
                    self.functions[owner.name].append(node)
            elif isinstance(node, ast.Lambda) and isinstance(
                holder := self.parents[node], (ast.Assign, ast.AnnAssign)
            ):
                for target in holder.targets if isinstance(holder, ast.Assign) else [holder.target]:
                    self.functions[last_word(target)].append(node)
            elif isinstance(node, ast.Call):
                self.calls.append(node)
            elif isinstance(node, ast.alias) and node.asname:
                self.aliases[node.name.rpartition(".")[2]].add(node.asname)

    def holders(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around one, the innermost first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def scope_of(self, name: ast.Name) -> ast.AST | None:
        """Return the function or comprehension that a variable belongs to, ``None`` for a module."""
        inner: ast.AST = name
        for holder in self.holders(name):
            if isinstance(holder, COMPREHENSIONS) and any(
                name.id in _targets(each.target) for each in holder.generators
            ):
                return holder
            if isinstance(holder, FUNCTIONS) and inner not in _outside(holder):
                if name.id in self._free_in(holder):
                    return None
                if name.id in self._bound_in(holder):
                    return holder
            inner = holder
        return None

    def variables_of(self, word: str, scope: ast.AST | None) -> list[ast.Name]:
        """Return the uses of a variable of a scope."""
        if word not in self._by_scope:
            found = self._by_scope[word] = defaultdict(list)
            for one in self.variables[word]:
                found[self.scope_of(one)].append(one)
        return self._by_scope[word][scope]

    def functions_with(self, word: str) -> Iterator[Function]:
        """Yield the functions with a parameter of this name."""
        for functions in self.functions.values():
            for function in functions:
                if word in {one.arg for one in parameters(function)}:
                    yield function

    def _bound_in(self, function: Function) -> set[str]:
        if function not in self._bound:
            self._bound[function] = {one.arg for one in parameters(function)}
            self._free[function] = set()
            for node in _own_nodes(function):
                if isinstance(node, (ast.Global, ast.Nonlocal)):
                    self._free[function].update(node.names)
                elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                    self._bound[function].add(node.id)
        return self._bound[function]

    def _free_in(self, function: Function) -> set[str]:
        self._bound_in(function)
        return self._free[function]


def parameters(function: Function) -> list[ast.arg]:
    """Return the parameters of a function, those that take the rest last."""
    given = function.args
    rest = [one for one in (given.vararg, given.kwarg) if one is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]


class Places:
    """The expressions of a file by where they are written."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self._source = source
        self._expressions: dict[tuple[int, ...], ast.expr] = {}
        for node in ast.walk(tree):  # breadth first: of several, the outermost
            if isinstance(node, ast.expr):
                end = node.end_lineno or 0, node.end_col_offset or 0
                self._expressions.setdefault((node.lineno, node.col_offset, *end), node)

    def expression(self, span: Span) -> ast.expr | None:
        """Return the expression that is written at ``span``."""
        return self._expressions.get((*self._place(span[0]), *self._place(span[1])))

    def _place(self, offset: int) -> tuple[int, int]:
        """Return the line of an offset, and its column in bytes, as ``ast`` counts them."""
        at = self._source.locate(offset)
        return at.row, len(self._source.text[offset - at.column + 1 : offset].encode())


def _targets(target: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}


def _outside(function: Function) -> list[ast.AST]:
    """Return the parts of a function that its surroundings evaluate."""
    decorators = [] if isinstance(function, ast.Lambda) else function.decorator_list
    return [*decorators, function.args]


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of functions in it."""
    todo = child_nodes(function)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            todo += child_nodes(node)
