"""Which strings of a ``build.rs`` are printed for Cargo, and what is filled into them.

Cargo reads the standard output of a build script: ``println!``, ``writeln!`` to ``stdout``, and
what ``format!`` made before. Names stand for the strings that they are given once, or that a
loop goes through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.common.lexer_common import Token

_PRINTING = frozenset({"println", "print"})
_WRITING = frozenset({"writeln", "write"})
_OPENING = {"(": ")", "[": "]", "{": "}"}
_DECLARING = frozenset({"let", "const", "static"})


class Printed(NamedTuple):
    """Where the call that prints a string begins and ends, and what is given to the string.

    ``is_statement`` says that nothing else is done with it.
    """

    start: int
    end: int
    given: list[Token]
    is_statement: bool


class Printing:
    """The tokens of a build script without layout and comments."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        #: The index of the bracket that closes each opening one.
        self.closing = _bracket_ends(tokens)
        self._opening: dict[int, int] = {}  # of each token, the innermost bracket around it
        stack: list[int] = []
        for index in range(len(tokens)):
            if stack and self.closing[stack[-1]] == index:
                stack.pop()
            if stack:
                self._opening[index] = stack[-1]
            if index in self.closing:
                stack.append(index)

    def print_of(self, index: int) -> Printed | None:
        """Return the call that prints the string at an index as a format, if one does."""
        opening = self._opening.get(index, 0)
        end = self.closing.get(opening)
        if opening < 2 or end is None or self._text(opening - 1) != "!":
            return None
        macro, start = self._text(opening - 2), opening - 2
        given = [token for token in self.tokens[index + 1 : end] if token.text != ","]
        if macro in _PRINTING and index == opening + 1:
            return Printed(start, end, given, is_statement=True)
        if macro in _WRITING and self._text(index - 1) == ",":
            out = [token.text for token in self.tokens[opening + 1 : index - 1]]
            is_standard = "stdout" in out or (out and self._is_stdout(out[-1]))
            return Printed(start, end, given, is_statement=True) if is_standard else None
        if macro == "format" and index == opening + 1 and self._is_printed(start):
            return Printed(start, end, given, is_statement=False)
        return None

    def strings(self, name: str, index: int) -> Iterator[Token]:
        """Yield the strings that a loop around an index gives to a name."""
        opening = self._opening.get(index)
        while opening is not None:
            head = self._head(opening)
            words = [token.text for token in head]
            if words[:1] == ["for"] and "in" in words and name in words[: words.index("in")]:
                yield from self._strings_of(head[words.index("in") + 1 :])
                return
            if self._text(opening - 1) == "for_each" and name in self._closure(opening):
                yield from self._strings_of(head)
                return
            opening = self._opening.get(opening)

    def _text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def _is_stdout(self, name: str) -> bool:
        """Return whether a variable holds the standard output."""
        assigned = rf"\blet\s+(?:mut\s+)?{re.escape(name)}\b[^;]*\bstdout\s*\("
        return name.isidentifier() and re.search(assigned, self.text) is not None

    def _is_printed(self, start: int) -> bool:
        """Return whether a call of ``format!`` is what is printed, at once or by a name."""
        before = [self._text(at) for at in range(start - 5, start)]
        if before[:3] == ["println", "!", "("] and before[3:] == ['"{}"', ","]:
            return True
        if before[-1] != "=" or not before[-2].isidentifier():
            return False
        name = before[-2]
        printed = rf'\bprintln!\s*\(\s*(?:"\{{\}}"\s*,\s*&?{name}\s*,?\s*\)|"\{{{name}\}}"\s*\))'
        return re.search(printed, self.text) is not None

    def _head(self, opening: int) -> Sequence[Token]:
        """Return the tokens of a statement up to a bracket in it."""
        at = opening
        while at and self._text(at - 1) not in (";", "{", "}", "=>"):
            at -= 1
        return self.tokens[at:opening]

    def _closure(self, opening: int) -> set[str]:
        """Return the names of a closure's parameters."""
        words = [token.text for token in self.tokens[opening + 1 : self.closing[opening]]]
        if words[:1] != ["|"] or "|" not in words[1:]:
            return set()
        return set(words[1 : words.index("|", 1)])

    def _strings_of(self, expression: Sequence[Token]) -> Iterator[Token]:
        """Yield the strings in an expression, or in the one array that its name stands for."""
        strings = [token for token in expression if token.kind in ("string", "raw")]
        yield from strings
        for token in () if strings else expression:
            yield from self._declared_strings.get(token.text, ())

    @cached_property
    def _declared_strings(self) -> dict[str, list[Token]]:
        """The strings in what variables and constants are declared to be."""
        declared: dict[str, list[Token]] = {}
        for index, token in enumerate(self.tokens):
            if token.text not in _DECLARING:
                continue
            name = index + 1 + (self._text(index + 1) == "mut")
            end = name
            while end < len(self.tokens) and self._text(end) not in (";", "}"):
                end = self.closing.get(end, end) + 1
            inside = self.tokens[name:end]
            strings = [one for one in inside if one.kind in ("string", "raw")]
            declared.setdefault(self._text(name), []).extend(strings)
        return declared


def _bracket_ends(found: Sequence[Token]) -> dict[int, int]:
    stack: list[int] = []
    pairs: dict[int, int] = {}
    for index, token in enumerate(found):
        if token.kind != "mark":
            continue
        if token.text in _OPENING:
            stack.append(index)
        elif token.text in _OPENING.values() and stack:
            pairs[stack.pop()] = index
    return pairs
