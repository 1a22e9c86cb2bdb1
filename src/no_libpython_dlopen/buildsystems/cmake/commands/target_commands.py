"""The commands that make targets and link to them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import pairwise

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.model import (
    MAKERS,
    Definition,
    Maker,
    Model,
    User,
    Via,
)
from no_libpython_dlopen.buildsystems.cmake.state import State
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Node, all_commands
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.plugin_hosts import (
    PLUGIN,
    names_plugin_folder,
    names_plugin_sdk,
)

_TYPES = frozenset(
    {"STATIC", "SHARED", "MODULE", "OBJECT", "INTERFACE", "UNKNOWN", "ALIAS", "IMPORTED"}
)
_SCOPES = frozenset({"PRIVATE", "PUBLIC", "LINK_PRIVATE", "LINK_PUBLIC"})
_NOT_ITSELF = frozenset({"INTERFACE", "LINK_INTERFACE_LIBRARIES"})
#: Words among the items of ``target_link_libraries`` that are none.
KEYWORDS = _SCOPES | _NOT_ITSELF | {"debug", "optimized", "general", "BEFORE"}
_EVIDENCE = frozenset(
    {"PREFIX", "SUFFIX", "OUTPUT_NAME", "LIBRARY_OUTPUT_NAME", "LIBRARY_OUTPUT_DIRECTORY"}
)
#: ``tally.i`` and ``tally_wrap.cxx`` of SWIG, ``tally.pyx`` of Cython, ``tally.sip`` and
#: ``siptallycmodule.cpp`` of SIP.
_BINDING_SOURCE = re.compile(
    r"\.(?:i|pyx|sip)\Z|_wrap\.c\w*\Z|PYTHON_wrap|\bsip\w+(?:cmodule|part\d+)\.c\w*\Z"
)
#: What is said of a list of sources, in its name or of the first of them.
_SOURCES = re.compile(r"SRC|SOURCE|HEADER|HDR|FILES|\.\w+\Z", re.IGNORECASE)
_REFERENCE = re.compile(r".*\$")
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
#: Conan's target for libpython.
_LIBPYTHON_TARGET = re.compile(r"cpython::(?:cpython|python|embed)")
_EMBEDDING_TARGET = re.compile(r"Python3?::Python|pybind11::embed")
_LINK_PROPERTY = re.compile(r"LINK_FLAGS(?:_[A-Z]+)?|(?:INTERFACE_)?LINK_(?:OPTIONS|LIBRARIES)")


def _target(state: State, command: Command) -> None:
    """A command that makes a target."""
    if not command.arguments:
        return
    maker = MAKERS[command.name]
    name, raw = state.name(command.arguments[0]), command.arguments[0].text
    if maker is Maker.SIP:  # makes a module that links the library which is named
        state.model.users.setdefault(name, set()).add(User(f"sip_{name}", state.platform, False))
        name = f"sip_{name}"
    rest = command.arguments[1:]
    texts = [state.name(argument) for argument in rest]
    words = state.words(rest, command)
    given = [word.text for word in words]
    if "::" in name and "ALIAS" not in texts[:1]:
        state.model.own.add(name)
    aliased = texts[1] if texts[:1] == ["ALIAS"] and len(texts) > 1 else ""
    if maker is Maker.LIBRARY:
        kind = _library_type(state, command)
    elif maker is Maker.FINDPYTHON:
        kind = _module_type(state, command, given)
    else:
        kind = _type(maker, texts, given)
    if not kind:
        return
    if aliased and _EMBEDDING_TARGET.fullmatch(name):
        if not _LIBPYTHON_TARGET.fullmatch(aliased):
            state.model.own.add(name)
    elif _EMBEDDING_TARGET.fullmatch(aliased):  # all that links the one gets the other
        state.link(name, words[1], command, Via.COMMAND, own=False, passes=True)
        kind, aliased = "INTERFACE", ""
    names = [name]
    if maker is Maker.SWIG:
        names += [f"_{name}", f"${{SWIG_MODULE_{name}_REAL_NAME}}"]
        if raw != name:
            names.append(f"${{SWIG_MODULE_{raw}_REAL_NAME}}")
    bound = any(
        _BINDING_SOURCE.search(text) or os.path.basename(text) in state.model.generated
        for text in given
    )
    if maker is Maker.LIBRARY:
        _set_defaults(state, name)
    for each in names:
        state.model.add(Definition(each, raw, kind, maker, command, state.file, aliased, bound))
        state.directory.targets.append(each)
    for items in state.directory.lists[-1:]:
        user = User(name, state.platform, passes=False, fallback=bool(state.fallback))
        state.model.users.setdefault(items, set()).add(user)
    if kind == "SHARED" and maker in (Maker.PYBIND11, Maker.FINDPYTHON):
        word = next(word for word in words if word.text == kind)
        state.link(name, word, command, Via.TYPE)


def _set_defaults(state: State, name: str) -> None:
    """Give a library the properties for which the directory's variables have a default."""
    for variable, key in (
        ("CMAKE_LIBRARY_OUTPUT_DIRECTORY", "LIBRARY_OUTPUT_DIRECTORY"),
        ("CMAKE_SHARED_LIBRARY_PREFIX", "PREFIX"),
    ):
        words = state.lookup(variable)
        if words is not None:
            texts = {word.text for word in words} or {""}
            state.model.properties.setdefault(name, {}).setdefault(key, set()).update(texts)


