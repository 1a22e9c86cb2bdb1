"""Rejects clean files from their raw bytes, before decoding or parsing.

A file passes if a reader could see something in it, if it may contain a comment that
suppresses findings (an unused one is a finding), or, for Python, if it may not be UTF-8.
"""

from __future__ import annotations

from no_libpython_dlopen.buildsystems import prefilter as build_prefilter
from no_libpython_dlopen.buildsystems.registry import LANGUAGES
from no_libpython_dlopen.files.byte_search import PatternScan, one_of
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.prefiltered import Prefiltered
from no_libpython_dlopen.python import prefilter as python_prefilter

#: Kinds that may hold programs in Python.
EMBEDDING = frozenset(kind for kind, language in LANGUAGES.items() if language.commands)
#: Names of the default encoding that need no look-up.
_UTF8 = frozenset({b"utf-8", b"utf8", b"utf_8", b"u8"})
#: How text in UTF-16 begins, in both byte orders, which no build tool reads.
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
#: What any Python file that passes contains.
PYTHON_SCAN = PatternScan(
    (rb"(?i)nolibpy",),
    (rb"(?i)noqa", rb"(?i)nlp"),
    python_prefilter.LOADER_PATTERNS,  # another file may give the name,
    # … or open the library.
    (one_of((b"import", b"def test")), python_prefilter.HANDED_PATTERN),
    (b"import", *python_prefilter.PROGRAM_PATTERNS),
    (b"import", python_prefilter.EXECUTED_PATTERN),
    build_prefilter.PYTHON_PATTERNS,
    build_prefilter.COMMAND_PATTERNS,
)


def prefilter(kind: Kind, data: bytes, path: str = "") -> Prefiltered:
    """Return the kinds of finding that a text file of these bytes may contain.

    ``path`` is where it is, so that its imports can be looked at, empty for text alone.
    """
    if kind is Kind.NOTEBOOK:
        from no_libpython_dlopen.notebook.source import searchable_code

        code = searchable_code(data)
        if code is None:
            return Prefiltered(needs_decoding=True)
        kind, data = Kind.PYTHON, code
    elif kind is Kind.PATH_CONFIGURATION:
        from no_libpython_dlopen.python.path_configuration import code_in

        kind, data = Kind.PYTHON, code_in(data)
    if kind is Kind.PYTHON:
        if not _is_utf8(data):
            return Prefiltered(needs_decoding=True)
        if PYTHON_SCAN.rejects(data) and not build_prefilter.is_build_script(path):
            return Prefiltered()
    elif data.startswith(_UTF16):  # to be refused, if it says something about Python
        data = data.replace(b"\0", b"")
    return prefilter_text(kind, data, path)


def prefilter_text(kind: Kind, data: bytes, path: str = "") -> Prefiltered:
    """Return the same of text in which every ASCII byte is that character."""
    content = python_prefilter.Content(data)
    if kind is Kind.PYTHON:
        calls = python_prefilter.may_call_loader(content)
        may_load = calls and content.names_libpython
        gives = calls and path != "" and python_prefilter.may_give_loader(content)
        hands = path != "" and (gives or python_prefilter.may_hand_name(content))
        if path and not may_load and (hands or python_prefilter.runs_program(content)):
            from no_libpython_dlopen.python.project import import_prefilter

            may_load = (
                hands and import_prefilter.leads_to_load(path, content, calls=gives)
            ) or import_prefilter.leads_to_program(path, content)
    else:
        may_load = kind in EMBEDDING and python_prefilter.may_contain_embedded_load(data)
    may_link = build_prefilter.may_contain_link(kind, content)
    if kind is Kind.PYTHON and not may_link and build_prefilter.is_build_script(path):
        may_link = build_prefilter.leads_to_link(path, content)
    suppresses = _may_suppress(content.lowered)
    return Prefiltered(may_load=may_load, may_link=may_link, may_suppress=suppresses)


def _may_suppress(lowered: bytes) -> bool:
    """Return whether text in lower case may contain a suppression of ours."""
    return b"nolibpy" in lowered or (
        b"nlp" in lowered
        and b"noqa" in lowered
        and any(0 <= line.find(b"noqa") < line.rfind(b"nlp") for line in lowered.split(b"\n"))
    )


def _is_utf8(data: bytes) -> bool:
    """Return whether Python source is certainly UTF-8 text."""
    if b"\0" in data:
        return False
    second = data.find(b"\n", data.find(b"\n") + 1)
    head = data if second < 0 else data[:second]
    if b"coding" in head:
        import re

        declared = re.search(rb"coding[:=][ \t]*([-\w.]*)", head)
        if declared and declared[1].lower() not in _UTF8:
            return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
