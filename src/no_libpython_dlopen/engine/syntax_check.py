"""Whether a file can be parsed in which nothing can be found: asked of files that are named.

In a directory such a file is not parsed, which would take a hundred times as long as the check.
"""

from __future__ import annotations

from no_libpython_dlopen.buildsystems.prefilter import MESON_WORDS
from no_libpython_dlopen.files.byte_search import contains_any
from no_libpython_dlopen.model.kind import Kind

#: Bytes of a text that is parsed for nothing but to see whether it can be.
_LONG = 200_000


def is_parsable(kind: Kind, data: bytes) -> bool:
    """Return whether a file can be parsed.

    ``False`` only for Python that this interpreter cannot parse, and for a ``meson.build`` that
    speaks of Python; long texts aside.
    """
    if len(data) > _LONG or kind not in (Kind.PYTHON, Kind.MESON):
        return True
    if kind is Kind.MESON:
        return not contains_any(data.lower(), MESON_WORDS) or _is_meson(data)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:  # PyCF_ONLY_AST: nothing is compiled, let alone run
            compile(data, "<source>", "exec", 0x400, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _is_meson(data: bytes) -> bool:
    from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
    from no_libpython_dlopen.buildsystems.meson.model import parse_file

    try:
        parse_file("", data.decode("utf-8-sig"))
    except (LexError, UnicodeDecodeError):
        return False
    return True
