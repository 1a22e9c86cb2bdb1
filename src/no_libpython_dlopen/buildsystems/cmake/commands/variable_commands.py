"""What CMake's commands do to variables, as far as a link may depend on it."""

from __future__ import annotations

import re
from collections.abc import Callable

from no_libpython_dlopen.buildsystems.cmake import functions
from no_libpython_dlopen.buildsystems.cmake.arguments import Word, without_files
from no_libpython_dlopen.buildsystems.cmake.commands import includes, list_commands
from no_libpython_dlopen.buildsystems.cmake.commands.list_commands import stored_words
from no_libpython_dlopen.buildsystems.cmake.conditions import in_letters
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.references import (
    EMBEDDING_VARIABLE,
    is_explicit,
    names_target,
)
from no_libpython_dlopen.buildsystems.cmake.state import Known, State
from no_libpython_dlopen.buildsystems.cmake.targets import Find
from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind
from no_libpython_dlopen.buildsystems.common.source_files import RECURSIVE, SOURCE_SUFFIXES
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.link_references import (
    is_embedding_package,
    is_module_package,
    names_python_config,
    prints_libpython,
)
from no_libpython_dlopen.knowledge.plugin_hosts import PLUGIN_TOOL, names_plugin_sdk
from no_libpython_dlopen.knowledge.python_folders import prints_python_folder
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM

#: Variables that ``pkg_check_modules`` sets for a prefix.
_PKG_VARIABLES = ("LIBRARIES", "LINK_LIBRARIES", "LDFLAGS", "STATIC_LIBRARIES", "STATIC_LDFLAGS")
_PYTHON = re.compile("python", re.IGNORECASE)
#: ``sysconfig.get_config_var("EXT_SUFFIX")``, ``importlib.machinery.EXTENSION_SUFFIXES``
_PRINTS_SUFFIX = re.compile(
    r"['\"](?:EXT_SUFFIX|SOABI)\\?['\"]|\bEXTENSION_SUFFIXES\b|--extension-suffix"
)
_LOCATION = re.compile(r"(?:IMPORTED_)?LOCATION(?:_[A-Z]+)?")
_FOUND = re.compile(r"(?:python|pybind11)\w*_FOUND", re.IGNORECASE)


def _set(state: State, command: Command) -> None:
    if not command.arguments:
        return
    name = state.name(command.arguments[0])
    values = command.arguments[1:]
    kinds = [argument.text if argument.kind == "unquoted" else "" for argument in values]
    if "CACHE" in kinds:
        words = stored_words(state, values[: kinds.index("CACHE")], command)
        if name not in state.variables:  # the user may give another one
            state.set(name, words, exact=False)
        return
    if kinds and kinds[-1] == "PARENT_SCOPE":
        words = stored_words(state, values[:-1], command)
        if state.exports:
            state.exports[-1][name] = Known(words, exact=True)
        return
    first = values[0] if values else None
    grows = first is not None and first.text == f"${{{name}}}" and not state.fallback
    if grows and state.lookup(name) is not None:
        state.append(name, state.words(values[1:], command), exact=True)
        return
    state.set(name, stored_words(state, values, command))


def _unset(state: State, command: Command) -> None:
    if not command.arguments:
        return
    name = state.name(command.arguments[0])
    if command.arguments[-1].text != "PARENT_SCOPE":
        state.set(name, ())
    elif state.exports:
        state.exports[-1][name] = Known((), exact=True)


#: Where ``string`` takes its result, and what that is made of.
_RESULTS = {"CONCAT": (1, 2, None), "JOIN": (2, 3, None), "STRIP": (2, 1, 2)}


