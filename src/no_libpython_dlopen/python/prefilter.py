"""Rejects most Python files before they are decoded.

Every load that the analysis can find is spelled with a loader's word somewhere in its
file: a loader has to be imported, or called by its name. Few files hold one, and those
are asked closer: for a loader's whole word, and for a part of a library's name, or what
gives one without saying "python" (``get_config_var("LDLIBRARY")``), in a string. A name
may be put together from pieces, be cut in the middle of the word, by a line's end also, and
have escapes in it; a word in three pieces or more is seen where these are literals side by side.
"""

from __future__ import annotations

from no_libpython_dlopen.files.byte_search import (
    all_matches,
    contains_any,
    matches,
    matches_near,
    one_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.python.syntax.string_scanner import Strings

#: ``ctypes`` covers ``_ctypes`` and ``numpy.ctypeslib``; ``dlopen`` cffi; the others are
#: methods of cppyy, ROOT and llvmlite.
MODULE_WORDS = (b"ctypes", b"dlopen", b"load_library", b"gSystem")
#: A loader's name, or the end of one (``f"{kind}DLL"``), but no loader of Windows' and no name of
#: a library.
_LOADER = (  # the word comes first, which is searched for many times as fast
    rb"DLL\b(?<!\.DLL)(?<!WinDLL)(?<!OleDLL)|dll\b(?<!\.dll)(?<!windll)(?<!oledll)"
    rb"|LibraryLoader|dlopen(?<!no_libpython_dlopen)(?<!def dlopen)(?!flags)"
    rb"|gSystem\b(?<!\wgSystem)|load_library_permanently"
)
#: A name that others use as well, cffi itself among them, and the modules of which one is named
#: wherever it is a loader's (``mentions`` has them from the tables).
_SHARED = rb"|load_library"
ITS_MODULES = (b"ctypeslib", b"cppyy", b"torch", b"tensorflow")
#: What the code of a module that gives a loader contains; after the last three, a string may
#: name the loader's module.
_GIVEN = rb"\b(?:_?ctypes|ctypeslib|dlm?open|load_library\w*|gSystem|(?:\w*_)?(?:ffi|FFI)|sys\s*\.\s*modules|import_module|__import__)\b"
#: The same in code, but for calls that name their library right there: by a literal, of which code
#: without strings has only a space, or as one of Windows'.
_OPEN = rb"(?:%b)(?!\s*\(\s*(?:None\s*)?[,)]|\.LoadLibrary\((?:[\w.]*find_library\()?\s*[,)]|\((?:\w+\.)?WinDLL\))"
#: A part of libpython's name, with what can follow it in a name, a flag, a template, a glob or a
#: string's end, as ``may_be_part`` has it, and any word that a line's end cuts; in prose something
#: else follows.
_NAME = (
    rb"(?i)libpython|(?:(?<![\w-])|(?<=-l)|%\w|\\\w{1,6})python"
    rb"(?:[23{%$*?\[<\\]|[\"'](?!s\b)|-[3{%]|-config|-embed|T?3?\.framework)"
    rb"|(?:[\"'\d}\r\n]|%\w)(?:i?bp)?y?t?hon|pyt(?:ho?)?[\"'{%$]|\\\w{1,12}hon|pyt?h?o?\\[\w\r\n]"
    rb"|(?-i:thon[A-Z@])|\w\\\r?\n\w"
)
#: What gives libpython's name by the name of a variable, and what shows that it may be asked for
#: such a one: its name, which may be cut in two or have escapes in it.
ASKED = (b"config_var", b"parse_makefile", b"build_time_vars")
_GLUE = rb"[\s+()\\\"']*(?:#|[a-zA-Z]{0,2}[\"']%b)"
_VARIABLE = rb"LIBRARY|SONAME|\\[xuU1N\r\n]|[A-Z][\"']" + _GLUE % rb"[A-Z]"
#: The middle of the word alone, where it is cut in three pieces or more, none of which has enough of
#: it to be found; behind it is the literal that goes on with the word.
MIDDLE = rb"[\"'](?:y?t)?ho?[\"']"
CUT = rb"h(?=o?[\"'])(?:(?<=[\"']h)|(?<=[\"']th)|(?<=[\"']yth))(?:[\"']%b|o[\"']%b)" % (
    *(_GLUE % rb"o", _GLUE % rb"n"),
)
#: The loader's part of it, for one pass over many files.
LOADER_PATTERNS = (one_of(MODULE_WORDS), _LOADER + _SHARED)
#: An escape for a letter of the word, of which a name may have several.
ESCAPE = rb"\\(?:(?:x|u00|U000000)(?:[57][049]|[46][8EFef])|1[1-7][0-7]|N\{)"
#: All of these in one pattern, for one pass over many files.
NAME_PATTERN = b"|".join((_NAME, one_of(ASKED), MIDDLE, b"(?-i:%b)" % ESCAPE))
#: What no name is without, in lower case, however it is cut.
_NAME_WORDS = (b"pyt", b"hon", b"\\\n", b"\\\r\n")
#: What a file without a loader's word holds, in lower case, that has another module open libpython:
#: a name, libpython's or that of a variable which has it, or else what gives it.
_HANDED = (b"libpython", b"ldlibrary", b"instsoname")
_GIVING = (b"config_var", b"find_library")
#: The same for one pass over many files.
HANDED_PATTERN = rb"(?i)" + one_of((*_HANDED, *_GIVING))
#: What a module holds, in lower case, that may hand others a loader, what asks for variables by the
#: names that they have, or the suffix of a library.
_HANDING = (b"ctypes", b"sysconfig", *ASKED, b'.so"', b".so'")
#: An interpreter, and its option with what is no literal behind it.
_RUN_NAME = rb"-c[\"'](?<=[\"']-c.)\s*,\s*(?![rbfRBF]{1,2}[\"'])[A-Za-z_]"
PROGRAM_PATTERNS = (b"executable", _RUN_NAME)
#: A name that is executed, and one that a statement imports.
EXECUTED_PATTERN = rb"exec(?<![\w.]exec)\(\s*(?:compile\(\s*)?([A-Za-z_]\w*)"
_IMPORTED_NAME = rb"import\b(?<!\wimport)(?:[^\n(;]*|[ \t]*\([^)]*)\b%b\b"


class Content:
    """One file's bytes, with what is derived from them when it is first asked for."""

    __slots__ = ("_lowered", "_names", "_strings", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._lowered: bytes | None = None
        self._names: bool | None = None
        self._strings: tuple[Strings | None] | None = None

    @property
    def lowered(self) -> bytes:
        """The bytes in lower case."""
        if self._lowered is None:
            self._lowered = self.data.lower()
        return self._lowered

    @property
    def strings(self) -> Strings | None:
        """The string literals of Python source; ``None`` where it takes a parser to tell them."""
        if self._strings is None:
            from no_libpython_dlopen.python.syntax.string_scanner import scan_strings

            self._strings = (scan_strings(self.data),)
        return self._strings[0]

    @property
    def names_libpython(self) -> bool:
        """Whether a Python file could give a name of libpython. ``False`` is certain."""
        if self._names is None:
            self._names = spells_libpython(self) and may_name_link(self, linked=False)
        return self._names


def may_call_loader(content: Content) -> bool:
    """Return whether a Python file could open a library, whichever. ``False`` is certain."""
    return _uses(content, rb"%b")


def may_give_loader(content: Content) -> bool:
    """Return whether a module may call a loader with a name that another one gives, or give one.

    ``False`` is certain. A module that only holds the names of loaders, as a table, gives none.
    """
    if not _uses(content, _OPEN):
        return b"from ctypes import *" in content.data
    return content.strings is None or matches(_GIVEN, content.strings.code)


def _loaders(data: bytes) -> bytes:
    """Return the pattern of the names of loaders that a file may use."""
    return _LOADER + _SHARED if contains_any(data, ITS_MODULES) else _LOADER


def _uses(content: Content, pattern: bytes) -> bool:
    """Return whether a loader's name is in a file's code as in a pattern, or in its arguments."""
    if not may_hold_program(content):
        return False
    strings, loaders = content.strings, _loaders(content.data)
    if strings is None or matches(pattern % loaders, strings.code):
        return True
    return any(True for _ in strings.arguments(loaders))


def may_name_libpython(content: Content) -> bool:
    """Return whether a module could give a name of libpython. ``False`` is certain."""
    return content.names_libpython


def may_name_link(content: Content, *, linked: bool = True) -> bool:
    """Return whether a string could name libpython to a linker. ``False`` is certain."""
    strings = content.strings
    return (
        strings is None
        or (not linked and b"find_libpython" in strings.code)
        or strings.may_name_libpython(linked=linked)
    )


def runs_program(content: Content) -> bool:
    """Return whether a file may hand the text of another module to a Python, or execute it.

    What is executed is asked for only where the name is imported, or is one in such a module.
    """
    data = content.data
    if b"executable" in data and matches(_RUN_NAME, data):
        return True
    names = all_matches(EXECUTED_PATTERN, data) if b"exec(" in data else ()
    return any(matches(_IMPORTED_NAME % one, data) for one in names)


def may_hold_program(content: Content) -> bool:
    """Return whether a file names a loader, perhaps in a program that its strings hold."""
    data = content.data
    return contains_any(data, MODULE_WORDS) and matches(_loaders(data), data)


def may_hand_name(content: Content) -> bool:
    """Return whether a file without a loader's word could have another module open libpython."""
    if contains_any(content.lowered, _HANDED):  # perhaps as a name that is imported
        return True
    return contains_any(content.lowered, _GIVING) and content.names_libpython


def spells_variable(content: Content) -> bool:
    """Return whether a file may spell the variable that has libpython's name, whoever asks for it."""
    return matches(_VARIABLE, content.data)


def asks_for_variables(content: Content) -> bool:
    """Return whether a module may ask for variables by a name that it is given."""
    return contains_any(content.lowered, ASKED)


def may_hand_part(content: Content) -> bool:
    """Return whether a module may hand others a loader, what asks for variables, or a suffix."""
    return contains_any(content.lowered, _HANDING)


def spells_libpython(content: Content) -> bool:
    """Return whether a Python file spells a part of libpython's name, perhaps in prose.

    ``False`` is certain, except for options that only link: ``--embed``.
    """
    data, lowered = content.data, content.lowered
    return (
        matches_near(_NAME, data, lowered, _NAME_WORDS)
        or (contains_any(lowered, ASKED) and matches(_VARIABLE, data))
        or matches(ESCAPE, data)
        or matches(CUT, lowered)
    )


def may_contain_embedded_load(data: bytes) -> bool:
    """Return the same of bytes that hold Python among other things, a script's or a recipe's."""
    return may_hold_program(Content(data)) and matches(_NAME + b"|(?-i:" + _VARIABLE + b")", data)
