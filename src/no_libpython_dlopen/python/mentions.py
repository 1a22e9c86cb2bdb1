"""What a word may reach in a file, told from spelling alone, in one pass over ``ast``.

``ast`` parses ten times faster than libcst, and most files that hold a loader's word load
some other library. Each statement is noted with the words that it mentions and the names
that it binds; a name may hold what a word means if a chain of statements leads from one to
the other. That is far more than can happen, and so a sound reason not to look closer.

The same pass measures how deeply the text nests: libcst's parser is native code that
overflows the stack on nesting that CPython's refuses.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import is_libpython, is_link_library, may_be_part
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.source import Unreadable
from no_libpython_dlopen.python.loader_tables import CFFI, COLLECTIONS, FOREIGN, LOADERS
from no_libpython_dlopen.python.syntax.parse_ast import (
    MAX_DEPTH,
    TOO_DEEP,
    child_nodes,
    parse_cached,
)
from no_libpython_dlopen.python.vocabulary import MUTATORS, OBJECTS

#: Words of which a load needs one.
LOADER_WORDS = frozenset(
    name.rpartition(".")[2].removesuffix("()") for name in (*LOADERS, *COLLECTIONS, *FOREIGN, *CFFI)
) - {"__getitem__", "__getattr__"}
#: What strings are about that name something of Windows or Android.
_FOREIGN = "(foreign)"
#: Words of which a test needs one that the platform alone decides.
PLATFORM_WORDS = frozenset(
    {"platform", "uname", "system", "get_platform", "TYPE_CHECKING", "PY2", "PY3", "os.name"}
    | {"sep", "win32_ver", "get_default_compiler"}
    | {_FOREIGN}
)
_ABSENT = frozenset(name for _, name in platforms.ABSENT)
#: The word that a text mentions which may be a part of libpython's name.
PIECE = "(piece)"
#: Names in a text: ``getattr(self, "library")``, ``"{self.library}".format(self=self)``.
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
#: Methods of a text that tell how it begins or ends.
_TESTS = frozenset({"startswith", "endswith"})
_STATEMENTS = frozenset(ast.stmt.__subclasses__())


@dataclass(slots=True)
class Statement:
    """A simple statement, or the head of a compound one."""

    mentions: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    #: Whether something is called or subscripted in it.
    acts: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """The statement that a node belongs to, and the definitions around it."""

    statement: Statement
    function: str = ""
    owner: str = ""
    in_class: bool = False


class Mentions:
    """The words of one file. Raises ``Unreadable`` where it nests too deeply.

    What is handed on by a name in a text, a comparison or a class body is noted if ``closely``.
    """

    def __init__(self, tree: ast.Module, *, closely: bool = False) -> None:
        self._closely = closely
        self.statements: list[Statement] = []
        #: Of each function, and of each class by its methods that Python itself calls.
        self.parameters: dict[str, set[str]] = {}
        #: Functions that are used in another way than by a call, and what is called like one.
        self.handed_on: set[str] = set()
        self._callees: set[int] = set()
        self._reached: dict[frozenset[str], frozenset[str]] = {}
        #: How many parts the syntax has.
        self.size = 0
        self._walk(tree)
        self.by_word: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for word in statement.mentions:
                self.by_word.setdefault(word, []).append(statement)

    @property
    def names_libpython(self) -> bool:
        """Whether a piece of text, or what finds libpython, may make a name libpython's."""
        return PIECE in self.by_word

    @property
    def may_load(self) -> bool:
        """Whether some expression could open a library that could be libpython."""
        reached = self.reached(LOADER_WORDS)
        return any(one.acts and not reached.isdisjoint(one.mentions) for one in self.statements)

    @property
    def meet_in_one(self) -> bool:
        """Whether a loader and a piece of libpython's name stand in one statement."""
        reached = self.reached(LOADER_WORDS)
        return any(
            one.acts and not reached.isdisjoint(one.mentions) for one in self.by_word.get(PIECE, ())
        )

    def reached(self, words: frozenset[str]) -> frozenset[str]:
        """Return ``words`` and all names that may hold what they mean."""
        found = self._reached.get(words)
        if found is None:
            found = self._reached[words] = frozenset(self._spread(set(words)))
        return found

    def _spread(self, words: set[str]) -> set[str]:
        todo = list(words)
        done: set[int] = set()
        while todo:
            for statement in self.by_word.get(todo.pop(), ()):
                if id(statement) in done:
                    continue
                done.add(id(statement))
                new = set(statement.binds)
                if statement.acts:  # what is passed on arrives under the parameters' names
                    for word in statement.mentions & self.parameters.keys():
                        new |= self.parameters[word]
                todo.extend(new - words)
                words |= new
        return words

    # The pass

    def _walk(self, tree: ast.Module) -> None:
        stack: list[tuple[Any, _Place, int]] = [(tree, _Place(Statement()), 1)]
        while stack:
            node, place, depth = stack.pop()
            self.size += 1
            kind = type(node)
            if kind is ast.BoolOp:  # flat here, nested in libcst
                depth += len(node.values)
            if depth > MAX_DEPTH:
                raise Unreadable(TOO_DEEP, Location(getattr(node, "lineno", 1), 1))
            visit = _VISITS.get(kind)
            if kind in _STATEMENTS:
                place = _Place(Statement(), place.function, place.owner, place.in_class)
                self.statements.append(place.statement)
                if place.in_class and self._closely:  # the class may be gone through
                    place.statement.binds.add(place.owner)
            if visit is not None:
                place, children = visit(self, node, place)
            else:
                children = None
            below = child_nodes(node) if children is None else children
            stack.extend((child, place, depth + 1) for child in below)

    def _name(self, node: ast.Name, place: _Place) -> tuple[_Place, Iterable[ast.AST]]:
        if isinstance(node.ctx, ast.Load):
            if self._closely:
                self._used(node, node.id)
            place.statement.mentions.add(node.id)
        else:
            place.statement.binds.add(node.id)
        return place, ()

    def _used(self, node: ast.expr, word: str) -> None:
        if id(node) not in self._callees:
            self.handed_on.add(word)

    def _attribute(self, node: ast.Attribute, place: _Place) -> tuple[_Place, None]:
        statement = place.statement
        if isinstance(node.ctx, ast.Load):
            if self._closely:
                self._used(node, node.attr)
            statement.mentions.add(node.attr)
            if node.attr == "name" and isinstance(node.value, ast.Name):
                statement.mentions.add(f"{node.value.id}.name")
        else:
            statement.binds.add(node.attr)
        return place, None

    def _subscript(self, node: ast.Subscript, place: _Place) -> tuple[_Place, None]:
        place.statement.acts = True
        if not isinstance(node.ctx, ast.Load):
            place.statement.binds.update(_last_word(node.value))
        return place, None

    def _constant(self, node: ast.Constant, place: _Place) -> tuple[_Place, Iterable[ast.AST]]:
        value = node.value
        if isinstance(value, str):
            place.statement.mentions |= words_in(value)
            if self._closely and (value.replace(".", "").isidentifier() or "{" in value):
                words = _IDENTIFIER.findall(value)
                self.handed_on.update(words)
                place.statement.mentions.update(words)
        elif isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str) and may_be_part(value):
            place.statement.mentions.add(PIECE)
        return place, ()

    def _expression(self, node: ast.Expr, place: _Place) -> tuple[_Place, Iterable[ast.AST]]:
        docstring = isinstance(node.value, ast.Constant)
        return place, () if docstring else (node.value,)

    def _call(self, node: ast.Call, place: _Place) -> tuple[_Place, Iterable[ast.AST] | None]:
        func = node.func
        statement = place.statement
        words = list(_last_word(func))
        if words and words[0] in LOADER_WORDS and _is_harmless(node):
            # Nothing of it is mentioned but what the loader is a member of.
            inner = func.value if isinstance(func, ast.Attribute) else None
            if set(_last_word(inner)) & LOADER_WORDS:
                inner = inner.value if isinstance(inner, ast.Attribute) else None
            return place, [one for one in (inner, *node.args, *node.keywords) if one is not None]
        statement.acts = True
        if self._closely:
            self._callees.add(id(func))
        if isinstance(func, ast.Attribute) and (
            func.attr in MUTATORS or (self._closely and func.attr in _TESTS)
        ):
            statement.binds.update(_last_word(func.value))
        return place, None

    def _compare(self, node: Any, place: _Place) -> tuple[_Place, None]:
        """What is compared with a text may be that text where the comparison holds."""
        if self._closely:
            compared = (
                (node.subject,) if isinstance(node, ast.Match) else (node.left, *node.comparators)
            )
            names = {one.id for one in compared if isinstance(one, ast.Name)}
            place.statement.binds.update(names)
        return place, None

    def _keyword(self, node: ast.keyword, place: _Place) -> tuple[_Place, None]:
        if node.arg:
            place.statement.binds.add(node.arg)
            if may_be_part(node.arg):  # dict(libpython3=...)
                place.statement.mentions.add(PIECE)
        return place, None

    def _argument(self, node: ast.arg, place: _Place) -> tuple[_Place, None]:
        if not (self._closely and node.arg in OBJECTS):
            place.statement.binds.add(node.arg)
        return place, None

    def _function(self, node: Any, place: _Place) -> tuple[_Place, None]:
        place.statement.binds.add(node.name)
        if node.decorator_list:  # they are called, with the function
            place.statement.mentions.add(node.name)
            place.statement.acts = True
            self.handed_on.add(node.name)
        arguments = node.args
        names = {
            one.arg
            for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
            if one.arg not in OBJECTS
        }
        names |= {one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None}
        called = {node.name}
        if node.name.startswith("__") and place.owner:
            called.add(place.owner)
            if node.name not in ("__init__", "__new__"):  # by what its instances are used for
                self.handed_on.add(place.owner)
        for name in called:
            self.parameters.setdefault(name, set()).update(names)
        return _Place(place.statement, node.name, place.owner), None

    def _class(self, node: ast.ClassDef, place: _Place) -> tuple[_Place, None]:
        place.statement.binds |= {node.name, "super"}
        return _Place(place.statement, place.function, node.name, in_class=True), None

    def _gives(self, _: ast.AST, place: _Place) -> tuple[_Place, None]:
        """What is returned or yielded is what the function's name gives, or its class's."""
        place.statement.binds.add(place.function)
        if place.function.startswith("__"):
            place.statement.binds.add(place.owner)
        return place, None

    def _alias(self, node: ast.alias, place: _Place) -> tuple[_Place, None]:
        # A statement of its own: names that are imported together have nothing in common.
        bound = node.asname or node.name.partition(".")[0]
        binds = {bound}
        mentions = set(node.name.split("."))
        if "find_libpython" in mentions:
            mentions.add(PIECE)
        if node.name == "os":
            mentions.add("os.name")
            binds = {f"{bound}.name"}
        elif node.name == "name":  # from os import name
            mentions.add("os.name")
        self.statements.append(Statement(mentions, binds))
        return place, None

    def _captured(self, node: Any, place: _Place) -> tuple[_Place, None]:
        """A pattern's name, and that of a caught exception."""
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            place.statement.binds.add(name)
        return place, None


