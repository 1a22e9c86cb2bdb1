"""The globs of a configuration, with those that were compiled."""

from __future__ import annotations

import os
from functools import lru_cache

from no_libpython_dlopen.files.path_patterns import PathPatterns


def match(globs: tuple[str, ...], path: str, folder: str) -> bool:
    """Return whether one of ``globs``, in the syntax of ``.gitignore``, matches ``path``.

    The globs are relative to ``folder``; for a path outside of it, to the root. One glob
    alone that begins with ``!`` matches all other paths.
    """
    absolute = os.path.abspath(path) + "/" * path.endswith("/")
    base = folder.rstrip("/") + "/"
    if not absolute.startswith(base):
        base = "/"
    inverted = False
    if len(globs) == 1:
        marks = len(globs[0]) - len(globs[0].lstrip("!"))
        globs, inverted = (globs[0][marks:],), marks % 2 == 1
    patterns = _patterns if len(globs) <= _FEW else _many_patterns
    return patterns(globs, folder).leave_out(absolute[len(base) :]) != inverted


def _compile(globs: tuple[str, ...], folder: str) -> PathPatterns:
    return PathPatterns(_anchor(glob, folder) for glob in globs)


#: A list of ten thousand globs takes megabytes, and each folder may have one.
_FEW = 32
_patterns, _many_patterns = lru_cache(10_000)(_compile), lru_cache(8)(_compile)


def _anchor(glob: str, folder: str) -> str:
    """Return a glob as git understands it, which knows no ``./x``, ``../x`` and absolute paths."""
    mark = "!" * glob.startswith("!")
    body = glob.removeprefix("!")
    if body.startswith(("./", "../")):
        body = os.path.normpath(f"{folder}/{body}") + "/" * body.endswith("/")
    base = folder.rstrip("/") + "/"
    if f"{body}/".startswith(base):
        body = "/" + (body[len(base) :] or "**")
    return mark + body
