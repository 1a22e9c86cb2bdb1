"""Where the nodes of a libcst tree are in the text, and which node holds which.

This takes about as long as to parse the file, so it is done only for the few files in which
a load or a link is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from types import TracebackType
from typing import TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.syntax import parse

Span = tuple[int, int]

_Node = TypeVar("_Node", bound=cst.CSTNode)


def positions_of(source: Source) -> Positions:
    """Return the positions of a source's nodes, made once for all readers."""
    return source.derive(_positions)


def _positions(source: Source) -> Positions:
    return Positions(parse.parse(source), source.text)


class Positions:
    """The offsets and parents of the nodes of a module.

    ``exact`` is false where generating the code does not give the text again: a form feed
    at the beginning of a line is lost.
    """

    def __init__(self, module: cst.Module, text: str) -> None:
        self.text = text
        state = _NodeTokens(module.default_indent, module.default_newline)
        module._codegen(state)
        self._nodes = state.nodes
        #: By ``id``, since nodes hash slowly.
        self._spans = state.spans
        self._parents = state.parents
        #: Where each token begins. The final newline, which the text may lack, counts as behind
        #: the last one.
        self._starts = [*accumulate(map(len, state.tokens), initial=0), len(text)]
        self._written = "".join(state.tokens)
        self.exact = self._written == text
        self._elements: dict[int, list[Span]] = {}
        self._places: dict[int, int] = {}
        #: The outermost operator of the sum around each operator, as far as it was asked for.
        self._sums: dict[int, cst.CSTNode] = {}

    def nodes(self, kind: type[_Node]) -> list[_Node]:
        """Return the nodes of the module that are of one class, in the order of the text."""
        return self._by_kind[kind]  # type: ignore[return-value]

    @cached_property
    def _by_kind(self) -> defaultdict[type, list[cst.CSTNode]]:
        found: defaultdict[type, list[cst.CSTNode]] = defaultdict(list)
        for node in self._nodes:
            found[type(node)].append(node)
        return found

    def require_exact(self, source: Source) -> None:
        """Raise ``Unreadable`` where the round trip changes the text of ``source``."""
        if not self.exact:
            both = enumerate(zip(self._written, self.text, strict=False))
            shorter = min(len(self._written), len(self.text))
            raise Unreadable(
                "contains characters that libcst does not preserve "
                "(a form feed or a lone carriage return)",
                source.locate(next((i for i, (a, b) in both if a != b), shorter)),
            )

    def span(self, node: cst.CSTNode) -> Span:
        """Return the offsets of a node's text, without parentheses around it."""
        start, end = self._spans[id(node)]
        return self._starts[start], self._starts[end]

    def whole(self, node: cst.CSTNode) -> Span:
        """Return the offsets of a node's text with its parentheses."""
        left, right = getattr(node, "lpar", ()), getattr(node, "rpar", ())
        if not left or not right:
            return self.span(node)
        return self.span(left[0])[0], self.span(right[-1])[1]

    def elements(self, sequence: cst.List | cst.Tuple) -> list[Span]:
        """Return the offsets of the items of a list or tuple; a star belongs to its item."""
        found = self._elements.get(id(sequence))
        if found is None:
            found = self._elements[id(sequence)] = [
                self.whole(one.value) if isinstance(one, cst.Element) else self.span(one)
                for one in sequence.elements
            ]
            self._places.update((id(one), at) for at, one in enumerate(sequence.elements))
        return found

    def place_in(self, sequence: cst.List | cst.Tuple, element: cst.CSTNode) -> int:
        """Return the number of an item in its list or tuple, from 0 on."""
        self.elements(sequence)
        return self._places[id(element)]

    def code(self, node: cst.CSTNode) -> str:
        """Return a node's own text; that of a node which stands for a pattern is made."""
        if id(node) not in self._spans:
            return cst.Module([]).code_for_node(node)
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

    def holders(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes that hold ``node``, of the operators of a sum only the outermost."""
        current = self.parent(node)
        while current is not None:
            if type(current) is cst.BinaryOperation:
                current = self._whole_sum(current)
            yield current
            current = self.parent(current)

    def _whole_sum(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the outermost of the operators around one, each of which holds the next."""
        passed = []
        while id(node) not in self._sums:
            passed.append(node)
            parent = self.parent(node)
            if type(parent) is not cst.BinaryOperation:
                break
            node = parent
        whole = self._sums.get(id(node), node)
        self._sums.update((id(one), whole) for one in passed)
        return whole


class _NodeTokens(CodegenState):
    """The tokens of a module as libcst writes it, and which of them make up each node.

    libcst's own provider of positions measures each token and hashes each node, which takes half as
    long again. Nodes are kept by ``id``.
    """

    def __init__(self, indent: str, newline: str) -> None:
        super().__init__(indent, newline)
        self.nodes: list[cst.CSTNode] = []
        self.parents: dict[int, cst.CSTNode] = {}
        self.spans: dict[int, Span] = {}
        self._open: list[tuple[cst.CSTNode, int]] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.nodes.append(node)
        if self._open:
            self.parents[id(node)] = self._open[-1][0]
        self._open.append((node, len(self.tokens)))

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._open.pop()[1]
        self.spans.setdefault(id(node), (start, len(self.tokens)))

    def record_syntactic_position(  # type: ignore[override]
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> _Recording:
        return _Recording(self, node, start_node, end_node)


class _Recording:
    """The context in which libcst writes the part of a node without what surrounds it."""

    __slots__ = ("_ends", "_node", "_start", "_state")

    def __init__(
        self,
        state: _NodeTokens,
        node: cst.CSTNode,
        first: cst.CSTNode | None,
        last: cst.CSTNode | None,
    ) -> None:
        self._state, self._node, self._ends = state, node, (first, last)
        self._start = len(state.tokens)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        first, last = self._ends
        spans = self._state.spans
        start = spans[id(first)][0] if first is not None else self._start
        end = spans[id(last)][1] if last is not None else len(self._state.tokens)
        spans[id(self._node)] = start, end
