"""Evaluates the texts and lists from which Python code builds a command.

Straight-line code on literals is followed: variables, ``+``, ``%``, ``format``, f-strings,
``split``, ``join``, ``append``, ``extend``. Any other value is unknown, but keeps the place of
its code: ``get_config_var("EXT_SUFFIX")`` is recognised by its name, and the output of a command
by its words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TypeGuard

from no_libpython_dlopen.buildsystems.commands.provenance import (
    TrackedText,
    concatenate,
    join_texts,
)
from no_libpython_dlopen.buildsystems.embedded_commands.python_runners import RUNNERS
from no_libpython_dlopen.buildsystems.embedded_commands.python_strings import CodeText
from no_libpython_dlopen.buildsystems.shell.command import Substitution
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_ITEMS, SHELL_VALUE
from no_libpython_dlopen.python.syntax.parse_ast import last_word

#: A text, or the words of a list.
Value = TrackedText | tuple[TrackedText, ...]

_PERCENT = re.compile(r"%(?:(?P<percent>%)|(?:\((?P<name>\w+)\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z])")
_BRACES = re.compile(r"\{(?P<name>\w*)(?:![rsa])?(?::[^{}]*)?\}")
_HOLE = re.compile(r"\{(\w+)\}")
#: Methods that return the same text for what matters here, and functions that return their argument.
_SAME_TEXT = frozenset({"decode", "strip", "rstrip", "lstrip", "copy"})
#: Methods of a list after which it is not known what is in it, and in what order.
_SHORTENING = frozenset({"remove", "pop", "clear", "reverse", "sort"})
_SAME_VALUE = frozenset({"str", "list", "tuple", "fspath"})


class Values:
    """The values of the variables at one place of a program."""

    def __init__(self, code: CodeText, outer: Values | None = None) -> None:
        self.code = code
        self.outer = outer
        #: What is assigned here, hiding the variables of ``outer``; ``None`` is unknown.
        self.names: dict[str, Value | None] = {}

    def branch(self) -> Values:
        """Return the values for one branch of the program, or for a function."""
        return Values(self.code, self)

    def get(self, name: str) -> Value | None:
        """Return the value of a variable; ``None`` if it is not followed."""
        values: Values | None = self
        while values is not None:
            if name in values.names:
                return values.names[name]
            values = values.outer
        return None

    def merge(self, branches: list[Values]) -> None:
        """Take over what branches have added; what they have replaced becomes unknown."""
        for name in dict.fromkeys(name for branch in branches for name in branch.names):
            old, values = self.get(name), [branch.get(name) for branch in branches]
            self.names[name] = None
            if isinstance(old, tuple):
                added = [value[len(old) :] for value in values if _extends(value, old)]
                if len(added) == len(values):
                    self._set(name, (*old, *[word for words in added for word in words]))

    def run(self, node: ast.stmt) -> None:
        """Follow a statement that assigns or changes variables."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            old, more = self.get(name), self.value(node.value)
            if isinstance(node.op, ast.Add) and isinstance(old, TrackedText):
                self._set(name, concatenate([old, self._text_of(more, node.value)]))
            elif isinstance(node.op, ast.Add) and isinstance(old, tuple):
                self._set(name, old + self._words_of(more, node.value))
            else:
                self.names[name] = None
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._change(node.value)
        elif isinstance(node, ast.Delete):
            self.forget(node.targets)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self.forget(each.optional_vars for each in node.items if each.optional_vars)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound = ((each.asname or each.name).partition(".")[0] for each in node.names)
            self.names |= dict.fromkeys(bound)

    def forget(self, targets: Iterable[ast.expr]) -> None:
        """Forget the variables among some targets, which take values that are not followed."""
        for target in targets:
            for each in ast.walk(target):
                if isinstance(each, ast.Name):
                    self.names[each.id] = None

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            found = self.value(value)
            self._set(
                target.id, TrackedText.unknown(self.code.span(value)) if found is None else found
            )
        elif isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
            self.forget([target])
        elif isinstance(target, ast.Subscript):  # one of its items is another one now
            self.forget([target.value])

    def _set(self, name: str, value: Value) -> None:
        limit = SHELL_VALUE if isinstance(value, TrackedText) else PYTHON_ITEMS
        if (value.count if isinstance(value, TrackedText) else len(value)) > limit:
            analysis.note_limit(limit)
            self.names[name] = None
        else:
            self.names[name] = value

    def _change(self, call: ast.Call) -> None:
        """Follow a call of a list's method."""
        function = call.func
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
            return
        name = function.value.id
        old = self.get(name)
        if isinstance(old, tuple) and function.attr in _SHORTENING:
            self.names[name] = None
        if not isinstance(old, tuple) or not call.args:
            return
        last = call.args[-1]
        if function.attr == "append":
            self._set(name, (*old, self.text(last)))
        elif function.attr == "extend":
            self._set(name, old + self._words_of(self.value(last), last))
        elif function.attr == "insert":
            self._set(name, (*old[:1], self.text(last), *old[1:]))

    def text(self, node: ast.expr) -> TrackedText:
        """Return the text of an expression, unknown if it is not followed."""
        return self._text_of(self.value(node), node)

    def words(self, nodes: Iterable[ast.expr]) -> tuple[TrackedText, ...]:
        """Return the words that the items of a list stand for."""
        found: list[TrackedText] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += self._words_of(self.value(node.value), node)
            else:
                found.append(self.text(node))
        return tuple(found)

    def _text_of(self, value: Value | None, node: ast.expr) -> TrackedText:
        return (
            value if isinstance(value, TrackedText) else TrackedText.unknown(self.code.span(node))
        )

    def _words_of(self, value: Value | None, node: ast.expr) -> tuple[TrackedText, ...]:
        return value if isinstance(value, tuple) else (self._text_of(value, node),)

    def value(self, node: ast.expr) -> Value | None:
        """Return the text or the words of an expression; ``None`` if it is not followed."""
        analysis.check_time()
        if isinstance(node, (ast.List, ast.Tuple)):
            return self.words(node.elts)
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            text = self.code.string(node)
            return text and self._fill_names(text)
        if isinstance(node, ast.Name):
            value = self.get(node.id)
            by = self.code.span(node)
            if isinstance(value, tuple):
                return tuple([word.insert_at(by) for word in value])
            return value and value.insert_at(by)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._sum(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            given = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return self._fill(node.left, _PERCENT, given, {})
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Attribute) and node.attr == "stdout":
            return self.value(node.value)
        return None

    def _sum(self, node: ast.expr) -> Value | None:
        terms: list[ast.expr] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            terms.append(node.right)
            node = node.left
        nodes = [node, *reversed(terms)]
        values = [self.value(each) for each in nodes]
        if any(isinstance(value, tuple) for value in values):
            both = zip(values, nodes, strict=True)
            return tuple([word for value, each in both for word in self._words_of(value, each)])
        if all(value is None for value in values):
            return None
        return concatenate(self._text_of(*each) for each in zip(values, nodes, strict=True))

    def _call(self, node: ast.Call) -> Value | None:
        function = last_word(node.func)
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        first = node.args[0] if node.args else None
        if function in RUNNERS and first is not None:
            command = self._words_of(self.value(first), first)
            words = command if isinstance(first, (ast.List, ast.Tuple)) else command[0].words()
            return TrackedText.unknown(self.code.span(node), Substitution((tuple(words),)))
        if function == "split":
            return self._split(first if last_word(base) == "shlex" else base)
        if function == "join" and base is not None and first is not None:
            several = self.value(first)
            blank = isinstance(base, ast.Constant) and base.value == " "
            return join_texts(several) if blank and isinstance(several, tuple) else None
        if function == "format" and isinstance(base, (ast.Constant, ast.Name)):
            named = {each.arg: each.value for each in node.keywords if each.arg}
            return self._fill(base, _BRACES, node.args, named)
        if function in _SAME_TEXT and base is not None:
            return self.value(base)
        if function in _SAME_VALUE and first is not None:
            return self.value(first)
        return None

    def _split(self, node: ast.expr | None) -> Value | None:
        text = self.value(node) if node is not None else None
        if not isinstance(text, TrackedText) or re.search(r"[\"'\\]", text.text):
            return None
        return tuple(text.words())

    def _fill(
        self,
        node: ast.expr,
        pattern: re.Pattern[str],
        given: list[ast.expr],
        named: dict[str, ast.expr],
    ) -> TrackedText | None:
        """Return a text with its holes filled."""
        template = self.value(node)
        if not isinstance(template, TrackedText):
            return None
        parts: list[TrackedText] = []
        at = count = 0
        for hole in analysis.watch(pattern.finditer(template.text)):
            parts.append(template.part(at, hole.start()))
            at = hole.end()
            name = hole["name"]
            if hole.groupdict().get("percent"):
                parts.append(template.part(hole.start(), hole.start() + 1))
                continue
            index = int(name) if name and name.isdecimal() else count
            count += 1
            filler = named.get(name) if name else None
            if filler is None and not (name and not name.isdecimal()) and index < len(given):
                filler = given[index]
            parts.append(
                TrackedText.unknown(self.code.span(node)) if filler is None else self.text(filler)
            )
        return concatenate([*parts, template.part(at, len(template.text))])

    def _fill_names(self, text: TrackedText) -> TrackedText:
        """Return the text of an f-string with the known variables in its holes."""
        parts = []
        at = 0
        for segment in text.segments:
            end = at + len(segment.text)
            name = _HOLE.fullmatch(self.code.text, segment.start, segment.end)
            value = self.get(name[1]) if name and not segment.exact else None
            if isinstance(value, TrackedText):
                parts.append(value.insert_at((segment.start, segment.end)))
            else:
                parts.append(text.part(at, end))
            at = end
        return concatenate(parts)


def _extends(
    value: Value | None, old: tuple[TrackedText, ...]
) -> TypeGuard[tuple[TrackedText, ...]]:
    """Return whether words are some others and more."""
    return isinstance(value, tuple) and value[: len(old)] == old
