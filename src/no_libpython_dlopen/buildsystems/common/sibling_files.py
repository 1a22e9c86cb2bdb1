"""Reads the other files of a project that a build file asks for, within bounds."""

from __future__ import annotations

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.limits import SIBLING_BYTES


def text_of(path: str, *, errors: str = "strict") -> str | None:
    """Return the text of a regular, small file in UTF-8; ``None`` for anything else.

    ``errors`` is what ``bytes.decode`` does with other encodings.
    """
    try:
        return file_tree.read_file(path, SIBLING_BYTES).decode("utf-8-sig", errors)
    except (OSError, ValueError):
        return None