def _string(state: State, command: Command) -> None:
    arguments = command.arguments
    if len(arguments) < 3:
        return
    action = arguments[0].text.upper()
    if action in ("APPEND", "PREPEND"):
        list_commands.execute(state, command)
        return
    result, first, last = _RESULTS.get(action, (len(arguments), 0, 0))
    if len(arguments) > result:
        state.set(
            state.name(arguments[result]), stored_words(state, arguments[first:last], command)
        )
        return
    if action in ("TOLOWER", "TOUPPER"):
        change = str.lower if action == "TOLOWER" else str.upper
        words = state.words(arguments[1:2], command)
        texts = [in_letters(action, word.text) or change(word.text) for word in words]
        is_known = all("$" not in word.text or in_letters(action, word.text) for word in words)
        changed = [word.with_text(text) for word, text in zip(words, texts, strict=True)]
        state.set(state.name(arguments[2]), changed if is_known else None)
        return
    replacing = arguments[1:] if action == "REPLACE" else arguments[2:]
    regex = action == "REGEX" and arguments[1].text.upper() == "REPLACE"
    if (action == "REPLACE" or regex) and len(replacing) > 3:
        name = state.name(replacing[2])
        about_python = _PYTHON.search(replacing[0].text + replacing[1].text)
        changed = [without_files(word) for word in state.words(replacing[3:], command)]
        state.set(name, None if about_python else changed)
        return
    for argument in arguments[1:]:
        if argument.kind == "unquoted" and argument.text in state.variables:
            state.set(argument.text, None)


def _forget_first(state: State, command: Command) -> None:
    """A command that sets its first argument to something that is not known."""
    if command.arguments:
        state.set(state.name(command.arguments[0]), None)


def _forget_second(state: State, command: Command) -> None:
    if len(command.arguments) > 1:
        state.set(state.name(command.arguments[1]), None)


def _file(state: State, command: Command) -> None:
    """``file``: the names that a glob matches are known in part, a path remains what it was."""
    arguments = command.arguments
    action = arguments[0].text if arguments else ""
    if action in ("GLOB", "GLOB_RECURSE") and len(arguments) > 2:
        words = state.words(arguments[2:], command)
        below = f"{RECURSIVE}/" if action == "GLOB_RECURSE" else ""
        named = [
            found if "." in word.text else without_files(found)
            for word, found in ((word, _pattern(state, word, below)) for word in words)
        ]
        state.set(state.name(arguments[1]), named, exact=False)
    elif action in ("TO_CMAKE_PATH", "TO_NATIVE_PATH") and len(arguments) == 3:
        state.set(state.name(arguments[2]), stored_words(state, arguments[1:2], command))
    else:
        _forget_second(state, command)


def _pattern(state: State, word: Word, below: str = "") -> Word:
    """Return a pattern of files with an unknown part for each ``*``."""
    folder, slash, name = includes.place(state, word.text).rpartition("/")
    return word.with_text(f"{folder}{slash}{below}{name}".replace("*", UNKNOWN_PART))


def _source_directory(state: State, command: Command) -> None:
    """``aux_source_directory(folder variable)``: the sources in a folder."""
    if len(command.arguments) == 2:
        words = state.words(command.arguments[:1], command)
        named = [
            _pattern(state, word.with_text(f"{word.text}/*{suffix}"))
            for word in words
            for suffix in SOURCE_SUFFIXES
        ]
        state.append(state.name(command.arguments[1]), named, exact=False)


def _project(state: State, command: Command) -> None:
    if command.arguments:
        words = state.words(command.arguments[:1], command)
        state.set("PROJECT_NAME", words)
        if "CMAKE_PROJECT_NAME" not in state.variables:
            state.set("CMAKE_PROJECT_NAME", words)


def _minimum(state: State, command: Command) -> None:
    texts = [argument.text for argument in command.arguments]
    if "VERSION" not in texts[:-1]:
        return
    version = state.scope.text(texts[texts.index("VERSION") + 1]).partition("...")[0]
    if re.fullmatch(r"\d+(\.\d+)*", version) and len(version) < 40:
        state.model.minimum = max(
            state.model.minimum, tuple(int(part) for part in version.split("."))
        )


