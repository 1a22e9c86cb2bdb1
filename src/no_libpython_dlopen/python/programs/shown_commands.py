"""Finds the calls that show or compare a command, and do not run it."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.calls import keywords
from no_libpython_dlopen.python.syntax.parse import children, last_word

#: Functions that show their arguments, keep them for a comparison, or return something about them.
_FUNCTIONS = frozenset(
    {"print", "len", "bool", "isinstance", "type", "id", "warnings.warn", "click.echo"}
    | {"click.secho", "pprint.pprint", "pprint.pp", "rich.print", "sys.stdout.write"}
    | {"sys.stderr.write", "subprocess.CompletedProcess", "unittest.mock.call", "mock.call"}
)
#: Methods of loggers, of rich's console, of mocks and of test cases.
_METHODS = frozenset(
    {"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "print"}
    | {"assert_called_with", "assert_called_once_with", "assert_any_call", "assert_has_calls"}
    | {"assertEqual", "assertEquals", "assertNotEqual", "assertListEqual", "assertTupleEqual"}
    | {"assertSequenceEqual", "assertCountEqual", "assertIn", "assertNotIn", "assertIs"}
    | {"assertIsInstance", "assertTrue", "assertFalse", "assertIsNone", "assertIsNotNone"}
)
#: Ends of the names of exceptions.
_RAISED = ("Error", "Exception", "Warning", "Exit", "TimeoutExpired")
#: Functions and methods that make a text of a command, which is shown or run.
_TEXTS = frozenset(
    {"shlex.join", "subprocess.list2cmdline", "shlex.quote", "pipes.quote", "json.dumps"}
    | {"repr", "ascii", "str", "map", "pprint.pformat"}
)
_TEXT_METHODS = frozenset({"join", "format"})


class ShownCommands:
    """The calls of one file that pass none of their arguments to a process."""

    def __init__(self, evaluator: Evaluator, calls: Iterable[cst.Call]) -> None:
        self._evaluator = evaluator
        self._calls = set[cst.Call]()
        self._names = set[cst.Name]()
        texts = set[cst.Call]()
        for node in calls:
            if self._shows(node):
                self._calls.add(node)
                for one in node.args:
                    self._note(one.value)
            elif self._makes_text(node):
                texts.add(node)
        texts -= self._calls
        if texts:
            self._calls |= self._shown_by_name(texts)

    def __contains__(self, node: cst.Call) -> bool:
        """Return whether a call runs nothing."""
        return node in self._calls

    def _shows(self, node: cst.Call) -> bool:
        word = last_word(node.func)
        if isinstance(node.func, cst.Attribute) and word in _METHODS:
            return True
        if word.endswith(_RAISED):
            return True
        return "file" not in keywords(node) and self._evaluator.is_one_of(node.func, _FUNCTIONS)

    def _makes_text(self, node: cst.Call) -> bool:
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _TEXT_METHODS:
            return True
        return self._evaluator.is_one_of(node.func, _TEXTS)

    def _note(self, node: cst.CSTNode) -> None:
        """Note the names, and the texts that are made of commands, in what is shown."""
        if isinstance(node, cst.Name):
            self._names.add(node)
        elif isinstance(node, cst.Call):
            if not self._makes_text(node):
                return
            self._calls.add(node)
        for one in children(node):
            self._note(one)

    def _shown_by_name(self, texts: set[cst.Call]) -> set[cst.Call]:
        """Return those of the texts that have a name, and are shown wherever it is read."""
        flow = self._evaluator.dataflow
        shown, read = set[cst.CSTNode](), set[cst.CSTNode]()
        for name in (one for one in (*flow.uses, *flow.free_names) if isinstance(one, cst.Name)):
            bound = [one for one in flow.bindings_of(name) if one.value is not None]
            if name in self._names:
                shown |= {one.value for one in bound if one.value is not None and not one.path}
            else:
                read |= {one.value for one in bound if one.value is not None}
        return {one for one in texts if one in shown and one not in read}


def quotes_each(node: cst.GeneratorExp | cst.ListComp) -> bool:
    """Return whether a comprehension gives the items of a list, each quoted or made a text."""
    word, target = node.elt, node.for_in.target
    return (
        isinstance(word, cst.Call)
        and last_word(word.func) in ("quote", "str", "fspath")
        and not node.for_in.ifs
        and isinstance(target, cst.Name)
        and [last_word(one.value) for one in word.args] == [target.value]
    )
