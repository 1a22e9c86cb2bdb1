"""The words of a simple command, and the values that it assigns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.shell.expansion import Expansion, Value
from no_libpython_dlopen.buildsystems.shell.lexer import Token

ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<index>\[[^\]\s]*\])?(?P<add>\+?)=")


class Fields:
    """What the tokens of one text are expanded to."""

    def __init__(self, shell: Expansion, text: TrackedText) -> None:
        self.shell = shell
        self.text = text
        self.string = text.text

    def is_word(self, token: Token, word: str) -> bool:
        return token.kind == "word" and self.string[token.start : token.end] == word

    def assigned_value(
        self, tokens: list[Token], index: int, match: re.Match[str]
    ) -> tuple[Value, int]:
        """Return the value of an assignment, and the index of the token behind it."""
        token = tokens[index]
        index += 1
        if index < len(tokens) and match.end() == token.end and self.is_opening(tokens[index]):
            items: list[TrackedText] = []
            while index < len(tokens):
                inner = tokens[index]
                index += 1
                if inner.kind == "word":
                    items += self.shell.fields(self.text, inner.start, inner.end)
                elif self.string[inner.start : inner.end] == ")":
                    break
            return tuple(items), index
        return (self.shell.value(self.text, match.end(), token.end),), index

    def is_opening(self, token: Token) -> bool:
        return token.kind == "operator" and self.string[token.start : token.end] == "("

    def declare(self, tokens: list[Token]) -> None:
        """Run ``export``, or ``declare`` and the like with its option ``-x``."""
        spelled = [self.string[token.start : token.end] for token in tokens]
        options = [each for each in spelled[1:] if each[:1] in ("-", "+")]
        exports: bool | None = True if spelled[0] == "export" else None
        for option in options:
            if ("n" if spelled[0] == "export" else "x") in option:
                exports = spelled[0] != "export" and option[0] == "-"
        index = 1
        while index < len(tokens):
            token = tokens[index]
            match = ASSIGNMENT.match(self.string, token.start, token.end)
            name = spelled[index]
            if token.kind == "word" and match:
                value, index = self.assigned_value(tokens, index, match)
                name = match["name"]
                self.shell.set(name, value, add=bool(match["add"]))
            else:
                index += 1
            if exports is not None and token.kind == "word":
                (self.shell.exports.add if exports else self.shell.exports.discard)(name)

    def words(self, tokens: list[Token]) -> Iterator[TrackedText]:
        """Yield the fields of a command, without its redirections."""
        skip = regex = False
        for token in tokens:
            regex = regex or self.is_word(token, "=~")
            mark = self.string[token.start : token.end] if token.kind == "operator" else ""
            if mark in ("&&", "||") or (mark and regex):  # inside of `[[ … ]]`
                yield self.text.part(token.start, token.end)
            elif mark:
                skip = mark not in ("(", ")")
            elif skip:
                skip = False
            elif token.kind == "word":
                yield from self.shell.fields(self.text, token.start, token.end)
