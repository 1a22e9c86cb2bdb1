"""Finds the variables of a ``configure.ac`` that bring libpython along.

A ``configure.ac`` links nothing; a ``Makefile.am`` does, with the variables that are
found here: those of
``PKG_CHECK_MODULES`` with ``python3-embed``, of ``AX_PYTHON_DEVEL`` (whose
``PYTHON_LIBS`` holds ``-lpython``), and those that are assigned such a flag. No library
reads m4 with offsets, and expanding it would be running it: only the calls of a few
macros and simple assignments are read, and what is not understood is ignored.
"""

from __future__ import annotations

import os
import re

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.link_references import asks_for_embedding, embedding_packages

MAX_LEVELS = 6

_COMMENT = re.compile(r"(?:^|(?<=\s))(?:dnl\b|#)[^\n]*", re.MULTILINE)
_MODULES = re.compile(
    r"\b(?:PKG_CHECK_MODULES|PKG_CHECK_MODULES_STATIC)\(\s*\[?\s*(?P<prefix>\w+)\s*\]?\s*,"
    r"(?P<modules>[^,)]{0,500})"
)
_DEVEL = re.compile(r"\bAX_PYTHON_DEVEL\b")
_ASSIGNED = re.compile(
    r"(?:^|[\s;])(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>\"[^\"\n]*\"|'[^'\n]*'|\$\([^)\n]*\)|`[^`\n]*`|\S+)"
)


def embedding_variables(text: str) -> frozenset[str]:
    """Return the variables that bring libpython along, by the text of a ``configure.ac``."""
    text = _COMMENT.sub("", text)
    found: set[str] = set()
    for match in _MODULES.finditer(text):
        if any(embedding_packages(match["modules"])):
            found.add(f"{match['prefix']}_LIBS")
    if _DEVEL.search(text):
        found.add("PYTHON_LIBS")
    for match in _ASSIGNED.finditer(text):
        if _links(match["value"]):
            found.add(match["name"])
    return frozenset(found - {"LIBS", "LDFLAGS"})


def _links(value: str) -> bool:
    if "||" in value:
        return False
    words = value.strip("\"'`$()").split()
    return asks_for_embedding(words) or any(
        libpython_names.is_link_flag(word) for word in words if word.startswith("-l")
    )


def embedding_variables_above(path: str) -> frozenset[str]:
    """Return those of the nearest ``configure.ac`` at or above a file; none without one."""
    if not os.path.isfile(path):
        return frozenset()
    folder = os.path.dirname(os.path.abspath(path))
    for _ in range(MAX_LEVELS):
        for name in ("configure.ac", "configure.in"):
            text = text_of(os.path.join(folder, name), errors="replace")
            if text is not None:
                return embedding_variables(text)
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    return frozenset()
