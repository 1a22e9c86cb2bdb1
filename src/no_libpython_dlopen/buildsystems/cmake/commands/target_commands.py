"""The commands that make targets and link to them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from no_libpython_dlopen.buildsystems.cmake.arguments import Word, is_opaque
from no_libpython_dlopen.buildsystems.cmake.commands import includes
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.state import State
from no_libpython_dlopen.buildsystems.cmake.targets import MAKERS, Definition, Maker, User, Via
from no_libpython_dlopen.buildsystems.common.source_files import sources_among
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

Act = Callable[[State, Command], None]

_TYPES = frozenset(
    {"STATIC", "SHARED", "MODULE", "OBJECT", "INTERFACE", "UNKNOWN", "ALIAS", "IMPORTED"}
)
#: The targets of FindPython and pybind11 that programs link.
EMBEDDING_TARGET = re.compile(r"Python3?::Python|pybind11::embed")
_SCOPES = frozenset({"PRIVATE", "PUBLIC", "LINK_PRIVATE", "LINK_PUBLIC"})
_NOT_ITSELF = frozenset({"INTERFACE", "LINK_INTERFACE_LIBRARIES"})
#: Words among the items of ``target_link_libraries`` that are none.
KEYWORDS = _SCOPES | _NOT_ITSELF | {"debug", "optimized", "general", "BEFORE"}
#: ``tally.i`` and ``tally_wrap.cxx`` of SWIG, ``tally.pyx`` of Cython, ``tally.sip`` and
#: ``siptallycmodule.cpp`` of SIP.
BINDING_SOURCE = re.compile(
    r"\.(?:i|pyx|sip)\Z|_wrap\.c\w*\Z|PYTHON_wrap|\bsip\w+(?:cmodule|part\d+)\.c\w*\Z"
)
#: What is said of a list of sources, in its name or of the first of them.
_SOURCES = re.compile(r"SRC|SOURCE|HEADER|HDR|FILES|\.\w+\Z", re.IGNORECASE)
_REFERENCE = re.compile(r".*\$")
#: A list in which no source is.
_HEADERS = re.compile(r"\$\{\w*(?:HEADERS?|HDRS|HEADER_FILES)\}", re.IGNORECASE)
_OBJECTS = re.compile(r"\$<TARGET_OBJECTS:([^<>$ ]+)>")
#: Conan's target for libpython.
_LIBPYTHON_TARGET = re.compile(r"cpython::(?:cpython|python|embed)")


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
    kind = _type_of(maker, state, command, texts, given)
    if not kind:
        return
    if aliased and EMBEDDING_TARGET.fullmatch(name):
        if not _LIBPYTHON_TARGET.fullmatch(aliased):
            state.model.own.add(name)
    elif EMBEDDING_TARGET.fullmatch(aliased):  # all that links the one gets the other
        state.link(name, words[1], command, Via.COMMAND, own=False, passes=True)
        kind, aliased = "INTERFACE", ""
    bound = any(
        BINDING_SOURCE.search(text) or os.path.basename(text) in state.model.generated
        for text in given
    )
    sources = sources_of(state, given, command) if maker is not Maker.EXECUTABLE else ()
    if maker is Maker.LIBRARY or kind == "SHARED":
        _set_defaults(state, name)
    for each in (name, *(_swig_names(name, raw) if maker is Maker.SWIG else ())):
        state.model.add(
            Definition(each, raw, kind, maker, command, state.file, aliased, bound, sources)
        )
        state.directory.targets.append(each)
    objects = _OBJECTS.findall(" ".join(argument.text for argument in rest))
    state.model.parts.setdefault(name, set()).update(objects)
    for items in state.directory.lists[-1:]:
        user = User(name, state.platform, passes=False, fallback=bool(state.fallback))
        state.model.users.setdefault(items, set()).add(user)
        state.model.parts.setdefault(name, set()).add(items)
    if kind == "SHARED" and maker in (Maker.PYBIND11, Maker.FINDPYTHON):
        word = next(word for word in words if word.text == kind)
        state.link(name, word, command, Via.TYPE)


def _type_of(
    maker: Maker, state: State, command: Command, texts: list[str], given: list[str]
) -> str:
    """Return the type of the target that a command makes, empty if it makes none."""
    if maker is Maker.LIBRARY:
        return _library_type(state, command)
    if maker is Maker.FINDPYTHON:
        return _module_type(state, command, given)
    return _type(maker, texts, given)


def _swig_names(name: str, raw: str) -> dict[str, None]:
    """Return the other names of a target that SWIG's commands make."""
    variables = (f"${{SWIG_MODULE_{one}_REAL_NAME}}" for one in (name, raw))
    return dict.fromkeys((f"_{name}", *variables))


def sources_of(state: State, given: list[str], command: Command) -> tuple[str, ...]:
    """Return the paths of the first sources in C or C++ among the words of a command.

    A word that is not known, which may be more of them, is an empty path: nobody can read it.
    """
    built = "${CMAKE_CURRENT_BINARY_DIR}/"
    places = [
        includes.place(state, one).removeprefix(built)
        for one in given
        if not _HEADERS.fullmatch(one)
    ]
    unknown = any("$<" in argument.text for argument in command.arguments) or any(
        "$" in place or is_opaque(place) or place.endswith(UNKNOWN_PART) for place in places
    )
    folder = state.directory.path or os.path.dirname(state.file.path)
    known = tuple(os.path.join(folder, place) for place in sources_among(places))
    return (*known, "") if unknown else known


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


def keys_of(state: State, target: Argument, command: Command) -> set[str]:
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


COMMANDS: dict[str, Act] = {
    **dict.fromkeys(MAKERS, _target),
    **dict.fromkeys(("target_link_libraries", "swig_link_libraries"), _link),
    "target_link_options": _link,
    "link_libraries": _link_libraries,
    "add_sip_python_module": _sip_module,
    "rosbuild_link_boost": _link_boost,
}
