"""Ends the life of most Python files before they are decoded.

Every load that the analysis can find is spelled with a loader's word somewhere in its
file: a loader has to be imported, or called by its name. Few files hold one, and those
are asked closer: for a loader's whole word, and for a part of a library's name, or what
gives one without saying "python" (``get_config_var("LDLIBRARY")``). A name may be put
together from pieces, be cut in the middle of the word, by a line's end also, and have an
escape in it; what is left out is a word cut in two places or more, which nobody writes.
What is left is split into code and texts (``lexer``): a name is spelled in a text.
"""

from __future__ import annotations

from functools import lru_cache

from no_libpython_dlopen.files import byte_search

#: ``ctypes`` covers ``_ctypes`` and ``numpy.ctypeslib``; ``dlopen`` cffi; the others are
#: methods of cppyy, ROOT and llvmlite.
MODULE_WORDS = (b"ctypes", b"dlopen", b"load_library", b"gSystem")
#: What is looked up in ctypes, or called.
_LOADER_WORDS = (b"DLL", b"dll", b"LibraryLoader", b"dlopen", b"load_library", b"gSystem")
#: The same words where they can be a loader's name or its end (``f"{kind}DLL"``): Windows'
#: loaders are none, and no name of a library.
_LOADER = (  # the word comes first, which is searched for many times as fast
    rb"DLL\b(?<!\.DLL)(?<!WinDLL)(?<!OleDLL)|dll\b(?<!\.dll)(?<!windll)(?<!oledll)"
    rb"|LibraryLoader|dlopen|load_library|gSystem"
)


#: A part of libpython's name, with what can follow it in a name, a template, a glob or a
#: string's end, as ``names.may_be_part`` has it; in prose something else follows.
_NAME = (
    rb"libpython|(?:(?<![\w-])|%\w|\\\w{1,6})python(?:[23{%$*?\[<\\]|[\"'](?!s\b)|T?3?\.framework)"
    rb"|(?:[\"'}\r\n]|%\w)(?:i?bp)?y?t?hon|pytho?[\"'{%$]|\\\w{1,6}hon|pyt?h?o?\\[\w\r\n]|(?-i:thon[A-Z@])|config_var"
)
#: All of it, for one pass over many files.
NEEDS = (
    byte_search.Group.of(MODULE_WORDS),
    byte_search.Group(_LOADER),
    byte_search.Group(_NAME, caseless=True),
)
#: What no name is without, in lower case, however it is cut or asked for.
_REMAINS = (b"pyt", b"hon", b"config_var")
#: In code a name is spelled by a parameter, as in ``dict(libpython3=...)``, or by a module.
_PARAMETER = rb"\b(\w+)\s*=(?!=)"
_MODULE = b"find_libpython"


def may_load(data: bytes, lowered: bytes | None = None) -> bool:
    """Tell whether a Python file of these bytes could hold a load. ``False`` is certain.

    ``lowered`` are the bytes in lower case, if they are at hand.
    """
    if not _holds_words(data):
        return False
    if not byte_search.any_in(data.lower() if lowered is None else lowered, _REMAINS):
        return False
    return _spells(data)


@lru_cache(maxsize=1)  # the sieve asks for the same file as the reader
def _spells(data: bytes) -> bool:
    """Tell whether the code holds a loader, and some text a part of libpython's name."""
    import re

    from no_libpython_dlopen.knowledge.libpython_names import may_be_part
    from no_libpython_dlopen.python.syntax.string_scanner import split

    pieces = split(data)
    if pieces is None:
        return may_matter(data)
    spelled = b"\n".join((pieces.code, *pieces.texts))
    if not byte_search.any_in(spelled, _LOADER_WORDS) or not re.search(_LOADER, spelled):
        return False
    if _MODULE not in pieces.code and not pieces.spells(linked=False):
        parameters = set(re.findall(_PARAMETER, pieces.code))
        if not any(may_be_part(one.decode("latin-1")) for one in parameters):
            return False
    return re.search(_NAME, data, re.IGNORECASE) is not None


def may_matter(data: bytes) -> bool:
    """Tell the same of bytes that hold Python among other things, a script's or a recipe's."""
    if not _holds_words(data):
        return False
    import re

    return bool(re.search(_LOADER, data) and re.search(_NAME, data, re.IGNORECASE))


def _holds_words(data: bytes) -> bool:
    return byte_search.any_in(data, MODULE_WORDS) and byte_search.any_in(data, _LOADER_WORDS)
