"""Finds the programs of a project that open a module by its name, as a plug-in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.common.source_files import files_below
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.module_definitions import role_of

#: A text in C.
_TEXT = re.compile(r"\"([^\"\\\n]{1,200})\"")


def programs_that_open(folder: str, module: str) -> Iterator[str]:
    """Yield the sources below a folder of programs without Python that open a module by its name."""
    name = module.rpartition("/")[2]
    stem = name.partition(".")[0] if ".so" in name else name.rpartition(".")[2]
    opened = re.compile(rf"(?:.*/)?(?:lib)?{re.escape(stem)}(?:\.[\w.-]+)?")
    for path in files_below(folder) if stem else ():
        if any(map(opened.fullmatch, file_tree.once(_names_in_opener, path))):
            yield path


def _names_in_opener(path: str) -> frozenset[str]:
    """Return the texts of a source that opens libraries and has nothing to do with Python."""
    text = text_of(path, errors="replace") or ""
    if "dlopen" not in text or "Python.h" in text or role_of(text).embeds:
        return frozenset()
    return frozenset(_TEXT.findall(text))