def _find_package(state: State, command: Command) -> None:
    if not command.arguments:
        return
    package = state.name(command.arguments[0])
    if package == "Boost":
        words = state.words(command.arguments[1:], command)
        if any(re.match(r"(?:python|numpy)[\d$]*", word.text) for word in words):
            state.model.binding.add("${Boost_LIBRARIES}")
    if package not in ("Python", "Python3", "PythonLibs", "PythonLibsNew", "pybind11"):
        return
    for name in list(state.variables):
        of_package = package not in ("Python", "Python3") or name.startswith(f"{package}_")
        if _FOUND.fullmatch(name) or (of_package and EMBEDDING_VARIABLE.fullmatch(name)):
            state.set(name, None)
    if package in ("Python", "Python3"):
        components: list[Argument] = []
        listed = False
        for argument in command.arguments[1:]:
            if argument.text in _FIND_KEYWORDS and argument.kind == "unquoted":
                listed = argument.text in ("COMPONENTS", "OPTIONAL_COMPONENTS", "REQUIRED")
            elif listed:
                components.append(argument)
        words = state.words(tuple(components), command)
        state.model.add_find(Find(package, tuple(words), command, state.file))


_FIND_KEYWORDS = frozenset(
    {
        *("EXACT", "QUIET", "MODULE", "CONFIG", "NO_MODULE", "REQUIRED", "COMPONENTS"),
        *("OPTIONAL_COMPONENTS", "NO_POLICY_SCOPE", "GLOBAL", "BYPASS_PROVIDER"),
    }
)


def _pkg_check(state: State, command: Command) -> None:
    if len(command.arguments) < 2:
        return
    prefix = state.name(command.arguments[0])
    modules = [word.text for word in state.words(command.arguments[1:], command)]
    embeds = any(map(is_embedding_package, modules))
    for variable in _PKG_VARIABLES:
        name = f"{prefix}_{variable}"
        if embeds and state.platform is not ANY_PLATFORM:
            state.model.named[name] = ReferenceKind.PACKAGE
            state.set(name, None)
        elif any(map(is_module_package, modules)):
            state.set(name, ())  # no library since Python 3.8
    if embeds and state.platform is not ANY_PLATFORM:
        state.model.named[f"PkgConfig::{prefix}"] = ReferenceKind.PACKAGE


def _find_library(state: State, command: Command) -> None:
    if not command.arguments:
        return
    name = state.name(command.arguments[0])
    state.set(name, None)
    if state.platform is ANY_PLATFORM or EMBEDDING_VARIABLE.fullmatch(name):
        return
    if any(is_explicit(word) for word in state.words(command.arguments[1:], command)):
        state.model.named[name] = ReferenceKind.FOUND


def _get_property(state: State, command: Command) -> None:
    """``get_target_property``: the location of libpython's target is a path of libpython."""
    name = state.name(command.arguments[0]) if command.arguments else ""
    state.set(name, None)
    texts = [state.name(argument) for argument in command.arguments[1:]]
    if command.name == "get_property":
        texts = texts[1:2] + texts[3:4] if texts[:1] == ["TARGET"] else []
    if len(texts) < 2 or state.platform is ANY_PLATFORM or not _LOCATION.fullmatch(texts[1]):
        return
    if names_target(texts[0], state.model.named):
        state.model.named[name] = ReferenceKind.FOUND