_VISITS: dict[type, Any] = {
    ast.Name: Mentions._name,
    ast.Attribute: Mentions._attribute,
    ast.Subscript: Mentions._subscript,
    ast.Constant: Mentions._constant,
    ast.Expr: Mentions._expression,
    ast.Call: Mentions._call,
    ast.Compare: Mentions._compare,
    ast.Match: Mentions._compare,
    ast.keyword: Mentions._keyword,
    ast.arg: Mentions._argument,
    ast.FunctionDef: Mentions._function,
    ast.AsyncFunctionDef: Mentions._function,
    ast.ClassDef: Mentions._class,
    ast.Return: Mentions._gives,
    ast.Yield: Mentions._gives,
    ast.YieldFrom: Mentions._gives,
    ast.alias: Mentions._alias,
    ast.MatchAs: Mentions._captured,
    ast.MatchStar: Mentions._captured,
    ast.MatchMapping: Mentions._captured,
    ast.ExceptHandler: Mentions._captured,
}
_NAMES = LOADER_WORDS | PLATFORM_WORDS
_LONGEST = max(map(len, _NAMES))


def words_in(text: str) -> set[str]:
    """Return the words that a string means: ``getattr(ctypes, f"{kind}DLL")``.

    A piece of a name is enough, if it is not shorter than three letters.
    """
    found = {word for word in _NAMES if text in word} if 3 <= len(text) <= _LONGEST else set()
    if text in _ABSENT or platforms.is_foreign_variable(text):
        found.add(_FOREIGN)
    return found


def _last_word(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr


def _is_harmless(node: ast.Call) -> bool:
    """Tell whether a loader's call names a library outright, and another one."""
    if not node.args or any(keyword.arg in (None, "name") for keyword in node.keywords):
        return False
    first = node.args[0]
    if isinstance(first, ast.Call) and list(_last_word(first.func)) == ["find_library"]:
        if len(first.args) != 1 or first.keywords:
            return False
        name = _text(first.args[0])
        return not (name is None or is_link_library(name) or is_libpython(f"lib{name}.so"))
    if isinstance(first, ast.Constant) and first.value is None:
        return True
    name = _text(first)  # numpy's load_library adds the suffix by itself
    return name is not None and not is_libpython(name) and not is_libpython(f"{name}.so")


def _text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[attr-defined]


@lru_cache(maxsize=1)
def look(text: str) -> Mentions | SyntaxError:
    """Return the words of a Python text, or why this interpreter cannot parse it.

    Raises ``Unreadable`` for nesting that libcst's parser does not stand, and for a text
    that takes too much memory.
    """
    tree = parse_cached(text)
    return tree if isinstance(tree, SyntaxError) else Mentions(tree)
