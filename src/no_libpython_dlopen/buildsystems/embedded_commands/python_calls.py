"""Reads commands that Python code runs: in noxfiles, tasks of invoke, scripts that build.

The code is read with ``ast`` from top to bottom, at a fraction of the cost of a full evaluation:
a branch may add to a command, and a value that it replaces is unknown afterwards.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.buildsystems.commands.provenance import (
    TrackedText,
    concatenate,
    join_texts,
)
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.embedded_commands.python_conditions import (
    leaves,
    truth_on_unix,
)
from no_libpython_dlopen.buildsystems.embedded_commands.python_runners import (
    TASKS_OF_DOIT,
    is_command,
)
from no_libpython_dlopen.buildsystems.embedded_commands.python_strings import CodeText
from no_libpython_dlopen.buildsystems.embedded_commands.python_values import Values
from no_libpython_dlopen.buildsystems.embedded_commands.script import Environment, Script, links_of
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, last_word

#: The files of a task in the text of an action, in both of doit's formats.
_FILES_OF_TASK = re.compile(r"%\((targets|dependencies)\)s|\{(targets|dependencies)\}")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: So many of the tests before an ``elif`` are asked.
_MANY_TESTS = 8


def find_links(source: Source, tree: ast.Module) -> Iterator[Link]:
    """Yield the links of extension modules that the commands of a program make."""
    code = _Code(source.text, has_tasks=source.name == TASKS_OF_DOIT)
    code.scope(tree.body, (), Values(code.code))
    if may_contain_finding("\n".join(code.texts()).replace(UNKNOWN_PART, "{")):
        yield from links_of(source, code.scripts, code.commands)


class _Code:
    """The commands in the code of one file."""

    def __init__(self, text: str, *, has_tasks: bool) -> None:
        self.code = CodeText(text)
        self.has_tasks = has_tasks
        self.scripts: list[Script] = []
        self.commands: list[Command] = []
        #: The blocks of each ``if`` that may run; and what has to hold for an ``elif``.
        self._ways: dict[ast.If, list[list[ast.stmt]]] = {}
        self._tests_before: dict[ast.If, tuple[ast.expr, ...]] = {}

    def texts(self) -> Iterator[str]:
        """Yield the texts of the commands and of their variables, and what makes unknown ones."""
        texts = [script.text for script in self.scripts]
        exported = [script.environment for script in self.scripts]
        for command in self.commands:
            texts += command.words
            exported.append(command.exported)
        for text in texts:
            yield text.text
            yield from text.references(self.code.text)
        for environment in exported:
            yield from (f"{name}={value.text}" for name, value in environment)

    def scope(self, body: list[ast.stmt], outer: Environment, values: Values) -> None:
        """Read the statements of a function or a module."""
        environment = list(outer)
        for node in self.statements(body):
            if isinstance(node, ast.Assign):
                environment += self.setting(node, values)
        self.block(body, tuple(environment), values)

    def block(self, body: Iterable[ast.stmt], environment: Environment, values: Values) -> None:
        """Read statements from the first to the last."""
        for node in body:
            if isinstance(node, _SCOPES):
                inner = values.branch()
                if not isinstance(node, ast.ClassDef):
                    inner.names |= dict.fromkeys(_parameters(node.args))
                self.scope(node.body, environment, inner)
                continue
            for each in _expressions(node):
                if self.has_tasks:
                    self.task(dict(_entries(each)), environment, values)
                if isinstance(each, ast.Call):
                    self.call(each, environment, values)
            values.run(node)
            if isinstance(node, (ast.For, ast.AsyncFor)):
                values.forget([node.target])
            for sequel in _sequels(node):
                self.block(sequel, environment, values)
            branches = self.branches(node)
            if len(branches) == 1:
                self.block(branches[0], environment, values)
            elif branches:
                ways = [values.branch() for _ in branches]
                for way, inside in zip(ways, branches, strict=True):
                    self.block(inside, environment, way)
                values.merge(ways)
            if isinstance(node, ast.If) and all(map(leaves, branches)):
                return

    def branches(self, node: ast.stmt) -> list[list[ast.stmt]]:
        """Return the blocks of a statement of which one runs on plain Unix."""
        if not isinstance(node, ast.If):
            return _alternatives(node)
        if node not in self._ways:
            before = self._tests_before.pop(node, ())[:_MANY_TESTS]
            otherwise = (*before, ast.UnaryOp(ast.Not(), node.test))
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                self._tests_before[node.orelse[0]] = otherwise
            ways = ((node.body, (*before, node.test)), (node.orelse, otherwise))
            self._ways[node] = [
                block
                for block, tests in ways
                if truth_on_unix(ast.BoolOp(ast.And(), list(tests))) is not False
            ] or [[]]
        return self._ways[node]

    def statements(self, body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
        """Yield statements and those in them that run on plain Unix, but for functions' own."""
        for node in body:
            yield node
            for inside in (*_sequels(node), *self.branches(node)):
                yield from self.statements(inside)

    def setting(self, node: ast.Assign, values: Values) -> Environment:
        """Return the variables that ``session.env["LDFLAGS"] = …`` and its like set."""
        target = node.targets[0]
        if not isinstance(target, ast.Subscript):
            return ()
        base = target.value
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        key, value = values.value(target.slice), values.value(node.value)
        if name in ("env", "environ") and isinstance(key, TrackedText):
            return ((key.text, value),) if isinstance(value, TrackedText) else ()
        return ()

    def task(self, task: dict[str, ast.expr], environment: Environment, values: Values) -> None:
        """Read the commands of a task of doit: ``{"actions": ["cc …"], "targets": […]}``."""
        actions = task.get("actions")
        if not isinstance(actions, (ast.List, ast.Tuple)):
            return
        filled = {
            name: join_texts(found)
            for name, key in (("targets", "targets"), ("dependencies", "file_dep"))
            if key in task and isinstance(found := values.value(task[key]), tuple)
        }
        for action in actions.elts:
            is_made = isinstance(action, ast.Call) and action.args
            found = values.value(action.args[0] if is_made else action)  # type: ignore[attr-defined]
            if isinstance(found, tuple):
                self.commands.append(Command(found, (), environment))
            elif found is not None:
                self.scripts.append(Script(_fill_in(found, filled), environment))

    def call(self, node: ast.Call, outer: Environment, values: Values) -> None:
        """Read a call, if it runs a command."""
        if not is_command(node):
            return
        environment = outer
        for keyword in node.keywords:
            if keyword.arg == "env" and isinstance(keyword.value, ast.Dict):
                environment += _pairs(keyword.value, values)
        first = values.value(node.args[0])
        if last_word(node.func) == "install":
            span = self.code.span(node.args[0])
            pip = [TrackedText.generated(word, span) for word in ("pip", "install")]
            words: tuple[TrackedText, ...] = (*pip, *values.words(node.args))
        elif isinstance(first, tuple):
            words = first
        elif len(node.args) > 1:
            words = values.words(node.args)
        else:
            words = ()
            if first is not None:
                self.scripts.append(Script(first, environment))
        if words:
            self.commands.append(Command(words, (), environment))


