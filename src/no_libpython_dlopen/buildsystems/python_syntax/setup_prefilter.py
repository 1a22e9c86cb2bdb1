"""Rejects Python programs that make no extension, or give it nothing, in one pass over ``ast``.

``ast`` parses ten times faster than libcst, and most files that name libpython and what
makes extensions define one of both or write about them.
"""

from __future__ import annotations

import ast
import re

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.project import import_prefilter
from no_libpython_dlopen.python.syntax.parse_ast import (
    child_nodes,
    last_word,
    parse_source,
    text_of_sum,
)
from no_libpython_dlopen.python.vocabulary import MUTATORS

#: Names of what makes extensions by being called, and of what makes or builds them otherwise.
_EXTENSION = re.compile(r"\w*Extension$")
_MAKERS = re.compile(
    rf"{_EXTENSION.pattern}|set_source(?:_pkgconfig)?$|verify$|\w*build_ext\w*$|add_extension$"
    r"|setup$|cpp_extension$|load_inline$|BuildExt\w*$|configure_extension$"
)
#: Functions of a project's own that run the compiler for an extension module.
DRIVES_COMPILER = re.compile(r"_*(?:build|compile|link|make)_(?:\w+_)?ext(?:ension)?s?$")
#: Attributes of an extension, and of a command, that hold what is linked.
_LISTS = frozenset(
    {"libraries", "extra_link_args", "extra_objects", "link_objects", "extra_ldflags"}
)
#: Names of what an extension, the call that makes one, a compiler or the environment may be given.
_GIVEN = _LISTS | (
    {"add_library", "add_link_object", "get_libraries", "set_libraries", "pkgconfig"}
    | {"set_source_pkgconfig", "set_link_objects", "extra_postargs", "extra_info", "build_info"}
    | {"LDFLAGS", "LDSHARED"}
)
#: Positional arguments of ``Extension`` before its libraries.
_FIRST_LINKED = 6


def may_contain_link(source: Source) -> bool:
    """Return whether a program makes an extension, gives it something and could name libpython.

    ``False`` is certain. Raises ``Unreadable`` as the parser that is asked next does.
    """
    words = source.derive(words_of)
    if words is None:
        return True  # the parser that is asked next says what is wrong, and where
    everything = words.names | words.own | words.defined | words.texts
    makes = any(map(_MAKERS.match, words.names | (words.own - words.defined)))
    gives = not (words.by_position <= words.defined and everything.isdisjoint(_GIVEN))
    drives = "-o" in words.texts and any(map(DRIVES_COMPILER.match, words.defined))
    links = (makes and gives) or drives or not words.changed.isdisjoint(_LISTS)
    named = links and any(may_be_part(one, linked=True) for one in words.texts)
    return named or (links and import_prefilter.leads_to_link(source.path, source.code_bytes))


def words_of(source: Source) -> Words | None:
    """Return the words of a program, ``None`` for what this interpreter cannot parse."""
    tree = parse_source(source)
    return None if isinstance(tree, SyntaxError) else Words(tree)


class Words:
    """The words of a program, by where they stand."""

    def __init__(self, tree: ast.Module) -> None:
        #: Names, those of arguments and imports too, and attributes, those of ``self`` apart.
        self.names: set[str] = set()
        self.own: set[str] = set()
        #: Attributes of others that are assigned, or that one of their methods changes.
        self.changed: set[str] = set()
        #: Functions, methods and classes without a base: no extension by another name. And the
        #: texts that are no docstrings.
        self.defined: set[str] = set()
        self.texts: set[str] = set()
        #: Names of what is called with arguments by position that may be an extension's libraries.
        self.by_position: set[str] = set()
        todo: list[ast.AST] = [tree]
        while todo:
            node = todo.pop()
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                self._note(node)
                todo += child_nodes(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=word) | ast.keyword(arg=str(word)):
                self.names.add(word)
            case ast.Attribute(attr=word):
                (self.own if _is_own(node) else self.names).add(word)
                changed = node.value if word in MUTATORS else node
                is_changed = changed is not node or not isinstance(node.ctx, ast.Load)
                if is_changed and isinstance(changed, ast.Attribute) and not _is_own(changed):
                    self.changed.add(changed.attr)
            case ast.alias(name=module) | ast.ImportFrom(module=str(module)):
                self.names.add(module.rpartition(".")[2])
            case ast.FunctionDef(name=word) | ast.AsyncFunctionDef(name=word):
                self.defined.add(word)
            case ast.ClassDef(name=word, bases=[]):
                self.defined.add(word)
            case ast.Constant(value=str(text)):
                self.texts.add(text)
            case ast.Constant(value=bytes(data)):
                self.texts.add(data.decode("latin-1"))
            case ast.BinOp():
                self.texts.add(text_of_sum(node))
            case ast.Call():
                if _may_give_by_position(node):  # a name like Extension is one in any case
                    self.by_position.add(_EXTENSION.sub("", last_word(node.func)))


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _may_give_by_position(call: ast.Call) -> bool:
    """Return whether a call may give an extension its libraries without their name."""
    word = last_word(call.func)
    stars = any(isinstance(one, ast.Starred) for one in call.args)
    if _EXTENSION.match(word) and (stars or any(one.arg is None for one in call.keywords)):
        return True
    # It may be an extension by another name.
    is_called_so = isinstance(call.func, ast.Name) or word.lower().startswith("ext")
    return len(call.args) > _FIRST_LINKED and (is_called_so or _EXTENSION.match(word) is not None)
