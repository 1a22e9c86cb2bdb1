"""The mutants of a module: its source with one place altered, so that it does something else."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

_OTHER_COMPARISON: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OTHER_OPERATOR: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_OTHER_FUNCTION = {"any": "all", "all": "any", "min": "max", "max": "min"}
#: What is written for types, and what would change the shape of a class.
_PASSED_OVER = ("annotation", "returns", "decorator_list", "bases")


#: The head of what runs when the module is imported, whichever test imports it first.
ON_IMPORT = (0, 0)


class Mutant(NamedTuple):
    """One piece of a source, by its offsets, with what replaces it."""

    line: int
    #: The first and the last line of the statement, or of what precedes its body; `ON_IMPORT`.
    head: tuple[int, int]
    start: int
    end: int
    new: str

    def apply(self, source: str) -> str:
        """Return the mutated source."""
        return source[: self.start] + self.new + source[self.end :]

    def describe(self, source: str) -> str:
        """Return the old and the new text on one line."""
        old, new = (" ".join(text.split()) for text in (source[self.start : self.end], self.new))
        return f"{old[:90]} -> {new[:90]}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = source.splitlines()

    def offset(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    tree = ast.parse(source)
    tests = [node.test for node in ast.walk(tree) if hasattr(node, "test")]
    tested = {id(test) for test in tests if not isinstance(test, ast.Constant)}
    for head, node in _nodes(tree):
        start = offset(node.lineno, node.col_offset)
        end = offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        truths = map(ast.Constant, (True, False) if id(node) in tested else ())
        for new in (*truths, *_replacements(node)):
            text = ast.unparse(ast.fix_missing_locations(new))
            text = f"({text})" if isinstance(new, ast.expr) else text
            yield Mutant(node.lineno, head, start, end, text)


def _nodes(
    node: ast.AST, head: tuple[int, int] = ON_IMPORT, *, in_function: bool = False
) -> Iterator[tuple[tuple[int, int], ast.stmt | ast.expr]]:
    """Yield the statements and expressions that run and have a place, each with its head."""
    if isinstance(node, ast.stmt) and in_function:
        body: list[ast.stmt] = getattr(node, "body", [])
        last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        head = node.lineno, max(node.lineno, last)
    if isinstance(node, (ast.stmt, ast.expr)) and not _is_table_of_words(node, head):
        yield head, node
    # Python below 3.12 does not tell the places within a formatted string; an assertion is for
    # readers and for mypy.
    if isinstance(node, (ast.JoinedStr, ast.Assert)) or _is_for_types(node):
        return
    for name, value in ast.iter_fields(node):
        if name not in _PASSED_OVER:
            inside = in_function or (isinstance(node, ast.FunctionDef) and name == "body")
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _nodes(child, head, in_function=inside)


def _is_table_of_words(node: ast.AST, head: tuple[int, int]) -> bool:
    """Return whether a node is words of a module's table: tests of each would be the table again."""
    return head == ON_IMPORT and isinstance(node, (ast.Tuple, ast.Set, ast.List))


def _is_for_types(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _replacements(node: ast.stmt | ast.expr) -> Iterator[ast.stmt | ast.expr]:
    """Yield what may stand in a node's place."""
    match node:
        case ast.Compare(ops=[operator, *rest]):
            if type(operator) in _OTHER_COMPARISON:
                yield _with(node, ops=[_OTHER_COMPARISON[type(operator)](), *rest])
        case ast.BoolOp(op=operator, values=values):
            yield _with(node, op=ast.And() if isinstance(operator, ast.Or) else ast.Or())
            for index in range(len(values)):
                kept = values[:index] + values[index + 1 :]
                yield _with(node, values=kept) if len(kept) > 1 else kept[0]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.BinOp(op=operator) if type(operator) in _OTHER_OPERATOR:
            yield _with(node, op=_OTHER_OPERATOR[type(operator)]())
        case ast.Call(func=ast.Name(id=name)) if name in _OTHER_FUNCTION:
            yield _with(node, func=ast.Name(_OTHER_FUNCTION[name]))
        case ast.Set(elts=elements) | ast.Tuple(elts=elements, ctx=ast.Load()) if len(elements) > 1:
            if all(isinstance(element, ast.Constant) for element in elements):
                for index in range(len(elements)):
                    yield _with(node, elts=elements[:index] + elements[index + 1 :])
        case ast.Dict(keys=keys, values=values):
            for index in range(len(keys)):
                yield _with(
                    node,
                    keys=keys[:index] + keys[index + 1 :],
                    values=values[:index] + values[index + 1 :],
                )
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            if node.generators[0].ifs:
                first = _with(node.generators[0], ifs=node.generators[0].ifs[1:])
                yield _with(node, generators=[first, *node.generators[1:]])
        case ast.Return(value=ast.expr() as value) if not _is_plain(value):
            yield ast.Return(ast.BoolOp(ast.And(), [value, ast.Constant(None)]))
        case ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _is_plain(value: ast.expr) -> bool:
    """Return whether a value is a constant, or an empty collection, which is as good as `None`."""
    return isinstance(value, ast.Constant) or ast.unparse(value) in ("[]", "()", "{}", "set()")


def _with(node: ast.AST, **fields: object) -> ast.expr:
    """Return a copy of a node with other fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new  # type: ignore[return-value]
