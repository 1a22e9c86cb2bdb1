"""Reads Python files that build extension modules: ``setup.py`` and whatever is like it.

libcst parses and ``python``'s evaluator knows names, branches and values, the same as
for loads; ``ast``, which is ten times faster, ends the life of files in which nothing
makes an extension or nothing spells libpython.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from no_libpython_dlopen.facts import Link
from no_libpython_dlopen.names import may_be_part
from no_libpython_dlopen.python.syntax import parts, syntax
from no_libpython_dlopen.source import Source, Unreadable

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
        tree = syntax(text)
    except Unreadable:
        tree = SyntaxError()
    if isinstance(tree, SyntaxError):
        # The parser that is asked next says what is wrong, and where.
        return bool(_MADE_IN_SOURCE.search(text) and _SPELLED_IN_SOURCE.search(text))
    return _Clues(tree).all()


class _Clues:
    """What a file's words and texts say that it may do, in one pass over ``ast``."""

    def __init__(self, tree: ast.Module) -> None:
        self._makes = self._gives = self._spells = False
        #: Methods that are defined here, and what would make something if they were not.
        self._defined: set[str] = set()
        self._own: set[str] = set()
        self._aliases: set[str | None] = set()
        #: What is called with libraries by position, perhaps.
        self._called: list[ast.expr] = []
        self._todo: list[ast.AST] = [tree]

    def all(self) -> bool:
        """Tell whether an extension is made, is given something, and libpython is named."""
        todo = self._todo
        while todo and not (self._makes and self._gives and self._spells):
            node = todo.pop()
            see = _SEEN.get(type(node))
            if see is None or see(self, node):
                todo += parts(node)
        self._makes |= not self._own <= self._defined
        self._gives |= any(_is_extension(func, self._aliases) for func in self._called)
        return self._makes and self._gives and self._spells

    def _word(self, word: str, *, makes: bool = True) -> None:
        self._makes = self._makes or (makes and _MAKERS.match(word) is not None)
        self._gives = self._gives or word in _GIVEN

    # What is seen of a node, and whether what is below it matters

    def _name(self, node: ast.Name) -> bool:
        self._word(node.id)
        return False

    def _attribute(self, node: ast.Attribute) -> bool:
        own = isinstance(node.value, ast.Name) and node.value.id == "self"
        self._word(node.attr, makes=not own)
        if own and _MAKERS.match(node.attr):  # cffi's own code builds nothing
            self._own.add(node.attr)
        return True

    def _function(self, node: ast.FunctionDef) -> bool:
        self._defined.add(node.name)
        self._word(node.name, makes="build_ext" in node.name)
        return True

    def _alias(self, node: ast.alias) -> bool:
        word = node.name.rpartition(".")[2]
        self._word(word)
        if word.endswith("Extension"):
            self._aliases.add(node.asname)
        return False

    def _keyword(self, node: ast.keyword) -> bool:
        self._word(node.arg or "")
        return True

    def _call(self, node: ast.Call) -> bool:
        if len(node.args) > _FIRST_LINKED:
            self._called.append(node.func)
        return True

    def _expression(self, node: ast.Expr) -> bool:
        return not isinstance(node.value, ast.Constant)  # a docstring names nothing

    def _constant(self, node: ast.Constant) -> bool:
        value = node.value
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            self._spells = self._spells or may_be_part(value, linked=True)
            self._gives = self._gives or value in _GIVEN
        return False


_SEEN: dict[type, Any] = {
    ast.Name: _Clues._name,
    ast.Attribute: _Clues._attribute,
    ast.FunctionDef: _Clues._function,
    ast.alias: _Clues._alias,
    ast.keyword: _Clues._keyword,
    ast.Call: _Clues._call,
    ast.Expr: _Clues._expression,
    ast.Constant: _Clues._constant,
}


def _is_extension(func: ast.expr, aliases: set[str | None]) -> bool:
    word = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return bool(word.lower().startswith("ext") or word.endswith("Extension") or word in aliases)
