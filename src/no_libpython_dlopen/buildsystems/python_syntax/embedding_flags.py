"""Finds what has a part in a value that cannot be evaluated: programs that are run for it.

``subprocess.check_output(["python3-config", "--ldflags", "--embed"])`` is unknown to
the evaluator. Whatever expression has a part in the value is looked through instead,
and the words that ask for an embedding program's settings are recognised on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_fact import deletion
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    ReferenceKind,
    package_of_modules,
)
from no_libpython_dlopen.buildsystems.python_syntax import deletions as python_deletions
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import Sink
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.link_references import SYSCONFIG_VARIABLES, embedding_packages
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.finding import Fix
from no_libpython_dlopen.python.dataflow.bindings import Binding, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import External, texts
from no_libpython_dlopen.python.syntax.parse import children
from no_libpython_dlopen.python.syntax.positions import Positions

_Literal = cst.SimpleString | cst.FormattedString

_CONFIG_VAR = frozenset({"sysconfig.get_config_var", "distutils.sysconfig.get_config_var"})
_CONFIG_VARS = "sysconfig.get_config_vars()"
_ALL_VARS = frozenset({"sysconfig.get_config_vars", "distutils.sysconfig.get_config_vars"})
#: What is replaced by part of a version: of an f-string, of ``format``, of ``%``.
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\(\w+\)\w|%\w")
_CONFIG = re.compile(r"-config\b|python.*config")


class Contributions:
    """Walks what has a part in an expression's value, on Unix."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._bodies: dict[Scope, list[cst.Call]] | None = None

    def of(
        self, node: cst.BaseExpression, seen: set[cst.CSTNode | Binding], *, bodies: bool = True
    ) -> Iterator[cst.CSTNode]:
        """Yield the expressions that are not in ``seen``, and add them to it.

        With ``bodies``, also what called functions do on the way.
        """
        waiting: list[cst.CSTNode] = [node]
        while waiting:
            analysis.check_time()
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            yield current
            if isinstance(current, cst.IfExp):
                waiting.extend(self._script.branches(current))
                continue
            waiting.extend(children(current))
            if isinstance(current, cst.Name):
                bindings = [*self._script.last_bindings(current)]
                while bindings:
                    binding = bindings.pop()
                    if binding in seen:
                        continue
                    seen.add(binding)
                    bindings.extend(binding.before)
                    if binding.value is not None:
                        waiting.append(binding.value)
                    waiting.extend(self._script.argument_values(binding))
            elif isinstance(current, cst.Call):
                for scope in self._script.functions(current):
                    self._script.passed.add(current)
                    waiting.extend(one.value for one in scope.returns if one.value is not None)
                    if bodies:
                        waiting.extend(self.calls_in(scope))

    def calls_in(self, scope: Scope) -> list[cst.Call]:
        """Return the live calls in a function."""
        if self._bodies is None:
            self._bodies = {}
            for node, at in self._script.flow.live_expressions.items():
                if isinstance(node, cst.Call):
                    self._bodies.setdefault(at, []).append(node)
        return self._bodies.get(scope, [])

    def asks_sysconfig(self, node: cst.BaseExpression) -> bool:
        """Return whether a name comes from ``LDLIBRARY`` or another variable that is libpython."""
        evaluator = self._script.evaluator
        for part in self.of(node, set(), bodies=False):
            if isinstance(part, cst.Call) and part.args:
                asked = self._script.callee_names(part)
                if asked & (_CONFIG_VAR | _ALL_VARS):
                    words = {w for a in part.args for w in texts(evaluator.evaluate(a.value))}
                    if words & SYSCONFIG_VARIABLES:
                        return True
            elif isinstance(part, cst.Subscript):
                owners = evaluator.evaluate(part.value).alternatives
                if (
                    External(_CONFIG_VARS) in owners
                    and self._script.key(part) in SYSCONFIG_VARIABLES
                ):
                    return True
        return False


