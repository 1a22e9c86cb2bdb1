"""Rejects scripts and makefiles that cannot link an extension module to libpython.

Walking one costs a hundred times what searching it does, and most of those that mention
Python link nothing. ``False`` is certain: each finding needs something that names
libpython, perhaps put together from segments, and something that builds or runs Python.
"""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.extension_names import SUFFIX_VARIABLE
from no_libpython_dlopen.model import analysis

#: Part of what names libpython: a flag, a path, a package, an option, a variable.
_NAMED = re.compile(
    r"lpython|libpython|dylib(?::[\w+,-]+)?=python|(?<![a-z:])embed|ldlibrary|instsoname|--librar|addprefix|-framework[\s,]"
    r"|(?-i:-l)(?:[\"'$%,:{\\]|\s+[\"']?(?:[$%:{\\]|py|3|-X)|\Z)",
    re.IGNORECASE,
)
#: Part of what says that a shared library is an extension module.
_MODULE = re.compile(
    r"cpython-|abi3|\.cp\$?3|pypy3|graalpy|_wrap|wrap_python|swig|pybind11|nanobind|cython|pyo3"
    rf"|--(?:extension-suffix|cflags|includes)|{SUFFIX_VARIABLE.pattern}",
    re.IGNORECASE,
)
#: In a short file, that may be left to the sources; to analyse a long file for them takes long.
_SOURCES = re.compile(r"\.(?:c|cc|cpp|cxx|o)\b")
_SHORT = 16_384
#: Part of what says that a library is shared.
SHARED = re.compile(r"shared|-bundle|-dynamiclib|-module|-dylib|cdylib", re.IGNORECASE)
#: Commands that build or run with what the environment says.
_BUILDS = re.compile(
    r"LD_PRELOAD|f2py|\bpip(?!e\b)|setup\.py|-m\s+build|pyproject-build|\buv\s|maturin|cibuildwheel|CIBW_|gpep517"
    r"|poetry|\bpdm\s|\bhatch\s|pybuild|py\w{0,99}_(?:build|wheel|install)\b|buildPythonPackage|\.install\(",
    re.IGNORECASE,
)


def may_contain_finding(text: str) -> bool:
    """Return whether a text could contain a finding. Raises ``LimitReached`` if it takes too long."""
    search = analysis.search
    return search(_NAMED, text) is not None and bool(
        search(_BUILDS, text)
        or (
            search(SHARED, text)
            and (search(_MODULE, text) or (len(text) < _SHORT and search(_SOURCES, text)))
        )
    )
