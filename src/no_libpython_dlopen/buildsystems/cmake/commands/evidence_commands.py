"""The commands that say what a target is: its properties, sources and folders."""

from __future__ import annotations

import os
import re
from itertools import pairwise

from no_libpython_dlopen.buildsystems.cmake.commands import target_commands
from no_libpython_dlopen.buildsystems.cmake.commands.target_commands import (
    BINDING_SOURCE,
    EMBEDDING_TARGET,
    Act,
    keys_of,
    sources_of,
)
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.references import meaning
from no_libpython_dlopen.buildsystems.cmake.state import State
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Node, all_commands
from no_libpython_dlopen.buildsystems.cmake.targets import Via
from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind
from no_libpython_dlopen.knowledge.plugin_hosts import PLUGIN, names_plugin_folder, names_plugin_sdk

_EVIDENCE = frozenset(
    {"PREFIX", "SUFFIX", "OUTPUT_NAME", "LIBRARY_OUTPUT_NAME", "LIBRARY_OUTPUT_DIRECTORY"}
)
#: What ends the names of targets in ``install(TARGETS …)``.
_INSTALL_KEYWORDS = frozenset(
    {
        *("EXPORT", "ARCHIVE", "LIBRARY", "RUNTIME", "OBJECTS", "FRAMEWORK", "BUNDLE"),
        *("PRIVATE_HEADER", "PUBLIC_HEADER", "RESOURCE", "INCLUDES", "FILE_SET", "DESTINATION"),
        *("COMPONENT", "CONFIGURATIONS", "OPTIONAL", "PERMISSIONS", "RUNTIME_DEPENDENCIES"),
    }
)
_OF_CONFIGURATION = re.compile(r"(?<=OUTPUT_NAME)_[A-Z]+\Z|(?<=OUTPUT_DIRECTORY)_[A-Z]+\Z")
_TARGET_FILE = re.compile(r"\$<TARGET_FILE:([^<>]+)>")
_LINK_PROPERTY = re.compile(r"LINK_FLAGS(?:_[A-Z]+)?|(?:INTERFACE_)?LINK_(?:OPTIONS|LIBRARIES)")


def _properties(state: State, command: Command) -> None:
    """``set_target_properties``: pairs for every target."""
    arguments = command.arguments
    at = next((i for i, argument in enumerate(arguments) if argument.text == "PROPERTIES"), -1)
    if at < 0:
        return
    values = arguments[at + 1 :]
    for target in arguments[:at]:
        for name, value in zip(values[::2], values[1::2], strict=False):
            _property(state, target, name.text, (value,), command)


def note_suffixes(state: State, nodes: tuple[Node, ...]) -> None:
    """Note whose suffix is Python's on Windows: they are extension modules elsewhere, too."""
    for command in all_commands(nodes):
        texts = [argument.text for argument in command.arguments]
        if command.name == "set_target_properties" and ".pyd" in texts:
            end = texts.index("PROPERTIES") if "PROPERTIES" in texts else 0
            for target in command.arguments[:end]:
                for key in keys_of(state, target, command):
                    given = state.model.properties.setdefault(key, {})
                    given.setdefault("SUFFIX", set()).add(".pyd")


def _property_of(state: State, command: Command) -> None:
    """``set_property(TARGET …)``: one property, several values."""
    arguments = command.arguments
    at = next((i for i, argument in enumerate(arguments) if argument.text == "PROPERTY"), -1)
    if at < 1 or arguments[0].text != "TARGET" or at + 1 >= len(arguments):
        return
    for target in arguments[1:at]:
        if target.text not in ("APPEND", "APPEND_STRING"):
            name = arguments[at + 1].text
            _property(state, target, name, arguments[at + 2 :], command)


def _property(
    state: State, target: Argument, name: str, values: tuple[Argument, ...], command: Command
) -> None:
    key = state.name(target)
    if EMBEDDING_TARGET.fullmatch(key):
        state.model.own.add(key)
    evidence = _OF_CONFIGURATION.sub("", name)
    if evidence in _EVIDENCE:
        for owner in keys_of(state, target, command):
            given = state.model.properties.setdefault(owner, {}).setdefault(evidence, set())
            given.update(() if values else ("",))
            given.update(value.text for value in values)
            given.update(map(state.name, values))
            given.update(word.text for word in state.words(values, command))
    elif name.startswith("IMPORTED_LOCATION"):
        if any(meaning(word, False, state.model.named) for word in state.words(values, command)):
            state.model.named[key] = ReferenceKind.TARGET
    elif _LINK_PROPERTY.fullmatch(name):
        via = Via.COMMAND if name.endswith("LIBRARIES") else Via.FLAGS
        of_users = name.startswith("INTERFACE_")
        for word in state.words(values, command):
            state.link(key, word, command, via, own=not of_users, passes=of_users)


def _mark(state: State, command: Command) -> None:
    """A helper that names a library as Python names extension modules."""
    if command.arguments:
        state.model.marked |= keys_of(state, command.arguments[0], command)


