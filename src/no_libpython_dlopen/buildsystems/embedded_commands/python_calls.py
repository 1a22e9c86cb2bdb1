"""Reads commands that Python code runs: in noxfiles, tasks of invoke, scripts that build.

Only strings that are written in the call are read, by ``ast``, which is a fraction of
what following values would cost: what is put together elsewhere is unknown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

from no_libpython_dlopen.buildsystems.commands.platform_conditions import is_foreign
from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText, concatenate
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.embedded_commands.python_runners import is_command
from no_libpython_dlopen.buildsystems.embedded_commands.script import (
    Environment,
    Script,
    fill,
    links_of,
)
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, last_word

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
_NEGATIVE = re.compile(r"!=|\bnot\b")


def find_links(source: Source, tree: ast.Module) -> Iterator[Link]:
    """Yield the links of extension modules that the commands of a program make."""
    code = _Code(source.text)
    code.scope(tree.body, ())
    if may_contain_finding("\n".join(code.written()).replace(UNKNOWN_PART, "{")):
        yield from links_of(source, code.scripts, code.commands)


class _Code:
    """The commands in the code of one file."""

    def __init__(self, text: str) -> None:
        self.text = text
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
        self.lines = lines
        self.starts = [0, *accumulate(map(len, lines))]
        self.scripts: list[Script] = []
        self.commands: list[Command] = []

    def written(self) -> Iterator[str]:
        """Yield the texts of the commands, and of the variables that they are given."""
        for script in self.scripts:
            yield script.text.text
            yield from (f"{name}={value.text}" for name, value in script.environment)
        for command in self.commands:
            yield from (word.text for word in command.words)
            yield from (f"{name}={value.text}" for name, value in command.exported)

    def scope(self, body: Iterable[ast.stmt], outer: Environment) -> None:
        """Read the statements of a function or a module."""
        environment = list(outer)
        nodes = list(_statements(body))
        for node in nodes:
            if isinstance(node, ast.Assign):
                environment += self.setting(node)
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.scope(node.body, tuple(environment))
                continue
            for inner in _expressions(node):
                if isinstance(inner, ast.Call):
                    self.call(inner, tuple(environment))

    def setting(self, node: ast.Assign) -> Environment:
        """Return the variables that ``session.env["LDFLAGS"] = …`` and its like set."""
        target = node.targets[0]
        if not isinstance(target, ast.Subscript):
            return ()
        base = target.value
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        key = self.string(target.slice)
        value = self.string(node.value)
        if name not in ("env", "environ") or key is None or value is None:
            return ()
        return ((key.text, value),)

    def call(self, node: ast.Call, outer: Environment) -> None:
        """Read a call, if it runs a command."""
        if not is_command(node):
            return
        environment = outer
        for keyword in node.keywords:
            if keyword.arg == "env" and isinstance(keyword.value, ast.Dict):
                environment += self.pairs(keyword.value)
        first = node.args[0]
        if isinstance(first, (ast.List, ast.Tuple)):
            self.words(first.elts, environment)
        elif last_word(node.func) == "install":
            span = self.span(first)
            pip = [TrackedText.generated(word, span) for word in ("pip", "install")]
            self.words(node.args, environment, pip)
        elif len(node.args) > 1:
            self.words(node.args, environment)
        elif text := self.string(first):
            self.scripts.append(Script(text, environment))

    def words(
        self, nodes: list[ast.expr], environment: Environment, before: Iterable[TrackedText] = ()
    ) -> None:
        """Add a command of these words."""
        words = [self.string(node) or TrackedText.unknown(self.span(node)) for node in nodes]
        self.commands.append(Command((*before, *words), (), environment))

    def pairs(self, node: ast.Dict) -> Environment:
        """Return the variables in a dictionary."""
        found = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = self.string(key) if key is not None else None
            text = self.string(value)
            if name is not None and text is not None:
                found.append((name.text, text))
        return tuple(found)

    def span(self, node: ast.expr) -> Span:
        """Return the location of an expression."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place, whose column ``ast`` counts in bytes of UTF-8."""
        before = self.lines[line - 1].encode("utf-8", "surrogatepass")[:column]
        return self.starts[line - 1] + len(before.decode("utf-8", "surrogatepass"))

    def string(self, node: ast.expr) -> TrackedText | None:
        """Return the text of strings that are beside one another, or added.

        Holes, and what is added and is no string, are unknown. ``None`` if nothing is a string.
        """
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            terms: list[ast.expr] = []
            while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                terms.append(node.right)
                node = node.left
            found = [(one, self.string(one)) for one in (node, *reversed(terms))]
            if all(text is None for _, text in found):
                return None
            return concatenate(text or TrackedText.unknown(self.span(one)) for one, text in found)
        if not isinstance(node, (ast.Constant, ast.JoinedStr)):
            return None
        at, end = self.span(node)
        parts = []
        while at < end:
            match = _LITERAL.match(self.text, at, end)
            if match is None:
                return None
            parts.append(self.literal(match))
            between = _BETWEEN.match(self.text, match.end(), end)
            at = between.end() if between else match.end()
        return concatenate(parts)

    def literal(self, match: re.Match[str]) -> TrackedText:
        """Return the text of one literal."""
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
    """Return what an escape stands for; ``None`` for a character by its name."""
    text = escape[0][1:]
    number = next((int(one, 16) for one in escape.groups() if one), None)
    if number is None and text.isdecimal():
        number = int(text, 8)
    if number is not None:
        return chr(number) if number < 0x110000 else None
    return None if text.startswith("N{") else _ESCAPED.get(text, escape[0])


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements and those in them that run on plain Unix, but for functions' own."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            test = ast.unparse(node.test)
            foreign, negative = is_foreign(test), bool(_NEGATIVE.search(test))
            yield from _statements(() if foreign and not negative else node.body)
            yield from _statements(() if foreign and negative else node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, field, ()))
            for handler in getattr(node, "handlers", ()):
                yield from _statements(handler.body)


def _expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement, without those of statements in it."""
    waiting = [child for child in child_nodes(node) if not isinstance(child, ast.stmt)]
    while waiting:
        inner = waiting.pop()
        yield inner
        inside = child_nodes(inner)
        waiting += (one for one in inside if not isinstance(one, (ast.stmt, ast.ExceptHandler)))
