"""Reads makefiles: which flag or variable links an extension module to libpython.

``lexer`` splits the file (and says which libraries were weighed), ``interpreter`` reads it
for each platform and leaves conditions to ``conditions``, ``recipes`` runs the rules,
``expansion`` expands what these are made of, and ``command_links`` judges the commands
that come out.
"""

from __future__ import annotations

from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
from no_libpython_dlopen.buildsystems.commands.path_exploration import BudgetExceeded, explore_paths
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.make.interpreter import Run
from no_libpython_dlopen.buildsystems.make.lexer import Line, lines
from no_libpython_dlopen.knowledge.target_platforms import PLATFORMS
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a makefile makes.

    Raises ``Unreadable`` where make would not read the text.
    """
    found = parse_lines(source)
    if not may_contain_finding(source.text):
        return
    links = CommandLinks(source)
    try:
        for platform, paths in explore_paths(PLATFORMS):
            run = Run(source.text, platform, paths)
            run.read(found)
            links.judge(run.commands(), platform)
    except BudgetExceeded:
        links.graph.is_complete = False
    yield from links.links()


def parse_lines(source: Source, *, automake: bool = False) -> list[Line]:
    """Return the lines of a makefile. Raises ``Unreadable``."""
    try:
        return list(lines(source.text, automake=automake))
    except LexError as error:
        raise Unreadable(f"not make: {error.reason}", source.locate(error.offset)) from None
