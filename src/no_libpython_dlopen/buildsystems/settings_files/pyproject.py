"""Reads ``pyproject.toml``: extension modules that setuptools builds, always modules.

``[[tool.setuptools.ext-modules]]`` (setuptools 74.1) names libraries, objects and flags
of each extension, ``[tool.distutils.build_ext]`` those of all of them. ``tomllib``
decides what the file says; ``toml_positions`` says only where. cibuildwheel builds wheels
in an environment whose ``LDFLAGS`` and ``RUSTFLAGS`` reach the link line of each module;
scikit-build, meson-python and maturin hand flags to CMake, Meson and Rust's compiler.
Commands are those of cibuildwheel and of task runners.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from no_libpython_dlopen.buildsystems.commands import link_mentions
from no_libpython_dlopen.buildsystems.commands.packaging_command import flag_settings, rust_flag
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import HOST, deletion, link
from no_libpython_dlopen.buildsystems.embedded_commands.script import Script, links_of
from no_libpython_dlopen.buildsystems.settings_files import toml_positions
from no_libpython_dlopen.buildsystems.settings_files.toml_positions import Path, Value
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.toml import parse_toml
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Location
from no_libpython_dlopen.model.source import Source, Unreadable

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
_WORD = re.compile(r"[^\s,]+")
_FLAG = re.compile(r"[^\s\"']+")
#: Why the flags of an environment may only be changed by who knows the build.
_SHARED_FLAGS = "programs that are built with the same flags may need it"


class _Role(Enum):
    """What a value is for."""

    LIBRARIES = "names of libraries"
    FLAGS = "a linker's flags and objects"
    VARIABLE = "a linker's flags, in one text"
    ENVIRONMENT = "LDFLAGS=… among other settings"
    RUST = "flags of Rust's compiler"
    ARGUMENTS = "-DCMAKE_MODULE_LINKER_FLAGS=…"
    COMMAND = "a shell's command"


#: Systems of cibuildwheel that do not need the link; the others have tables of their own.
_SYSTEM = r"tool/cibuildwheel/(?:linux/|macos/|overrides/\*/)?"
_CMAKE_FLAGS = r"CMAKE_MODULE_LINKER_FLAGS\w*"
_TASKS = r"tool/(?:poe/tasks|pdm/scripts|taskipy/tasks|pixi/tasks|hatch/envs/[^/]+/scripts)/.+"
#: The paths of values, any index as ``*``.
_ROLES = tuple(
    (re.compile(pattern), role)
    for pattern, role in (
        (r"tool/setuptools/ext-modules/\*/libraries", _Role.LIBRARIES),
        (r"tool/distutils/build_ext/libraries", _Role.LIBRARIES),
        (r"tool/setuptools/ext-modules/\*/extra-(?:link-args|objects)", _Role.FLAGS),
        (r"tool/distutils/build_ext/link[_-]objects", _Role.FLAGS),
        (rf"{_SYSTEM}environment", _Role.ENVIRONMENT),
        (rf"{_SYSTEM}environment/LDFLAGS", _Role.VARIABLE),
        (rf"{_SYSTEM}environment/RUSTFLAGS", _Role.RUST),
        (rf"{_SYSTEM}config-settings/cmake\.define\.{_CMAKE_FLAGS}", _Role.VARIABLE),
        (rf"{_SYSTEM}config-settings/(?:cmake\.args|setup-args)", _Role.ARGUMENTS),
        (rf"{_SYSTEM}(?:before-\w+|test-command)(?:/\*)?", _Role.COMMAND),
        (
            rf"tool/scikit-build/(?:overrides/\*/)?cmake/define/{_CMAKE_FLAGS}(?:/default)?",
            _Role.VARIABLE,
        ),
        (r"tool/scikit-build/(?:overrides/\*/)?cmake/args", _Role.ARGUMENTS),
        (r"tool/meson-python/args/setup", _Role.ARGUMENTS),
        (r"tool/maturin/rustc-args", _Role.RUST),
        (_TASKS, _Role.COMMAND),
    )
)
_ARGUMENT = re.compile(rf"(?:{_CMAKE_FLAGS}|(?:c|cpp|fortran)_link_args)=")
#: What an override is for, where the link is needed.
_WINDOWS = re.compile(r"win(?!\w*dow)|windows|cygwin|android|ios|pyodide", re.IGNORECASE)


def read(source: Source) -> Iterator[Link]:
    """Yield the links that a ``pyproject.toml`` asks for.

    Raises ``Unreadable`` where the file is not TOML.
    """
    parsed = _parse(source)
    commands: list[Script] = []
    for value in _values(source):
        role = _role(value.path)
        if role is None or _needs_link(value.path, parsed):
            continue
        if _host_kind(source, value.path, parsed) is HostKind.CERTAIN:
            continue
        if value.items is None:
            if value.string:
                _check(source, value, parsed)
                commands += _commands(source, value) if role is _Role.COMMAND else ()
                yield from _in_text(source, value, role, parsed)
        elif role in (_Role.LIBRARIES, _Role.FLAGS):
            yield from _in_array(source, value, parsed)
        elif role in (_Role.RUST, _Role.ARGUMENTS):
            items = [item for item in value.items if item.string]
            for item in items:
                _check(source, item, parsed)
            yield from _in_arguments(source, items, role)
    if commands:
        yield from links_of(source, commands)


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield the commands of cibuildwheel and of task runners. Raises as ``read`` does."""
    parsed = _parse(source)
    for value in _values(source):
        is_command = value.string and _role(value.path) is _Role.COMMAND
        if is_command and not _needs_link(value.path, parsed):
            _check(source, value, parsed)
            yield from (one.text for one in _commands(source, value))


