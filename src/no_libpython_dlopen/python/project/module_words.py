"""Traces the names of one module backwards: from a name to what it may mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from no_libpython_dlopen.python.mentions import NAME_PIECE, Mentions
from no_libpython_dlopen.python.project.components import components
from no_libpython_dlopen.python.statements import Statement
from no_libpython_dlopen.python.vocabulary import PLATFORM_WORDS, PROGRAM_PIECE

#: What a name may mean: a loader or what calls one, a part of libpython's name, which platform
#: this is, a text that may be a program. Bits.
OPENS, NAMES, TELLS_PLATFORM, HOLDS_PROGRAM = 1, 2, 4, 8
#: Words of tests that do not make a value depend on the platform.
_NO_PLATFORM = frozenset({"TYPE_CHECKING"})


class Origins(NamedTuple):
    """What a name's value may come from in its own module, and from which imports."""

    meaning: int
    imports: tuple[str, ...]


class ModuleWords:
    """The words of a module, and what each of its names may mean."""

    def __init__(self, mentions: Mentions, *, calls_loader: bool) -> None:
        self.words = frozenset(mentions.by_word)
        self.stars = mentions.stars
        self.parameters = mentions.parameters
        self.loader_words = mentions.loader_words if calls_loader else frozenset()
        self._imports = {id(one): name for name, one in mentions.imports}
        self._binding: dict[str, list[Statement]] = {}
        for one in mentions.statements:
            names = {*one.binds, one.function, *_owners(one)}
            if one.acts:  # what is passed on arrives under the parameters' names
                names.update(*(mentions.parameters[name] for name in self._called_functions(one)))
            for name in names - {""}:
                self._binding.setdefault(name, []).append(one)
        self._origins: dict[tuple[str, bool], Origins] = {}

    def _called_functions(self, statement: Statement) -> Iterable[str]:
        return statement.mentions & self.parameters.keys()

    def names_among(self, words: Collection[str] | None) -> Iterator[str]:
        """Yield the names of the module that are among some words, ``None`` for all."""
        return (
            one for one in self._binding if words is None or one in words or one == "__getattr__"
        )

    def reexport(self, name: str) -> str:
        """Return the qualified name of an imported name, empty for one that the module makes itself."""
        found = [self._imports.get(id(one), "") for one in self._binding.get(name, ())]
        return found[0] if len(found) == 1 else ""

    def origins(self, name: str, *, guards: bool) -> Origins:
        """Return the origins of a name, with ``guards`` in the tests around its statements, too."""
        if name not in self._binding and "__getattr__" in self._binding:
            name = "__getattr__"
        if (name, guards) not in self._origins:
            self._trace(name, guards)
        return self._origins[name, guards]

    def _trace(self, start: str, guards: bool) -> None:
        """Find the origins of a name and of all names behind it, each once."""
        known = self._origins
        own: dict[str, Origins] = {}
        behind: dict[str, set[str]] = {}

        def names_behind(name: str) -> set[str]:
            own[name], behind[name] = self._origins_of_own(name, guards)
            return {other for other in behind[name] if (other, guards) not in known}

        for alike in components(start, names_behind):
            others = set().union(*(behind[name] for name in alike)).difference(alike)
            parts = [*(own[name] for name in alike), *(known[one, guards] for one in others)]
            known.update(dict.fromkeys(((name, guards) for name in alike), _join(parts)))

    def _origins_of_own(self, name: str, guards: bool) -> tuple[Origins, set[str]]:
        """Return the origins in the statements that bind a name, and the names that they mention."""
        words, names = {name}, set[str]()
        imports: dict[str, None] = {}
        several = self._binding.get(name)
        if name.isidentifier():  # which a star import may bind anew
            imports.update((member_of(star, name), None) for star in self.stars)
        for one in several or ():
            whole = self._imports.get(id(one))
            if whole is not None:
                imports[whole] = None
                words |= one.mentions  # which are not this module's names
            else:
                names |= one.mentions | (guards_of(one) if guards else set())
        meaning = (not words.isdisjoint(self.loader_words)) * OPENS
        meaning |= (NAME_PIECE in words) * NAMES
        meaning |= (not words.isdisjoint(PLATFORM_WORDS)) * TELLS_PLATFORM
        meaning |= (PROGRAM_PIECE in words) * HOLDS_PROGRAM
        return Origins(meaning, tuple(imports)), names - {name}


def _join(parts: Iterable[Origins]) -> Origins:
    """Return the origins of what may come from any of several."""
    meaning, imports = 0, dict[str, None]()
    for one in parts:
        meaning |= one.meaning
        imports.update(dict.fromkeys(one.imports))
    return Origins(meaning, tuple(imports))


def _owners(statement: Statement | None) -> Iterator[str]:
    """Yield the names of the classes around a statement."""
    while statement is not None:
        yield statement.owner
        statement = statement.outer


def guards_of(statement: Statement) -> set[str]:
    """Return the words of the tests that a statement is under, in its function."""
    found: set[str] = set()
    outer = statement.outer
    while outer is not None:
        if outer.is_test:
            found |= outer.mentions - _NO_PLATFORM
        outer = outer.outer
    return found


def member_of(module: str, name: str) -> str:
    """Return the dotted name of a module's member."""
    return module + name if module.endswith(".") else f"{module}.{name}"
