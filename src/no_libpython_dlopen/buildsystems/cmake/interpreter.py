"""Walks a listfile as CMake would, for one platform, and fills the model.

Nothing is executed but assignments to variables and the choice of branches. Where a
condition is open both branches are walked, each with its own variables, and what
they left is joined. Functions of the same project are walked at each call, and once
more with unknown arguments if nobody calls them. Every loop here is bounded: by the
steps of a walk, the depth of calls and the items of a variable.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import chain

from no_libpython_dlopen.buildsystems.cmake import functions, loops
from no_libpython_dlopen.buildsystems.cmake.arguments import Words, opaque, without_files
from no_libpython_dlopen.buildsystems.cmake.commands import (
    evidence_commands,
    includes,
    target_commands,
    variable_commands,
)
from no_libpython_dlopen.buildsystems.cmake.conditions import asks_for_newer
from no_libpython_dlopen.buildsystems.cmake.functions import Function, Functions
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.references import link_counterparts
from no_libpython_dlopen.buildsystems.cmake.state import (
    WORDS_A_STEP,
    Directory,
    Environment,
    Outcome,
    State,
    join,
)
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Block, Listfile, Node, Project
from no_libpython_dlopen.buildsystems.cmake.targets import MAKERS
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import (
    CMAKE_CALLS,
    CMAKE_INCLUDES,
    CMAKE_ITERATIONS,
    CMAKE_STEPS,
    CMAKE_WALKS,
    CMAKE_WORDS,
)

#: Helpers whose copies are not walked. Those of ``cython_add_module`` are: most of them link
#: libpython themselves.
_KNOWN_HELPERS = {*MAKERS, "target_link_libraries_with_dynamic_lookup"} - {"cython_add_module"}
_DESCENDING = frozenset({"include", "add_subdirectory", "subdirs"})
#: Commands between two looks at the clock.
_STEPS_A_LOOK = 64


def _acts(command: Command) -> bool:
    """Return whether a command may change what is built, or lead to other listfiles."""
    return (
        command.name in ("function", "macro", "cmake_language", *_DESCENDING)
        or variable_commands.asks(command)
        or evidence_commands.acts(command)
    )


def _sets(command: Command) -> bool:
    """Return whether a command may change a variable."""
    return command.name == "foreach" or command.name in variable_commands.COMMANDS


class Interpreter(State):
    """One walk over the listfiles of a project."""

    def __init__(self, project: Project, model: Model, platform: Platform) -> None:
        super().__init__(project, model, platform)
        self.functions = Functions(_acts, _sets)
        self.patience = loops.Patience()
        self.called: set[str] = set()
        self.calls: list[str] = []
        #: For each ``if``, by its identity, which branches link what modules should.
        self.counterparts: dict[int, list[bool]] = {}
        self.next_look = 0
        #: What the variables held where the innermost loop was left in an open branch.
        self.breaks: list[Environment] = []
        self.files: list[str] = []
        self.walks = 0
        self.reached: set[str] = set()
        #: How many items were left in the list of the innermost ``while``.
        self.remaining: int = CMAKE_WORDS

    # -- walking --------------------------------------------------------------------

    def start(self, file: Listfile) -> None:
        """Walk a project from its outermost listfile, up to a limit."""
        with analysis.note_apart() as cuts, analysis.until_limit():
            self._walk(file)
        self.project.note_cuts(cuts)

    def _walk(self, file: Listfile) -> None:
        self.top = os.path.dirname(file.path)
        self.directory = Directory(self.top, [], [])
        self.walk_file(file)
        target_commands.directory_flags(self)
        self.walk_uncalled()

    def walk_file(self, file: Listfile) -> None:
        """Walk a whole listfile."""
        if len(self.files) >= CMAKE_INCLUDES:
            analysis.note_limit(CMAKE_INCLUDES)
            return
        self.walks += 1
        if self.walks > CMAKE_WALKS:
            raise LimitReached(CMAKE_WALKS)
        outer, self.file = self.file, file
        self.files.append(file.path)
        self.reached.add(file.path)
        with self._clock_of(file):
            self.body(file.nodes)
        self.files.pop()
        self.file = outer

    def _clock_of(self, file: Listfile) -> AbstractContextManager[None]:
        """Return the context in which a file's commands take the time that is meant for it."""
        return nullcontext() if file is self.project.current else analysis.other_file()

    def body(self, nodes: tuple[Node, ...]) -> str:
        """Walk some nodes; return ``return`` or ``loop`` where the walk left them early."""
        for node in nodes:
            self.steps += 1
            if self.steps > CMAKE_STEPS:
                raise LimitReached(CMAKE_STEPS)
            if self.steps >= self.next_look:
                self.next_look = self.steps + _STEPS_A_LOOK
                analysis.check_time()
            left = self.block(node) if isinstance(node, Block) else self.command(node)
            if left:
                return left
        return ""

    def block(self, block: Block) -> str:
        """Walk a block."""
        kind = block.opening.name
        if kind == "if":
            return self.branches(block)
        if kind in ("function", "macro"):
            self.define(block)
            return ""
        body = block.branches[0][1]
        if kind == "foreach":
            return self.loop(block)
        if kind == "while":
            with self._join_breaks():
                left = self.body(body)
                for _ in range(CMAKE_ITERATIONS):
                    if left or not self._shrinks(block.opening):
                        break
                    left = self.body(body)
                else:
                    analysis.note_limit(CMAKE_ITERATIONS)
        else:
            left = self.body(body)
        return left if left == "return" or kind == "block" else ""

    def branches(self, block: Block) -> str:
        """Walk the branches of an ``if`` that may be taken."""
        before, touched = self.variables, self.touched
        results: list[Outcome] = []
        lefts: list[str] = []
        open_: bool | None = True  # whether the branches so far were all passed by
        linking = self.counterparts.get(id(block))
        if linking is None:
            linking = self.counterparts[id(block)] = link_counterparts(block)
        linked, newer = sum(linking), 0
        for (command, nodes), links in zip(block.branches, linking, strict=True):
            truth = True if command.name == "else" else self.truth(command.arguments)
            if truth is False:
                evidence_commands.note_suffixes(self, nodes)
                continue
            sure = open_ is True and truth is True
            self.variables = before if sure else dict(before)
            newer = -newer if command.name == "else" else asks_for_newer(command.arguments)
            fallback = not sure and linked > links and newer <= 0  # another branch does
            self.fallback += fallback
            self.touched = set()
            left = self.body(nodes)
            touched |= self.touched
            self.fallback -= fallback
            lefts.append(left)
            if not left:
                results.append((self.variables, self.touched))
            elif left == "loop":
                self.breaks.append(self.variables)
            if truth is True:
                open_ = False
                break
            open_ = None
        if open_ is not False:
            results.append((before, set()))
            lefts.append("")
        self.variables = before
        if results:
            self.variables, count = join(before, results)
            self.steps += count // WORDS_A_STEP
        self.touched = touched
        return "" if "" in lefts else (lefts[0] if lefts else "")

    def _shrinks(self, opening: Command) -> bool:
        """Return whether a ``while`` goes on over a list from which its body takes items."""
        known = [self.variables.get(self.name(argument)) for argument in opening.arguments]
        sizes: list[int] = [value.size for value in known if value is not None and value.exact]
        before, self.remaining = self.remaining, sum(sizes)
        goes_on = 0 < self.remaining < before and self.truth(opening.arguments) is not False
        self.remaining = self.remaining if goes_on else CMAKE_WORDS
        return goes_on

    def loop(self, block: Block) -> str:
        """Walk ``foreach`` over the items that are known, else once with an unknown one."""
        opening, body = block.opening, block.branches[0][1]
        if not opening.arguments:
            return ""
        with self._join_breaks():
            for assigned in self._turns(block):
                for name, words in assigned:
                    self.set(name, words)
                if self.body(body) == "return":
                    return "return"
        self.set(opening.arguments[0].text, None)
        return ""

    def _turns(self, block: Block) -> Iterator[Iterable[tuple[str, Words | None]]]:
        """Yield the values of the variables of a ``foreach``, iteration by iteration."""
        opening = block.opening
        if any(argument.text == "ZIP_LISTS" for argument in opening.arguments):
            yield from loops.rows(self, opening)
            return
        name, acts = opening.arguments[0].text, partial(self.functions.acts_in, block)
        for word in self.patience.items(loops.items(self, opening), opening, self, acts):
            yield [(name, (without_files(word),))]

    @contextmanager
    def _join_breaks(self) -> Iterator[None]:
        """Walk a loop; behind it a variable may hold what it did where the loop was left."""
        outer, self.breaks = self.breaks, []
        yield
        environments = [(each, self.touched) for each in (self.variables, *self.breaks)]
        self.variables, count = join(self.variables, environments)
        self.steps += count // WORDS_A_STEP
        self.breaks = outer

    # -- functions ------------------------------------------------------------------

    def define(self, block: Block) -> None:
        """Keep a function or macro for its calls."""
        arguments = block.opening.arguments
        if not arguments:
            return
        name = arguments[0].text.lower()
        parameters = tuple(argument.text for argument in arguments[1:])
        if name in _KNOWN_HELPERS and parameters:  # else one of the project's own by that name
            return  # a copy of a known helper; what it makes is known better than its body
        if name == "parse_arguments" and parameters == functions.PARSED:
            return  # nested loops over each word of a call
        self.functions[name] = Function(block, self.file, parameters, block.opening.name == "macro")

    def call(self, command: Command) -> None:
        """Walk a function of the project with the words of a call."""
        function = self.functions[command.name]
        if command.name in self.calls:
            return
        if len(self.calls) >= CMAKE_CALLS:
            analysis.note_limit(CMAKE_CALLS)
            return
        self.called.add(command.name)
        if not self.functions.matters(command.name):
            return
        given = [tuple(self.words((argument,), command)) for argument in command.arguments]
        self._enter(command.name, function, given)

    def walk_uncalled(self) -> None:
        """Walk the functions that nobody called, with unknown arguments."""
        for name, function in list(self.functions.items()):
            if name in self.called or not self.functions.matters(name):
                continue
            arguments = function.block.opening.arguments[1:]
            given = [
                (opaque(argument.text, argument, function.block.opening, function.file),)
                for argument in arguments
            ]
            with self._clock_of(function.file):
                self._enter(name, function, list(given), known=False)

    def _enter(self, name: str, function: Function, given: list[Words], known: bool = True) -> None:
        self.calls.append(name)
        if function.is_macro:
            outer = self.variables
            self.variables = dict(outer)
            self.exports.append({})
            self._walk_function(function, given, known)
            self.exports.pop()
            for key in {*function.parameters, "ARGN", "ARGV"}:
                self.set(key, None)
                if key in outer:
                    self.variables[key] = outer[key]
        else:
            with self._new_scope():
                self._walk_function(function, given, known)
        self.calls.pop()

    def _walk_function(self, function: Function, given: list[Words], known: bool) -> None:
        """Walk the body of a function whose parameters are given some words."""
        for index, parameter in enumerate(function.parameters):
            self.set(parameter, given[index] if index < len(given) else ())
        count = len(function.parameters)
        self.set("ARGN", list(chain.from_iterable(given[count:])) if known else None)
        self.set("ARGV", list(chain.from_iterable(given)) if known else None)
        for index, words in enumerate(given if known else ()):
            self.set(f"ARGV{index}", words)
        outer, self.file = self.file, function.file
        self.body(function.block.branches[0][1])
        self.file = outer

    @contextmanager
    def _new_scope(self) -> Iterator[None]:
        """Walk with variables of one's own, of which only those set for the parent remain."""
        outer, touched = self.variables, set(self.touched)
        self.variables = dict(outer)
        self.exports.append({})
        yield
        exports = self.exports.pop()
        self.variables = {**outer, **exports}
        self.touched = touched | exports.keys()

    # -- commands -------------------------------------------------------------------

    def command(self, command: Command) -> str:
        """Act on one command; return how it leaves the walk, if it does."""
        name = command.name
        if name == "return":
            return "return"
        if name in ("break", "continue"):
            return "loop"
        if name == "message":
            first = command.arguments[0].text if command.arguments else ""
            return "return" if first == "FATAL_ERROR" else ""
        if name == "cmake_language" and [each.text for each in command.arguments[:1]] == ["CALL"]:
            called, rest = command.arguments[1:2], command.arguments[2:]
            named = "".join(map(self.name, called)).lower()
            made = command._replace(name=named, arguments=rest)
            return self.command(made) if named != name else ""
        if name in self.functions:
            self.call(command)
            return ""
        act = variable_commands.COMMANDS.get(name) or evidence_commands.act_of(name)
        if act is not None:
            act(self, command)
            if name == "find_package" and command.arguments:
                self.find(self.name(command.arguments[0]))
        elif name in _DESCENDING:
            self.descend(command)
        return ""

    def find(self, package: str) -> None:
        """Walk the project's own module for a package, if that collects Python's libraries."""
        module = includes.find_module(self, package)
        if module is not None and module.path not in self.files:
            self.walk_file(module)

    def descend(self, command: Command) -> None:
        """Walk what ``include`` or ``add_subdirectory`` names, where it can be found."""
        if not command.arguments:
            return
        text = self.name(command.arguments[0])
        target = includes.find(self, text, command)
        if target is None or target.path in self.files:
            return
        if command.name == "include":
            self.walk_file(target)
            return
        directory = self.directory
        self.directory = Directory(os.path.dirname(target.path), list(directory.lists), [])
        with self._new_scope():
            self.walk_file(target)
            target_commands.directory_flags(self)
        directory.targets.extend(self.directory.targets)
        self.directory = directory
