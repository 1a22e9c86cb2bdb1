"""Finds the texts that a file writes to files of Python: by their names, or since a Python runs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.calls import argument, keywords, positional
from no_libpython_dlopen.python.syntax.parse import last_word

#: Methods that write a text to a file, and pytest's that do to one of Python.
_WRITERS = frozenset({"write_text", "write", "write_bytes", "writelines"})
_PYTEST_WRITERS = frozenset({"makepyfile", "makeconftest"})
#: Functions that make a file with a name of its own, and the position of that name's end.
_TEMPORARY = {"mkstemp": 0, "NamedTemporaryFile": 4, "TemporaryFile": 4}
#: Functions that return the path that they are given as another type.
_SAME_PATH = frozenset({"str", "fspath", "Path", "abspath"})
_SUFFIXES = (".py", ".pyw")
_KEPT = (BindingKind.ENTERED, BindingKind.VALUE)
_MAX_STEPS = 8


class Written(NamedTuple):
    """A text that a call writes, the file that it is written to, and whether a line ends there."""

    text: cst.BaseExpression
    target: cst.BaseExpression | None
    is_line: bool = False


class WrittenFiles:
    """The texts that the calls of one file write, to files that may be Python."""

    def __init__(
        self,
        evaluator: Evaluator,
        calls: Sequence[cst.Call],
        run_files: Iterable[cst.BaseExpression | None],
    ) -> None:
        self._evaluator = evaluator
        self._calls = calls
        self._given_to_python = run_files

    def writes_of(self, node: cst.Call) -> list[Written]:
        """Return the texts that a call writes to a file of Python."""
        several = _writes(node)
        return [one for one in several if one.target is None or self._is_python(one.target)]

    def run_among(self, written: list[Written]) -> list[Written]:
        """Return the texts whose files a Python runs, all where it is not known which it runs."""
        found = [
            one
            for one in written
            if one.target and not self._run.isdisjoint(self._keys(one.target))
        ]
        if found:
            return found
        return written if any(not isinstance(one, str) for one in self._run) else []

    def beside(self, one: Written) -> list[Written]:
        """Return all that is written to the same file, in the order of the calls."""
        origins = set(self._origins(one.target)) if isinstance(one.target, cst.Name) else set()
        if not origins:
            return [one]
        several = (each for call in self._calls for each in _writes(call))
        return [
            each
            for each in several
            if each.target is not None and origins == set(self._origins(each.target))
        ]

    def _is_python(self, target: cst.BaseExpression) -> bool:
        """Return whether a file's name says that it is Python, or a Python runs it."""
        if self._is_called_python(target):
            return True
        return isinstance(target, cst.Name) and not self._run.isdisjoint(self._keys(target))

    @cached_property
    def _run(self) -> set[cst.CSTNode | str]:
        """The files that a Python runs: their names, or the expressions that give them."""
        return {one for given in self._given_to_python if given for one in self._keys(given)}

    def _keys(self, node: cst.BaseExpression) -> Iterator[cst.CSTNode | str]:
        """Yield the names of a file as far as they are known, or the expressions that give it."""
        for one in self._origins(node):
            path = self._evaluator.evaluate(one).only
            name = path.rpartition("/")[2] if isinstance(path, str) else ""
            yield name if name.strip(UNKNOWN_PART) else one

    def _origins(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """Yield the expressions that gave a file, or its path, to a name."""
        todo = [node]
        for _ in range(_MAX_STEPS):
            if not todo:
                return
            part = todo.pop()
            word = last_word(part.func) if isinstance(part, cst.Call) else ""
            if isinstance(part, cst.Name):
                bindings = self._evaluator.dataflow.bindings_of(part)
                several = [one.value for one in bindings if one.value and one.kind in _KEPT]
                todo += several
                if not several:
                    yield part
            elif isinstance(part, cst.Attribute) and part.attr.value == "name":
                todo.append(part.value)
            elif isinstance(part, cst.Call) and (word in _SAME_PATH or word in ("open", "fdopen")):
                own = part.func.value if isinstance(part.func, cst.Attribute) else None
                is_method = word == "open" and own is not None and last_word(own) != "io"
                inner = [own] if is_method else [one.value for one in part.args[:1]]
                todo += [one for one in inner if one is not None]
                yield part
            else:
                yield part

    def _is_called_python(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is the path of a Python file, or such a file opened."""
        if isinstance(node, cst.Name):
            for binding in self._evaluator.dataflow.bindings_of(node):
                if binding.kind in _KEPT and isinstance(binding.value, cst.Call):
                    return self._is_called_python(binding.value)
        word = last_word(node.func) if isinstance(node, cst.Call) else ""
        if isinstance(node, cst.Call) and word in _TEMPORARY:
            end = argument(node, "suffix", _TEMPORARY[word])
            return end is not None and self._ends_as_python(end)
        if isinstance(node, cst.Call) and word in ("open", "fdopen"):
            own = node.func.value if isinstance(node.func, cst.Attribute) else None
            paths = [*([own] if own is not None else []), *(one.value for one in node.args[:1])]
            return any(map(self._is_called_python, paths))
        return self._ends_as_python(node)

    def _ends_as_python(self, node: cst.BaseExpression) -> bool:
        values = self._evaluator.evaluate(node).alternatives
        return any(isinstance(one, str) and one.endswith(_SUFFIXES) for one in values)


def _writes(node: cst.Call) -> list[Written]:
    """Return the texts that a call writes to a file."""
    func, given = node.func, positional(node)
    if isinstance(func, cst.Name) and func.value == "print":
        target = keywords(node).get("file")
        return [Written(one, target, True) for one in given] if target is not None else []
    if not isinstance(func, cst.Attribute):
        return []
    if func.attr.value in _PYTEST_WRITERS:
        return [Written(one.value, None) for one in node.args]
    if func.attr.value not in _WRITERS or not node.args:
        return []
    if isinstance(func.value, cst.Name) and func.value.value == "os" and len(given) == 2:
        return [Written(given[1], given[0])]
    return [Written(node.args[0].value, func.value)]
