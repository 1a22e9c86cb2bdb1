"""Maps each word of a text that Python source assembles to where it is written.

``"-L/usr/lib " "-lpython3.11 -lz"`` holds three words, and an edit may delete the second
from its literal. Own because neither ``ast`` nor libcst tells where the characters of
a literal come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import texts
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.positions import Positions

#: One character of a text, and the source that it comes from: nothing for what is elsewhere.
_Char = tuple[str, "Span | None", int]

_WORD = re.compile(r"[^\s]+")
_FIELD = re.compile(r"%[^%]|\{")


class Word(NamedTuple):
    """A word, and where it is written.

    ``span`` is ``None`` where its characters are in several literals or elsewhere;
    ``literal`` is the text between the quotes around it; ``lone`` tells that it is the
    only word there. ``fields`` are the words of a template, which an edit must not take.
    """

    text: str
    span: Span | None = None
    literal: Span | None = None
    lone: bool = False
    fields: bool = False


class StringOrigins:
    """The words of a module's expressions."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._literals: list[Span] = []

    def words(self, node: cst.BaseExpression) -> Iterator[Word]:
        """Yield the words that an expression's text may hold."""
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
            yield from self._template(node, node.left)
        elif (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value == "format"
        ):
            yield from self._template(node, node.func.value)
        else:
            chars = list(self._chars(node))
            text = "".join(char for char, _, _ in chars)
            for match in _WORD.finditer(text):
                yield self._word(match[0], chars[match.start() : match.end()])

    def _word(self, text: str, part: list[_Char]) -> Word:
        literals = {literal for _, _, literal in part}
        spans = [span for _, span, _ in part]
        if len(literals) != 1 or None in spans:
            return Word(text)
        number = literals.pop()
        literal = self._literals[number]
        start, end = spans[0], spans[-1]
        assert start is not None
        assert end is not None
        lone = not self._positions.text[literal[0] : start[0]].strip() and not (
            self._positions.text[end[1] : literal[1]].strip()
        )
        return Word(text, (start[0], end[1]), literal, lone)

    def _template(self, node: cst.BaseExpression, template: cst.BaseExpression) -> Iterator[Word]:
        """Yield the words of ``template % values``: as many as the template has, or unplaced."""
        written = list(self.words(template))
        for text in texts(self._evaluator.evaluate(node)):
            words = text.split()
            if len(words) != len(written):
                yield from (Word(word) for word in words)
                continue
            for word, at in zip(words, written, strict=True):
                fields = bool(_FIELD.search(at.text))
                yield Word(word, at.span, at.literal, at.lone, fields)

    def _chars(self, node: cst.BaseExpression) -> Iterator[_Char]:
        if isinstance(node, cst.ConcatenatedString) or (
            isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add)
        ):
            yield from self._chars(node.left)
            yield from self._chars(node.right)
        elif isinstance(node, cst.SimpleString) and "\\" not in node.value:
            start, end = self._positions.span(node)
            inner = start + len(node.prefix) + len(node.quote), end - len(node.quote)
            number = self._literal(inner)
            for index in range(*inner):
                yield self._positions.text[index], (index, index + 1), number
        elif isinstance(node, cst.FormattedString) and "\\" not in self._positions.code(node):
            start, end = self._positions.span(node)
            quote = len(node.end)
            number = self._literal((start + len(node.start), end - quote))
            for part in node.parts:
                at = self._positions.span(part)
                if isinstance(part, cst.FormattedStringText) and "{{" not in part.value:
                    for index in range(*at):
                        yield self._positions.text[index], (index, index + 1), number
                elif isinstance(part, cst.FormattedStringExpression):
                    for char in self._one(part.expression):
                        yield char, at, number
                else:
                    for char in getattr(part, "value", UNKNOWN_PART):
                        yield char, None, number
        else:
            for char in self._one(node):
                yield char, None, -1

    def _literal(self, inner: Span) -> int:
        self._literals.append(inner)
        return len(self._literals) - 1

    def _one(self, node: cst.BaseExpression) -> str:
        """Return an expression's text, a hole where it may be several."""
        found = texts(self._evaluator.evaluate(node))
        return found[0] if len(found) == 1 else UNKNOWN_PART
