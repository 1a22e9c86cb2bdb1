"""Reads a build file in Python's syntax: parse, find the sinks, make the links.

Starlark's grammar is a part of Python's, and SCons runs Python, so that libcst parses
all three. Starlark's own parsers are written in Go, Java and Rust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import Sink
from no_libpython_dlopen.buildsystems.python_syntax.unix_evaluator import UnixEvaluator
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.project.modules import imports_of
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP

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
    module = parse.parse(source)
    script = Script(UnixEvaluator(module, None, imports_of(source)))
    found: list[Sink] = []
    with analysis.until_limit():
        found.extend(sinks(script))
    if not found:
        return []

    from no_libpython_dlopen.buildsystems.python_syntax.link_analysis import LinkAnalysis

    of_sinks = LinkAnalysis(source, module, script)
    links = of_sinks.links(found, commands=commands)
    if links:
        of_sinks.positions.require_exact(source)
    return links
