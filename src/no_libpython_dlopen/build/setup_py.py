"""Reads Python files that build extension modules: ``setup.py`` and whatever is like it.

libcst parses and ``python``'s evaluator knows names, branches and values, the same as
for loads; ``ast``, which is ten times faster, ends the life of files in which nothing
makes an extension or nothing spells libpython.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from no_libpython_dlopen.facts import Link
from no_libpython_dlopen.source import Source, Unreadable

#: Names in a file without which it has no sink.
_MAKERS = re.compile(
    r"\w*Extension$|set_source(?:_pkgconfig)?$|verify$|\w*build_ext\w*$|add_extension$"
    r"|cpp_extension$|load_inline$|BuildExt\w*$|configure_extension$|setup$"
)
#: A piece of a text that could be a part of a libpython's name, or asks for it.
_SPELLED = re.compile(
    r"python(?:3|\{|%|$|-|\.)|(?:^|\W)LDLIBRARY|BLDLIBRARY|INSTSONAME|^LIBRARY$|PY3LIBRARY|-l$"
    r"|-embed|--embed"
)


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a Python file makes.

    Raises ``Unreadable`` for a file that cannot be parsed or followed.
    """
    if not _may_link(source.text):
        return

    from no_libpython_dlopen.build.python_syntax import linked
    from no_libpython_dlopen.build.setup_sinks import SetupSinks

    yield from linked(source, lambda evaluator: SetupSinks(evaluator).all())


def _may_link(text: str) -> bool:
    """Tell whether a file makes an extension, and has a text that could name libpython."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # the parser that is asked next says what is wrong, and where
    makes = spells = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            makes = makes or bool(_MAKERS.match(node.id))
        elif isinstance(node, ast.Attribute):
            makes = makes or bool(_MAKERS.match(node.attr))
        elif isinstance(node, ast.alias):
            makes = makes or bool(_MAKERS.match(node.name.rpartition(".")[2]))
        elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            spells = spells or bool(_SPELLED.search(value))
        if makes and spells:
            return True
    return False


__all__ = ["Unreadable", "read"]
