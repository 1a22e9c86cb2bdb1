"""How a build refers to libpython other than by name.

* pkg-config's package for programs that embed Python: ``python3-embed``,
  ``python-3.13-embed``, with ABI flags ``python-3.13d-embed`` (CPython's
  ``Misc/python-embed.pc.in``; Debian's debug build ``python-3.8-dbg-embed``). The package
  without ``-embed`` is made for extension modules and names no library since Python 3.8.
* ``python3-config --embed --ldflags``; without ``--embed`` the same holds.
* sysconfig's variables that hold the name of libpython (CPython's ``configure.ac``).
* The linker's flags for undefined symbols (ld(1), Apple's ld(1)): an extension module has some,
  which the process that imports it resolves.

Names may hold ``UNKNOWN_PART``, where a version is filled in at build time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

#: Ends the name of the package, which without it is the one for extension modules.
EMBED_SUFFIX = "-embed"
#: Variables of sysconfig that are libpython's file name, or flags that link it.
SYSCONFIG_VARIABLES = frozenset({"LDLIBRARY", "BLDLIBRARY", "LIBRARY", "INSTSONAME", "PY3LIBRARY"})

_DIGIT = rf"[\d{UNKNOWN_PART}]"
_FLAGS = rf"[dmut]{{0,3}}(?:-dbg)?{UNKNOWN_PART}?"
_VERSION = rf"[3{UNKNOWN_PART}]{_DIGIT}*(?:\.{_DIGIT}+)?{_FLAGS}"
_PACKAGE = re.compile(rf"python-?{_VERSION}(?![\w.-])")
_EMBEDDING_PACKAGE = re.compile(
    rf"(?<![\w.-])python(?:3(?=-3\.))?-?(?:{_VERSION})?{EMBED_SUFFIX}(?![\w.-])"
)
_PYTHON_CONFIG = re.compile(r"python[^\s/]*-config\b", re.IGNORECASE)
#: ``LIBRARY`` is too common a word to be searched for in code.
_VARIABLE_IN_CODE = re.compile(r"\b(?:B?LDLIBRARY|INSTSONAME)\b")
#: The flag, and the name of the library, in a text of code that is filled with a version.
_FLAG_IN_CODE = re.compile(r"[\"' ]-lpython(?:3\.\d|[\"']\s*[+%.]|\{|%[ds])")
_NAME_IN_CODE = re.compile(
    r"\b(?P<name>[^\W\d]\w{0,30})\s*=\s*f?[\"']python(?:[\"']\s*\+|\{|%[ds])"
)
_PRINTED_NAME = re.compile(r"\bprint\s*\(\s*f?[\"']python(?:[\"']\s*\+|\{|%[ds])")
#: Code that may print something else on plain Unix.
_ASKS_SYSTEM = re.compile(r"\bplatform\b|\bos\.name\b|Py_ENABLE_SHARED|\bif\b|\bLIBPYTHON\b")
#: Boost.Python, pybind11 and Shiboken, as they are linked.
_BINDING_LIBRARY = re.compile(
    r"\bBoost_(?:PYTHON|NUMPY)\w*LIBRAR|\bBoost::(?:python|numpy)|(?:\b|-l)boost_(?:python|numpy)"
    r"|\bpybind11::(?:module|pybind11|headers)\b|\bShiboken\d?::|\bPySide\d?::"
    r"|\bSHIBOKEN\w*_LIBRAR",
    re.IGNORECASE,
)
#: ``--no-undefined-version`` is about symbol versions, ``-z nodefs`` is the opposite.
_STRICT = re.compile(
    r"(?<![\w-])-{1,2}no-undefined(?![\w-])"
    r"|(?<![\w-])-(?:z|(?P<apple>undefined))(?:[\s,;\"']|-Wl,|-Xlinker\b)*(?(apple)error|defs)\b"
    r"|(?<![\w-])--unresolved-symbols(?:[\s,;=\"']|-Wl,|-Xlinker\b)*"
    r"(?:report-all|ignore-in-shared-libs)\b"
)
_OF_LIBTOOL = re.compile(r"(?<![\w,-])(?<!Xlinker )-no-undefined(?![\w-])")
#: Parts that such a flag is put together from, the first on its own, the others of a flag cut off.
_WHOLE_PIECE = re.compile(r"(?<![\w-])no-undefined(?![\w-])")
_PIECE = re.compile(r"(?<=[\"'\s,;(])(?:z[,;\s]+)?(?:defs|undefined)(?=[\"';)])")
_CUT_OFF = re.compile(r"-z[,;\s]*[\"'$@%{]|-no-[\"'$@%{]|(?<=[\"',\s])z[\"',]")


def is_embedding_package(name: str) -> bool:
    """Return whether pkg-config links libpython for this package; a version may follow.

    >>> is_embedding_package("python-3.13d-embed"), is_embedding_package("python3-embed>=3.8")
    (True, True)
    """
    return _EMBEDDING_PACKAGE.match(name) is not None


def is_module_package(name: str) -> bool:
    """Return whether a pkg-config package is Python's for extension modules.

    >>> is_module_package("python-3.13d"), is_module_package("python3-embed")
    (True, False)
    """
    return _PACKAGE.match(name) is not None


def embedding_packages(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans in which a text names a package that links libpython."""
    return (match.span() for match in _EMBEDDING_PACKAGE.finditer(text))


