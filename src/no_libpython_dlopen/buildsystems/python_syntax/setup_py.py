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

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, parse_cached
from no_libpython_dlopen.python.vocabulary import MUTATORS

#: Names of what makes extensions by being called, and of what makes or builds them otherwise.
_EXTENSION = re.compile(r"\w*Extension$")
_BUILDERS = re.compile(
    r"set_source(?:_pkgconfig)?$|verify$|\w*build_ext\w*$|add_extension$|setup$"
    r"|cpp_extension$|load_inline$|BuildExt\w*$|configure_extension$"
)
#: Variables of the environment that reach the analysis.
_ENVIRONMENT = frozenset({"LDFLAGS", "LDSHARED"})
#: Names of what such a call, an object or the environment holds that does.
_GIVEN = _ENVIRONMENT | (
    {"libraries", "extra_link_args", "extra_objects", "link_objects", "extra_ldflags"}
    | {"add_library", "add_link_object", "get_libraries", "set_libraries", "pkgconfig"}
    | {"set_source_pkgconfig", "set_link_objects", "extra_postargs"}
)
#: What a call of an extension takes them by, numpy.distutils' dictionaries of them as well.
_HANDED = _GIVEN | {"extra_info", "build_info"}
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

    from no_libpython_dlopen.buildsystems.python_syntax.analysis import find_links
    from no_libpython_dlopen.buildsystems.python_syntax.setup_sinks import SetupSinks

    yield from find_links(source, lambda script: SetupSinks(script).all())


def _may_link(text: str) -> bool:
    """Return whether a file makes an extension, gives it something, and could name libpython."""
    try:
        tree = parse_cached(text)
    except Unreadable:
        tree = SyntaxError()
    if isinstance(tree, SyntaxError):
        # The parser that is asked next says what is wrong, and where.
        return bool(_MADE_IN_SOURCE.search(text) and _SPELLED_IN_SOURCE.search(text))
    return _Clues(tree).all()


class _Clues:
    """What a file's words and texts say that it may do, in one pass over ``ast``."""

    def __init__(self, tree: ast.Module) -> None:
        #: Whether an extension may be made; by more than calls that are all seen; and whether
        #: it is given something by one of those calls, by an attribute, or by any other word.
        self._makes = self._builds = False
        self._hands = self._puts = self._gives = False
        self._spells = False
        #: Methods that are defined here, and what would build something if they were not.
        self._defined: set[str] = set()
        self._own: set[str] = set()
        self._aliases: set[str | None] = set()
        #: What is called with libraries by position, perhaps.
        self._called: list[ast.expr] = []
        self._todo: list[ast.AST] = [tree]

    def all(self) -> bool:
        """Return whether an extension is made, is given something, and libpython is named."""
        todo = self._todo
        while todo and not (self._spells and self._links):
            node = todo.pop()
            see = _SEEN.get(type(node))
            if see is None or see(self, node):
                todo += child_nodes(node)
        self._builds |= not self._own <= self._defined
        self._gives |= any(_is_extension(func, self._aliases) for func in self._called)
        return self._spells and self._links

    @property
    def _links(self) -> bool:
        put = self._puts and (self._makes or self._builds)
        return self._hands or put or (self._builds and self._gives)

    def _word(self, word: str) -> None:
        """Note a word that refers to what it names: a maker that is passed on may be called."""
        self._builds = self._builds or _makes_any(word)
        self._gives = self._gives or word in _GIVEN

    # What is seen of a node, and whether what is below it matters

    def _name(self, node: ast.Name) -> bool:
        self._word(node.id)
        return False

    def _attribute(self, node: ast.Attribute) -> bool:
        if not _is_own(node):
            self._word(node.attr)
            self._puts = self._puts or (not isinstance(node.ctx, ast.Load) and _is_given(node))
            return True
        self._gives = self._gives or node.attr in _GIVEN
        if _makes_any(node.attr):  # cffi's own code builds nothing
            self._own.add(node.attr)
        return False

    def _function(self, node: ast.FunctionDef) -> bool:
        self._defined.add(node.name)
        self._makes = self._makes or "build_ext" in node.name
        self._gives = self._gives or node.name in _GIVEN
        self._todo += (*node.decorator_list, node.args, *node.body)
        return False

    def _alias(self, node: ast.alias) -> bool:
        word = node.name.rpartition(".")[2]
        if node.asname is None and _EXTENSION.match(word):
            self._makes = True  # it is called under this name
            return False
        self._word(word)
        if word.endswith("Extension"):
            self._aliases.add(node.asname)
        return False

    def _import_from(self, node: ast.ImportFrom) -> bool:
        self._word((node.module or "").rpartition(".")[2])
        return True

    def _keyword(self, node: ast.keyword) -> bool:
        self._word(node.arg or "")
        self._puts = self._puts or node.arg in _ENVIRONMENT
        return True

    def _argument(self, node: ast.arg) -> bool:
        self._makes = self._makes or node.annotation is not None
        return False

    def _annotated_assignment(self, node: ast.AnnAssign) -> bool:
        self._makes = True
        self._todo += [node.target] if node.value is None else [node.target, node.value]
        return False

    def _call(self, node: ast.Call) -> bool:
        func, given = node.func, node.args
        several = len(given) > _FIRST_LINKED
        word = _last_word(func)
        if word in ("isinstance", "issubclass"):
            self._makes = True
            self._todo += given[:1]
            return False
        if word in MUTATORS and isinstance(func, ast.Attribute):
            self._puts = self._puts or _is_given(func.value)
        if not _EXTENSION.match(word):
            if several:
                self._called.append(func)
            return True
        self._makes = True
        several = several or any(isinstance(one, ast.Starred) for one in given)
        self._hands = (
            self._hands
            or several
            or any(one.arg is None or one.arg in _HANDED for one in node.keywords)
        )
        self._todo += (*given, *(one.value for one in node.keywords))
        self._todo += [func.value] if isinstance(func, ast.Attribute) else []
        return False

    def _expression(self, node: ast.Expr) -> bool:
        return not isinstance(node.value, ast.Constant)  # a docstring names nothing

    def _constant(self, node: ast.Constant) -> bool:
        value = node.value
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            self._spells = self._spells or may_be_part(value, linked=True)
            self._gives = self._gives or value in _GIVEN
            self._puts = self._puts or value in _ENVIRONMENT
        return False


_SEEN: dict[type, Any] = {
    ast.Name: _Clues._name,
    ast.Attribute: _Clues._attribute,
    ast.FunctionDef: _Clues._function,
    ast.AsyncFunctionDef: _Clues._function,
    ast.arg: _Clues._argument,
    ast.ImportFrom: _Clues._import_from,
    ast.AnnAssign: _Clues._annotated_assignment,
    ast.alias: _Clues._alias,
    ast.keyword: _Clues._keyword,
    ast.Call: _Clues._call,
    ast.Expr: _Clues._expression,
    ast.Constant: _Clues._constant,
}


def _makes_any(word: str) -> bool:
    return _EXTENSION.match(word) is not None or _BUILDERS.match(word) is not None


def _is_given(node: ast.expr) -> bool:
    """Return whether an expression is an attribute that reaches the linker, of another object."""
    return isinstance(node, ast.Attribute) and node.attr in _GIVEN and not _is_own(node)


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _last_word(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_extension(func: ast.expr, aliases: set[str | None]) -> bool:
    word = _last_word(func)
    return bool(word.lower().startswith("ext") or word.endswith("Extension") or word in aliases)