def _execute(state: State, command: Command) -> None:
    """A program's output: what ``python3-config`` and sysconfig print is known in part."""
    texts = [argument.text for argument in command.arguments]
    outputs = [
        state.name(command.arguments[index + 1])
        for index, text in enumerate(texts[:-1])
        if text in ("OUTPUT_VARIABLE", "ERROR_VARIABLE", "RESULT_VARIABLE", "RESULTS_VARIABLE")
    ]
    for name in outputs:
        state.set(name, None)
    if "OUTPUT_VARIABLE" not in texts[:-1]:
        return
    name = state.name(command.arguments[texts.index("OUTPUT_VARIABLE") + 1])
    joined = state.scope.text(" ".join(texts))
    if names_python_config(joined) and ("--ldflags" in joined or "--libs" in joined):
        state.set(
            name,
            [word for word in state.words(command.arguments, command) if word.text == "--embed"],
        )
    elif _PRINTS_SUFFIX.search(joined) or prints_python_folder(joined):
        words = state.words(command.arguments, command)
        text = "${EXT_SUFFIX}" if _PRINTS_SUFFIX.search(joined) else "${PYTHON_SITE_PACKAGES}"
        state.set(name, [words[0].with_text(text)] if words else None)
    elif names_plugin_sdk(" ".join(texts)):
        words = state.words(command.arguments, command)
        state.set(name, [words[0].with_text(PLUGIN_TOOL)] if words else None)
    elif prints_libpython(joined) and state.platform is not ANY_PLATFORM:
        state.model.named[name] = ReferenceKind.SYSCONFIG


def _cython_target(state: State, command: Command) -> None:
    """``add_cython_target(tally …)`` of scikit-build: ``tally`` is what Cython wrote."""
    if command.arguments:
        argument = command.arguments[0]
        name = state.name(argument)
        word = Word(
            f"{name}.pyx", argument.start, argument.end, False, argument, command, state.file
        )
        state.set(name, [word])


def _transpile(state: State, command: Command) -> None:
    """``cython_transpile(tally.pyx … OUTPUT_VARIABLE sources)`` of cython-cmake."""
    texts = [argument.text for argument in command.arguments]
    if "OUTPUT_VARIABLE" in texts[:-1]:
        name = state.name(command.arguments[texts.index("OUTPUT_VARIABLE") + 1])
        state.set(name, state.words(command.arguments[:1], command))


def _install_folder(state: State, command: Command) -> None:
    """``ament_get_python_install_dir(variable)`` of ROS."""
    for argument in command.arguments[:1]:
        text = "${PYTHON_INSTALL_DIR}"
        word = Word(text, argument.start, argument.end, False, argument, command, state.file)
        state.set(state.name(argument), [word])


#: Commands that find what is linked, or ask for a version.
_ASKING = frozenset(
    (
        *("find_package", "find_library", "pkg_check_modules", "pkg_search_module"),
        "cmake_minimum_required",
    )
)


#: Part of every program that prints what a module is linked or named with, or of its arguments.
_ABOUT_MODULES = re.compile(r"py|config|embed|LDLIBRARY|suffix|soabi", re.IGNORECASE)


def asks(command: Command) -> bool:
    """Return whether a command says more about the project than the value of a variable."""
    if command.name not in ("execute_process", "exec_program"):
        return command.name in _ASKING
    text = " ".join(argument.text for argument in command.arguments)
    return bool(_ABOUT_MODULES.search(text)) or names_plugin_sdk(text)


Act = Callable[[State, Command], None]

COMMANDS: dict[str, Act] = {
    "set": _set,
    "unset": _unset,
    "list": list_commands.execute,
    "string": _string,
    "cmake_parse_arguments": functions.parse,
    "parse_arguments": functions.parse_as_on_wiki,
    "project": _project,
    "cmake_minimum_required": _minimum,
    "find_package": _find_package,
    "pkg_check_modules": _pkg_check,
    "pkg_search_module": _pkg_check,
    "find_library": _find_library,
    "execute_process": _execute,
    "exec_program": _execute,
    "add_cython_target": _cython_target,
    "cython_transpile": _transpile,
    "ament_get_python_install_dir": _install_folder,
    "option": _forget_first,
    "find_path": _forget_first,
    "find_file": _forget_first,
    "find_program": _forget_first,
    "get_filename_component": _forget_first,
    "get_target_property": _get_property,
    "get_property": _get_property,
    "file": _file,
    "aux_source_directory": _source_directory,
    "math": _forget_second,
}