class EmbeddingWord(NamedTuple):
    """A word of a literal that asks for the settings of a program that embeds Python."""

    node: cst.CSTNode
    span: Span
    kind: ReferenceKind
    is_item: bool = False

    def edit(self, positions: Positions) -> Fix | str:
        """Return the fix that asks for an extension module's settings, or why there is none."""
        if self.kind is ReferenceKind.PACKAGE:
            return package_of_modules(positions.text, self.span)
        if not self.is_item:
            return deletion("--embed", deletions.word(positions.text, *self.span))
        found = python_deletions.item(positions, self.node)
        return Blocker.NO_EDIT if found is None else deletion("--embed", found)


class EmbeddingWords:
    """Finds such words in what has a part in a sink."""

    def __init__(self, script: Script, contributions: Contributions) -> None:
        self._script = script
        self._contributions = contributions
        self._seen: set[cst.CSTNode | Binding] = set()

    def literals(self, sink: Sink, items: Iterable[cst.BaseExpression]) -> Iterator[_Literal]:
        """Yield the literals in what has a part in a sink that say something of embedding.

        ``items`` are those of the sink. What was yielded for another sink is left out.
        """
        # Under a key, only what is there counts, and what comes from a call as a whole.
        starts = [*items, *self._whole(sink.node)] if sink.key else [sink.node]
        for start in starts:
            for part in self._contributions.of(start, self._seen):
                if (isinstance(part, cst.SimpleString) and "-embed" in part.value) or (
                    isinstance(part, cst.FormattedString)
                    and any(
                        isinstance(one, cst.FormattedStringText) and "-embed" in one.value
                        for one in part.parts
                    )
                ):
                    yield part

    def _whole(self, node: cst.BaseExpression) -> list[cst.BaseExpression]:
        """Return the calls that give a dictionary as a whole."""
        if isinstance(node, cst.Call) and "dict" not in self._script.callee_names(node):
            return [node]
        if isinstance(node, cst.Name):
            values = [b.value for b in self._script.bindings(node) if b.value is not None]
            return [call for value in values for call in self._whole(value)]
        return []

    def words(self, node: _Literal, positions: Positions) -> Iterator[EmbeddingWord]:
        """Yield ``--embed`` of ``python3-config`` and pkg-config's ``python3-embed``."""
        code = positions.code(node)
        start, end = positions.span(node)
        with_unknowns = _PLACEHOLDER.sub(lambda match: UNKNOWN_PART * len(match[0]), code)
        for first, stop in embedding_packages(with_unknowns):
            yield EmbeddingWord(node, (start + first, start + stop), ReferenceKind.PACKAGE)
        inner = code[len(code) - len(code.lstrip("rRbBfFuU")) :].strip("\"'")
        if inner == "--embed":
            if self._beside_config(node, positions):
                yield EmbeddingWord(node, (start, end), ReferenceKind.CONFIG, is_item=True)
        elif "--embed" in code and _CONFIG.search(code):
            for match in re.finditer(r"--embed(?![\w-])", code):
                span = start + match.start(), start + match.end()
                yield EmbeddingWord(node, span, ReferenceKind.CONFIG)

    def _is_forwarded(self, call: cst.CSTNode, positions: Positions) -> bool:
        """Return whether a function of the file hands all its arguments to ``python3-config``."""
        for scope in self._script.functions(call) if isinstance(call, cst.Call) else ():
            node = scope.node
            if isinstance(node, cst.FunctionDef) and isinstance(node.params.star_arg, cst.Param):
                forwarded = re.compile(rf"\*{node.params.star_arg.name.value}\b")
                for run in self._contributions.calls_in(scope):
                    words = positions.code(run)
                    if forwarded.search(words) and _CONFIG.search(words):
                        return True
        return False

    def _beside_config(self, node: cst.CSTNode, positions: Positions) -> bool:
        """Return whether the command around a word is ``python3-config``."""
        for parent in positions.ancestors(node):
            if isinstance(parent, (cst.List, cst.Tuple, cst.Call, cst.BinaryOperation)):
                words = positions.code(parent)
                found = _CONFIG.search(words) or any(
                    "config" in text
                    for element in getattr(parent, "elements", ())[:1]
                    for text in texts(self._script.evaluator.evaluate(element.value))
                )
                if found or self._is_forwarded(parent, positions):
                    return True
            if isinstance(parent, cst.BaseSmallStatement):
                return False
        return False
