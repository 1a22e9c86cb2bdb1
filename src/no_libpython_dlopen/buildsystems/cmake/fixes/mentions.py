"""Finds where a project names what only programs that embed Python need."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import chain

from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, all_commands
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of

#: This is true only if the whole component is asked for; ``Development.Module`` sets another one.
_FOUND = re.compile(r"(?<!\w)\w+_Development_FOUND\b", re.IGNORECASE)
_SHOWING = frozenset({"message"})
#: A variable or target whose name begins with the value of another one.
_COMPUTED = r"\}\w{0,20}(?:_\w{0,20}\$\{|::\$\{|_\w*(?:LIBRAR|LINK_OPTIONS|FOUND|Development)\w*|::?Python\b)"
_FILLING = frozenset({"configure_file", "configure_package_config_file"})
_HERE = re.compile(r"^\$\{(?:CMAKE_CURRENT_(?:SOURCE|LIST)_DIR|PROJECT_SOURCE_DIR)\}/")


def mentions(file: Listfile, prefix: str) -> Iterator[tuple[int, int]]:
    """Yield the places of results of a prefix that only embedding programs need."""
    pattern = re.compile(
        rf"\$\{{{prefix}_(?:\w*LIBRAR|LINK_OPTIONS)\w*\}}|{prefix}::Python\b"
        rf"|\b_?{prefix}_(?:LIBRAR|LINK_OPTIONS)\w*|\bpybind11::embed\b|Development\.Embed_FOUND"
        rf"|(?:\b{prefix}(?:_|::)|\bDevelopment\.)\$\{{|{_COMPUTED}"
    )
    for command in all_commands(file.nodes):
        yield from _matches(command, _FOUND if command.name in _SHOWING else pattern, _FOUND)


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
            name = _HERE.sub("", command.arguments[0].text)
            yield text_of(os.path.join(os.path.dirname(file.path), name), errors="replace")


def template_mentions(file: Listfile, prefix: str) -> bool:
    """Return whether ``configure_file`` may fill in what only embedding programs need."""
    needed = re.compile(rf"{prefix}(?:_\w*LIBRAR|_LINK_OPT|_\w*LDFLAGS|_Devel|::Python)")
    return any(text is None or needed.search(text) for text in filled_texts(file))
