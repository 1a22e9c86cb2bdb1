"""Parses a module with libcst, and knows where its nodes stand.

libcst's own position providers cost ten times the parse. One pass of code generation
gives the offsets of all nodes, and shows at the same time whether the text survives
the round trip (a form feed and a lone carriage return do not); it is made only for the
few files in which a load is found.

libcst's parser is native code that overflows the stack on nesting that CPython's
refuses, so the text goes through ``ast`` first, whose depth is measured (``mentions``).
"""

from __future__ import annotations

import io
import sys
import tokenize
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from functools import lru_cache
from itertools import accumulate

import libcst as cst
from libcst._nodes.internal import CodegenState

from no_libpython_dlopen.model.finding import START, Location
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.mentions import look
from no_libpython_dlopen.python.syntax.parse_ast import MAX_NODES, TOO_DEEP, TOO_LARGE

#: Tokens of one logical line, for syntax that this interpreter's own parser does not know.
_MAX_LINE_TOKENS = 4000
_RECURSION_LIMIT = 20_000

Span = tuple[int, int]

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
    return _parse(source.text)


@lru_cache(maxsize=1)  # two readers may ask for the same file
def _parse(text: str) -> cst.Module:
    looked = look(text)
    if isinstance(looked, SyntaxError):
        location = Location(max(looked.lineno or 1, 1), max(looked.offset or 1, 1))
        _refuse_long_lines(text, location, str(looked.msg))
    elif looked.size > MAX_NODES:
        raise Unreadable(TOO_LARGE, START)
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Unreadable(
            f"syntax error: {_first_line(error.message)}",
            Location(max(error.raw_line, 1), max(error.raw_column, 0) + 1),
        ) from None
    except (RecursionError, MemoryError):
        raise Unreadable(TOO_DEEP, START) from None
    except Exception as error:  # noqa: BLE001  libcst's own mistakes have no common class
        raise Unreadable(f"cannot be parsed: {_first_line(str(error))}") from None
    return module


def _first_line(message: str) -> str:
    return message.partition("\n")[0].removeprefix("Syntax Error @ ").strip()


def _refuse_long_lines(text: str, location: Location, message: str) -> None:
    """Refuse the same of syntax newer than this interpreter's, which only libcst can parse."""
    count = 0
    try:
        for total, token in enumerate(tokenize.generate_tokens(io.StringIO(text).readline)):
            count = 0 if token.type == tokenize.NEWLINE else count + 1
            if count > _MAX_LINE_TOKENS or total > MAX_NODES:
                raise Unreadable(f"syntax error: {message}", location)
    except (tokenize.TokenError, SyntaxError, RecursionError):
        raise Unreadable(f"syntax error: {message}", location) from None


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow what a tree of ``MAX_DEPTH`` needs, for as long as it is walked."""
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
        names = tuple(f.name for f in fields(kind) if not f.name.startswith(_TRIVIA))
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


class Positions:
    """The offsets and parents of all nodes of a module.

    ``exact`` is false where generating the code does not give the text again.
    """

    def __init__(self, module: cst.Module, text: str) -> None:
        state = _Recorder(module.default_indent, module.default_newline)
        module._codegen(state)
        self.text = text
        written = "".join(state.tokens)
        self.exact = written == text
        self._module = module  # keeps the nodes, and so their identities
        self._spans = state.spans
        self._parents = state.parents
        self._offsets = [0, *accumulate(map(len, state.tokens))]
        self.differs_at = 0
        if not self.exact:
            both = enumerate(zip(written, text, strict=False))
            self.differs_at = next(
                (i for i, (a, b) in both if a != b), min(len(written), len(text))
            )

    def require_exact(self, source: Source) -> None:
        """Raise ``Unreadable`` where the round trip changes the text of ``source``."""
        if not self.exact:
            raise Unreadable(
                "holds characters that libcst does not give back as they were "
                "(a form feed or a lone carriage return)",
                source.locate(self.differs_at),
            )

    def span(self, node: cst.CSTNode) -> Span:
        """Return the offsets of a node's text, without parentheses around it."""
        start, end = self._spans[id(node)]
        return self._offsets[start], self._offsets[end]

    def whole(self, node: cst.CSTNode) -> Span:
        """Return the offsets of a node's text with its parentheses."""
        left, right = getattr(node, "lpar", ()), getattr(node, "rpar", ())
        if left and right and id(left[0]) in self._spans and id(right[-1]) in self._spans:
            return self.span(left[0])[0], self.span(right[-1])[1]
        return self.span(node)

    def code(self, node: cst.CSTNode) -> str:
        """Return a node's own text."""
        start, end = self.span(node)
        return self.text[start:end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that holds ``node``; ``None`` for the module."""
        return self._parents.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes that hold ``node``, the nearest first."""
        current = self.parent(node)
        while current is not None:
            yield current
            current = self.parent(current)


class _Recorder(CodegenState):
    """Notes between which tokens nodes stand, by their ``id``: they hash slowly."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent, default_newline)
        self.spans: dict[int, Span] = {}
        self.parents: dict[int, cst.CSTNode] = {}
        self._open: list[tuple[cst.CSTNode, int]] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self._open:
            self.parents[id(node)] = self._open[-1][0]
        self._open.append((node, len(self.tokens)))

    def after_codegen(self, node: cst.CSTNode) -> None:
        _, start = self._open.pop()
        self.spans.setdefault(id(node), (start, len(self.tokens)))

    def record_syntactic_position(  # type: ignore[override]  # any context manager does
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> AbstractContextManager[None]:
        return _Syntactic(self, node, start_node, end_node)


class _Syntactic:
    """Notes where a node stands without the trivia that are written with it."""

    __slots__ = ("_from", "_node", "_start", "_state", "_to")

    def __init__(
        self,
        state: _Recorder,
        node: cst.CSTNode,
        start_node: cst.CSTNode | None,
        end_node: cst.CSTNode | None,
    ) -> None:
        self._state = state
        self._node = node
        self._from = start_node
        self._to = end_node

    def __enter__(self) -> None:
        self._start = len(self._state.tokens)

    def __exit__(self, *_: object) -> None:
        spans = self._state.spans
        start = self._start if self._from is None else spans[id(self._from)][0]
        end = len(self._state.tokens) if self._to is None else spans[id(self._to)][1]
        spans[id(self._node)] = (start, end)
