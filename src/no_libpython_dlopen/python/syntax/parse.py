"""Parses a module with libcst, and walks its tree.

libcst's parser is native code that overflows the stack on nesting that CPython's
refuses, so the text goes through ``ast`` first, whose depth is measured (``mentions``).
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from itertools import chain
from typing import Any

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.finding import START, Location
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.limits import PYTHON_NODES
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.mentions import mentions_of
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP
from no_libpython_dlopen.python.syntax.parsing_cost import CostOfTokens, parsing_seconds

#: Tokens of one logical line, for syntax that this interpreter's own parser does not know.
_MAX_LINE_TOKENS = 4000
#: Python takes no number of so many digits.
_LONG_NUMBER = re.compile("[0-9][0-9_]{10000}")
_RECURSION_LIMIT = 20_000

_TRIVIA = (
    "whitespace",
    "leading_lines",
    "lines_after",
    "header",
    "footer",
    "trailing",
    "lpar",
    "rpar",
    "comma",
    "dot",
    "semicolon",
    "indent",
    "newline",
    "empty_lines",
)
_child_names: dict[type, tuple[str, ...]] = {}


class _IsNode(dict[type, bool]):
    """Which types are nodes: they are abstract classes, of which ``isinstance`` is slow."""

    def __missing__(self, kind: type) -> bool:
        found = self[kind] = issubclass(kind, cst.CSTNode)
        return found


_is_node = _IsNode()


def parse(source: Source) -> cst.Module:
    """Return the module's tree. Raises ``Unreadable`` at the place of a syntax error."""
    return source.derive(_parse)


def _parse(source: Source) -> cst.Module:
    text = source.text
    mentions = mentions_of(source)
    refused: Unreadable | None = None
    if isinstance(mentions, SyntaxError):
        location = Location(max(mentions.lineno or 1, 1), max(mentions.offset or 1, 1))
        refused = Unreadable(f"syntax error: {mentions.msg}", location)
        _refuse_long_lines(text, refused)
    elif mentions.size > PYTHON_NODES:
        raise LimitReached(PYTHON_NODES)
    else:
        analysis.check_time(ahead=parsing_seconds(source))
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        if refused is not None:  # CPython's own parser says it better
            raise refused from None
        raise Unreadable(
            f"syntax error: {_first_line(error.message)}",
            Location(max(error.raw_line, 1), max(error.raw_column, 0) + 1),
        ) from None
    except (RecursionError, MemoryError):
        raise Unreadable(TOO_DEEP, START) from None
    except Exception as error:  # noqa: BLE001  libcst's own mistakes have no common class
        raise Unreadable(f"cannot be parsed: {_first_line(str(error))}") from None
    return module


def parse_expression(text: str) -> cst.BaseExpression | None:
    """Return the tree of a text that is evaluated, ``None`` where it is no expression.

    Raises ``LimitReached`` as ``parse`` does.
    """
    try:
        module = parse(Source("", Kind.PYTHON, text.strip().encode("utf-8", "replace")))
    except LimitReached:
        raise
    except Unreadable:
        return None
    statement = module.body[0] if len(module.body) == 1 else None
    line = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    only = line[0] if len(line) == 1 else None
    return only.value if isinstance(only, cst.Expr) else None


def _first_line(message: str) -> str:
    return message.partition("\n")[0].removeprefix("Syntax Error @ ").strip()


def _refuse_long_lines(text: str, refused: Unreadable) -> None:
    """Apply the limits of size and time to syntax that this interpreter's ``ast`` cannot parse."""
    count = 0
    cost = CostOfTokens()
    if _LONG_NUMBER.search(text):  # ``tokenize`` takes some 500 bytes for each of its digits
        raise refused
    try:
        for total, token in enumerate(tokenize.generate_tokens(io.StringIO(text).readline)):
            count = 0 if token.type == tokenize.NEWLINE else count + 1
            if count > _MAX_LINE_TOKENS or total > PYTHON_NODES:
                raise refused
            cost.add(token.string, count)
        analysis.check_time(ahead=cost.seconds)
    except (tokenize.TokenError, SyntaxError, RecursionError, LimitReached):
        raise refused from None


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow what a tree of ``PYTHON_DEPTH`` needs, for as long as it is walked."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return a node's children in the order of the text, without trivia."""
    kind = type(node)
    names = _child_names.get(kind)
    if names is None:
        names = tuple(
            one.name
            for one in fields(kind)
            if one.type is not str and not one.name.startswith(_TRIVIA)
        )
        _child_names[kind] = names
    found: list[cst.CSTNode] = []
    for name in names:
        child = getattr(node, name)
        if _is_node[type(child)]:
            found.append(child)
        elif isinstance(child, (list, tuple)):
            found += [item for item in child if _is_node[type(item)]]
    return found


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all below it, without trivia, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack += children(current)[::-1]


@lru_cache(maxsize=2)
def _by_type(module: cst.Module) -> dict[type, list[tuple[int, cst.CSTNode]]]:
    """Return the nodes of a module by their types, each with its number in the text."""
    found: dict[type, list[tuple[int, cst.CSTNode]]] = {}
    for at, node in enumerate(descendants(module)):
        found.setdefault(type(node), []).append((at, node))
    return found


def nodes_of(module: cst.Module, *types: type[Any]) -> list[Any]:
    """Return the nodes of a module that have one of some types, in the order of the text.

    They are sorted by type once for all who ask: ``isinstance`` is slow.
    """
    by_type = _by_type(module)
    found = sorted(chain.from_iterable(by_type.get(one, ()) for one in types))
    return [node for _, node in found]


@lru_cache(maxsize=2)
def _parents(module: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    return {child: node for node in descendants(module) for child in children(node)}


def with_ancestors(module: cst.Module, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node of a module and the nodes that it is in, the innermost first."""
    parents = _parents(module)
    around: cst.CSTNode | None = node
    while around is not None:
        yield around
        around = parents.get(around)


def last_word(node: cst.CSTNode | None) -> str:
    """Return the last word of a name: ``Append`` of ``env.Append``; empty for other expressions."""
    name = node.attr if type(node) is cst.Attribute else node
    return name.value if type(name) is cst.Name else ""


def parameters(params: cst.Parameters) -> list[cst.Param]:
    """Return all parameters of a function in their order, starred ones included."""
    found = [*params.posonly_params, *params.params]
    if isinstance(params.star_arg, cst.Param):
        found.append(params.star_arg)
    found.extend(params.kwonly_params)
    if params.star_kwarg is not None:
        found.append(params.star_kwarg)
    return found
