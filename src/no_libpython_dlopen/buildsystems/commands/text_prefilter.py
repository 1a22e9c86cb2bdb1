"""Rejects scripts and makefiles that cannot link an extension module to libpython.

Walking one costs a hundred times what searching it does, and most of those that mention
Python link nothing. ``False`` is certain: each finding needs something that names
libpython, perhaps put together from segments, and something that builds or runs Python.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from no_libpython_dlopen.knowledge.extension_names import SUFFIX_VARIABLE
from no_libpython_dlopen.model import analysis


class _Sign(NamedTuple):
    """What a text is searched for: some texts, or a pattern.

    A text is found twenty times faster than a pattern of many texts. So the pattern is tried only
    where one of ``words`` is found: each of its matches has one. All are in lower case.
    """

    texts: tuple[str, ...]
    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def is_in(self, lowered: str) -> bool:
        """Return whether a text in lower case has the sign. Raises ``LimitReached``."""
        if any(text in lowered for text in self.texts):
            return True
        analysis.check_time()
        has_word = any(word in lowered for word in self.words)
        return has_word and analysis.search(self.pattern, lowered) is not None


#: Part of what names libpython: a path, a package, an option, a variable …
_NAMED = _Sign(
    ("lpython", "libpython", "ldlibrary", "instsoname", "--librar", "addprefix"),
    ("=python", "embed", "-framework"),
    re.compile(r"dylib(?::[\w+,-]+)?=python|(?<![a-z:])embed|-framework[\s,]"),
)
#: … or a flag, unlike ``-L``.
_FLAG = re.compile(r"-l(?:[\"'$%,:{\\]|\s+[\"']?(?:[$%:{\\]|[pP][yY]|3|-[xX])|\Z)")
#: Part of what says that a shared library is an extension module.
_MODULE = _Sign(
    (
        *("cpython-", "abi3", ".cp3", ".cp$3", "pypy3", "graalpy", "_wrap", "wrap_python", "swig"),
        *("pybind11", "nanobind", "cython", "pyo3", "--extension-suffix", "--cflags", "--includes"),
    ),
    ("soabi", "suffix", "ext", "pyso", "py_so", "so'", 'so"'),
    SUFFIX_VARIABLE,
)
#: In a short file, that may be left to the sources; to analyse a long file for them takes long.
_SOURCES = re.compile(r"\.(?:c|cc|cpp|cxx|o)\b")
_SHORT = 16_384
#: Part of what says that a library is shared.
SHARED = re.compile(r"shared|-bundle|-dynamiclib|-module|-dylib|cdylib", re.IGNORECASE)
#: Commands that build or run with what the environment says.
_BUILDS = _Sign(
    (
        *("ld_preload", "f2py", "setup.py", "pyproject-build", "maturin", "cibuildwheel", "cibw_"),
        *("poetry", "pybuild", "gpep517", "buildpythonpackage", ".install("),
    ),
    ("pip", "-m", "uv", "pdm", "hatch", "_build", "_wheel", "_install"),
    re.compile(
        r"\bpip(?!e\b)|-m\s+build|\b(?:uv|pdm|hatch)\s|py\w{0,99}_(?:build|wheel|install)\b"
    ),
)


def may_contain_finding(text: str) -> bool:
    """Return whether a text could contain a finding. Raises ``LimitReached`` if it takes too long."""
    lowered, search = text.lower(), analysis.search
    return (_NAMED.is_in(lowered) or search(_FLAG, text) is not None) and bool(
        _BUILDS.is_in(lowered)
        or (
            search(SHARED, text)
            and (_MODULE.is_in(lowered) or (len(text) < _SHORT and search(_SOURCES, text)))
        )
    )
