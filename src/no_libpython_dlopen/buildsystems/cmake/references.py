"""Which words of a listfile mean libpython, and in which way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.arguments import REFERENCE, Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Block, Node, all_commands
from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind
from no_libpython_dlopen.knowledge.libpython_names import (
    is_library_file,
    is_link_flag,
    is_link_library,
)


class Meaning(NamedTuple):
    """How a word refers to libpython, and what an extension module links in its place."""

    kind: ReferenceKind
    counterpart: str = ""


EMBEDDING_VARIABLE = re.compile(r"(PYTHON|Python3?)_(?:DEBUG_)?LIBRAR(?:Y|IES)(?:_RELEASE|_DEBUG)?")
_TARGET = re.compile(r"(Python3?)::Python")
#: A generator expression for the path of a target's file.
OF_TARGET = re.compile(
    r"\$<TARGET_(?:(?:LINKER_(?:LIBRARY_)?)?FILE:([^<>,]+)"
    r"|PROPERTY:([^<>,]+),(?:IMPORTED_)?LOCATION(?:_[A-Z]+)?)>"
)
_COUNTERPART = re.compile(r"(?:Python3?::(?:SABI)?Module|pybind11::module)\b")
_PLACES = frozenset({"target_link_libraries", "link_libraries", "set", "list"})


#: Part of every word that could mean libpython once variables are filled in.
_SUSPICIOUS = re.compile(
    r"::Python\b|::embed\b|_LIBRAR|\$\{[^${}]*py|\$\{.*\$\{|python-?[\d.$@{]|--embed|LDLIBRARY|INSTSONAME|\bSHARED\b",
    re.IGNORECASE,
)
#: Commands whose arguments never get to a link line.
_HARMLESS = frozenset(
    {
        *("if", "elseif", "else", "while", "message", "function", "macro", "include", "project"),
        *("find_path", "find_program", "find_file", "find_package", "install", "add_test"),
        *("include_directories", "target_include_directories", "target_sources", "add_definitions"),
        *("target_compile_definitions", "target_compile_options", "target_compile_features"),
        *("mark_as_advanced", "configure_file", "add_custom_command", "add_custom_target"),
        *("cmake_minimum_required", "cmake_policy", "option", "get_filename_component", "file"),
        *("unset", "return", "add_dependencies"),
    }
)


def may_link(commands: Iterable[Command]) -> bool:
    """Return whether some commands hold a word that could be reported. ``False`` is certain."""
    return any(
        _SUSPICIOUS.search(argument.text)
        for command in commands
        if command.name not in _HARMLESS or _finds_files(command)
        for argument in command.arguments
    )


def _finds_files(command: Command) -> bool:
    action = command.arguments[0].text if command.arguments else ""
    return command.name == "file" and action.startswith("GLOB")


def is_explicit(word: Word) -> bool:
    """Return whether a word names libpython outright: ``python3.11``, a flag or a path."""
    if "ython" not in word.text:
        return False
    return _links_libpython(word.pattern)


@lru_cache(1024)
def _links_libpython(item: str) -> bool:
    """Return whether an item of a list of libraries names libpython; the same ones come often."""
    if "ython" not in item:
        return False
    return is_link_flag(item) or is_link_library(item) or is_library_file(item)


def names_target(name: str, named: dict[str, ReferenceKind] | None) -> bool:
    """Return whether a target is libpython itself: FindPython's, or one that was found to be."""
    return bool(_TARGET.fullmatch(name)) or (named or {}).get(name) is ReferenceKind.TARGET


def meaning(
    word: Word, flags: bool, named: dict[str, ReferenceKind] | None = None
) -> Meaning | None:
    """Return the meaning of a word that refers to libpython, ``None`` if it is none.

    ``flags`` says that it is among a linker's flags, where a bare ``python3.11``
    is no library. ``named`` are variables and targets that were found to mean it.
    """
    text = word.text
    reference = REFERENCE.fullmatch(text)
    if named and (kind := named.get(reference[1] if reference else text)):
        return Meaning(kind)
    if reference:
        variable = EMBEDDING_VARIABLE.fullmatch(reference[1])
        if variable is None:
            return None
        if variable[1] == "PYTHON":
            return Meaning(ReferenceKind.LEGACY_VARIABLE)
        return Meaning(ReferenceKind.VARIABLE, f"{variable[1]}::Module")
    if word.command.name in ("execute_process", "exec_program"):
        return Meaning(ReferenceKind.CONFIG) if text == "--embed" else None
    file = OF_TARGET.fullmatch(text)
    if file:
        return Meaning(ReferenceKind.FOUND) if names_target(file[1] or file[2], named) else None
    target = _TARGET.fullmatch(text)
    if target:
        return None if flags else Meaning(ReferenceKind.TARGET, f"{target[1]}::Module")
    if text == "pybind11::embed":
        return None if flags else Meaning(ReferenceKind.PYBIND11, "pybind11::module")
    if flags:
        return Meaning(ReferenceKind.FLAG) if is_link_flag(word.pattern) else None
    return Meaning(ReferenceKind.FLAG) if is_explicit(word) else None


def link_counterparts(block: Block) -> list[bool]:
    """Return which of several branches choose the targets that are made for extension modules."""
    several = len(block.branches) > 1
    return [several and _links_counterpart(nodes) for _, nodes in block.branches]


def _links_counterpart(nodes: tuple[Node, ...]) -> bool:
    return any(
        _COUNTERPART.search(argument.text)
        for command in all_commands(nodes)
        if command.name in _PLACES
        for argument in command.arguments
    )
