"""Rejects most Python files before they are decoded.

Every load that the analysis can find is spelled with a loader's word somewhere in its
file: a loader has to be imported, or called by its name. Few files hold one, and those
are asked closer: for a loader's whole word, and for a part of a library's name, or what
gives one without saying "python" (``get_config_var("LDLIBRARY")``), in a string. A name
may be put together from pieces, be cut in the middle of the word, by a line's end also, and
have escapes in it; a word in three pieces or more is seen where these are literals side by side.
"""

from __future__ import annotations

import re
from functools import cached_property

from no_libpython_dlopen.files.byte_search import Pattern, contains_any, matches_near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.python.syntax.string_scanner import Strings

#: ``ctypes`` covers ``_ctypes`` and ``numpy.ctypeslib``; ``dlopen`` cffi; the others are
#: methods of cppyy, ROOT and llvmlite.
MODULE_WORDS = (b"ctypes", b"dlopen", b"load_library", b"gSystem")
#: What is looked up in ctypes, or called.
_LOADER_WORDS = (b"DLL", b"dll", b"LibraryLoader", b"dlopen", b"load_library", b"gSystem")
#: What the code of a module that gives a loader contains; after the last three, a string may
#: name the loader's module.
_GIVEN = rb"\b(?:_?ctypes|ctypeslib|dlm?open|load_library\w*|gSystem|(?:\w*_)?(?:ffi|FFI)|sys\s*\.\s*modules|import_module|__import__)\b"
#: The same words where they can be a loader's name or its end (``f"{kind}DLL"``): Windows'
#: loaders are none, and no name of a library.
_LOADER = (  # the word comes first, which is searched for many times as fast
    rb"DLL\b(?<!\.DLL)(?<!WinDLL)(?<!OleDLL)|dll\b(?<!\.dll)(?<!windll)(?<!oledll)"
    rb"|LibraryLoader|dlopen|load_library|gSystem\b(?<!\wgSystem)"
)
#: A part of libpython's name, with what can follow it in a name, a template, a glob or a
#: string's end, as ``may_be_part`` has it; in prose something else follows.
_NAME = (
    rb"libpython|(?:(?<![\w-])|%\w|\\\w{1,6})python(?:[23{%$*?\[<\\]|[\"'](?!s\b)|T?3?\.framework)"
    rb"|(?:[\"'}\r\n]|%\w)(?:i?bp)?y?t?hon|pytho?[\"'{%$]|\\\w{1,12}hon|pyt?h?o?\\[\w\r\n]|(?-i:thon[A-Z@])"
    rb"|config_var|parse_makefile|build_time_vars"
)
#: The middle of the word alone, where it is cut in three pieces or more.
MIDDLE = rb"[\"'](?:yt?h?o?|th?o?|ho?|o)[\"']"
#: The loader's part of it, for one pass over many files.
LOADER_PATTERNS = (Pattern.of_words(MODULE_WORDS), Pattern(_LOADER))
#: An escape for a letter of the word, of which a name may have several.
_ESCAPE = rb"\\(?:(?:x|u00|U000000)(?:[57][049]|[46][8EFef])|1[1-7][0-7]|N\{)"
#: What no name is without, in lower case, however it is cut or asked for.
_NAME_WORDS = (b"pyt", b"hon", b"config_var", b"parse_makefile", b"build_time_vars")
#: What a file without a loader's word holds, in lower case, that has another module open libpython:
#: the name, the variable of sysconfig that gives it, or a name of these modules (``find_library``).
_HANDED = (b"libpython", b"config_var")
_ALL_OF_CTYPES = b"from ctypes import *"
_FINDS = re.compile(rb"ctypes\b(?:(?<!\wctypes)|(?<=\b_ctypes))")
#: The same for one pass over many files.
HANDED_PATTERN = Pattern.of_words((*_HANDED, *MODULE_WORDS), caseless=True)
#: In code a name is spelled by a parameter, as in ``dict(libpython3=...)``, or by a module.
_PARAMETER = rb"\b(\w+)\s*=(?!=)"
_MODULE = b"find_libpython"


class Content:
    """One file's bytes, with what is derived from them when it is first asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def lowered(self) -> bytes:
        """The bytes in lower case."""
        return self.data.lower()

    @cached_property
    def strings(self) -> Strings | None:
        """The string literals of Python source; ``None`` where it takes a parser to tell them."""
        from no_libpython_dlopen.python.syntax.string_scanner import scan_strings

        return scan_strings(self.data)


def may_call_loader(data: bytes) -> bool:
    """Return whether a Python file could open a library, whichever. ``False`` is certain."""
    has_words = contains_any(data, MODULE_WORDS) and contains_any(data, _LOADER_WORDS)
    return has_words and re.search(_LOADER, data) is not None


def may_give_loader(content: Content) -> bool:
    """Return whether a module may call a loader by itself, or give one. ``False`` is certain.

    A module that only writes about loaders imports none.
    """
    if not may_call_loader(content.data):
        return _ALL_OF_CTYPES in content.data
    strings = content.strings
    return strings is None or re.search(_GIVEN, strings.code) is not None


def may_name_libpython(content: Content) -> bool:
    """Return whether a Python file could give a name of libpython. ``False`` is certain."""
    if not _spells_libpython(content):
        return False
    strings = content.strings
    if strings is None or _MODULE in strings.code or strings.may_name_libpython(linked=False):
        return True
    from no_libpython_dlopen.knowledge.libpython_names import may_be_part

    parameters = set(re.findall(_PARAMETER, strings.code))
    return any(may_be_part(one.decode("latin-1")) for one in parameters)


def may_name_link(content: Content) -> bool:
    """Return whether a string could name libpython to a linker. ``False`` is certain."""
    strings = content.strings
    return strings is None or strings.may_name_libpython(linked=True)


def may_hand_name(content: Content) -> bool:
    """Return whether a file without a loader's word could have another module open libpython."""
    lowered = content.lowered
    if contains_any(lowered, _HANDED[:1]):  # perhaps as a name that is imported
        return True
    finds = contains_any(content.data, MODULE_WORDS[1:]) or contains_any(lowered, _HANDED[1:])
    finds = finds or _FINDS.search(content.data) is not None
    return finds and may_name_libpython(content)


def _spells_libpython(content: Content) -> bool:
    """Return whether ``_NAME`` matches, looked for near what each match has in it or beside it."""
    pattern = re.compile(_NAME, re.IGNORECASE)
    return (
        matches_near(pattern, content.data, content.lowered, _NAME_WORDS)
        or re.search(_ESCAPE, content.data) is not None
        or re.search(MIDDLE, content.lowered) is not None
    )


def may_contain_embedded_load(data: bytes) -> bool:
    """Return the same of bytes that hold Python among other things, a script's or a recipe's."""
    return may_call_loader(data) and re.search(_NAME, data, re.IGNORECASE) is not None
