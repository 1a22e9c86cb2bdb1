"""How long libcst's parser takes for a text, before it is asked: nothing can interrupt it.

It copies what it has parsed at each step of a chain (``a.b[c](d)``) and within each bracket, and
tries a pattern or a target of ``del`` several times for each bracket: a line may take minutes.
The figures are about what the large files of real projects take.
"""

from __future__ import annotations

import ast
import re
from keyword import iskeyword

from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, parse_source
from no_libpython_dlopen.python.syntax.string_scanner import scan_strings

#: Microseconds of a node or token, by itself, for each bracket around it, for each step of a chain.
_NODE, _BRACKET, _STEP = 16.0, 8.0, 0.7
#: Microseconds of an operator for each one that it is an operand of.
_OPERATION = 0.1
#: Microseconds of a token for each one before it in its line.
_TOKEN = 0.2
_STEPS: dict[type, float] = {
    ast.Attribute: _STEP,
    ast.BoolOp: 0.0,  # its operands are side by side
    **dict.fromkeys((ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Lambda), _OPERATION),
}
#: The field of the expression before the brackets of a call or subscript.
_HEADS = {ast.Call: "func", ast.Subscript: "value"}
#: Microseconds of a pattern without brackets, and the factor of each bracket around it; the
#: parenthesis of a class pattern, which follows a name, has a factor of its own.
_PATTERN = 3.0
_CLASS = "a("
_TIMES = {"(": 4.0, "{": 4.0, "[": 2.0, _CLASS: 2.0}
#: The most that a pattern costs: the product for a thousand brackets overflows a float.
_MOST = 1e9
_TRIED_AGAIN = frozenset({"case", "del"})
_CASE = re.compile(r"^[ \t\f]*case\b", re.MULTILINE)
_MARKS = re.compile(r"\w[ \t]*\(|[()\[\]{}:]")


def parsing_seconds(source: Source) -> float:
    """Return about how many seconds the parser takes for a text that ``ast`` can parse.

    Raises ``Unreadable`` as ``parse_source`` does.
    """
    total = 0.0
    matches = False
    stack: list[tuple[ast.AST, float]] = []
    tree = parse_source(source)
    if isinstance(tree, ast.Module):
        stack.append((tree, _NODE))
    while stack:
        node, cost = stack.pop()
        total += cost
        kind = type(node)
        matches = matches or kind is ast.Match
        if not isinstance(node, ast.expr):
            stack += [(child, cost) for child in child_nodes(node)]
            continue
        inner = cost + _STEPS.get(kind, _BRACKET)
        head = getattr(node, _HEADS.get(kind, ""), None)
        stack += [(child, cost + _STEP if child is head else inner) for child in child_nodes(node)]
    return (total + (_cost_of_patterns(source.text) if matches else 0.0)) / 1e6


def _cost_of_patterns(text: str) -> float:
    """Return the microseconds of what is behind each ``case``: trees do not show all brackets."""
    total = 0.0
    strings = scan_strings(text.encode("utf-8", "replace"))
    code = text if strings is None else strings.code.decode("utf-8", "replace")
    for case in _CASE.finditer(code):
        brackets = _Brackets()
        for mark in _MARKS.finditer(code, case.end()):
            if mark[0] == ":" and not brackets.costs:
                break
            total += brackets.cost(mark[0] if len(mark[0]) == 1 else _CLASS)
    return total


class _Brackets:
    """The open brackets of a pattern, each with the microseconds that it takes."""

    def __init__(self) -> None:
        self.costs: list[float] = []

    def cost(self, mark: str) -> float:
        """Return the microseconds that a bracket takes, none where none is opened."""
        if mark in _TIMES:
            outer = self.costs[-1] if self.costs else _PATTERN
            self.costs.append(min(outer * _TIMES[mark], _MOST))
            return self.costs[-1]
        if mark in (")", "]", "}") and self.costs:
            self.costs.pop()
        return 0.0


class CostOfTokens:
    """How long the parser takes for tokens, one after the other, that ``ast`` cannot parse."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last = ""
        self._brackets = _Brackets()
        self._is_tried_again = False

    def add(self, token: str, place: int) -> None:
        """Add a token; ``place`` is its number in the logical line."""
        if place == 0:
            self._is_tried_again = False
        self._is_tried_again |= token in _TRIED_AGAIN
        name = self._last if self._last not in _TRIED_AGAIN else ""
        is_class = token == "(" and name.isidentifier() and not iskeyword(name)
        cost = self._brackets.cost(_CLASS if is_class else token)
        self._last = token
        if not self._is_tried_again:
            cost = 0.0
        cost += _NODE + _BRACKET * len(self._brackets.costs) + _TOKEN * place
        self.seconds += cost / 1e6
