"""Whether a project tells the linker to refuse symbols that no library defines.

An extension module leaves Python's symbols undefined, for the process that imports it.
Under ``-Wl,--no-undefined`` or ``-Wl,-z,defs`` (ld(1)) it does not link without libpython,
so such a link is reported and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, all_commands
from no_libpython_dlopen.knowledge import link_references

#: KDE's modules add ``--no-undefined`` to all that is linked.
_STRICT_MODULE = re.compile(r"KDE(?:Framework)?CompilerSettings")
_HARMLESS = frozenset({"message", "string", "if", "elseif"})
#: Commands that speak of targets, and where their names end.
_OF_TARGETS = frozenset(
    {
        *("target_link_options", "target_link_libraries", "swig_link_libraries"),
        *("set_target_properties", "set_property"),
    }
)


def forbids_undefined(files: Iterable[Listfile], targets: set[str]) -> bool:
    """Return whether a strict flag may be on the link line of a target.

    ``targets`` are its names, computed and as written. Variables are not followed: a flag
    that is put into one counts for all.
    """
    return any(
        _is_strict(command, targets) for file in files for command in all_commands(file.nodes)
    )


def _is_strict(command: Command, targets: set[str]) -> bool:
    if command.name in _HARMLESS or command.name.startswith("check_"):
        return False
    texts = [argument.text for argument in command.arguments]
    if command.name == "include":
        return bool(texts) and _STRICT_MODULE.fullmatch(texts[0]) is not None
    if not link_references.forbids_undefined(" ".join(texts)):
        return False
    if command.name not in _OF_TARGETS or texts[:1] in (["DIRECTORY"], ["GLOBAL"]):
        return True
    named = texts[:1]
    if command.name == "set_target_properties":
        named = texts[: texts.index("PROPERTIES")] if "PROPERTIES" in texts else texts
    elif command.name == "set_property":
        named = texts[1 : texts.index("PROPERTY")] if "PROPERTY" in texts else texts
    return any("$" in name for name in named) or not targets.isdisjoint(named)
