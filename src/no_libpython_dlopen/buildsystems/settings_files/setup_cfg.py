"""Reads ``setup.cfg``: ``[build_ext] libraries`` and ``link_objects`` reach every extension.

tox takes its environments from it as well.

``configparser`` is what setuptools itself reads the file with, and it decides here too;
but it keeps no positions, and configupdater is lossless without offsets. So the lines
of the one section that matters are found by the same few rules, and the values so found
are compared with ``configparser``'s.
"""

from __future__ import annotations

import configparser
import io
import os
import re
from bisect import bisect_right
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.host_kind import may_host_project
from no_libpython_dlopen.buildsystems.common.ini_options import LINE, Option, all_options
from no_libpython_dlopen.buildsystems.common.link_fact import HOST, deletion, link
from no_libpython_dlopen.buildsystems.embedded_commands import tox_ini
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.limits import INI_LINES
from no_libpython_dlopen.model.source import Source, Unreadable

SECTION = "build_ext"
#: Options that name libraries, in both spellings that setuptools takes.
LIBRARIES = frozenset({"libraries"})
OBJECTS = frozenset({"link_objects", "link-objects"})

_COMMENT = re.compile(r"^[ \t]*(#[^\r\n]*)", re.MULTILINE)
_WORD = re.compile(r"[^\s,]+")  # distutils' ensure_string_list


def read(source: Source) -> Iterator[Link]:
    """Yield the links that a ``setup.cfg`` asks for.

    Raises ``Unreadable`` where ``configparser`` cannot read the file.
    """
    text = source.text
    parsed = _parse(source)
    for option in options(text, SECTION):
        if option.key not in LIBRARIES | OBJECTS:
            continue
        words = [text[start:end] for start, end in _words(text, option)]
        value = parsed.get(SECTION, option.key, raw=True, fallback="")
        if _WORD.findall(value) != words:
            raise Unreadable(
                "nolibpy and configparser read this option differently", source.locate(option.start)
            )
        yield from _links(source, option)
    yield from tox_ini.read(source)


def comments(text: str) -> Iterator[deletions.Span]:
    """Yield the spans of the comments that begin with ``#``; each has its line to itself."""
    return (match.span(1) for match in _COMMENT.finditer(text))


def code_tokens(text: str) -> Iterator[object]:
    """Yield the tokens of a text, without its comments. Raises ``ValueError`` where it is not a ``setup.cfg``."""
    if _is_too_long(text):
        raise ValueError("too long")
    try:
        parsed = _parse_text(text)
    except configparser.Error as error:
        raise ValueError(_first_line(error)) from None
    yield parsed.defaults(), {name: parsed.items(name) for name in parsed.sections()}


def _parse_text(text: str) -> configparser.RawConfigParser:
    """Return the sections of a text. Raises ``configparser.Error``."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    # Each line end counts, as it does for setuptools, which opens the file as text.
    parser.read_file(io.StringIO(text, newline=None))
    return parser


def _is_too_long(text: str) -> bool:
    # configparser takes quadratic time in the number of lines that it does not understand.
    lines = text.count("\n") + text.count("\r") - text.count("\r\n")
    return lines > INI_LINES


def _parse(source: Source) -> configparser.RawConfigParser:
    if _is_too_long(source.text):
        raise LimitReached(INI_LINES)
    try:
        return _parse_text(source.text)
    except configparser.Error as error:
        lines = [number for number, _ in getattr(error, "errors", ())]
        row = getattr(error, "lineno", None) or (lines[0] if lines else 1)
        odd = isinstance(error, configparser.ParsingError) and bool(lines)
        reason = (
            "the line is not a section header, an option or a comment"
            if odd
            else _first_line(error)
        )
        raise Unreadable(f"not a valid setup.cfg: {reason}", Location(row, 1)) from None


def _first_line(error: configparser.Error) -> str:
    return error.message.partition("\n")[0].rstrip(".")


def options(text: str, section: str) -> Iterator[Option]:
    """Yield the options of a section, by ``configparser``'s rules."""
    return (option for name, option in all_options(text) if name == section)


def _links(source: Source, option: Option) -> Iterator[Link]:
    text = source.text
    words = _words(text, option)
    wanted = (
        libpython_names.is_link_library if option.key in LIBRARIES else libpython_names.is_link_flag
    )
    for index, (start, end) in enumerate(words):
        if wanted(text[start:end]):
            found = _word_deletion(text, option, words, index)
            caveats = (HOST,) if source.derive(_may_host) else ()
            yield link(source, start, end, deletion(text[start:end], found, caveats))


def _may_host(source: Source) -> bool:
    folder = os.path.dirname(os.path.abspath(source.path))
    return file_tree.is_file(source.path) and may_host_project(folder)


def _words(text: str, option: Option) -> list[deletions.Span]:
    """Return the spans of the words that distutils makes of an option's value."""
    return [m.span() for start, end in option.lines for m in _WORD.finditer(text, start, end)]


def _word_deletion(
    text: str, option: Option, words: list[deletions.Span], index: int
) -> deletions.Deletion:
    """Return the deletion of one word.

    The option goes with its only word, since distutils makes an empty library name of
    an empty value, and the next word moves up where the first line would be empty.
    """
    start, end = words[index]
    part = deletions.part_of_flag(text, start, end)
    if part is not None:
        return deletions.Deletion(part)
    if len(words) == 1:
        return deletions.Deletion(deletions.span(text, option.start, option.end), option.comments)
    line = bisect_right(option.lines, (start, len(text))) - 1
    first, last = option.lines[line]
    if index + 1 < len(words) and words[index + 1][1] <= last:
        return deletions.Deletion(deletions.span(text, start, words[index + 1][0]))
    if index and words[index - 1][0] >= first:
        return deletions.Deletion(deletions.span(text, words[index - 1][1], end))
    if line == 0:
        return deletions.Deletion(deletions.span(text, start, words[index + 1][0]), option.comments)
    stop = LINE.match(text, last)
    assert stop is not None
    return deletions.Deletion(deletions.span(text, deletions.line_start(text, first), stop.end()))
