"""Reads RPM specs: the commands of ``%build`` and ``%install``.

The macros that build Python's wheels are those of Fedora's and openSUSE's packaging guidelines.
They hand on the flags in the shell's variables, which Fedora's RPM also exports when a section
begins (``%set_build_flags``). Other macros are unknown text. Both branches of an ``%if`` are read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator

from no_libpython_dlopen.buildsystems.commands.packaging_command import RECIPE_FLAGS
from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText
from no_libpython_dlopen.buildsystems.embedded_commands import script
from no_libpython_dlopen.buildsystems.embedded_commands.script import Script, fill
from no_libpython_dlopen.buildsystems.shell.comments import comments as shell_comments
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

__all__ = ["comments", "embedded_comments", "read"]

_SECTION = re.compile(
    r"^%(?P<name>prep|generate_buildrequires|conf|build|install|check|clean|description|package|files"
    r"|changelog|pre|post|preun|postun|pretrans|posttrans|trigger\w*|filetrigger\w*|verifyscript)\b"
    r"[^\n]*$",
    re.MULTILINE,
)
_BUILDING = ("build", "install")
_MACRO = re.compile(
    r"^%(?:if|el|endif|global|define|undefine|include)\w*[^\n]*$"
    r"|%\{(?P<a>[?!]*\w+)\b[^{}\n]*\}|%(?P<b>\w+)|%\([^()\n]*\)",
    re.MULTILINE,
)
#: A definition's first line, and what nests in a value that goes on without a backslash.
_DEFINITION = re.compile(r"^[ \t]*%(?:global|define)\b", re.MULTILINE)
_BRACKET = re.compile(r"\n[ \t]*%(?:global|define)\b|\\\n|[{}()\n]")
#: Characters of a value that goes on over several lines.
_LONGEST_DEFINITION = 1 << 14
_COMMENT_LINE = re.compile(r"^[ \t]*#[^\r\n]*", re.MULTILINE)
_WHEEL = re.compile(r"pyproject_(?:wheel|build)|python3?\d*_(?:pyproject_wheel|wheel)")
_SETUP = re.compile(r"(?:cython_)?(?:py3?|python3?\d*)_(?:build|install)")
_PYTHON = re.compile(r"_*python3?|python3_pkgversion")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that the commands of a spec make."""
    yield from script.links_of(source, _scripts(source.text, _BUILDING))


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield the commands that build, install and test."""
    return (each.text for each in _scripts(source.text, {*_BUILDING, "check"}))


def comments(text: str) -> Iterator[Span]:
    """Yield the spans of the comments: of the tags, and of the scripts outside of their data."""
    begun = list(analysis.watch(_SECTION.finditer(text)))
    yield from _comment_lines(text, 0, begun[0].start() if begun else len(text))
    for section, after in itertools.zip_longest(begun, begun[1:]):
        start, end = section.end(), after.start() if after else len(text)
        if section["name"] in ("package", "files"):
            yield from _comment_lines(text, start, end)
        elif section["name"] not in ("description", "changelog"):
            code = _MACRO.sub(_mask, _without_definitions(text[start:end]))
            yield from ((start + one, start + other) for one, other in shell_comments(code))


def embedded_comments(text: str) -> Iterator[Span]:
    """Yield the spans of what may be comments: in the value of a macro it is text."""
    return script.comments(_without_definitions(text))


def _mask(found: re.Match[str]) -> str:
    return "x" * len(found[0])


def _without_definitions(text: str) -> str:
    """Return a text of the same length in which the definitions of macros are one line each."""
    parts, at = [], 0
    for match in analysis.watch(_DEFINITION.finditer(text)):
        if match.start() >= at:
            end = _definition_end(text, match.end())
            parts += [text[at : match.start()], "x" * (end - match.start())]
            at = end
    return "".join([*parts, text[at:]])


def _definition_end(text: str, at: int) -> int:
    """Return the end of a definition: a line end outside of all brackets, not continued."""
    depth, first = 0, text.find("\n", at)
    for match in _BRACKET.finditer(text, at, at + _LONGEST_DEFINITION):
        if match[0][0] == "\n" and depth <= 0:
            return match.start()
        if len(match[0]) > 2:  # so that no text is read twice
            break
        depth += (match[0] in "{(") - (match[0] in "})")
    return first if first >= 0 else len(text)


def _comment_lines(text: str, start: int, end: int) -> Iterator[Span]:
    return (match.span() for match in analysis.watch(_COMMENT_LINE.finditer(text, start, end)))


def _scripts(text: str, sections: Container[str]) -> Iterator[Script]:
    begun = list(analysis.watch(_SECTION.finditer(text)))
    for index, section in enumerate(begun):
        if section["name"] in sections:
            end = begun[index + 1].start() if index + 1 < len(begun) else len(text)
            commands = fill(text, (section.end(), end), _MACRO, _meaning)
            yield Script(commands, exports=RECIPE_FLAGS)


def _meaning(macro: re.Match[str]) -> str | None:
    """Return the value of a macro, as far as a build depends on it."""
    name = (macro["a"] or macro["b"] or "").lstrip("?!")
    if not name:
        return None if macro[0].startswith("%(") else ""
    if _WHEEL.fullmatch(name):
        return "python3 -m pip wheel"
    if _SETUP.fullmatch(name):
        return "python3 setup.py build"
    return "python3" if _PYTHON.fullmatch(name) else None
