"""Reads a build file in Python's syntax: parse, find the sinks, make the links.

Starlark's grammar is a part of Python's, and SCons runs Python, so that libcst parses
all three. Starlark's own parsers are written in Go, Java and Rust.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import Sink
from no_libpython_dlopen.buildsystems.python_syntax.unix_evaluator import UnixEvaluator
from no_libpython_dlopen.knowledge.platforms import System, may_name_system
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.project.modules import imports_of
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.syntax.parse import descendants, last_word, nodes_of
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP
from no_libpython_dlopen.python.vocabulary import PLATFORM_WORDS

if TYPE_CHECKING:
    from no_libpython_dlopen.buildsystems.python_syntax.link_analysis import LinkAnalysis
    from no_libpython_dlopen.model.limits import Limit
    from no_libpython_dlopen.python.syntax.positions import Positions

#: Errors of a table that has no entry for a system, and their bases.
_OF_LOOKUPS = frozenset({"KeyError", "IndexError", "LookupError", "Exception", "BaseException"})
#: Names and texts by which a test asks for the system, though nothing says for which.
_TELLING = frozenset(
    {"extsep", "devnull", "ntpath", "posixpath", "libc_ver", "EXTENSION_SUFFIXES"}
    | {"Marker", "default_environment"}
)
_TELLS = re.compile(
    r"(?:ntpath|posixpath|uname|fork|gete?uid|windir|systemroot|comspec|EXT_SUFFIX)[\"']"
    r"|\.(?:exe|pyd|dll)\b",
    re.IGNORECASE,
)
_Sinks = Callable[[Script], Iterable[Sink]]


def find_links(source: Source, sinks: _Sinks, *, commands: bool = True) -> list[Link]:
    """Return the links that a file's sinks make.

    ``commands`` is true where the language can run programs that print flags.

    Raises ``Unreadable`` for a syntax error, nesting that cannot be followed, a file
    that takes too long, or one whose text libcst does not give back as it was.
    """
    try:
        with parse.deep_recursion():
            return _find_links(source, sinks, commands=commands)
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None


def _find_links(source: Source, sinks: _Sinks, *, commands: bool) -> list[Link]:
    scripts = _Scripts(source, sinks, commands)
    of_unix = scripts.analyse_for_unix()
    if of_unix is None:
        return []
    others, uncertain = scripts.spans_of_others(of_unix.spans) if of_unix.spans else (set(), set())
    links = of_unix.links(others, uncertain)
    if links:
        scripts.positions.require_exact(source)
    return links


class _Scripts:
    """One build script as each system runs it."""

    def __init__(self, source: Source, sinks: _Sinks, commands: bool) -> None:
        self.source = source
        self.module = parse.parse(source)
        self.imports = imports_of(source)
        self._sinks = sinks
        self._commands = commands
        self._asks_by_name = self._asks_in_turn = False
        #: The limits that cut the analysis for all of Unix; they cut that for one system as well.
        self._reached: dict[Limit, None] = {}

    @cached_property
    def positions(self) -> Positions:
        """Where the nodes are; made for files in which something is found."""
        from no_libpython_dlopen.python.syntax.positions import positions_of

        return positions_of(self.source)

    def analyse_for_unix(self) -> LinkAnalysis | None:
        """Find the links of any Unix; return ``None`` if nothing is linked."""
        found, self._reached = self._analyse_apart(UnixEvaluator(self.module, self.imports))
        for limit in self._reached:
            analysis.note_limit(limit)
        return found

    def _analyse_apart(
        self, evaluator: UnixEvaluator
    ) -> tuple[LinkAnalysis | None, dict[Limit, None]]:
        """Find the links as ``analyse`` does; return them, and the limits that cut this analysis."""
        with analysis.note_apart() as reached:
            return self.analyse(evaluator), reached

    def analyse(self, evaluator: UnixEvaluator) -> LinkAnalysis | None:
        """Find the links on the evaluator's system; return ``None`` if nothing is linked."""
        script = Script(evaluator)
        found: list[Sink] = []
        with analysis.until_limit():
            found.extend(self._sinks(script))
        if not found:
            return None

        from no_libpython_dlopen.buildsystems.python_syntax.host_sources import with_host_kinds
        from no_libpython_dlopen.buildsystems.python_syntax.link_analysis import LinkAnalysis

        links = LinkAnalysis(self.source, script, lambda: self.positions)
        with analysis.until_limit():
            links.find(found, commands=self._commands)
            hosts = with_host_kinds(self.source, script, found) if links.spans else found
            if hosts != found:  # what the sinks share is found for each kind of library
                links = LinkAnalysis(self.source, script, lambda: self.positions)
                links.find(hosts, commands=self._commands)
        return links

    def spans_of_others(self, spans: set[Span]) -> tuple[set[Span], set[Span]]:
        """Return the places that neither Linux nor macOS links, and which of them are uncertain.

        ``usual_outcome`` of ``knowledge.platforms`` says why a system that no test names decides.
        What only a test for another Unix leads to is linked there. Where a limit cuts
        the analysis for a system, the limit is noted, and all places are uncertain.
        """
        asks_otherwise = self._asks_otherwise()
        if not may_name_system(self.source.text):
            return (spans, spans) if asks_otherwise else (set(), set())
        try:
            rest = self._without_unix(spans, trusts_names=False)
            others = rest & self._spans_on(System.UNNAMED, trusts_names=False) if rest else set()
            uncertain: set[Span] = set()
            if asks_otherwise or self._asks_in_turn or self._expects_no_entry():
                uncertain = spans - others
            elif self._asks_by_name:
                uncertain = self._without_unix(spans - others, trusts_names=True)
        except LimitReached as error:
            analysis.note_limit(error.limit)
            return spans, spans
        return others | uncertain, uncertain

    def _without_unix(self, spans: set[Span], *, trusts_names: bool) -> set[Span]:
        """Return those of ``spans`` that neither Linux nor macOS links."""
        for system in (System.LINUX, System.DARWIN):
            spans = spans - self._spans_on(system, trusts_names=trusts_names) if spans else spans
        return spans

    def _spans_on(self, system: System, *, trusts_names: bool) -> set[Span]:
        """Return the places that are linked on a system; note how the script asks for it.

        Raises ``LimitReached`` if a limit cuts this, and did not cut the analysis for all of Unix.
        """
        analysis.check_time()
        evaluator = UnixEvaluator(self.module, self.imports, system, trusts_names=trusts_names)
        links, reached = self._analyse_apart(evaluator)
        for limit in reached:
            if limit not in self._reached:
                raise LimitReached(limit)
        self._asks_by_name |= evaluator.asks_by_name
        self._asks_in_turn |= evaluator.asks_in_turn
        return links.spans if links is not None else set()

    def _asks_otherwise(self) -> bool:
        """Return whether a test, or a choice of commands, asks for the system unfollowed."""
        module, telling = self.module, _TELLING | _counters(self.module)
        tests = [one.test for one in nodes_of(module, cst.If, cst.IfExp, cst.While, cst.CompIf)]
        tests += [one.left for one in nodes_of(module, cst.BooleanOperation)]
        return any(
            not telling.isdisjoint(_names_in(asked))
            or any(_TELLS.search(one.value) for one in _strings_in(asked))
            for asked in tests
        ) or _chooses_command(module)

    def _expects_no_entry(self) -> bool:
        """Return whether a handler, or a default, is for a system that a table has no entry for."""
        return any(
            _asks_platform(asked)
            for node in nodes_of(self.module, cst.Try, cst.Call)
            for asked in _fallible_parts(node)
        )


