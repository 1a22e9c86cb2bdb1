"""Which names of a file may hold what a word means, from one pass over ``ast``.

``ast`` parses ten times faster than libcst, and most files that hold a loader's word load
some other library. Each statement is noted with the words that it mentions and the names
that it binds; a name may hold what a word means if a chain of statements leads from one to
the other. That is far more than can happen, so what is not reached needs no analysis.

The same pass measures how deeply the text nests, which libcst does not bear as CPython does.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.limits import PYTHON_DEPTH
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.dataflow.import_tables import STAR_NAMES, is_foreign_import
from no_libpython_dlopen.python.loader_tables import MODULES_OF_SHARED_WORD, SHARED_WORD
from no_libpython_dlopen.python.other_libraries import names_another
from no_libpython_dlopen.python.statements import Statement, asks_by_name
from no_libpython_dlopen.python.syntax.module_names import IMPORTERS, module_of_call
from no_libpython_dlopen.python.syntax.parse_ast import (
    TOO_DEEP,
    child_nodes,
    last_word,
    parse_source,
    text_of_sum,
    without_message,
)
from no_libpython_dlopen.python.vocabulary import (
    FOREIGN_NAME,
    LOADER_WORDS,
    MUTATORS,
    OPTION_MAKERS,
    PROGRAM_PIECE,
    may_hold_load,
    words_in,
    words_of_part,
)

#: The word that an import mentions which a module of the project may stand behind: until it is
#: known what that module defines, which then only an import does that may open a library.
IMPORTED = "(imported)"
_STDLIB = frozenset(getattr(sys, "stdlib_module_names", sys.builtin_module_names))
_SHORTEST_PROGRAM = 20
_NODES_A_LOOK = 4096  # between two looks at the clock
#: Functions that run a text where the names of the file are known.
_EVALUATING = frozenset({"exec", "eval", "compile", "timeit", "repeat", "Timer"})
#: The word that a text mentions which may be a part of libpython's name, and what finds it.
NAME_PIECE = "(piece)"
_STATEMENTS = frozenset(ast.stmt.__subclasses__())
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Where nodes have a name that they bind.
_BINDERS: dict[type, str] = {
    **dict.fromkeys(_DEFINITIONS, "name"),
    **dict.fromkeys((ast.keyword, ast.arg), "arg"),
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.ExceptHandler), "name"),
    ast.MatchMapping: "rest",
}


class Mentions:
    """The words of one file. Raises ``Unreadable`` where it nests too deeply."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self.statements: list[Statement] = []
        #: Of each function, and of each class by its methods that Python itself calls.
        self.parameters: dict[str, set[str]] = {}
        self._reached: dict[frozenset[str], frozenset[str]] = {}
        named = any(module in text for module in MODULES_OF_SHARED_WORD)
        self.loader_words = LOADER_WORDS if named else LOADER_WORDS - {SHARED_WORD}
        self.size = 0  # how many parts the syntax has
        #: What is imported that is not the standard library's, by its dotted name, and the
        #: statement that binds it: ``.paths.LIB``, ``package.module``.
        self.imports: list[tuple[str, Statement]] = []
        #: The modules of which all names are imported.
        self.stars: list[str] = []
        #: Whether a text imports something.
        self._texts_import = False
        #: Heads of ``if`` and the like, which may tell what a name is.
        self._tests: list[Statement] = []
        self._walk(tree)
        #: Whether an attribute is asked for by a name that may be put together of texts.
        self.asks_by_name = asks_by_name(self.statements)
        for statement in self.statements if self.asks_by_name else ():
            statement.mentions |= statement.parts if statement.joins else set()
        #: Whether names that nothing binds may be a star's, which is not known to give others.
        self.has_open_names = bool(self.stars)
        self.by_word: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for word in statement.mentions:
                self.by_word.setdefault(word, []).append(statement)

    @property
    def names_libpython(self) -> bool:
        """Whether a piece of text, or what finds libpython, may make a name libpython's."""
        return NAME_PIECE in self.by_word

    @property
    def may_load(self) -> bool:
        """Whether some expression could open a library that is not known to be another one."""
        loaders = self.loaders
        return any(one.acts and not loaders.isdisjoint(one.mentions) for one in self.statements)

    @property
    def holds_program(self) -> bool:
        """Whether a text may be a program that opens a library."""
        may_import = self._texts_import or self.imports or not _EVALUATING.isdisjoint(self.by_word)
        return bool(may_import) and PROGRAM_PIECE in self.by_word

    @property
    def loaders(self) -> frozenset[str]:
        """The names that may hold a loader of the file's own."""
        return self.reachable_names(self.loader_words)

    def note_meaning(self, word: str, statements: list[Statement]) -> None:
        """Have statements mention a word, whatever else they do."""
        for one in self.by_word.get(word, ()):
            one.mentions.discard(word)
        self.by_word[word] = statements
        for one in statements:
            one.mentions.add(word)
        self._reached.clear()
        self.has_open_names = False

    def involved_names(self, given: Iterable[str]) -> frozenset[str]:
        """Return the names that may hold what one of the words means, or are tested by it."""
        words = set(given)
        todo = list(words)
        while todo:
            self._spread(words, todo)
            todo = list(self.words_of_tests(words) - words)
            words.update(todo)
        return frozenset(words)

    def words_of_tests(self, words: set[str]) -> set[str]:
        """Return the words of the tests that have one of some words."""
        tested = (one.mentions for one in self._tests if not words.isdisjoint(one.mentions))
        return set().union(*tested)

    def is_acted_on(self, words: frozenset[str], others: frozenset[str]) -> bool:
        """Return whether something is called or subscripted that has words of both kinds."""
        return any(
            one.acts and not words.isdisjoint(one.mentions) and not others.isdisjoint(one.mentions)
            for one in self.statements
        )

    def reachable_names(self, words: frozenset[str]) -> frozenset[str]:
        """Return the transitive closure of the names that may be bound to any of ``words``."""
        if words not in self._reached:
            self._reached[words] = frozenset(self._spread(set(words), list(words)))
        return self._reached[words]

    def _spread(self, words: set[str], todo: list[str]) -> set[str]:
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
        stack: list[tuple[Any, Statement, int]] = [(tree, Statement(), 1)]
        while stack:
            node, statement, depth = stack.pop()
            self.size += 1
            if not self.size % _NODES_A_LOOK:
                analysis.check_time()
            kind = type(node)
            if kind is ast.BoolOp:  # flat here, nested in libcst
                depth += len(node.values)
            if depth > PYTHON_DEPTH:
                raise Unreadable(TOO_DEEP, Location(getattr(node, "lineno", 1), 1))
            if kind in _STATEMENTS:
                statement = Statement(statement)
                self.statements.append(statement)
            if kind in _BINDERS and (name := getattr(node, _BINDERS[kind])):
                statement.binds.add(name)
            visit = _VISITS.get(kind)
            below = None if visit is None else visit(self, node, statement)
            below = child_nodes(node) if below is None else below
            stack += [(child, statement, depth + 1) for child in below]

    # Each returns what is below a node that is to be gone through; ``None`` for all of it.

    def visit_Name(self, node: ast.Name, statement: Statement) -> tuple[()]:
        (statement.mentions if isinstance(node.ctx, ast.Load) else statement.binds).add(node.id)
        if statement.heir and not statement.function and not isinstance(node.ctx, ast.Load):
            statement.binds.add(statement.heir)
        return ()

    def visit_Attribute(self, node: ast.Attribute, statement: Statement) -> None:
        if not isinstance(node.ctx, ast.Load):
            statement.binds.update({node.attr, statement.heir} - {""})
            return
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        # ``os.path`` has nothing in common with a variable of that name.
        statement.mentions |= {node.attr} - ({"path"} if owner == "os" else set())
        if node.attr == "name":
            statement.mentions.add(f"{owner}.name")

    def visit_Subscript(self, node: ast.Subscript, statement: Statement) -> None:
        statement.acts = True
        if not isinstance(node.ctx, ast.Load):
            statement.binds.add(last_word(node.value))

    def visit_Constant(self, node: ast.Constant, statement: Statement) -> tuple[()]:
        value = node.value
        if isinstance(value, str):
            statement.mentions |= words_in(value)
            statement.parts |= words_of_part(value)
        elif isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            self._text(value, statement)
        return ()

    def _text(self, value: str, statement: Statement) -> None:
        if may_be_part(value):
            statement.mentions.add(NAME_PIECE)
        self._texts_import |= "import" in value or ">>>" in value
        if len(value) >= _SHORTEST_PROGRAM and may_hold_load(value):
            statement.mentions.add(PROGRAM_PIECE)

    def visit_Expr(self, node: ast.Expr, statement: Statement) -> Iterable[ast.AST]:
        if not isinstance(node.value, ast.Constant):
            return (node.value,)
        text = node.value.value
        if isinstance(text, str) and ">>>" in text:  # a docstring with examples
            self._text(text, statement)
        return ()

    def visit_Call(self, node: ast.Call, statement: Statement) -> list[ast.expr] | None:
        func, given = node.func, node.args
        if last_word(func) in LOADER_WORDS and given and names_another(given[0]):
            # Nothing of it is mentioned but what the loader is a member of.
            while isinstance(func, ast.Attribute) and func.attr in LOADER_WORDS:
                func = func.value
            rest = [*given, *(one.value for one in node.keywords)]
            return rest if last_word(func) in LOADER_WORDS else [func, *rest]
        statement.acts = True
        if last_word(func) in IMPORTERS:
            self._import_by_call(node, statement)
        if isinstance(func, ast.Attribute) and func.attr in MUTATORS:
            statement.binds.add(last_word(func.value))
        if last_word(func) == "getfixturevalue" and given and isinstance(given[0], ast.Constant):
            statement.mentions.add(str(given[0].value))
            self.parameters.setdefault("getfixturevalue", set()).add(str(given[0].value))
        statement.binds |= OPTION_MAKERS.get(last_word(func), frozenset())
        return None

    def visit_Raise(self, node: ast.Raise, statement: Statement) -> list[ast.AST]:
        statement.acts = True  # an error's text is no library's name, and no program
        return without_message(node)

    def visit_JoinedStr(self, _: ast.AST, statement: Statement) -> None:
        statement.joins = True

    def visit_BinOp(self, node: ast.BinOp, statement: Statement) -> None:
        statement.joins = True
        if may_be_part(text_of_sum(node)):  # "py" + "tho" + "n3.11"
            statement.mentions.add(NAME_PIECE)

    def visit_keyword(self, node: ast.keyword, statement: Statement) -> None:
        if node.arg and may_be_part(node.arg):  # dict(libpython3=...)
            statement.mentions.add(NAME_PIECE)

    def visit_FunctionDef(self, node: Any, statement: Statement) -> None:
        if node.decorator_list:  # they are called, with the function
            statement.mentions.add(node.name)
            statement.acts = True
            self._rename(node)
        given = node.args
        names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
        names -= {"self", "cls"}
        names |= {one.arg for one in (given.vararg, given.kwarg) if one is not None}
        self.parameters.setdefault(node.name, set()).update(names)
        if node.name.startswith("__") and statement.owner:
            self.parameters.setdefault(statement.owner, set()).update(names)
        statement.function = node.name

    visit_AsyncFunctionDef = visit_FunctionDef

    def _rename(self, node: Any) -> None:
        """Note the name that a function's decorator gives it, as that of a fixture does."""
        for one in node.decorator_list:
            for given in one.keywords if isinstance(one, ast.Call) else ():
                if given.arg == "name" and isinstance(given.value, ast.Constant):
                    self.statements.append(Statement())
                    self.statements[-1].mentions.add(node.name)
                    self.statements[-1].binds.add(str(given.value.value))

    def visit_ClassDef(self, node: ast.ClassDef, statement: Statement) -> None:
        statement.binds |= {"super", "self", "cls"} if node.bases else {"super"}
        statement.owner = node.name
        statement.heir = node.name if node.bases else ""

    def visit_If(self, _: ast.AST, statement: Statement) -> None:
        statement.is_test = True
        self._tests.append(statement)

    visit_While = visit_Assert = visit_Match = visit_If

    def visit_Return(self, _: ast.AST, statement: Statement) -> None:
        """What is returned or yielded is what the function's name gives, or its class's."""
        statement.binds.update({statement.function, statement.heir} - {""})
        if statement.function.startswith("__"):
            statement.binds.add(statement.owner)

    visit_Yield = visit_YieldFrom = visit_Return

    def visit_Try(self, node: ast.Try, statement: Statement) -> None:
        """What is bound beside an import of another platform's module says which platform it is."""
        if any(map(is_foreign_import, node.body)):
            flags = Statement()
            self.statements.append(flags)
            flags.mentions.add(FOREIGN_NAME)
            flags.binds.add(statement.function)
            stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
            flags.binds |= {one.id for one in stored if isinstance(one.ctx, ast.Store)}

    visit_TryStar = visit_Try  # since Python 3.11

    def visit_Import(self, node: ast.Import, _: Statement) -> tuple[()]:
        for one in node.names:
            root = one.name.partition(".")[0]
            self._import(one, root, one.name, is_foreign=root not in _STDLIB)
        return ()

    def visit_ImportFrom(self, node: ast.ImportFrom, _: Statement) -> tuple[()]:
        base = "." * node.level + (node.module or "")
        is_foreign = base.partition(".")[0] not in _STDLIB
        for one in node.names:
            if one.name == "*" and is_foreign:
                self.stars.append(base)
            elif one.name == "*" and base == "ctypes":  # a star import of this file hands these on
                alone = Statement()
                alone.mentions = alone.binds = set(LOADER_WORDS.intersection(STAR_NAMES["ctypes"]))
                self.statements.append(alone)
            whole = base + one.name if base.endswith(".") else f"{base}.{one.name}"
            self._import(one, one.name, whole, is_foreign=is_foreign)
        return ()

    def _import_by_call(self, node: ast.Call, statement: Statement) -> None:
        """Note ``module = import_module("package.module")`` as an import of what it binds."""
        if (name := module_of_call(node)) and name.partition(".")[0] not in _STDLIB:
            statement.mentions.update((*name.split("."), IMPORTED))
            self.imports.append((name, statement))

    def _import(self, node: ast.alias, name: str, whole: str, *, is_foreign: bool) -> None:
        # A statement of its own: names that are imported together have nothing in common.
        alone = Statement()
        self.statements.append(alone)
        self.size += 1
        alone.mentions.update(node.name.split("."))
        bound = node.asname or name
        alone.binds.add(f"{bound}.name" if node.name == "os" else bound)
        if node.name in ("os", "name"):  # from os import name
            alone.mentions.add("os.name")
        if "find_libpython" in alone.mentions:
            alone.mentions.add(NAME_PIECE)
        if is_foreign:
            alone.mentions.add(IMPORTED)
            self.imports.append((whole, alone))


_VISITS: dict[type, Any] = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(Mentions).items()
    if name.startswith("visit_") and hasattr(ast, name.removeprefix("visit_"))
}


def mentions_of(source: Source) -> Mentions | SyntaxError:
    """Return the words of a Python file, or why this interpreter cannot parse it.

    Raises ``Unreadable`` for nesting that libcst's parser does not stand, and for a text
    that takes too much memory.
    """
    return source.derive(_collect_mentions)


def _collect_mentions(source: Source) -> Mentions | SyntaxError:
    tree = parse_source(source)
    return tree if isinstance(tree, SyntaxError) else Mentions(tree, source.text)
