"""Reads the header comments that Cython takes build settings from.

``# distutils: libraries = m python3.11`` counts in ``.pyx``, ``.pxd`` and ``.py`` files,
and so does ``# cython: libraries = ...``,
as long as only comments and blank lines come before it. Own because Cython's reader
(``Cython.Build.Dependencies.DistutilsInfo``) keeps no positions and Cython is a large
thing to import; it is a loop over lines with one rule for lists.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind
from no_libpython_dlopen.buildsystems.common.link_fact import HOST, deletion, link
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.module_definitions import role_of
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

_LINE = re.compile(r"(?P<blank>[ \t\f\r\n]*)(?P<text>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_SETTING = re.compile(r"#\s*(?:distutils|cython):\s*(?P<key>\w+)\s*=[ \t]*")
#: A bracketed list: quoted or bare items between commas.
_ITEM = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,\"'](?:[^,\"']*[^\s,\"'])?")
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|\S+")
_FLAG = re.compile(r"\S+")
_FLAG_KEYS = frozenset({"extra_link_args", "extra_objects"})


def read(source: Source) -> Iterator[Link]:
    """Yield the links that a source file's header comments ask Cython for."""
    text = source.text
    last: dict[str, tuple[re.Match[str], int, int]] = {}
    for line in analysis.watch(_LINE.finditer(text)):
        content = line["text"]
        if content and not content.startswith("#"):
            break
        setting = _SETTING.match(text, line.start("text"), line.end("text"))
        if setting:
            last[setting["key"]] = (setting, line.end("text"), line.end())
    sources = last.get("sources")
    others = text[sources[0].end() : sources[1]] if sources else ""
    for key, (setting, end, next_line) in last.items():  # a later comment replaces an earlier
        if key == "libraries" or key in _FLAG_KEYS:
            caveats = (HOST,) if _may_host(source, others) else ()
            yield from _links(source, setting, end, next_line, caveats)


def _may_host(source: Source, others: str) -> bool:
    """Return whether the module, or one of its other sources, starts an interpreter."""
    if role_of(source.text).may_start:
        return True
    folder = os.path.dirname(os.path.abspath(source.path))
    names = (match[0].strip("\"',[]") for match in _FLAG.finditer(others))
    paths = [os.path.join(folder, name) for name in names if file_tree.is_file(source.path)]
    return host_kind(paths) is not HostKind.NONE


def _links(
    source: Source, setting: re.Match[str], end: int, next_line: int, caveats: tuple[str, ...]
) -> Iterator[Link]:
    text = source.text
    start = setting.end()
    end = start + len(text[start:end].rstrip())
    bracketed = end - start >= 2 and text[start] == "[" and text[end - 1] == "]"
    if bracketed:
        items = [match.span() for match in _ITEM.finditer(text, start + 1, end - 1)]
    else:
        items = [match.span() for match in _WORD.finditer(text, start, end)]
    wanted = (
        libpython_names.is_link_library
        if setting["key"] == "libraries"
        else libpython_names.is_link_flag
    )
    for index, item in enumerate(items):
        for first, last in _names_in(text, item, wanted):
            spelled = text[first:last]
            if (first, last) != _strip_quotes(text, item):
                edit = deletions.word(text, first, last)
            elif len(items) == 1 and deletions.part_of_flag(text, first, last) is None:
                edit = deletions.span(text, deletions.line_start(text, start), next_line)
            elif bracketed:
                edit = deletions.item(text, items, index, (start + 1, end - 1)).edit
            else:
                edit = deletions.word(text, *item)
            yield link(source, first, last, deletion(spelled, edit, caveats))


def _strip_quotes(text: str, item: deletions.Span) -> deletions.Span:
    start, end = item
    quoted = end - start >= 2 and text[start] in "\"'" and text[end - 1] == text[start]
    return (start + 1, end - 1) if quoted else item


def _names_in(
    text: str, item: deletions.Span, wanted: Callable[[str], bool]
) -> Iterator[deletions.Span]:
    """Yield the spans of what names libpython in an item: all of it, or words of a string."""
    start, end = _strip_quotes(text, item)
    for match in _FLAG.finditer(text, start, end):
        if wanted(match[0]):
            yield match.span()