def _values(source: Source) -> list[Value]:
    try:
        return list(toml_positions.values(source.text))
    except LexError as error:
        raise Unreadable(f"not valid TOML: {error.reason}", source.locate(error.offset)) from None


def _in_text(source: Source, value: Value, role: _Role, parsed: dict[str, Any]) -> Iterator[Link]:
    """Yield the links in one string."""
    if role in (_Role.ENVIRONMENT, _Role.VARIABLE):
        yield from _in_flags(source, value, role)
    elif role in (_Role.RUST, _Role.ARGUMENTS):
        yield from _in_arguments(source, [value], role)
    elif role is not _Role.COMMAND:  # distutils splits a string into words
        yield from _in_string(source, value, parsed)


def _role(path: Path) -> _Role | None:
    general = "/".join("*" if isinstance(part, int) else part for part in path)
    return next((role for pattern, role in _ROLES if pattern.fullmatch(general)), None)


def _needs_link(path: Path, parsed: dict[str, Any]) -> bool:
    """Return whether the link is needed: by a program, or by the systems of an override."""
    if path[:2] == ("tool", "maturin"):
        return bool(parsed["tool"]["maturin"].get("bindings") == "bin")
    if len(path) < 4 or path[2] != "overrides":
        return False
    override = parsed["tool"][path[1]]["overrides"][path[3]]
    if not isinstance(override, dict):
        return False
    selected = override.get("select", override.get("if"))
    return _WINDOWS.search(repr(selected)) is not None


def _inner(source: Source, value: Value) -> TrackedText | None:
    """Return the value of a plain string, ``None`` where it is written otherwise."""
    written = source.text[value.start : value.end]
    quotes = 3 if written.startswith(('"""', "'''")) else 1
    if "\\" in written:
        return None
    return TrackedText.of(written[quotes:-quotes], value.start + quotes)


def _commands(source: Source, value: Value) -> list[Script]:
    text = _inner(source, value)
    return [Script(text)] if text else []


def _in_arguments(source: Source, items: Iterable[Value], role: _Role) -> Iterator[Link]:
    """Yield the links among what a compiler or a build system is given."""
    words: list[TrackedText] = []
    for item in items:
        text = _inner(source, item)
        if text is None:
            continue
        if role is _Role.ARGUMENTS:
            match = _ARGUMENT.search(text.text)
            words += text.part(match.end(), len(text)).words() if match else ()
        else:  # the value of `link-args` is a list itself
            words += [each for word in text.words() for each in rust_flag(word).words()]
    for mention in link_mentions.mentions(words, source.text):
        origin = mention.word.origin(source.text)
        if origin is not None:
            yield link(source, *origin.span, no_fix_reason=_SHARED_FLAGS)


def _parse(source: Source) -> dict[str, Any]:
    try:
        return parse_toml(source.text)
    except ValueError as error:  # also for a number of too many digits
        message = str(error)
        place = _PLACE.search(message)
        reason = _PLACE.sub("", message).strip()
        at = Location(int(place[1]), int(place[2])) if place and place[1] else Location(1, 1)
        raise Unreadable(f"not valid TOML: {reason}", at) from None
    except RecursionError:
        raise Unreadable("not valid TOML: nested too deeply") from None


def _check(source: Source, value: Value, parsed: dict[str, Any]) -> str:
    """Return the string at a value's path. Raises ``Unreadable`` where it is not the text's."""
    node: Any = parsed
    try:
        for part in value.path:
            node = node[part]
    except (KeyError, IndexError, TypeError):
        node = None
    written = source.text[value.start : value.end]
    if not isinstance(node, str) or (written[1:-1] != node and "\\" not in written):
        # Long strings and escapes are compared by what they say.
        quotes = 3 if written.startswith(('"""', "'''")) else 1
        inner = written[quotes:-quotes].lstrip("\r\n")
        if not isinstance(node, str) or inner.replace("\r\n", "\n") != node:
            raise Unreadable("this TOML value could not be located", source.locate(value.start))
    return node


