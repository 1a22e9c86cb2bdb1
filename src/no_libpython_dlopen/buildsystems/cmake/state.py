"""What is known while a listfile is walked: variables, the directory, the branches around.

The commands of ``variable_commands`` and ``target_commands`` read and change it; only the
interpreter walks.
"""

from __future__ import annotations

from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.arguments import MAX_WORDS, Scope, Word, Words
from no_libpython_dlopen.buildsystems.cmake.conditions import (
    Condition,
    generator_truth,
    variable_truth,
)
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.model import LinkedWord, Model, User, Via
from no_libpython_dlopen.buildsystems.cmake.references import EMBEDDING_VARIABLE, is_explicit
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, Project
from no_libpython_dlopen.knowledge.target_platforms import Platform

#: Handling so many words costs as much as a command.
WORDS_A_STEP = 20


class Known(NamedTuple):
    """What a variable holds. Not ``exact``: on some way here it may hold something else."""

    words: Words
    exact: bool


Environment = dict[str, Known]


def join(
    before: Environment, environments: list[Environment], names: set[str]
) -> tuple[Environment, int]:
    """Return variables that hold what any of the environments gave them.

    ``names`` are those of the variables that may differ from ``before``. The second
    item is the number of words that were put together for it.
    """
    if len(environments) == 1:
        return environments[0], 0
    count = 0
    result = dict(before)
    for name in names:
        values = [environment.get(name) for environment in environments]
        first = values[0]
        if all(value is first for value in values):
            if first is None:
                result.pop(name, None)
            else:
                result[name] = first
            continue
        words = dict.fromkeys(word for value in values if value for word in value.words)
        count += sum(len(value.words) for value in values if value)
        result[name] = Known(tuple(words)[:MAX_WORDS], False)
    return result, count


class Directory(NamedTuple):
    """What holds for all targets of a directory: its path and its link_libraries items."""

    path: str
    links: list[tuple[Word, Command, Listfile]]
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
        self.steps = 0
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
        if known is None or not known.exact or len(known.words) > 1:
            return None
        return known.words[0].text if known.words else ""

    def truth(self, arguments: tuple[Argument, ...]) -> bool | None:
        """Return whether an ``if`` holds."""
        return Condition(arguments, self.platform, self.scope.text, self.value).truth()

    def _decide(self, name: str, parts: list[str]) -> bool | None:
        if name == "BOOL" and len(parts) == 1 and parts[0].startswith("${"):
            return variable_truth(parts[0][2:-1], self.platform, self.value)
        return generator_truth(name, parts, self.platform)

    def words(self, arguments: tuple[Argument, ...], command: Command) -> list[Word]:
        """Return the items of some arguments."""
        found: list[Word] = []
        for argument in arguments:
            found.extend(self.scope.words(argument, command, self.file))
            if len(found) > MAX_WORDS:
                break
        return found[:MAX_WORDS]

    def name(self, argument: Argument) -> str:
        """Return the name that an argument expands to, unknown references as written."""
        return self.scope.text(argument.text)

    def set(self, name: str, words: list[Word] | Words | None, exact: bool = True) -> None:
        """Give a variable a value, ``None`` for one that is not known."""
        self.touched.add(name)
        if words is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = self.unique(words, exact)
            self.steps += len(words) // WORDS_A_STEP

    @staticmethod
    def unique(words: list[Word] | Words, exact: bool = True) -> Known:
        """Return a value without repetitions of what is written once."""
        unique = {(word.start, word.end, word.file.path, word.text): word for word in words}
        return Known(tuple(unique.values())[:MAX_WORDS], exact)

    def link(
        self,
        target: str,
        word: Word,
        command: Command,
        via: Via,
        file: Listfile | None = None,
        *,
        own: bool = True,
        passes: bool = False,
    ) -> None:
        """Keep that a command links a word to a target, or to what links the target."""
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
        if via in (Via.COMMAND, Via.DIRECTORY):
            user = User(target, self.platform, passes)
            self.model.users.setdefault(word.text, set()).add(user)
            if own:
                self.model.links.setdefault(word.text, set()).add(target)
