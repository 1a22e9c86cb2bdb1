"""Ends the life of a clean file on its bytes: no decoding, no parsing, no import.

A file passes if a reader could see something in it, if it may hold a suppression of
ours (an unused one is a finding), or, for Python, if it may not be text at all.
"""

from __future__ import annotations

import codecs

from no_libpython_dlopen.engine import dispatch
from no_libpython_dlopen.files import byte_search
from no_libpython_dlopen.model.kind import Kind

#: Names of the default encoding that need no look-up.
_UTF8 = frozenset({b"utf-8", b"utf8", b"utf_8", b"u8"})
#: Bytes of a text that is parsed for nothing but to see whether it can be.
_LONG = 200_000
_NOQA = (b"noqa",)
_CODES = (b"nlp",)
_OURS = (b"nolibpy",)
#: What any Python file that passes holds.
_PYTHON = byte_search.Scan(
    (byte_search.Group.of(_OURS, caseless=True),),
    (byte_search.Group.of(_NOQA, caseless=True), byte_search.Group.of(_CODES, caseless=True)),
    *dispatch.PYTHON_NEEDS,
)


def passes(kind: Kind, data: bytes) -> bool:
    """Tell whether a text file has to be looked at. ``False`` is certain."""
    if kind is Kind.PYTHON:
        if _is_odd(data):
            return True
        if _PYTHON.drops(data):
            return False
    elif kind is Kind.NOTEBOOK:
        return _passes_notebook(data)
    lowered = data.lower()
    return _may_suppress(lowered) or dispatch.may_matter(kind, data, lowered)


def begin() -> byte_search.Scan:
    """Start the one pass for all words now, if it can be had; return it, to be waited for."""
    _PYTHON.begin()
    return _PYTHON


def parses(kind: Kind, data: bytes) -> bool:
    """Tell whether a file can be parsed, although nothing can be found in it.

    ``False`` only for Python that this interpreter cannot parse, long texts aside, and for
    a ``meson.build`` that speaks of Python.
    """
    if kind is Kind.MESON:
        return not byte_search.any_in(data.lower(), dispatch.MESON_NEEDS) or _parses_as_meson(data)
    if kind is not Kind.PYTHON or len(data) > _LONG:
        return True
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:  # PyCF_ONLY_AST: nothing is compiled, let alone run
            compile(data, "<source>", "exec", 0x400, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _parses_as_meson(data: bytes) -> bool:
    from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
    from no_libpython_dlopen.buildsystems.meson.model import parse_file

    try:
        parse_file("", data.decode("utf-8-sig"))
    except (LexError, UnicodeDecodeError):
        return False
    return True


def _may_suppress(lowered: bytes) -> bool:
    """Tell whether text in lower case may hold a suppression of ours, as ``suppress`` knows it."""
    if byte_search.any_in(lowered, _OURS):
        return True
    if not byte_search.any_in(lowered, _CODES) or not byte_search.any_in(lowered, _NOQA):
        return False
    import re

    return re.search(rb"noqa[^\n]*nlp", lowered) is not None


def _is_odd(data: bytes) -> bool:
    """Tell whether Python source is anything but plain UTF-8 text."""
    if b"\0" in data:
        return True
    second = data.find(b"\n", data.find(b"\n") + 1)
    head = data if second < 0 else data[:second]
    if b"coding" in head:
        rest = head[head.index(b"coding") + 6 :]
        if rest[:1] in (b":", b"="):
            name = rest[1:].lstrip(b" \t").split(None, 1)[:1]
            if not name or name[0].lower() not in _UTF8:
                return True
    if data.isascii():
        return False
    try:
        codecs.utf_8_decode(data, "strict", True)
    except UnicodeDecodeError:
        return True
    return False


def _passes_notebook(data: bytes) -> bool:
    """Ask for the code in the cells; for all bytes, where they are not a notebook."""
    from no_libpython_dlopen.model.source import Unreadable
    from no_libpython_dlopen.notebook.source import NotebookSource

    try:
        data = NotebookSource("", Kind.NOTEBOOK, data).searched
    except Unreadable:
        data = data.replace(rb"\n", b"\n").replace(rb"\"", b'"')
    return passes(Kind.PYTHON, data)
