"""Rejects Python programs that make no extension, or give it nothing, in one pass over ``ast``.

``ast`` parses ten times faster than libcst, and most files that name libpython and what
makes extensions define one of both or write about them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.mentions import last_word
from no_libpython_dlopen.python.project import import_prefilter
from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, parse_source, text_of_sum
from no_libpython_dlopen.python.vocabulary import MUTATORS

#: Names of what makes extensions by being called, and of what makes or builds them otherwise.
_EXTENSION = re.compile(r"\w*Extension$")
_MAKERS = re.compile(
    rf"{_EXTENSION.pattern}|set_source(?:_pkgconfig)?$|verify$|\w*build_ext\w*$|add_extension$"
    r"|setup$|cpp_extension$|load_inline$|BuildExt\w*$|configure_extension$"
)
#: Functions of a project's own that run the compiler for an extension module.
DRIVES_COMPILER = re.compile(r"_*(?:build|compile|link|make)_(?:\w+_)?ext(?:ension)?s?$")
#: Variables of the environment that reach the linker.
_ENVIRONMENT = frozenset({"LDFLAGS", "LDSHARED"})
#: Names of what such a call, an object or the environment holds that does.
_GIVEN = _ENVIRONMENT | (
    {"libraries", "extra_link_args", "extra_objects", "link_objects", "extra_ldflags"}
    | {"add_library", "add_link_object", "get_libraries", "set_libraries", "pkgconfig"}
    | {"set_source_pkgconfig", "set_link_objects", "extra_postargs"}
)
#: What a call of an extension takes them by, numpy.distutils' dictionaries of them as well,
#: and dictionaries of arguments.
_HANDED = _GIVEN | {"extra_info", "build_info", None}
#: Positional arguments of ``Extension`` before its libraries.
_FIRST_LINKED = 6


def may_contain_link(source: Source) -> bool:
    """Return whether a program makes an extension, gives it something and could name libpython.

    ``False`` is certain. Raises ``Unreadable`` as the parser that is asked next does.
    """
    tree = parse_source(source)
    if isinstance(tree, SyntaxError):
        return True  # the parser that is asked next says what is wrong, and where
    clues = _Clues()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        visit = _VISITS.get(type(node))
        below = None if visit is None else visit(clues, node)
        todo += child_nodes(node) if below is None else below
    makes = clues.makes or not clues.own <= clues.defined
    drives = clues.drives and clues.writes
    if not (clues.hands or drives or (makes and clues.gives)):
        return False
    return clues.names_libpython or import_prefilter.leads_to_link(source.path, source.code_bytes)


class _Clues:
    """What the words and strings of a program say that it may do."""

    def __init__(self) -> None:
        self.names_libpython = False
        #: Whether extensions are made otherwise than by calls that are all seen, whether something
        #: that reaches the linker is mentioned, and whether it is certainly given to something.
        self.makes = self.gives = self.hands = False
        #: Whether one of its functions may run the compiler, and whether anything has ``-o``.
        self.drives = self.writes = False
        #: Methods that are defined here, and what would build something if they were not.
        self.defined: set[str] = set()
        self.own: set[str] = set()

    def word(self, word: str) -> None:
        """Note a word that means what it names: a maker that is passed on may be called."""
        self.makes |= _MAKERS.match(word) is not None
        self.gives |= word in _GIVEN

    # Each returns what is below a node that is to be gone through; ``None`` for all of it.

    def visit_Name(self, node: ast.Name) -> None:
        self.word(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not _is_own(node):
            self.word(node.attr)
            self.hands |= not isinstance(node.ctx, ast.Load) and node.attr in _GIVEN
        elif _MAKERS.match(node.attr):  # cffi's own code builds nothing
            self.own.add(node.attr)
        self.gives |= node.attr in _GIVEN

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Iterable[ast.AST]:
        self.defined.add(node.name)
        self.drives |= DRIVES_COMPILER.match(node.name) is not None
        self.gives |= node.name in _GIVEN
        return (*node.decorator_list, node.args, *node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_alias(self, node: ast.alias) -> None:
        word = node.name.rpartition(".")[2]
        if node.asname or not _EXTENSION.match(word):  # else it is called under this name
            self.word(word)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.word((node.module or "").rpartition(".")[2])

    def visit_keyword(self, node: ast.keyword) -> None:
        self.word(node.arg or "")
        self.hands |= node.arg in _ENVIRONMENT

    def visit_arg(self, _: ast.arg) -> Iterable[ast.AST]:
        return ()  # an annotation makes nothing

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Iterable[ast.AST]:
        return [one for one in (node.target, node.value) if one is not None]

    def visit_Call(self, node: ast.Call) -> Iterable[ast.AST] | None:
        func, given = node.func, node.args
        word = last_word(func)
        several = len(given) > _FIRST_LINKED
        if word in ("isinstance", "issubclass"):
            return given[:1]
        inner = func.value if isinstance(func, ast.Attribute) else None
        if word in MUTATORS and isinstance(inner, ast.Attribute) and not _is_own(inner):
            self.hands |= inner.attr in _GIVEN
        if not _EXTENSION.match(word):
            # It may be an extension by another name.
            self.gives |= several and (inner is None or word.lower().startswith("ext"))
            return None
        several = several or any(isinstance(one, ast.Starred) for one in given)
        self.hands |= several or any(one.arg in _HANDED for one in node.keywords)
        below = (inner, *given, *(one.value for one in node.keywords))
        return [one for one in below if one is not None]

    def visit_Expr(self, node: ast.Expr) -> Iterable[ast.AST] | None:
        return () if isinstance(node.value, ast.Constant) else None  # a docstring names nothing

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.names_libpython |= may_be_part(text_of_sum(node), linked=True)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            self.names_libpython |= may_be_part(value, linked=True)
            self.gives |= value in _GIVEN
            self.hands |= value in _ENVIRONMENT
            self.writes |= value == "-o"


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


_VISITS: dict[type, Any] = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(_Clues).items()
    if name.startswith("visit_")
}
