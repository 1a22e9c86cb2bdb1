"""Reads Python files that build extension modules: ``setup.py`` and whatever is like it.

libcst parses and ``python``'s evaluator knows names, branches and values, the same as
for loads.
"""

from __future__ import annotations

from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.setup_prefilter import (
    may_contain_link,
)
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a Python file makes.

    Raises ``Unreadable`` for a file that cannot be parsed or followed.
    """
    if not may_contain_link(source):
        return

    from no_libpython_dlopen.buildsystems.python_syntax.analysis import find_links
    from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.setup_sinks import SetupSinks

    yield from find_links(source, lambda script: SetupSinks(script).all())
