"""Finds where a project names what only programs that embed Python need."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import chain, pairwise

from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, all_commands
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of

#: This is true only if the whole component is asked for; ``Development.Module`` sets another one.
_FOUND = re.compile(r"(?<!\w)\w+_Development_FOUND\b", re.IGNORECASE)
_SHOWING = frozenset({"message"})
#: A variable or target whose name begins with the value of another one.
_COMPUTED = r"\}\w{0,20}(?:_\w{0,20}\$\{|::\$\{|_\w*(?:LIBRAR|LINK_OPTIONS|FOUND|Development)\w*|::?Python\b)"
#: Targets of FindPython that a module may use.
_OF_MODULES = "Module|Interpreter|Compiler|NumPy|SABIModule"
#: The end of a target's name without a prefix of FindPython, which may be in a variable.
_END = r"(?<!Python)(?<!Python2)(?<!Python3)::?Python\b"
_FILLING = frozenset({"configure_file", "configure_package_config_file"})
#: Operations of ``file`` that read a file, by what stands before its name.
_READING = frozenset({"READ", "STRINGS", "INPUT"})
_HERE = re.compile(r"^\$\{(?:CMAKE_CURRENT_(?:SOURCE|LIST)_DIR|PROJECT_SOURCE_DIR)\}/")


def mentions(file: Listfile, prefix: str) -> Iterator[tuple[int, int]]:
    """Yield the places of results of a prefix that only embedding programs need."""
    pattern = re.compile(
        rf"\$\{{{prefix}_(?:\w*LIBRAR|LINK_OPTIONS)\w*\}}"
        rf"|\b{prefix}::?(?!:?(?:{_OF_MODULES})\b)\w*|{_END}|\$<[^\n]{{0,100}}?\b{prefix}\b(?!:)"
        rf"|\b_?{prefix}_(?:LIBRAR|LINK_OPTIONS)\w*|\bpybind11::embed\b|Development\.Embed_FOUND"
        rf"|(?:\b{prefix}_|\bDevelopment\.)\$\{{|{_COMPUTED}"
    )
    for command in all_commands(file.nodes):
        yield from _matches(command, _FOUND if _is_shown(command) else pattern, _FOUND)


def _is_shown(command: Command) -> bool:
    """Return whether a command shows its arguments, and has one even if a list becomes empty."""
    given = command.arguments
    return command.name in _SHOWING and (
        len(given) > 1 or any(one.kind == "quoted" for one in given)
    )


def runs_code(command: Command) -> bool:
    """Return whether a command runs code that is not read: a computed file's, or its arguments'."""
    first = command.arguments[0].text if command.arguments else ""
    if command.name == "include":
        return "${" in first and not first.endswith((".cmake", ".txt"))
    return command.name == "cmake_language" and first in ("EVAL", "DEFER")


def query_mentions(file: Listfile, prefix: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the libraries that pkg-config has found for a prefix."""
    pattern = re.compile(
        rf"\$\{{{prefix}_\w*(?:LIBRAR|LDFLAGS)\w*\}}|PkgConfig::{prefix}\b"
        rf"|\b{prefix}_\w*(?:LIBRAR|LDFLAGS)\w*|\b{prefix}_\$\{{"
        r"|\}\w{0,20}_(?:\w{0,20}\$\{|\w*(?:LIBRAR|LDFLAGS)\w*)|\bPkgConfig::\$\{"
    )
    for command in all_commands(file.nodes):
        yield from _matches(command, pattern)


def _matches(command: Command, *patterns: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the places where the arguments of a command match any of some patterns."""
    for argument in command.arguments:
        for match in chain.from_iterable(one.finditer(argument.text) for one in patterns):
            yield argument.inner + match.start(), argument.inner + match.end()


def filled_texts(file: Listfile) -> Iterator[str | None]:
    """Yield the texts that ``configure_file`` fills in; ``None`` for one that cannot be read."""
    for command in all_commands(file.nodes):
        if command.name in _FILLING and command.arguments:
            yield _text_of(file, command.arguments[0].text)


def _text_of(file: Listfile, name: str) -> str | None:
    path = os.path.join(os.path.dirname(file.path), _HERE.sub("", name))
    return text_of(path, errors="replace")


def _read_texts(file: Listfile) -> Iterator[str]:
    """Yield the texts that ``file`` reads, of those that can be read."""
    for command in all_commands(file.nodes):
        if command.name == "file":
            for operation, argument in pairwise(command.arguments):
                if operation.text in _READING and (text := _text_of(file, argument.text)):
                    yield text


def template_mentions(file: Listfile, prefix: str) -> bool:
    """Return whether a file that is filled in may name what only embedding programs need."""
    needed = re.compile(rf"{prefix}(?:_\w*LIBRAR|_LINK_OPT|_\w*LDFLAGS|_Devel|::Python)")
    texts = chain(filled_texts(file), _read_texts(file))
    return any(text is None or needed.search(text) for text in texts)
