"""Tells from its first bytes whether a file of unknown suffix is a binary to read."""

from __future__ import annotations

from no_libpython_dlopen.binary.formats.elf import MAGIC
from no_libpython_dlopen.binary.formats.macho import MAGICS
from no_libpython_dlopen.files.safe_open import safe_open


def may_matter(path: str) -> bool:
    """Tell whether the regular file at ``path`` starts like ELF or Mach-O.

    A file that cannot be opened does not matter here; reading it says why.
    """
    try:
        descriptor, _ = safe_open(path)
        with open(descriptor, "rb", buffering=0) as file:
            return holds_binary(file.read(4))
    except OSError:
        return False


def holds_binary(start: bytes) -> bool:
    """Tell whether a file that begins with these (at least four) bytes is ELF or Mach-O."""
    return start[:4] == MAGIC or start[:4] in MAGICS