def _names_libpython(role: _Role | None, word: str) -> bool:
    return (
        libpython_names.is_link_library(word)
        if role is _Role.LIBRARIES
        else libpython_names.is_link_flag(word)
    )


def _in_array(source: Source, value: Value, parsed: dict[str, Any]) -> Iterator[Link]:
    role = _role(value.path)
    items = value.items or ()
    spans = [(item.start, item.end) for item in items]
    target = _target(value.path, parsed)
    for index, item in enumerate(items):
        if not item.string:
            continue
        content = _check(source, item, parsed)
        if _names_libpython(role, content.strip()):
            found = deletions.item(source.text, spans, index, value.inner)
            fix = deletion(content.strip(), found, _caveats(source, value.path, parsed))
            yield link(source, item.start, item.end, fix, target=target)
        elif role is _Role.FLAGS:
            yield from _in_string(source, item, parsed)


def _in_string(source: Source, value: Value, parsed: dict[str, Any]) -> Iterator[Link]:
    """Yield the links among the words of one string, which loses only those."""
    if "\\" in source.text[value.start : value.end]:
        return
    role = _role(value.path) or _role(value.path[:-1])
    words = [match.span() for match in _WORD.finditer(source.text, value.start + 1, value.end - 1)]
    for index, (start, end) in enumerate(words):
        word = source.text[start:end]
        if not _names_libpython(role, word.strip("\"'")):
            continue
        reason = "" if len(words) > 1 else "an empty string would name an empty library"
        edit = None if reason else _word_deletion(source.text, words, index)
        fix = deletion(word, edit, _caveats(source, value.path, parsed)) if edit else None
        target = _target(value.path, parsed)
        yield link(source, start, end, fix, target=target, no_fix_reason=reason)


def _in_flags(source: Source, value: Value, role: _Role) -> Iterator[Link]:
    """Yield the links among the flags in a variable, which may become empty."""
    text = source.text
    spans = [(value.start + 1, value.end - 1)]
    if "\\" in text[value.start : value.end]:
        return
    if role is _Role.ENVIRONMENT:
        at = value.start + 1
        inner = text[at : value.end - 1]
        spans = [
            (at + start, at + end)
            for name, (start, end) in flag_settings(inner)
            if name == "LDFLAGS"
        ]
    for start, end in spans:
        words = [match.span() for match in _FLAG.finditer(text, start, end)]
        for index, (first, last) in enumerate(words):
            word = text[first:last]
            if libpython_names.is_link_flag(word):
                only = len(words) == 1
                edit = (
                    deletions.span(text, first, last)
                    if only
                    else _word_deletion(text, words, index)
                )
                yield link(source, first, last, deletion(word, edit, [_SHARED_FLAGS]))


def _word_deletion(text: str, words: list[deletions.Span], index: int) -> Edit:
    """Return the deletion of one of several words, and of the blanks or the comma beside it.

    A comma that stays behind would name an empty library.
    """
    start, end = words[index]
    if index + 1 < len(words):
        return deletions.span(text, start, words[index + 1][0])
    return deletions.span(text, words[index - 1][1], end)


def _target(path: Path, parsed: dict[str, Any]) -> str:
    """Return the name of the extension module that a value belongs to."""
    name = _module(path, parsed).get("name")
    return name if isinstance(name, str) else ""


def _module(path: Path, parsed: dict[str, Any]) -> dict[str, Any]:
    """Return the table of setuptools for the module that a value belongs to."""
    if path[:3] != ("tool", "setuptools", "ext-modules"):
        return {}
    module = parsed["tool"]["setuptools"]["ext-modules"][path[3]]
    return module if isinstance(module, dict) else {}


def _host_kind(source: Source, path: Path, parsed: dict[str, Any]) -> HostKind:
    """Return whether the module that a value belongs to starts an interpreter."""
    named = _module(path, parsed).get("sources")
    if not isinstance(named, list) or not file_tree.is_file(source.path):
        return HostKind.NONE
    folder = os.path.dirname(os.path.abspath(source.path))
    return host_kind(os.path.join(folder, one) for one in named if isinstance(one, str))


def _caveats(source: Source, path: Path, parsed: dict[str, Any]) -> tuple[str, ...]:
    return (HOST,) if _host_kind(source, path, parsed) is HostKind.POSSIBLE else ()
