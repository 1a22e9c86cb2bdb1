"""Whether a project uses the variables and targets that a fix changes for something else.

What a variable or a target holds is changed for all who read it: a check of the compiler, a
condition, a program that links what a module links. The interpreter follows what commands link;
these are the other readers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from no_libpython_dlopen.buildsystems.cmake.arguments import NESTED
from no_libpython_dlopen.buildsystems.cmake.conditions import COMPARISONS
from no_libpython_dlopen.buildsystems.cmake.fixes.mentions import filled_texts
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, all_commands
from no_libpython_dlopen.model.limits import CMAKE_REFERENCES

_REFERENCE = re.compile(r"\$\{([^${}]+)\}")
_OF_CACHE = re.compile(r"\$CACHE\{([^${}]+)\}")
#: What stands for a reference within another, whose text is computed.
_COMPUTED = "\0"
#: Variables whose values are known wherever they are read.
_KNOWN = re.compile(r"\$\{(?:CMAKE_)?PROJECT_NAME\}")
_DECIDING = frozenset({"if", "elseif", "while", "find_package_handle_standard_args"})
_PROPERTY_READERS = frozenset({"get_target_property", "get_property"})
_LIBRARIES = re.compile(r"(?:INTERFACE_)?LINK_LIBRARIES(?:_DIRECT)?")
_OF_TARGET = re.compile(r"\$<TARGET_PROPERTY:(?P<name>[^,>]*),(?:INTERFACE_)?LINK_LIBRARIES")
#: Commands that link what a variable holds to targets; they are followed.
_LINKING = frozenset(
    {
        *("target_link_libraries", "swig_link_libraries", "link_libraries"),
        *("set_target_properties", "set_property", "message", "unset", "mark_as_advanced"),
    }
)
#: Commands that give another variable what it holds, and where that one's name is.
_COPYING = {"set": 0, "foreach": 0, "list": 1, "string": 1}
#: Commands that take the names of variables.
_BY_NAME = frozenset({"list", "foreach"}) | _DECIDING
_ADDING = frozenset({"APPEND", "PREPEND", "INSERT"})
#: Commands that hand no name of a variable to others, and the place from which some give values.
_KNOWING = _DECIDING | {"message", "unset", "mark_as_advanced"}
_FIRST_GIVEN = {"set": 1, "list": 2, "string": 2}
_FILLED = re.compile(r"[@{]([^@{}\s$]+)[@}]")
#: Variables of CMake's that its own commands read.
_OF_CMAKE = re.compile(r"CMAKE_\w+")


class OtherUses:
    """The commands of a project that read variables and targets without linking them."""

    def __init__(self, files: Iterable[Listfile]) -> None:
        self._files = list(files)
        self._commands = [each for file in self._files for each in all_commands(file.nodes)]

    @cached_property
    def tested_variables(self) -> frozenset[str]:
        """The variables that conditions test: emptied, they would select another branch."""
        return frozenset(
            _REFERENCE.sub(r"\1", argument.text)
            for command in self._commands
            if command.name in _DECIDING
            for argument in command.arguments
        )

    def reads_target(self, name: str) -> bool:
        """Return whether the project asks for a target's file or properties."""
        expression = re.compile(rf"\$<TARGET_\w+:{re.escape(name)}[>,]")
        return any(
            expression.search(argument.text)
            or (argument.text == name and command.name in _PROPERTY_READERS)
            for command in self._commands
            for argument in command.arguments
        )

    @cached_property
    def _asked_targets(self) -> frozenset[str]:
        """The targets whose libraries the project asks for, or what may be their names."""
        asked: set[str] = set()
        for command in self._commands:
            texts = [argument.text for argument in command.arguments]
            if command.name in _PROPERTY_READERS and any(map(_LIBRARIES.fullmatch, texts)):
                asked.update(texts)
            asked.update(match["name"] for text in texts for match in _OF_TARGET.finditer(text))
        return frozenset(asked)

    def reads_libraries(self, names: Collection[str]) -> bool:
        """Return whether the project asks for the libraries of a target, perhaps by a variable."""
        return self._asks_by_variable or not self._asked_targets.isdisjoint(names)

    @cached_property
    def _asks_by_variable(self) -> bool:
        return any("$" in each for each in self._asked_targets)

    @cached_property
    def _filled_names(self) -> frozenset[str] | None:
        """The variables that ``configure_file`` fills in; ``None`` where a file is not found."""
        texts = [text for file in self._files for text in filled_texts(file)]
        if None in texts:
            return None
        return frozenset(name for text in texts for name in _FILLED.findall(text or ""))

    @cached_property
    def _mentions(self) -> dict[str, list[tuple[str, list[str]]]]:
        """The commands, and their arguments, by the variables that they may be about."""
        found: dict[str, list[tuple[str, list[str]]]] = {}
        for command in self._commands:
            texts = [argument.text for argument in command.arguments]
            names = {name for text in texts for name in _REFERENCE.findall(text)}
            names.update(texts if command.name in _BY_NAME else ())
            for name in names:
                found.setdefault(name, []).append((command.name, texts))
        return found

    def reads_variable(self, name: str) -> bool:
        """Return whether a variable, or one that gets its value, is used for more than links.

        A reference that computes a part of a name may be to any variable of such a name.
        """
        if self._filled_names is None or name in self._read_variables:
            return True
        return any(
            name.startswith(head) and name.endswith(tail) and (head or tail or name in self._handed)
            for head, tail in self._computed_names
        )

    @cached_property
    def _computed_names(self) -> frozenset[tuple[str, str]]:
        """The beginnings and ends of the names of which references compute a part.

        What commands link is followed where the whole name is computed, and known.
        """
        found: set[tuple[str, str]] = set()
        for command in self._commands:
            links = command.name in _LINKING
            for argument in command.arguments if command.name != "message" else ():
                text = _KNOWN.sub("", argument.text) if links else argument.text
                names = [*_OF_CACHE.findall(text), *_names_with_parts(text)]
                several = ((one.split(_COMPUTED)[0], one.split(_COMPUTED)[-1]) for one in names)
                found.update(one for one in several if any(one) or not links)
        return frozenset(found)

    @cached_property
    def _handed(self) -> frozenset[str]:
        """The texts that commands are given, some of which may be names of variables."""
        return frozenset(
            argument.text
            for command in self._commands
            if command.name not in _KNOWING
            for argument in command.arguments[_FIRST_GIVEN.get(command.name, 0) :]
        )

    @cached_property
    def _read_variables(self) -> frozenset[str]:
        copied: dict[str, list[str]] = {}  # the variables that each one gets its value from
        waiting = [*(self._filled_names or ())]
        for name, mentions in self._mentions.items():
            copies = {_copy(command, texts, name) for command, texts in mentions}
            if None in copies:
                waiting.append(name)
            for copy in copies:
                if copy:
                    copied.setdefault(copy, []).append(name)
        read = set(waiting)
        while waiting:
            new = set(copied.get(waiting.pop(), ())) - read
            read |= new
            waiting += new
        return frozenset(read)