def _entries(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the entries of a dictionary, also of ``dict(key=value)``, whose keys are written."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Call) and last_word(node.func) == "dict":
        yield from ((each.arg, each.value) for each in node.keywords if each.arg)


def _fill_in(text: TrackedText, known: dict[str, TrackedText]) -> TrackedText:
    """Return an action of doit with the files of its task filled in."""
    parts, at = list[TrackedText](), 0
    for match in _FILES_OF_TASK.finditer(text.text):
        files = known.get(match[match.lastindex or 1])
        if files is not None:
            parts += [text.part(at, match.start()), files]
            at = match.end()
    return concatenate([*parts, text.part(at, len(text))])


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    """Yield the names of a function's parameters."""
    several = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each.arg for each in (*several, arguments.vararg, arguments.kwarg) if each)


def _pairs(node: ast.Dict, values: Values) -> Environment:
    """Return the variables in a dictionary."""
    found = []
    for key, value in zip(node.keys, node.values, strict=True):
        name = values.value(key) if key is not None else None
        text = values.value(value)
        if isinstance(name, TrackedText) and isinstance(text, TrackedText):
            found.append((name.text, text))
    return tuple(found)


def _sequels(node: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a statement that run one after the other."""
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [node.body]
    if isinstance(node, ast.Try):
        return [node.body, *[each.body for each in node.handlers], node.orelse, node.finalbody]
    return []


def _alternatives(node: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a loop or a ``match``, of which one runs, or none."""
    if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
        return [node.body, node.orelse]
    if isinstance(node, ast.Match):
        return [*[each.body for each in node.cases], []]
    return []


def _expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement, without those of statements in it."""
    waiting = [child for child in child_nodes(node) if not isinstance(child, ast.stmt)]
    while waiting:
        inner = waiting.pop()
        yield inner
        inside = child_nodes(inner)
        waiting += (one for one in inside if not isinstance(one, (ast.stmt, ast.ExceptHandler)))