def _type(maker: Maker, texts: list[str], given: list[str]) -> str:
    """Return a target's type, empty where the command makes none that matters."""
    if maker is Maker.EXECUTABLE:
        return "ALIAS" if texts[:1] == ["ALIAS"] else "EXECUTABLE"
    if maker is Maker.PYBIND11:
        return "SHARED" if "SHARED" in given else "MODULE"
    return _swig_type(texts) if maker is Maker.SWIG else "MODULE"


def _library_type(state: State, command: Command) -> str:
    """Return the type of an ``add_library``; that of the shared one where an option decides."""
    first = {word.text for word in state.words(command.arguments[1:2], command)}
    types = first & _TYPES
    if types:
        return min(types, key=lambda each: (each not in ("MODULE", "SHARED"), each))
    only_sources = len(command.arguments) == 2 or any(map(_SOURCES.search, first))
    unknown = "" if only_sources else next(filter(_REFERENCE.match, first), "")
    shared = None if unknown else state.value("BUILD_SHARED_LIBS")
    return unknown or ("STATIC" if shared in ("OFF", "FALSE", "NO", "0") else "DEFAULT")


def _module_type(state: State, command: Command, given: list[str]) -> str:
    """Return the type of a ``Python_add_library``: where none is given, it is ``MODULE``."""
    kind = next((text for text in given if text in _TYPES), "") or _library_type(state, command)
    return kind if kind in given else "MODULE"


def _swig_type(texts: list[str]) -> str:
    """Return ``MODULE`` for a SWIG library of Python, else an empty text."""
    lowered = [text.lower() for text in texts]
    if "LANGUAGE" in texts[:-1]:
        language = lowered[texts.index("LANGUAGE") + 1]
        kind = texts[texts.index("TYPE") + 1] if "TYPE" in texts[:-1] else "MODULE"
        return "MODULE" if _may_be_python(language) and kind != "STATIC" else "OTHER"
    return "MODULE" if lowered and _may_be_python(lowered[0]) else "OTHER"


def _may_be_python(language: str) -> bool:
    """Return whether SWIG writes for Python; a language that is not known may be it."""
    return language == "python" or "$" in language or UNKNOWN_PART in language


def _keys(state: State, target: Argument, command: Command) -> set[str]:
    """Return the names of the targets in an argument, and the key of the name as written."""
    names = {word.text for word in state.words((target,), command)}
    return names | {Model.key(target.text, state.file, command.start)}


def _sections(state: State, command: Command) -> list[tuple[Word, bool, bool]]:
    """Return the items of ``target_link_…``: whether it is for the target, and for its users.

    Without a keyword it is for both.
    """
    found: list[tuple[Word, bool, bool]] = []
    own = passes = True
    for argument in command.arguments[1:]:
        text = argument.text if argument.kind == "unquoted" else ""
        if text in _SCOPES:
            own, passes = True, text in ("PUBLIC", "LINK_PUBLIC")
        elif text in _NOT_ITSELF:
            own, passes = False, True
        elif text not in KEYWORDS:
            found.extend((word, own, passes) for word in state.words((argument,), command))
    return found


def _link(state: State, command: Command) -> None:
    """``target_link_libraries``, ``target_link_options``."""
    if not command.arguments:
        return
    name = state.name(command.arguments[0])
    via = Via.FLAGS if command.name == "target_link_options" else Via.COMMAND
    for word, own, passes in _sections(state, command):
        state.link(name, word, command, via, own=own, passes=passes)