def _names_with_parts(text: str) -> Iterator[str]:
    """Yield the names in references of a text that have others within, which are marked."""
    for _ in range(CMAKE_REFERENCES if NESTED.search(text) else 0):
        names = _REFERENCE.findall(text)
        if not names:
            return
        yield from (one for one in names if _COMPUTED in one)
        text = _REFERENCE.sub(_COMPUTED, text)


def _copy(command: str, texts: Sequence[str], name: str) -> str | None:
    """Return the variable that a command copies another one into; ``None`` for another use."""
    at = _COPYING.get(command)
    is_changed = command in ("list", "string") and texts[:1] and texts[0] in _ADDING
    given = texts if at is None else texts[at + 1 :]
    mentioned = any(f"${{{name}}}" in text for text in given)
    if command == "foreach":
        mentioned |= name in given
    if command in _DECIDING:  # whether it is empty, `tested_variables` tells
        mentioned |= any(name in two and COMPARISONS.intersection(two) for two in pairwise(texts))
    if command == "list" and not is_changed and name in texts[1:2]:
        return "" if texts[0] == "REMOVE_DUPLICATES" else None
    if not mentioned or command in _LINKING:
        return ""
    if at is None or (command in ("list", "string") and not is_changed):
        return None
    made = texts[at]
    is_lost = made != name and (_OF_CMAKE.match(made) or "$" in made)
    return None if is_lost else made
