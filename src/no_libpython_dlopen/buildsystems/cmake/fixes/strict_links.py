"""Whether a project tells the linker to refuse symbols that no library defines.

An extension module leaves Python's symbols undefined, for the process that imports it.
Under ``-Wl,--no-undefined`` or ``-Wl,-z,defs`` (ld(1)) it does not link without libpython,
so such a link is reported and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, all_commands
from no_libpython_dlopen.knowledge import link_references

#: KDE's modules add ``--no-undefined`` to all that is linked.
_STRICT_MODULE = re.compile(r"KDE(?:Framework)?CompilerSettings")
#: What a listfile with such a flag has in it; few have.
_SUSPICIOUS = re.compile(r"undefined|unresolved|defs|KDE")
_HARMLESS = frozenset({"message", "string", "if", "elseif"})
#: Commands that speak of targets, and where their names end.
_OF_TARGETS = frozenset(
    {
        *("target_link_options", "target_link_libraries", "swig_link_libraries"),
        *("set_target_properties", "set_property"),
    }
)


#: Variables whose flags CMake passes for shared libraries and programs, but not for modules.
_NOT_FOR_MODULES = re.compile(r"CMAKE_(?:SHARED|EXE)_LINKER_FLAGS(?:_[A-Z]+)?")


class StrictLinks:
    """The targets of a project on whose link line a strict flag may be.

    Variables are not followed: a flag that is put into one counts for all, but for CMake's own
    for other types of targets, unless they are used for something else as well.
    """

    def __init__(self, files: Iterable[Listfile]) -> None:
        commands = [
            command
            for file in files
            if _SUSPICIOUS.search(file.text) or "_LINKER_FLAGS" in file.text
            for command in all_commands(file.nodes)
        ]
        plain = [command for command in commands if not _sets_other_flags(command)]
        found = [names for command in plain for names in _strict_targets(command)]
        self._are_all = None in found
        self._names = {name for names in found if names is not None for name in names}
        others = [command for command in commands if _sets_other_flags(command)]
        strict = any(list(_strict_targets(command)) for command in others)
        used = any(
            "${CMAKE_SHARED_LINKER" in argument.text or "${CMAKE_EXE_LINKER" in argument.text
            for command in plain
            for argument in command.arguments
        )
        self._are_all |= strict and used
        self._are_libraries = strict

    def are_of(self, targets: set[str], *, is_module: bool) -> bool:
        """Return whether one may be on the line of a target, given all of its names.

        ``is_module`` says that its type is surely ``MODULE``.
        """
        return (
            self._are_all
            or (self._are_libraries and not is_module)
            or not targets.isdisjoint(self._names)
        )


def _sets_other_flags(command: Command) -> bool:
    """Return whether a command sets what is passed for other types of targets than modules."""
    first = command.arguments[0].text if command.arguments else ""
    return command.name == "set" and _NOT_FOR_MODULES.fullmatch(first) is not None


def _strict_targets(command: Command) -> Iterator[list[str] | None]:
    """Yield the targets that a command gives a strict flag, ``None`` for all."""
    texts = [argument.text for argument in command.arguments]
    appends = command.name == "string" and texts[:1] in (["APPEND"], ["PREPEND"], ["CONCAT"])
    harmless = command.name in _HARMLESS and not appends
    if harmless or command.name.startswith("check_"):
        return
    if command.name == "include":
        if texts and _STRICT_MODULE.fullmatch(texts[0]):
            yield None
        return
    if not link_references.forbids_undefined(" ".join(texts)):
        return
    if command.name not in _OF_TARGETS or texts[:1] in (["DIRECTORY"], ["GLOBAL"]):
        yield None
        return
    named = texts[:1]
    if command.name == "set_target_properties":
        named = texts[: texts.index("PROPERTIES")] if "PROPERTIES" in texts else texts
    elif command.name == "set_property":
        named = texts[1 : texts.index("PROPERTY")] if "PROPERTY" in texts else texts
    yield None if any("$" in name for name in named) else named
