"""Ends the life of most Python files before they are decoded.

Every load that the analysis can find is spelled with one of these words somewhere in
its file: a loader has to be imported, or called by its name. The words are those that
survive any way of writing the library's name (``get_config_var("LDLIBRARY")`` never
says "python"), so the check is sound.
"""

from __future__ import annotations

#: ``ctypes`` covers ``_ctypes`` and ``numpy.ctypeslib``; ``dlopen`` cffi and ``os``-like loaders.
LOADER_WORDS = (b"ctypes", b"dlopen", b"cppyy", b"load_library")


def may_matter(data: bytes) -> bool:
    """Tell whether a Python file of these bytes could hold a load. ``False`` is certain."""
    return any(word in data for word in LOADER_WORDS)
