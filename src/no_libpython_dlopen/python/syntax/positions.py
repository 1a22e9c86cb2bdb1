"""Where the nodes of a libcst tree are in the text, and which node holds which.

This takes about as long as to parse the file, so it is done only for the few files in which
a load or a link is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst
from libcst.metadata.span_provider import (
    ByteSpanPositionProvider,
    CodeSpan,
    SpanProvidingCodegenState,
    byte_length_in_utf8,
)

from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.syntax.parse import children

Span = tuple[int, int]

_BLOCK = 256
#: All bytes of UTF-8 that no character begins with.
_CONTINUATIONS = bytes(range(0x80, 0xC0))


class Positions:
    """The offsets and parents of the nodes of a module.

    ``exact`` is false where generating the code does not give the text again: a form feed
    at the beginning of a line is lost.
    """

    def __init__(self, module: cst.Module, text: str) -> None:
        self.text = text
        self._written, self._spans = _generate(module)
        self.exact = self._written == text
        self._bytes = text.encode()
        #: The characters before each ``_BLOCK`` of bytes, of a text that is not all ASCII.
        self._characters = [0]
        if len(self._bytes) != len(text):
            for at in range(0, len(self._bytes), _BLOCK):
                self._characters.append(self._characters[-1] + self._count(at, at + _BLOCK))
        #: By ``id``, since nodes hash slowly.
        self._parents: dict[int, cst.CSTNode] = {}
        self._elements: dict[int, list[Span]] = {}
        self._places: dict[int, int] = {}
        #: The outermost operator of the sum around each operator, as far as it was asked for.
        self._sums: dict[int, cst.CSTNode] = {}
        waiting: list[cst.CSTNode] = [module]
        while waiting:
            node = waiting.pop()
            inner = children(node)
            self._parents.update((id(child), node) for child in inner)
            waiting += inner

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
        found = self._spans[node]
        start, end = found.start, found.start + found.length
        if len(self._bytes) == len(self.text):
            return start, end
        return self._character(start), self._character(end)

    def _character(self, offset: int) -> int:
        block = offset // _BLOCK
        return self._characters[block] + self._count(block * _BLOCK, offset)

    def _count(self, start: int, end: int) -> int:
        """Return how many characters begin in a range of bytes."""
        return len(self._bytes[start:end].translate(None, _CONTINUATIONS))

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


def _generate(module: cst.Module) -> tuple[str, Mapping[cst.CSTNode, CodeSpan]]:
    """Return the code that libcst generates for a module, and the bytes of each node in it.

    ``MetadataWrapper`` would generate it a second time.
    """
    provider = ByteSpanPositionProvider()
    state = SpanProvidingCodegenState(
        default_indent=module.default_indent,
        default_newline=module.default_newline,
        provider=provider,
        get_length=byte_length_in_utf8,
    )
    module._codegen(state)
    spans: Mapping[cst.CSTNode, CodeSpan] = provider._computed  # type: ignore[assignment]
    return "".join(state.tokens), spans
