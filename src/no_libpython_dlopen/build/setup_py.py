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
from no_libpython_dlopen.names import may_be_part
from no_libpython_dlopen.source import Source

#: Names of what makes extensions, or builds them.
_MAKERS = re.compile(
    r"\w*Extension$|set_source(?:_pkgconfig)?$|verify$|\w*build_ext\w*$|add_extension$|setup$"
    r"|cpp_extension$|load_inline$|BuildExt\w*$|configure_extension$"
)
#: Names of what such a call, an object or the environment holds that reaches the linker.
_GIVEN = frozenset(
    {"libraries", "extra_link_args", "extra_objects", "link_objects", "extra_ldflags", "LDFLAGS"}
    | {"LDSHARED", "add_library", "add_link_object", "get_libraries", "set_libraries", "pkgconfig"}
    | {"set_source_pkgconfig", "set_link_objects", "extra_postargs"}
)
#: Positional arguments of ``Extension`` before its libraries.
_FIRST_LINKED = 6
_SPELLED_IN_SOURCE = re.compile(r"python(?:3|\{|%|[\"'.-])|LDLIBRARY|INSTSONAME|-embed")
_MADE_IN_SOURCE = re.compile(r"Extension\s*\(|\bset_source\b|\bbuild_ext\b")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a Python file makes.

    Raises ``Unreadable`` for a file that cannot be parsed or followed.
    """
    if not _may_link(source.text):
        return

    from no_libpython_dlopen.build.python_syntax import linked
    from no_libpython_dlopen.build.setup_sinks import SetupSinks

    yield from linked(source, lambda script: SetupSinks(script).all())


def _may_link(text: str) -> bool:
    """Tell whether a file makes an extension, gives it something, and could name libpython."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The parser that is asked next says what is wrong, and where.
        return bool(_MADE_IN_SOURCE.search(text) and _SPELLED_IN_SOURCE.search(text))
    makes = gives = spells = False
    aliases: set[str | None] = set()
    docstrings: set[int] = set()
    for node in ast.walk(tree):
        word = ""
        if isinstance(node, ast.Name):
            word = node.id
        elif isinstance(node, ast.Expr):  # comes before what it holds
            docstrings.add(id(node.value))
        elif isinstance(node, ast.Attribute):
            word = node.attr
        elif isinstance(node, ast.FunctionDef):
            word = node.name
        elif isinstance(node, (ast.alias, ast.keyword)):
            word = (node.name if isinstance(node, ast.alias) else node.arg or "").split(".")[-1]
            if isinstance(node, ast.alias) and word.endswith("Extension"):
                aliases.add(node.asname)
        elif isinstance(node, ast.Call):
            gives = gives or (len(node.args) > _FIRST_LINKED and _is_extension(node.func, aliases))
        elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            spells = spells or (id(node) not in docstrings and may_be_part(value, linked=True))
            gives = gives or value in _GIVEN
        if word:
            makes = makes or bool(_MAKERS.match(word))
            gives = gives or word in _GIVEN
        if makes and gives and spells:
            return True
    return False


def _is_extension(func: ast.expr, aliases: set[str | None]) -> bool:
    word = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return bool(word.lower().startswith("ext") or word.endswith("Extension") or word in aliases)
