"""Reads ``pyproject.toml``: extension modules that setuptools builds, always modules.

``[[tool.setuptools.ext-modules]]`` (setuptools 74.1) names libraries, objects and flags
of each extension, ``[tool.distutils.build_ext]`` those of all of them. ``tomllib``
decides what the file says; ``toml_positions`` says only where. cibuildwheel builds wheels
in an environment whose ``LDFLAGS`` reach the link line of each module, and scikit-build
hands CMake ``CMAKE_MODULE_LINKER_FLAGS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import deletion, link
from no_libpython_dlopen.buildsystems.settings_files import toml_positions
from no_libpython_dlopen.buildsystems.settings_files.toml_positions import Path, Value
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Location
from no_libpython_dlopen.model.source import Source, Unreadable

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
_WORD = re.compile(r"[^\s,]+")

#: The paths of lists of libraries, objects or flags, any index as ``*``.
_LIBRARIES = frozenset(
    {
        ("tool", "setuptools", "ext-modules", "*", "libraries"),
        ("tool", "distutils", "build_ext", "libraries"),
    }
)
_FLAGS = frozenset(
    {
        ("tool", "setuptools", "ext-modules", "*", "extra-link-args"),
        ("tool", "setuptools", "ext-modules", "*", "extra-objects"),
        ("tool", "distutils", "build_ext", "link_objects"),
        ("tool", "distutils", "build_ext", "link-objects"),
    }
)


#: Of these systems cibuildwheel builds for, the link is right.
_LINKING_SYSTEMS = frozenset({"windows", "android", "ios", "pyodide"})
_MODULE_FLAGS = ("tool", "scikit-build", "cmake", "define", "CMAKE_MODULE_LINKER_FLAGS")
#: ``LDFLAGS='-lpython3.11 -lm'`` among other settings.
_SETTING = re.compile(r"(?<![\w$])LDFLAGS=(?P<quote>[\"']?)(?P<value>(?:(?!(?P=quote))[^\"'])*)")
_FLAG = re.compile(r"[^\s\"']+")
#: Why the flags of an environment may only be changed by who knows the build.
_SHARED_FLAGS = "programs that are built with the same flags may need it"


def read(source: Source) -> Iterator[Link]:
    """Yield the links that a ``pyproject.toml`` asks for.

    Raises ``Unreadable`` where the file is not TOML.
    """
    parsed = _parse(source)
    try:
        found = [value for value in toml_positions.values(source.text) if _kind(value.path)]
    except LexError as error:
        raise Unreadable(f"not TOML: {error.reason}", source.locate(error.offset)) from None
    for value in found:
        if value.items is None:
            if value.string and _kind(value.path) in ("environment", "variable"):
                _check(source, value, parsed)
                yield from _in_flags(source, value)
            elif value.string:  # distutils splits a string into words
                _check(source, value, parsed)
                yield from _in_string(source, value, parsed)
        else:
            yield from _in_array(source, value, parsed)


def _parse(source: Source) -> dict[str, Any]:
    try:
        return toml_positions.parse(source.text)
    except ValueError as error:  # also for a number of too many digits
        message = str(error)
        place = _PLACE.search(message)
        reason = _PLACE.sub("", message).strip()
        at = Location(int(place[1]), int(place[2])) if place and place[1] else Location(1, 1)
        raise Unreadable(f"not TOML: {reason}", at) from None
    except RecursionError:
        raise Unreadable("not TOML: nested too deeply") from None


def _kind(path: Path) -> str:
    general = tuple("*" if isinstance(part, int) else part for part in path)
    if general in _LIBRARIES:
        return "libraries"
    if general == _MODULE_FLAGS:
        return "variable"
    if general[:2] == ("tool", "cibuildwheel"):
        return _kind_of_environment(general[2:])
    return "flags" if general in _FLAGS else ""


def _kind_of_environment(path: Path) -> str:
    """Return the kind of what is below ``[tool.cibuildwheel]``, a system's own table too."""
    if path[:2] == ("overrides", "*"):
        path = path[2:]
    elif len(path) > 1 and path[1] == "environment" and path[0] not in _LINKING_SYSTEMS:
        path = path[1:]
    if path == ("environment",):
        return "environment"
    return "variable" if path == ("environment", "LDFLAGS") else ""


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
        inner = written.strip("\"'").lstrip("\r\n")
        if not isinstance(node, str) or inner.replace("\r\n", "\n") != node:
            raise Unreadable("not understood as TOML", source.locate(value.start))
    return node


def _names_libpython(kind: str, word: str) -> bool:
    return (
        libpython_names.is_link_library(word)
        if kind == "libraries"
        else libpython_names.is_link_flag(word)
    )


def _in_array(source: Source, value: Value, parsed: dict[str, Any]) -> Iterator[Link]:
    kind = _kind(value.path)
    items = value.items or ()
    spans = [(item.start, item.end) for item in items]
    target = _target(value.path, parsed)
    for index, item in enumerate(items):
        if not item.string:
            continue
        content = _check(source, item, parsed)
        if _names_libpython(kind, content.strip()):
            found = deletions.item(source.text, spans, index, value.inner)
            fix = deletion(content.strip(), found)
            yield link(source, item.start, item.end, fix, target=target)
        elif kind == "flags":
            yield from _in_string(source, item, parsed)


def _in_string(source: Source, value: Value, parsed: dict[str, Any]) -> Iterator[Link]:
    """Yield the links among the words of one string, which loses only those."""
    if "\\" in source.text[value.start : value.end]:
        return
    kind = _kind(value.path) or _kind(value.path[:-1])
    words = [match.span() for match in _WORD.finditer(source.text, value.start + 1, value.end - 1)]
    for index, (start, end) in enumerate(words):
        word = source.text[start:end]
        if not _names_libpython(kind, word.strip("\"'")):
            continue
        reason = "" if len(words) > 1 else "an empty string would name an empty library"
        fix = None if reason else deletion(word, _word_deletion(source.text, words, index))
        target = _target(value.path, parsed)
        yield link(source, start, end, fix, target=target, no_fix_reason=reason)


def _in_flags(source: Source, value: Value) -> Iterator[Link]:
    """Yield the links among the flags in a variable, which may become empty."""
    text = source.text
    spans = [(value.start + 1, value.end - 1)]
    if "\\" in text[value.start : value.end]:
        return
    if _kind(value.path) == "environment":
        spans = [
            match.span("value") if match["quote"] else _span_of_word(text, match.start("value"))
            for match in _SETTING.finditer(text, *spans[0])
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


def _span_of_word(text: str, start: int) -> deletions.Span:
    match = _FLAG.match(text, start)
    return match.span() if match else (start, start)


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
    if path[:3] != ("tool", "setuptools", "ext-modules"):
        return ""
    module = parsed["tool"]["setuptools"]["ext-modules"][path[3]]
    name = module.get("name") if isinstance(module, dict) else None
    return name if isinstance(name, str) else ""
