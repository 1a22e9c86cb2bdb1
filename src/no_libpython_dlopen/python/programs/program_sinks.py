"""Finds the expressions whose text is handed to a Python: run, evaluated, or written to a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.evaluator.abstract_values import External, Items
from no_libpython_dlopen.python.evaluator.argument_flow import callers
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.programs.program import Program
from no_libpython_dlopen.python.programs.program_text import ProgramTexts, text_of_value
from no_libpython_dlopen.python.programs.shell_programs import programs_in_shell
from no_libpython_dlopen.python.programs.shown_commands import ShownCommands, quotes_each
from no_libpython_dlopen.python.programs.written_files import Written, WrittenFiles
from no_libpython_dlopen.python.syntax.calls import keywords, positional
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.vocabulary import PROGRAM_PIECE

#: Functions that run their first arguments, by position and name.
_RUNNERS: dict[str, tuple[tuple[int, str], ...]] = {
    **dict.fromkeys(("exec", "builtins.exec"), ((0, "source"),)),
    **dict.fromkeys(("eval", "builtins.eval"), ((0, "source"),)),
    **dict.fromkeys(("compile", "builtins.compile"), ((0, "source"),)),
    **dict.fromkeys(
        ("timeit.timeit", "timeit.repeat", "timeit.Timer"), ((0, "stmt"), (1, "setup"))
    ),
    "code.InteractiveInterpreter().runsource": ((0, "source"),),
    "code.InteractiveConsole().push": ((0, "line"),),
    **dict.fromkeys(
        ("_interpreters.run_string", "_interpreters.exec", "_xxsubinterpreters.run_string"),
        ((1, "script"),),
    ),
    "concurrent.interpreters.create().exec": ((0, "code"),),
    "_testcapi.run_in_subinterp": ((0, "code"),),
    "cProfile.run": ((0, "statement"),),
    "profile.run": ((0, "statement"),),
}
#: Those of them whose texts see the names of the file.
_IN_PLACE = frozenset(_RUNNERS) - {"cProfile.run", "profile.run"}
#: Names by which functions of other files say that they run a text in a Python, and do not only
#: read it as tools for code do.
_NAMED_RUNNER = re.compile(
    r"_*(?!\w*(?:lint|format|pars|analy[sz]|syntax|token|lexer|highlight|style|refactor|scan))"
    r"(?:(?:run|exec|execute|spawn|start|launch|call)_\w*(?:python|subprocess|subinterp)"
    r"|(?:check|assert)_\w*(?:in_python|subprocess|subinterp))"
)
#: Functions that hand a text to a shell, or do so with ``shell=True``.
_SHELLS = frozenset(
    {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
    | {"asyncio.create_subprocess_shell", "pexpect.run", "pexpect.spawn", "shlex.split"}
)
#: Words by which functions of other libraries say in their names that they do.
_NAMED_SHELL = re.compile(
    r"(?:\A|_)(?:run|exec|execute|system|popen|call|shell|sh|bash|cmd|command|spawn|local|sudo)(?:_|\Z)"
    r"|\A(?:run|exec|execute)[A-Z]"
)
#: What the name of a call in a notebook begins with whose second argument is a shell's command.
HIDDEN = "_nolibpy_hidden"
#: Methods that give a process its input.
_FEEDING = frozenset({"communicate", "write"})
#: The word that a call mentions if it is given what may be a program.
_PROGRAMS = frozenset({PROGRAM_PIECE})
#: What runs a file of Python.
_FILE_RUNNERS = re.compile(r"run(?:_path|_module|pytest\w*|python|script)$|exec_module$")
_PYTHON = re.compile(
    r"(?:.*[/\\\0])?(?:python|pypy)[\d.\0]*[a-z]{0,2}(?:\.exe)?\Z|sys\.executable\Z"
)
#: A variable that holds an interpreter's path, whatever that is.
_INTERPRETER = re.compile(
    r"(?i).*(?:python\d*|pypy\d*|py|interpreter|py_?exe|python_?(?:bin|exe|executable|path))\Z"
)
#: Options of a Python that runs a file, none of which says what to run in its place.
_RUN_OPTION = re.compile(r"-(?:[bBdEiIOPqsSuvxXW]|X.+|W.+|[bBdEiIOPqsSuvx]+)\Z")
_FIRST_WORDS = 12
_CODE_OPTION = re.compile(r"-[A-Za-z]*c\Z")
#: An item of a command: its expression, and its value where that is all there is.
_Item = tuple[cst.BaseExpression | None, Any]


class ProgramSinks:
    """The programs that one file hands to a Python."""

    def __init__(self, evaluator: Evaluator, texts: ProgramTexts | None, path: str) -> None:
        self._evaluator = evaluator
        self._found = texts
        self._is_test = _is_test(path)

    @property
    def _texts(self) -> ProgramTexts:
        assert self._found is not None  # which ``run`` does not need
        return self._found

    def programs(self) -> Iterator[Program]:
        """Yield the programs, in the order of the calls."""
        flow = self._evaluator.dataflow
        nodes = [one for one in flow.live_expressions if isinstance(one, cst.Call)]
        nodes = [one for one in nodes if not flow.is_never_called(flow.live_expressions[one])]
        given = [one for one in nodes if self._evaluator.may_mean(one, _PROGRAMS)]
        with self._evaluator.known.without_other_calls():
            shown = ShownCommands(self._evaluator, given)
        files = WrittenFiles(
            self._evaluator,
            nodes,
            (one for each in nodes if each not in shown for one in self._run_files(each)),
        )
        written: list[Written] = []
        for node in given:
            with self._evaluator.known.without_other_calls():
                in_place = self._evaluator.qualified_name(node.func) in _IN_PLACE
                runs = () if node in shown else self.run(node)
                run = dict.fromkeys((*runs, *self._programs_of_helpers(node)))
                commands = list(self._shell_commands(node))
                written += files.writes_of(node)
            tests = flow.path_conditions[node]
            for program in chain.from_iterable(self._texts.programs(one, tests) for one in run):
                yield self._texts.imports + program if in_place else program
            for command in chain.from_iterable(
                self._texts.programs(one, tests) for one in commands
            ):
                yield from programs_in_shell(command)
        if self._is_test and not any(map(_runs_some_file, nodes if written else ())):
            written = files.run_among(written)
        for one in written:
            yield from self._texts.programs(one.text)
            beside = files.beside(one)
            between = "\n" if one.is_line else ""
            yield from self._texts.lines([each.text for each in beside], between)

    def run(self, node: cst.Call) -> Iterator[cst.BaseExpression]:
        """Yield the programs that a call has a Python run."""
        name = self._evaluator.qualified_name(node.func)
        if name.endswith("compile") and any(
            "PyCF_ONLY_AST" in text_of_value(self._evaluator, one.value) for one in node.args
        ):
            return
        for index, keyword in _RUNNERS.get(name, ()):
            yield from _arguments(node, index, keyword)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _FEEDING:
            process = self._process(node.func.value)
            if process is not None and any(map(self._reads_program, self._commands(process))):
                yield from _arguments(node, 0, "input")
        if name.endswith(_last_word(node.func)) and _NAMED_RUNNER.match(_last_word(node.func)):
            yield from (one.value for one in node.args)
        if _last_word(node.func).startswith("assert_python_"):
            yield from self._after_option([(one.value, None) for one in node.args], True)
            return
        is_python = self._is_named_python(node.func)  # sh.python3("-c", TEXT)
        yield from self._after_option([(one.value, None) for one in node.args], is_python)
        yield from self._after_starred_parameter(node)
        if len(node.args) > 1 and self._is_python(node.args[0].value, None):  # pexpect's spawn
            for items in self._lists(node.args[1].value):
                yield from self._after_option(items, True)
        commands = self._commands(node)
        for items in commands:
            yield from self._after_option(items, False)
        if any(map(self._reads_program, commands)):
            yield from _arguments(node, -1, "input")

    def _after_starred_parameter(self, node: cst.Call) -> Iterator[cst.BaseExpression]:
        """Yield the programs that the callers of ``def run(*args)`` have it hand on to a Python."""
        flow = self._evaluator.dataflow
        rows = [[(one.value, one.star == "*") for one in node.args]]
        for argument in node.args:
            value = argument.value
            bound = flow.bindings_of(value) if isinstance(value, cst.Name) else ()
            for one in (value, *(one.value for one in bound)):
                parts = _parts_of_list(one) if one is not None else []
                rows += [parts] if parts else []
        for row in rows:
            at = next((index for index, (_, is_star) in enumerate(row) if is_star), len(row))
            before = [one for one, _ in row[:at]]
            for rest in self._starred_arguments(row[at][0] if at < len(row) else None):
                yield from self._after_option([(one, None) for one in (*before, *rest)], False)
            yield from self._after_option(self._without_options(row), False)

    def _without_options(self, row: list[tuple[cst.BaseExpression, bool]]) -> list[_Item]:
        """Return the items of a command without starred lists that are not known: its options."""
        items: list[_Item] = []
        for node, is_star in row:
            lists = self._lists(node) if is_star else [[(node, None)]]
            if len(lists) > 1:
                return []  # each of them is known
            items += lists[0] if lists else []
        return items

    def _starred_arguments(
        self, node: cst.BaseExpression | None
    ) -> Iterator[list[cst.BaseExpression]]:
        """Yield the arguments that each call gives a parameter which takes all that are left."""
        several = self._evaluator.dataflow.bindings_of(node) if isinstance(node, cst.Name) else ()
        for binding in several:
            function = binding.scope.node
            params = function.params if isinstance(function, cst.FunctionDef) else None
            if params is None or params.star_arg is not binding.node:
                continue
            count = len(params.posonly_params) + len(params.params)
            for call, _, receiver in callers(self._evaluator, binding.scope):
                yield positional(call)[count - (receiver is not None) :]

    def _programs_of_helpers(self, node: cst.Call) -> Iterator[cst.BaseExpression]:
        """Yield the programs that a call has a function of another module run."""
        for one in self._evaluator.evaluate(node.func).alternatives:
            if isinstance(one, ImportedObject):
                with analysis.other_file():
                    names = one.module.run_parameters(one.option)
                for index, name in names:
                    yield from _arguments(node, index, name)

    def _process(self, node: cst.BaseExpression) -> cst.Call | None:
        """Return the call that started the process of an expression, or of its input."""
        if isinstance(node, cst.Attribute) and node.attr.value == "stdin":
            return self._process(node.value)
        if isinstance(node, cst.Name):
            values = (one.value for one in self._evaluator.dataflow.bindings_of(node))
            node = next((one for one in values if isinstance(one, cst.Call)), node)
        is_call = isinstance(node, cst.Call) and _last_word(node.func) == "Popen"
        return node if is_call and isinstance(node, cst.Call) else None

    def _commands(self, node: cst.Call) -> list[list[_Item]]:
        """Return the lists that a call is given, each of which may be a command."""
        return [items for one in node.args for items in self._lists(one.value)]

    def _lists(self, node: cst.BaseExpression) -> list[list[_Item]]:
        """Return the lists that an expression may be, with items as expressions and as values."""
        if isinstance(node, (cst.SimpleString, cst.FormattedString)):
            return []
        if isinstance(node, (cst.GeneratorExp, cst.ListComp)) and quotes_each(node):
            return self._lists(node.for_in.iter)
        several = self._evaluator.evaluate(node).alternatives
        return [
            [
                (each.node if isinstance(each.node, cst.BaseExpression) else None, each.values.only)
                for each in one.elements
            ]
            for one in several
            if isinstance(one, Items)
        ]

    def _after_option(self, items: list[_Item], is_python: bool) -> Iterator[cst.BaseExpression]:
        """Yield the program behind ``-c`` in the arguments of a Python."""
        at = 0
        while at < len(items):
            text = self._word(*items[at])
            if is_python and _CODE_OPTION.match(text):
                for node, _ in items[at + 1 : at + 2]:
                    if node is not None:
                        yield node
                return
            if self._is_python(*items[at]):
                is_python = True
            elif is_python and (text in ("-m", "-", "--") or not text.startswith("-")):
                return
            at += 2 if is_python and re.match(r"-[A-Za-z]*[WX]\Z", text) else 1

    def _reads_program(self, items: list[_Item]) -> bool:
        """Return whether a command is a Python that reads its program from standard input."""
        if not items or not self._is_python(*items[0]):
            return False
        rest = [self._word(*one) for one in items[1:]]
        return all(one.startswith("-") and one[1:2] not in ("c", "m") for one in rest)

    def _run_files(self, node: cst.Call) -> Iterator[cst.BaseExpression | None]:
        """Yield the files that a call has a Python run, as expressions if they are such."""
        as_arguments: list[_Item] = [(one.value, None) for one in node.args]
        for items in (as_arguments, *self._commands(node)):
            for at in (at for at, one in enumerate(items) if self._is_python(*one)):
                words = [self._word(*one) for one in items[at + 1 : at + _FIRST_WORDS]]
                options = 0
                while options < len(words) and _RUN_OPTION.match(words[options]):
                    options += 2 if words[options] in ("-X", "-W") else 1
                if options < len(words) and not words[options].startswith("-"):
                    yield items[at + 1 + options][0]

    def _word(self, node: cst.BaseExpression | None, value: Any) -> str:
        """Return an argument's text, or the name of something from outside."""
        if node is not None:
            return text_of_value(self._evaluator, node)
        return value if isinstance(value, str) else getattr(value, "name", "")

    def _is_python(self, node: cst.BaseExpression | None, value: Any) -> bool:
        text = self._word(node, value)
        if text and text.strip("\0"):
            return _PYTHON.match(text) is not None
        word = _last_word(node) if node is not None else ""
        if isinstance(node, cst.Call) and word in ("str", "fspath"):
            return bool(node.args) and self._is_python(node.args[0].value, None)
        several = self._evaluator.evaluate(node).alternatives if node is not None else ()
        if several and all(isinstance(one, str) and _PYTHON.match(one) for one in several):
            return True  # of several versions
        return _INTERPRETER.match(word) is not None

    def _shell_commands(self, node: cst.Call) -> Iterator[cst.BaseExpression]:
        """Yield the commands that a call hands to a shell."""
        name = self._evaluator.qualified_name(node.func)
        shell = keywords(node).get("shell") if name.startswith("subprocess.") else None
        with_shell = shell is not None and self._evaluator.evaluate(shell).only is not False
        if _last_word(node.func).startswith(HIDDEN):  # a notebook's ``!python -c``
            yield from (one.value for one in node.args[1:2])
        elif name in _SHELLS or with_shell or self._is_named_shell(node.func, name):
            yield from _arguments(node, 0, "args")

    def _is_named_python(self, node: cst.BaseExpression) -> bool:
        """Return whether a function of a library is called by the name of an interpreter."""
        if not _INTERPRETER.match(_last_word(node)):
            return False
        several = self._evaluator.evaluate(node).alternatives
        return bool(several) and all(isinstance(one, External) for one in several)

    def _is_named_shell(self, node: cst.BaseExpression, name: str) -> bool:
        """Return whether a function of another file says by its name that it runs a command."""
        if name.startswith(("subprocess.", "os.")) or not _NAMED_SHELL.search(_last_word(node)):
            return False
        several = self._evaluator.evaluate(node).alternatives
        return all(isinstance(one, (External, ImportedObject)) for one in several)


