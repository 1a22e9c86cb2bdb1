"""Reads the commands of a Python program, if it runs any that may build something."""

from __future__ import annotations

from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.common.program_words import words_of
from no_libpython_dlopen.buildsystems.embedded_commands.python_runners import (
    NEEDED,
    RUNNERS,
    TASKS_OF_DOIT,
)
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import parse_source


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that commands in Python code make.

    Raises ``Unreadable`` for a text that takes too much memory, or nests too deeply.
    """
    if not NEEDED.search(source.text):
        return
    words = source.derive(words_of)
    # The other readers of Python tell of a syntax error.
    is_idle = words is not None and RUNNERS.isdisjoint(words.names | words.own)
    if words is None or (is_idle and source.name != TASKS_OF_DOIT):
        return
    tree = parse_source(source)
    if isinstance(tree, SyntaxError) or not any(map(NEEDED.search, words.texts)):
        return
    from no_libpython_dlopen.buildsystems.embedded_commands.python_calls import find_links

    yield from find_links(source, tree)
