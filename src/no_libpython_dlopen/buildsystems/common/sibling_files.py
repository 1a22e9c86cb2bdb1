"""Reads the other files of a project that a build file asks for, within bounds."""

from __future__ import annotations

from no_libpython_dlopen.files.safe_open import safe_open

#: Bytes of one file; no build file that a person wrote is larger.
MAX_FILE_SIZE = 1 << 20


def text_of(path: str, *, errors: str = "strict") -> str | None:
    """Return the text of a regular, small file in UTF-8; ``None`` for anything else.

    ``errors`` is what ``bytes.decode`` does with other encodings.
    """
    try:
        descriptor, status = safe_open(path)
        with open(descriptor, "rb") as file:
            if status.st_size > MAX_FILE_SIZE:
                return None
            return file.read(MAX_FILE_SIZE + 1).decode("utf-8-sig", errors)
    except (OSError, ValueError):
        return None
