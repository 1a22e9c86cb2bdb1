"""What is known while a listfile is walked: variables, the directory, the branches around.

The commands of ``variable_commands`` and ``target_commands`` read and change it; only the
interpreter walks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.arguments import Scope, Word, Words
from no_libpython_dlopen.buildsystems.cmake.conditions import (
    Condition,
    generator_truth,
    variable_truth,
)
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.references import EMBEDDING_VARIABLE, is_explicit
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, Project
from no_libpython_dlopen.buildsystems.cmake.targets import LinkedWord, User, Via
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import CMAKE_LINKS, CMAKE_WORDS

#: Handling so many words costs as much as a command.
WORDS_A_STEP = 20


_Key = tuple[int, int, str, str]
#: The file of an archive that is linked as it is.
_TARGET_FILE = re.compile(r"\$<TARGET_(?:FILE|LINKER_FILE|OBJECTS):([^<>$ ]+)>")


class Known:
    """What a variable holds. Not ``exact``: on some way here it may hold something else.

    A value shares its words with the one that it was appended to, of which it sees the first
    ``size``: a list that grows word by word is not copied for each.
    """

    __slots__ = ("_shared", "exact", "size")

    def __init__(self, words: Iterable[Word], exact: bool) -> None:
        self._shared: dict[_Key, Word] = {}
        self.size = 0
        self.exact = exact
        self._add(words)

    def _add(self, words: Iterable[Word]) -> None:
        for word in words:
            self._shared.setdefault((word.start, word.end, word.file.path, word.text), word)
        self.size = len(self._shared)
        if self.size > CMAKE_WORDS:
            analysis.note_limit(CMAKE_WORDS)
            self.size = CMAKE_WORDS

    @property
    def words(self) -> Words:
        """The words, each once that is written once."""
        return tuple(islice(self._shared.values(), self.size))

    def with_words(self, words: Iterable[Word], exact: bool) -> Known:
        """Return the value with more words behind it."""
        if len(self._shared) != self.size:  # another one has grown from this one
            return Known(chain(self.words, words), exact)
        made = Known((), exact)
        made._shared = self._shared
        made._add(words)
        return made

    def shares_words_of(self, other: Known) -> bool:
        """Return whether the words of both are kept once."""
        return self._shared is other._shared

    def union(self, others: Iterable[Known]) -> Known:
        """Return the value that may be this one or one of the others."""
        longest = self
        several = [self, *others]
        if all(each._shared is self._shared for each in several):
            longest = max(several, key=lambda each: each.size)
            made = Known((), exact=False)
            made._shared, made.size = self._shared, longest.size
            return made
        return Known(chain.from_iterable(each.words for each in several), exact=False)


Environment = dict[str, Known]
#: What a branch left behind, and the names of the variables that it set.
Outcome = tuple[Environment, set[str]]


def join(before: Environment, outcomes: list[Outcome]) -> tuple[Environment, int]:
    """Return variables that hold what any of some branches gave them.

    ``before`` is what they held in front of the branches. The second item is the number of
    words that were put together for it.
    """
    if len(outcomes) == 1:
        return outcomes[0][0], 0
    given: dict[str, list[tuple[int, Known | None]]] = {}
    for number, (environment, names) in enumerate(outcomes):
        for name in names:
            given.setdefault(name, []).append((number, environment.get(name)))
    count = 0
    result = dict(before)
    for name, several in given.items():
        values = [value for _, value in several]
        if len(values) < len(outcomes):  # one left it as it was, the first of them here
            gap = next((at for at, (n, _) in enumerate(several) if at != n), len(several))
            values.insert(gap, before.get(name))
        first, *rest = values
        if all(value is first for value in rest):
            if first is None:
                result.pop(name, None)
            else:
                result[name] = first
            continue
        known = [value for value in values if value is not None]
        result[name] = known[0].union(known[1:])
        if not result[name].shares_words_of(known[0]):
            count += result[name].size
    return result, count


class Directory(NamedTuple):
    """What holds for all targets of a directory: its path, and the last of its ``lists``."""

    path: str
    lists: list[str]
    targets: list[str]


class State:
    """How far a walk has come: ``variables`` are those known at the point that was reached."""

    def __init__(self, project: Project, model: Model, platform: Platform) -> None:
        self.project = project
        self.model = model
        self.file = project.current
        self.platform = platform
        self.variables: Environment = {}
        #: Names of the variables that were set since the innermost open ``if`` began.
        self.touched: set[str] = set()
        self.steps = self.links = 0
        #: How many branches around this point have a counterpart that links no libpython.
        self.fallback = 0
        self.exports: list[Environment] = []
        self.top = ""
        self.directory = Directory("", [], [])
        self.scope = Scope(self.lookup, self._decide)

    def lookup(self, name: str) -> Words | None:
        """Return a variable's value; ``None`` if it is not known."""
        known = self.variables.get(name)
        if known is None or (EMBEDDING_VARIABLE.fullmatch(name) and self._is_hint(known)):
            return None
        return known.words

    @staticmethod
    def _is_hint(known: Known) -> bool:
        """Return whether a value of ``PYTHON_LIBRARY`` and its kin only helps to find libpython."""
        return not known.exact or any(is_explicit(word) for word in known.words)

    def value(self, name: str) -> str | None:
        """Return a variable's one known value."""
        known = self.variables.get(name)
        if known is None or not known.exact or known.size > 1:
            return None
        return known.words[0].text if known.size else ""

    def items(self, name: str) -> tuple[str, ...] | None:
        """Return the items of a list that is known exactly."""
        known = self.variables.get(name)
        return tuple(word.text for word in known.words) if known and known.exact else None

    def truth(self, arguments: tuple[Argument, ...]) -> bool | None:
        """Return whether an ``if`` holds."""
        fill, value, items = self.scope.text, self.value, self.items
        condition = Condition(arguments, self.platform, fill, value, items)
        truth = condition.truth()
        if truth is None and self.platform is not ANY_PLATFORM:
            self.model.asks_by_name |= condition.asks_by_name
        return truth

    def _decide(self, name: str, parts: list[str]) -> bool | None:
        if name == "BOOL" and len(parts) == 1 and parts[0].startswith("${"):
            return variable_truth(parts[0][2:-1], self.platform, self.value)
        if name == "IN_LIST" and len(parts) == 2 and parts[1].startswith("${"):
            parts = [parts[0], ";".join(self.items(parts[1][2:-1]) or parts[1:])]
        return generator_truth(name, parts, self.platform)

    def words(self, arguments: tuple[Argument, ...], command: Command) -> list[Word]:
        """Return the items of some arguments."""
        found: list[Word] = []
        for argument in arguments:
            found.extend(self.scope.words(argument, command, self.file))
            if len(found) > CMAKE_WORDS:
                analysis.note_limit(CMAKE_WORDS)
                break
        return found[:CMAKE_WORDS]

    def name(self, argument: Argument) -> str:
        """Return the name that an argument expands to, unknown references as written."""
        return self.scope.text(argument.text)

    def set(self, name: str, words: list[Word] | Words | None, exact: bool = True) -> None:
        """Give a variable a value, ``None`` for one that is not known."""
        self.touched.add(name)
        if words is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = Known(words, exact)
            self.steps += len(words) // WORDS_A_STEP

    def append(self, name: str, words: list[Word], exact: bool = False) -> None:
        """Give a variable more words behind those that it holds."""
        self.touched.add(name)
        old = self.variables.get(name)
        if old is None:
            self.variables[name] = Known(words, exact)
        else:
            self.variables[name] = old.with_words(words, exact or old.exact)

    def link(
        self,
        target: str,
        word: Word,
        command: Command,
        via: Via,
        *,
        file: Listfile | None = None,
        own: bool = True,
        passes: bool = False,
    ) -> None:
        """Keep that a command links a word to a target, or to what links the target."""
        self.links += 1
        if self.links > CMAKE_LINKS:
            raise LimitReached(CMAKE_LINKS)
        self.model.linked.append(
            LinkedWord(
                target,
                word,
                command,
                file or self.file,
                via,
                self.platform,
                bool(self.fallback) or word.fallback,
                own,
                passes,
            )
        )
        for archive in _TARGET_FILE.findall(word.text):
            self.model.parts.setdefault(target, set()).add(archive)
        if via is Via.COMMAND:
            user = User(target, self.platform, passes)
            self.model.users.setdefault(word.text, set()).add(user)
            self.model.parts.setdefault(target, set()).add(word.text)
            if own:
                self.model.add_link(word.text, target)
