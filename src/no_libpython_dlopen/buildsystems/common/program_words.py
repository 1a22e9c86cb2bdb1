"""Collects the words of a Python program that may build something, in one pass over ``ast``."""

from __future__ import annotations

import ast
import re

from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse_ast import (
    child_nodes,
    last_word,
    parse_source,
    text_of_sum,
)
from no_libpython_dlopen.python.vocabulary import MUTATORS

#: Names of what makes extensions by being called.
EXTENSION = re.compile(r"\w*Extension$")
#: Positional arguments of ``Extension`` before its libraries.
_FIRST_LINKED = 6


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
                    self.by_position.add(EXTENSION.sub("", last_word(node.func)))


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _may_give_by_position(call: ast.Call) -> bool:
    """Return whether a call may give an extension its libraries without their name."""
    word = last_word(call.func)
    stars = any(isinstance(one, ast.Starred) for one in call.args)
    if EXTENSION.match(word) and (stars or any(one.arg is None for one in call.keywords)):
        return True
    # It may be an extension by another name.
    is_called_so = isinstance(call.func, ast.Name) or word.lower().startswith("ext")
    return len(call.args) > _FIRST_LINKED and (is_called_so or EXTENSION.match(word) is not None)