def _fallible_parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the lookups that may find nothing, where a handler or a default covers that."""
    if isinstance(node, cst.Try) and any(
        handler.type is None or not _OF_LOOKUPS.isdisjoint(_names_in(handler.type))
        for handler in node.handlers
    ):
        yield node.body
    elif isinstance(node, cst.Call) and len(node.args) == 2 and last_word(node.func) == "next":
        yield node.args[0]


def _chooses_command(module: cst.Module) -> bool:
    """Return whether the platform may decide which class builds the modules."""
    chosen = set(PLATFORM_WORDS)
    for node in nodes_of(module, cst.If, cst.Assign):
        if isinstance(node, cst.If) and _asks_platform(node.test):
            stored = [one for one in descendants(node) if isinstance(one, cst.AssignTarget)]
        elif isinstance(node, cst.Assign) and _asks_platform(node.value):
            stored = [*node.targets]
        else:
            continue
        chosen |= {name for one in stored for name in _names_in(one.target)}
    return any(
        getattr(node.keyword, "value", "") == "cmdclass"
        and not chosen.isdisjoint(_names_in(node.value))
        for node in nodes_of(module, cst.Arg)
    )


def _counters(module: cst.Module) -> set[str]:
    """Return the names whose value depends on the system and on what they were before."""
    found = set()
    for node in nodes_of(module, cst.If, cst.AugAssign, cst.Assign):
        if isinstance(node, cst.If) and _asks_platform(node.test):
            changed = [one for one in descendants(node.body) if isinstance(one, cst.AugAssign)]
            found |= {
                last_word(one.target) for one in changed if isinstance(one.value, cst.Integer)
            }
        elif isinstance(node, cst.AugAssign) and _asks_platform(node.value):
            found.add(last_word(node.target))
        elif isinstance(node, cst.Assign) and _asks_platform(node.value):
            targets = {last_word(one.target) for one in node.targets}
            found |= targets & _names_in(node.value)
    return found


def _asks_platform(node: cst.CSTNode) -> bool:
    return not PLATFORM_WORDS.isdisjoint(_names_in(node))


def _strings_in(node: cst.CSTNode) -> Iterator[cst.SimpleString]:
    return (one for one in descendants(node) if isinstance(one, cst.SimpleString))


def _names_in(node: cst.CSTNode) -> set[str]:
    return {one.value for one in descendants(node) if isinstance(one, cst.Name)}