def _parts_of_list(node: cst.BaseExpression) -> list[tuple[cst.BaseExpression, bool]]:
    """Return the items of a list, and whether each is several: ``[a, *b]``, ``[a] + list(b)``."""
    if isinstance(node, (cst.List, cst.Tuple)):
        return [(one.value, isinstance(one, cst.StarredElement)) for one in node.elements]
    if not isinstance(node, cst.BinaryOperation):
        return []
    added = node.right
    if isinstance(added, cst.Call) and _last_word(added.func) in ("list", "tuple") and added.args:
        added = added.args[0].value
    before = _parts_of_list(node.left)
    return [*before, *(_parts_of_list(added) or [(added, True)])] if before else []


def _runs_some_file(node: cst.Call) -> bool:
    """Return whether a function says by its name that it runs a file of Python."""
    return _FILE_RUNNERS.search(_last_word(node.func)) is not None


def _arguments(node: cst.Call, index: int, keyword: str) -> Iterator[cst.BaseExpression]:
    """Yield the argument at a position, or of a name."""
    yield from (value for name, value in keywords(node).items() if name == keyword)
    yield from positional(node)[index : index + 1] if index >= 0 else ()


def program_arguments(evaluator: Evaluator, node: cst.Call) -> list[cst.BaseExpression]:
    """Return the programs that a call has a Python run, as expressions of the call."""
    return list(ProgramSinks(evaluator, None, "").run(node))


def _last_word(node: cst.BaseExpression) -> str:
    while type(node) is cst.Call:
        node = node.func
    return last_word(node)


def _is_test(path: str) -> bool:
    """Return whether a file is one of tests, which write Python for other purposes as well."""
    parts = path.replace(os.sep, "/").split("/")
    name = parts[-1]
    return (
        name.startswith(("test_", "conftest"))
        or name.endswith("_test.py")
        or not {"tests", "test", "testing"}.isdisjoint(parts[:-1])
    )