def names_python_config(text: str) -> bool:
    """Return whether a command or its text names ``python3-config``, by path or by triplet.

    >>> names_python_config("/usr/bin/x86_64-linux-gnu-python3.11-config")
    True
    """
    return _PYTHON_CONFIG.search(text) is not None


def asks_for_embedding(options: Collection[str]) -> bool:
    """Return whether ``python3-config`` with these options prints libpython."""
    return "--embed" in options and ("--ldflags" in options or "--libs" in options)


def prints_libpython(code: str) -> bool:
    """Return whether Python code that is run for its output prints libpython's file name.

    >>> prints_libpython("print(sysconfig.get_config_var('LDLIBRARY'))")
    True
    """
    return _VARIABLE_IN_CODE.search(code) is not None and "dirname" not in code


def prints_link_flag(code: str) -> bool:
    """Return whether Python code that is run for its output prints the flag for libpython.

    >>> prints_link_flag("print('-lpython' + get_config_var('LDVERSION'))")
    True
    """
    if _ASKS_SYSTEM.search(code) or "print" not in code:
        return False
    named = _NAME_IN_CODE.search(code)
    joined = named and re.search(
        rf"-l(?:\{{{named['name']}\}}|[\"']\s*\+\s*{named['name']}\b)", code
    )
    return _FLAG_IN_CODE.search(code) is not None or bool(joined)


def prints_library_name(code: str) -> bool:
    """Return whether Python code that is run for its output prints libpython's name for ``-l``.

    >>> prints_library_name("print('python' + get_config_var('VERSION'))")
    True
    """
    return _PRINTED_NAME.search(code) is not None and not _ASKS_SYSTEM.search(code)


def forbids_undefined(flags: str) -> bool:
    """Return whether some flags tell the linker to refuse undefined symbols.

    Separators, quotation marks and the compiler's ``-Wl,`` may stand in between.

    >>> forbids_undefined("-Wl,-z,defs"), forbids_undefined("-Wl,--no-undefined-version")
    (True, False)
    """
    return ("undefined" in flags or "defs" in flags or "unresolved" in flags) and bool(
        _STRICT.search(flags)
    )


def strict_flags(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of such flags in a text."""
    return (match.span() for match in _STRICT.finditer(text))


def without_libtool_flag(text: str) -> str:
    """Return a text without the flag ``-no-undefined`` that libtool keeps to itself.

    >>> without_libtool_flag("-no-undefined -Wl,-no-undefined")
    ' -Wl,-no-undefined'
    """
    return _OF_LIBTOOL.sub("", text)


def may_forbid_undefined(text: str) -> bool:
    """Return whether a build file may do so, perhaps by a flag that it puts together.

    >>> may_forbid_undefined("'-Wl,-z,' + kind for kind in ('now', 'defs')")
    True
    """
    if "undefined" not in text and "defs" not in text and "unresolved" not in text:
        return False
    return bool(
        _STRICT.search(text)
        or _WHOLE_PIECE.search(text)
        or (_PIECE.search(text) and _CUT_OFF.search(text))
    )


def is_binding_library(item: str) -> bool:
    """Return whether a library that is linked binds C++ to Python: Boost.Python, pybind11, Shiboken.

    >>> is_binding_library("Boost::python311"), is_binding_library("Boost::filesystem")
    (True, False)
    """
    return _BINDING_LIBRARY.search(item) is not None