def _python_package(state: State, command: Command) -> None:
    """ROS' helpers that install a Python package with the listfile's extension modules."""
    del command
    state.model.packages.add(state.file.path)


_OUTPUT = re.compile(r"OUTPUT|BYPRODUCTS")
_GENERATOR = re.compile(r"\bcython\w*\b|\bf2py|\.pyx\Z", re.IGNORECASE)
_SWIG = re.compile(r"swig", re.IGNORECASE)
#: What is written in a command that runs one of them, by a variable of that name perhaps.
_GENERATES = re.compile(r"cython|f2py|\.pyx|swig", re.IGNORECASE)


def _custom_command(state: State, command: Command) -> None:
    """Note the sources that Cython, f2py, or SWIG for Python, is run to write."""
    if not any(_GENERATES.search(argument.text) for argument in command.arguments):
        return
    texts = [state.name(argument) for argument in command.arguments]
    if texts[:1] != ["OUTPUT"] or "COMMAND" not in texts:
        return
    start = texts.index("COMMAND")
    run = [word.text for word in state.words(command.arguments[start:], command)]
    swig = any(map(_SWIG.search, run)) and any("-python" in text for text in run)
    if swig or any(map(_GENERATOR.search, run)):
        outputs = [text for text in texts[:start] if not _OUTPUT.fullmatch(text)]
        state.model.generated.update(map(os.path.basename, outputs))


def _cython_helper(state: State, command: Command) -> None:
    """A helper of another project, say ``cython_add_module_pyx(tally types.pyx)``."""
    for argument in command.arguments[:1]:
        name = os.path.basename(state.name(argument)).removesuffix(".pyx")
        state.model.generated.update(f"{name}.{suffix}" for suffix in ("c", "cpp", "cxx"))


def _sources(state: State, command: Command) -> None:
    """``target_sources``: a target's sources, after it was made."""
    if not command.arguments:
        return
    name = state.name(command.arguments[0])
    given = [word.text for word in state.words(command.arguments[1:], command)]
    sources = ("",) if "INTERFACE" in given else sources_of(state, given, command)
    state.model.added.setdefault(name, set()).update(sources)
    if any(map(BINDING_SOURCE.search, given)):
        state.model.binders.add(name)


def _install(state: State, command: Command) -> None:
    """``install(TARGETS …)``: the folder says whether a library is a plug-in or a module.

    So does ``install(FILES $<TARGET_FILE:…> …)``.
    """
    texts = [argument.text for argument in command.arguments]
    if texts[:1] not in (["TARGETS"], ["FILES"], ["PROGRAMS"]):
        return
    end = next((i for i, text in enumerate(texts) if text in _INSTALL_KEYWORDS), len(texts))
    folders = {
        folder
        for key, text in pairwise(texts)
        if key == "DESTINATION"
        for folder in (text, state.scope.text(text))
    }
    is_plugin = any(PLUGIN.search(state.scope.text(text)) for text in texts)
    is_plugin |= any(map(names_plugin_folder, folders))
    for argument in command.arguments[1:end]:
        keys = keys_of(state, argument, command)
        if texts[0] != "TARGETS":
            keys = set(_TARGET_FILE.findall(state.name(argument)))
        if "EXPORT" in texts:
            state.model.exported |= keys
        for key in keys:
            given = state.model.properties.setdefault(key, {})
            given.setdefault("DESTINATION", set()).update(folders)
            if is_plugin:
                state.model.plugins.add(key)


def _export(state: State, command: Command) -> None:
    """``export(TARGETS …)``: other projects can link these from the build's folder."""
    if [argument.text for argument in command.arguments[:1]] == ["TARGETS"]:
        for word in state.words(command.arguments[1:], command):
            state.model.exported.add(word.text)


def _includes(state: State, command: Command) -> None:
    """Note the target, or the listfile, that includes headers for plug-ins of a program."""
    if any(names_plugin_sdk(word.text) for word in state.words(command.arguments, command)):
        of_target = command.name == "target_include_directories"
        name = state.name(command.arguments[0]) if of_target else state.file.path
        state.model.hosted.add(name)


COMMANDS: dict[str, Act] = {
    "set_target_properties": _properties,
    "set_property": _property_of,
    "target_sources": _sources,
    "install": _install,
    "export": _export,
    "include_directories": _includes,
    "target_include_directories": _includes,
    "add_custom_command": _custom_command,
    "ament_python_install_package": _python_package,
    "catkin_python_setup": _python_package,
    "python_extension_module": _mark,
    "pybind11_extension": _mark,
    "nanobind_extension": _mark,
}


def act_of(name: str) -> Act | None:
    """Return the function that records what a command says of targets, if it says anything."""
    act = target_commands.COMMANDS.get(name) or COMMANDS.get(name)
    return _cython_helper if act is None and "cython" in name else act


def acts(command: Command) -> bool:
    """Return whether a command may change what is known of targets."""
    if act_of(command.name) is None:
        return False
    if command.name == "add_custom_command":
        return any(_GENERATES.search(argument.text) for argument in command.arguments)
    first = command.arguments[0].text if command.arguments else ""
    return command.name != "set_property" or first == "TARGET"
