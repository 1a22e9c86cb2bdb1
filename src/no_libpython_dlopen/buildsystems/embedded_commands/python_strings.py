"""Reads the strings of Python code with the places where their characters are written."""

from __future__ import annotations

import ast
import re
from itertools import accumulate

from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText, concatenate
from no_libpython_dlopen.buildsystems.embedded_commands.script import fill

_LITERAL = re.compile(
    r"(?P<prefix>[rRfFuUbB]{0,2})(?P<quote>\"\"\"|'''|\"|')(?P<text>(?:[^\\]|\\.)*?)(?P=quote)",
    re.DOTALL,
)
_BETWEEN = re.compile(r"(?:\s|\\\r?\n|#[^\r\n]*)*")
_ESCAPE = re.compile(
    r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|N\{[^}]*\}|[0-7]{1,3}|\r?\n|.)",
    re.DOTALL,
)
#: What these escapes stand for; that of a line's end is nothing.
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\n": "", "\r\n": ""} | {one: one for one in "\\'\""}
_HOLE = re.compile(r"\{[^{}]*\}")


class CodeText:
    """The text of a file, in which ``ast`` counts lines, and columns in bytes of UTF-8."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
        self.starts = [0, *accumulate(map(len, self.lines))]

    def span(self, node: ast.expr) -> Span:
        """Return the location of an expression."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def _offset(self, line: int, column: int) -> int:
        before = self.lines[line - 1].encode("utf-8", "surrogatepass")[:column]
        return self.starts[line - 1] + len(before.decode("utf-8", "surrogatepass"))

    def string(self, node: ast.Constant | ast.JoinedStr) -> TrackedText | None:
        """Return the text of literals beside one another, unknown in holes; else ``None``."""
        at, end = self.span(node)
        parts = []
        while at < end:
            match = _LITERAL.match(self.text, at, end)
            if match is None:
                return None
            parts.append(self._literal(match))
            between = _BETWEEN.match(self.text, match.end(), end)
            at = between.end() if between else match.end()
        return concatenate(parts)

    def _literal(self, match: re.Match[str]) -> TrackedText:
        prefix = match["prefix"].lower()
        escapes = _ESCAPE if "r" not in prefix and "\\" in match["text"] else None
        if "f" in prefix:
            if escapes:  # they may be in holes
                return TrackedText.unknown(match.span())
            return fill(self.text, match.span("text"), _HOLE, lambda _: None)
        if not escapes:
            return TrackedText.of(match["text"], match.start("text"))
        return fill(self.text, match.span("text"), escapes, _character)


def _character(escape: re.Match[str]) -> str | None:
    """Return the text of an escape; ``None`` for a character by its name."""
    text = escape[0][1:]
    number = next((int(one, 16) for one in escape.groups() if one), None)
    if number is None and text.isdecimal():
        number = int(text, 8)
    if number is not None:
        return chr(number) if number < 0x110000 else None
    return None if text.startswith("N{") else _ESCAPED.get(text, escape[0])
