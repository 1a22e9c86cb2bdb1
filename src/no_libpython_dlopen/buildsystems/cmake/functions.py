"""Functions of a project: which calls may matter, and how words are sorted under keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.state import State
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Block, Listfile, all_commands


class Function(NamedTuple):
    """A function or macro of the project."""

    block: Block
    file: Listfile
    parameters: tuple[str, ...]
    is_macro: bool


class _Body(NamedTuple):
    """What the commands of a function do themselves."""

    acts: bool
    sets: bool
    exports: bool
    calls: frozenset[str]


class Functions(dict[str, Function]):
    """The functions of a project by their names in lower case.

    ``acts`` returns whether a command may change what is built, ``sets`` whether it may change
    a variable; neither is asked about calls.
    """

    def __init__(self, acts: Callable[[Command], bool], sets: Callable[[Command], bool]) -> None:
        super().__init__()
        self._acts = acts
        self._sets = sets
        self._bodies: dict[str, _Body] = {}
        self._matters: dict[str, bool] = {}
        #: The functions that act, or call one that does.
        self._acting: set[str] | None = None

    def __setitem__(self, name: str, function: Function) -> None:
        if name not in self or self[name].block is not function.block:
            self._bodies.pop(name, None)
            self._matters.clear()
            self._acting = None
        super().__setitem__(name, function)

    def matters(self, name: str) -> bool:
        """Return whether a call may change what is built, or the variables of its caller.

        One that adds a test or prints, say, need not be walked.
        """
        if name not in self._matters:
            self._matters[name] = self._changes(name)
        return self._matters[name]

    def acts_in(self, block: Block) -> bool:
        """Return whether the commands of a loop, or what they call, may change what is built."""
        acting = self._acting_functions()
        commands = all_commands(block.branches[0][1])
        return any(command.name in acting or self._acts(command) for command in commands)

    def _changes(self, name: str) -> bool:
        if name in self._acting_functions():
            return True
        for each, body in self._reachable_bodies(name):
            inside = self[each].is_macro or each == name
            if body.exports and (inside or self[name].is_macro):
                return True
            if body.sets and self[each].is_macro and self[name].is_macro:
                return True
        return False

    def _acting_functions(self) -> set[str]:
        """Return the functions that act, and those that call one of them."""
        if self._acting is None:
            self._acting = self._find_acting_functions()
        return self._acting

    def _find_acting_functions(self) -> set[str]:
        callers: dict[str, list[str]] = {}
        for name in self:
            for call in self._body(name).calls:
                callers.setdefault(call, []).append(name)
        waiting = [name for name in self if self._body(name).acts]
        acting = set(waiting)
        while waiting:
            further = set(callers.get(waiting.pop(), ())) - acting
            acting |= further
            waiting += further
        return acting

    def _reachable_bodies(self, name: str) -> Iterator[tuple[str, _Body]]:
        """Yield a function, what it calls, and what macros among these call, with their bodies."""
        waiting, seen = [name], {name}
        while waiting:
            each = waiting.pop()
            body = self._body(each)
            yield each, body
            if self[each].is_macro or each == name:
                further = [call for call in body.calls if call in self and call not in seen]
                waiting += further
                seen.update(further)

    def _body(self, name: str) -> _Body:
        if name not in self._bodies:
            commands = list(all_commands(self[name].block.branches[0][1]))
            self._bodies[name] = _Body(
                any(map(self._acts, commands)),
                any(map(self._sets, commands)),
                any(each.text == "PARENT_SCOPE" for one in commands for each in one.arguments),
                frozenset(command.name for command in commands),
            )
        return self._bodies[name]


def parse(state: State, command: Command) -> None:
    """Sort a function's words under its keywords, as ``cmake_parse_arguments`` does."""
    arguments = command.arguments
    if len(arguments) > 1 and arguments[0].text == "PARSE_ARGV":
        given = list(state.lookup("ARGV") or ())
        start = arguments[1].text
        given = given[int(start) if start.isascii() and start.isdigit() else 0 :]
        arguments = arguments[2:]
    else:
        given = state.words(arguments[4:], command)
    if len(arguments) < 4:
        return
    prefix = state.name(arguments[0])
    options, one, several = (
        {word.text for word in state.words((argument,), command)} for argument in arguments[1:4]
    )
    sorted_: dict[str, list[Word]] = {"UNPARSED_ARGUMENTS": []}
    keyword = ""
    for word in given:
        if word.text in options or word.text in one or word.text in several:
            keyword = "" if word.text in options else word.text
            flag = [word.with_text("TRUE")] if word.text in options else []
            sorted_.setdefault(word.text, flag)
        else:
            sorted_[keyword or "UNPARSED_ARGUMENTS"].append(word)
            if keyword in one:
                keyword = ""
    unknown = any("$" in word.text or "\0" in word.text for word in given)
    for name in options | one | several | sorted_.keys():
        known = sorted_.get(name)
        state.set(f"{prefix}_{name}", () if known is None and not unknown else known)


#: The parameters of a macro on CMake's wiki that many projects copied before CMake had its own.
PARSED = ("prefix", "arg_names", "option_names")


def parse_as_on_wiki(state: State, command: Command) -> None:
    """Sort a function's words under its keywords, as that macro does."""
    if len(command.arguments) < len(PARSED):
        return
    prefix, *lists = (state.name(argument) for argument in command.arguments[: len(PARSED)])
    keywords, options = (set(names.split(";")) for names in lists)
    given = state.words(command.arguments[len(PARSED) :], command)
    known = not any("$" in word.text or "\0" in word.text for word in given)
    sorted_: dict[str, list[Word]] = {"DEFAULT_ARGS": []}
    keyword = "DEFAULT_ARGS"
    for word in given:
        if word.text in keywords:
            keyword = word.text
            sorted_[keyword] = []
        elif word.text in options:
            sorted_[word.text] = [word.with_text("TRUE")]
        else:
            sorted_[keyword].append(word)
    for name in keywords | options | {"DEFAULT_ARGS"}:
        state.set(f"{prefix}_{name}", sorted_.get(name, () if known else None))