def _link_libraries(state: State, command: Command) -> None:
    words = state.words(command.arguments, command)
    lists = state.directory.lists
    old = lists[-1] if lists else ""
    lists[:] = [state.model.extend_directory(old, [each.text for each in words], state.platform)]
    for word in words:
        state.link(lists[0], word, command, Via.DIRECTORY, own=False, passes=True)


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
                for key in _keys(state, target, command):
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
    if _EMBEDDING_TARGET.fullmatch(key):
        state.model.own.add(key)
    evidence = _OF_CONFIGURATION.sub("", name)
    if evidence in _EVIDENCE:
        for owner in _keys(state, target, command):
            given = state.model.properties.setdefault(owner, {}).setdefault(evidence, set())
            given.update(() if values else ("",))
            given.update(value.text for value in values)
            given.update(map(state.name, values))
            given.update(word.text for word in state.words(values, command))
    elif _LINK_PROPERTY.fullmatch(name):
        via = Via.COMMAND if name.endswith("LIBRARIES") else Via.FLAGS
        of_users = name.startswith("INTERFACE_")
        for word in state.words(values, command):
            state.link(key, word, command, via, own=not of_users, passes=of_users)


def _mark(state: State, command: Command) -> None:
    """A helper that names a library as Python names extension modules."""
    if command.arguments:
        state.model.marked |= _keys(state, command.arguments[0], command)


def _sip_module(state: State, command: Command) -> None:
    """KDE's ``add_sip_python_module(a.b a.sip library …)``, which makes ``python_module_a_b``."""
    if command.arguments:
        name = "python_module_" + state.name(command.arguments[0]).replace(".", "_")
        raw = command.arguments[0].text
        for each in (name, state.name(command.arguments[0])):
            state.model.add(Definition(each, raw, "MODULE", Maker.SIP, command, state.file))
        for word in state.words(command.arguments[2:], command):
            state.link(name, word, command, Via.COMMAND)


def _link_boost(state: State, command: Command) -> None:
    """``rosbuild_link_boost(target python)``: links libraries of Boost by their names."""
    for argument in command.arguments[1:]:
        name = state.name(command.arguments[0])
        state.model.add_link(f"Boost::{state.name(argument)}", name)


def _python_package(state: State, command: Command) -> None:
    """ROS' helpers that install a Python package with the listfile's extension modules."""
    del command
    state.model.packages.add(state.file.path)


_OUTPUT = re.compile(r"OUTPUT|BYPRODUCTS")
_GENERATOR = re.compile(r"\bcython\w*\b|\.pyx\Z", re.IGNORECASE)
_SWIG = re.compile(r"swig", re.IGNORECASE)
#: What is written in a command that runs one of them, by a variable of that name perhaps.
_GENERATES = re.compile(r"cython|\.pyx|swig", re.IGNORECASE)


def _custom_command(state: State, command: Command) -> None:
    """Note the sources that Cython, or SWIG for Python, is run to write."""
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
        keys = _keys(state, argument, command)
        if texts[0] != "TARGETS":
            keys = set(_TARGET_FILE.findall(state.name(argument)))
        for key in keys:
            given = state.model.properties.setdefault(key, {})
            given.setdefault("DESTINATION", set()).update(folders)
            if is_plugin:
                state.model.plugins.add(key)


def _includes(state: State, command: Command) -> None:
    """Note the target, or the listfile, that includes headers for plug-ins of a program."""
    if any(names_plugin_sdk(word.text) for word in state.words(command.arguments, command)):
        of_target = command.name == "target_include_directories"
        name = state.name(command.arguments[0]) if of_target else state.file.path
        state.model.hosted.add(name)


def directory_flags(state: State) -> None:
    """Link the linker flags of a directory to its targets."""
    for variable, kinds in (
        ("CMAKE_MODULE_LINKER_FLAGS", ("MODULE",)),
        ("CMAKE_SHARED_LINKER_FLAGS", ("SHARED", "DEFAULT")),
    ):
        for word in state.lookup(variable) or ():
            for name in state.directory.targets:
                if any(t.type in kinds for t in state.model.definitions(name)):
                    state.link(name, word, word.command, Via.FLAGS, file=word.file)


def acts(command: Command) -> bool:
    """Return whether a command may change what is known of targets."""
    if command.name not in COMMANDS:
        return False
    if command.name == "add_custom_command":
        return any(_GENERATES.search(argument.text) for argument in command.arguments)
    first = command.arguments[0].text if command.arguments else ""
    return command.name != "set_property" or first == "TARGET"


Act = Callable[[State, Command], None]

COMMANDS: dict[str, Act] = {
    **dict.fromkeys(MAKERS, _target),
    **dict.fromkeys(("target_link_libraries", "swig_link_libraries"), _link),
    "target_link_options": _link,
    "link_libraries": _link_libraries,
    "set_target_properties": _properties,
    "set_property": _property_of,
    "install": _install,
    "include_directories": _includes,
    "target_include_directories": _includes,
    "add_custom_command": _custom_command,
    "add_sip_python_module": _sip_module,
    "rosbuild_link_boost": _link_boost,
    "ament_python_install_package": _python_package,
    "catkin_python_setup": _python_package,
    "python_extension_module": _mark,
    "pybind11_extension": _mark,
    "nanobind_extension": _mark,
}
