"""Ends the life of most Python files before they are decoded.

Every load that the analysis can find is spelled with a loader's word somewhere in its
file: a loader has to be imported, or called by its name. The words are those that
survive any way of writing the library's name (``get_config_var("LDLIBRARY")`` never
says "python"), so the check is sound for every loader whose own name is not put
together from pieces. Two stages: words that few files hold, then what those files
have to hold besides.
"""

from __future__ import annotations

from no_libpython_dlopen import needles

#: ``ctypes`` covers ``_ctypes`` and ``numpy.ctypeslib``; ``dlopen`` cffi; the others are
#: methods of cppyy, ROOT and llvmlite.
MODULE_WORDS = (b"ctypes", b"dlopen", b"load_library", b"gSystem")
#: What is looked up in ctypes, or called.
_LOADER_WORDS = (b"DLL", b"dll", b"LibraryLoader", b"dlopen", b"load_library", b"gSystem")
#: The same words where they can be a loader's name or its end (``f"{kind}DLL"``): Windows'
#: loaders are none, and no name of a library.
_LOADER = (
    rb"(?<!\.)(?:(?<!Win)(?<!Ole)DLL|(?<!win)(?<!ole)dll)\b"
    rb"|LibraryLoader|\b_?dlopen|\bload_library|\bgSystem"
)


def may_matter(data: bytes) -> bool:
    """Tell whether a Python file of these bytes could hold a load. ``False`` is certain."""
    if not needles.any_in(data, MODULE_WORDS) or not needles.any_in(data, _LOADER_WORDS):
        return False
    import re

    return re.search(_LOADER, data) is not None
