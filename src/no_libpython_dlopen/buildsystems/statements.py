"""Which rows belong to one statement: a comment on its first or last row counts for all of it.

A statement is what the language calls a logical line, a command or an instruction; a value
with its key in TOML. In a text that does not lex, rows stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

Span = tuple[int, int]
#: Lines that a backslash joins, as in make.
_JOINED = re.compile(r"(?<![^\r\n])(?:[^\r\n]*\\(?:\r\n|\n))+[^\r\n]*")


def statements(source: Source) -> list[tuple[int, int]]:
    """Return the first and last rows of the statements that have several, in order.

    Raises ``LimitReached`` where the time of the running analysis is over.
    """
    spans = _SPANS.get(source.kind)
    found = []
    try:
        for start, end in analysis.watch(spans(source.text) if spans else ()):
            rows = source.locate(start).row, source.locate(max(end - 1, start)).row
            if rows[0] < rows[1]:
                found.append(rows)
    except LexError:
        pass
    return found


def _of_python(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.python.syntax.comments import line_ends

    start = 0
    for end in line_ends(text):
        yield start, end
        start = end
    yield start, len(text)


def _of_cmake(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.cmake.lexer import commands

    return ((command.start, command.end) for command in commands(text))


def _of_meson(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.meson.lexer import significant

    start = end = 0
    for token in significant(text):
        if token.kind == "newline":
            yield start, end
            start = token.end
        end = token.end
    yield start, end


def _of_shell(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.shell.lexer import tokens

    start = 0
    for token in tokens(text):
        if token.kind == "newline":
            yield start, token.start
        if token.kind in ("newline", "here"):
            start = token.end
    yield start, len(text)


def _of_make(text: str) -> Iterator[Span]:
    return (match.span() for match in _JOINED.finditer(text))


def _of_dockerfile(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.shell.dockerfile_lexer import instructions

    for one in instructions(text):
        if one.name:
            yield one.start, one.stop
            yield from (match.span() for match in _JOINED.finditer(text, one.stop, one.end))


def _of_yaml(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.embedded_commands.yaml_comments import values

    at = 0
    for start, end in values(text):
        yield from (match.span() for match in _JOINED.finditer(text, at, start))
        yield start, end
        at = end
    yield from (match.span() for match in _JOINED.finditer(text, at))


def _of_nix(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.embedded_commands.nix import values

    return values(text)


def _of_toml(text: str) -> Iterator[Span]:
    from no_libpython_dlopen.buildsystems.settings_files.toml_positions import values

    end = 0
    for value in values(text):
        if value.start >= end:  # not an item of an array
            yield value.start, value.end
            end = value.end


_SPANS: dict[Kind, Callable[[str], Iterator[Span]]] = {
    **dict.fromkeys((Kind.PYTHON, Kind.CYTHON, Kind.SCONS, Kind.WAF, Kind.BAZEL), _of_python),
    **dict.fromkeys((Kind.MAKE, Kind.AUTOMAKE, Kind.AUTOCONF, Kind.RPM_SPEC), _of_make),
    **dict.fromkeys((Kind.PYPROJECT, Kind.CARGO), _of_toml),
    Kind.CMAKE: _of_cmake,
    Kind.NIX: _of_nix,
    Kind.YAML: _of_yaml,
    Kind.MESON: _of_meson,
    Kind.SHELL: _of_shell,
    Kind.DOCKERFILE: _of_dockerfile,
}
