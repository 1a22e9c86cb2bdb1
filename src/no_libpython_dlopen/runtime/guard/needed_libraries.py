"""Which libraries a binary asks the loader for, read by as few system calls as possible."""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.binary.formats.elf import MAGIC, read_elf
from no_libpython_dlopen.binary.formats.random_access import descriptor_reader
from no_libpython_dlopen.files.safe_open import safe_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read

_PAGE = 4096


def read(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the soname of a binary and the names it asks the loader for; none if unreadable.

    What is wrong with such a file the loader itself will say.
    """
    try:
        descriptor, _ = safe_open(path)
    except (OSError, ValueError):
        return "", ()
    try:
        read_at = _read_pages(descriptor)
        if read_at(0, 4) == MAGIC:
            elf = read_elf(read_at)
            return elf.soname, elf.needed
        if sys.platform == "darwin":  # pragma: no cover - what else is mapped elsewhere is ELF
            from no_libpython_dlopen.binary.formats.macho import read_macho

            images = read_macho(read_at)
            return images[0].soname, tuple([name for image in images for name in image.needed])
    except Exception:  # noqa: BLE001 - malformed in whatever way, or a FIFO
        return "", ()
    finally:
        os.close(descriptor)
    return "", ()


def _read_pages(descriptor: int) -> Read:
    """Return the reader of a file that asks the system for a page where a few bytes are wanted."""
    read_at = descriptor_reader(descriptor)
    start, data = 0, read_at(0, _PAGE)

    def read_cached(offset: int, size: int) -> bytes:
        nonlocal start, data
        at = offset - start
        if at < 0 or at + size > len(data):
            start, data = offset, read_at(offset, max(size, _PAGE))
            at = 0
        return data[at : at + size]

    return read_cached
