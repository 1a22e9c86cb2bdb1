"""What files on disk say of themselves: what they need, and whether they hold a runtime."""

from __future__ import annotations

import os

from no_libpython_dlopen.binary.formats.elf import MAGIC, Elf, read_elf
from no_libpython_dlopen.binary.formats.macho import MAGICS, MachO, read_macho
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.knowledge.libpython_names import is_libpython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

#: Defined by every CPython runtime since 3.7, and by nothing else.
_RUNTIME = b"_PyRuntime"
#: What an interpreter's ``main`` calls since 3.8: it has Python's options. Programs that embed
#: Python call others.
_MAIN = b"Py_BytesMain"
#: What a runtime says as it aborts, and a module that is frozen in each: together they tell one in
#: a program that exports no symbols.
_TEXTS = (b"Fatal Python error: ", b"_frozen_importlib_external")


class BinaryInfo:
    """One binary: the libpythons it needs, its own name, whether the runtime lies in it."""

    __slots__ = ("holds_runtime", "libpython", "soname")

    def __init__(self, soname: str, libpython: tuple[str, ...], holds_runtime: bool) -> None:
        self.soname = soname
        self.libpython = libpython
        self.holds_runtime = holds_runtime


def read(path: str) -> BinaryInfo | None:
    """Return the facts of the binary at ``path``; ``None`` if it is none or unreadable."""
    return _read_with_file(path, _read)


def _read_with_file(path: str, use: Callable[[int], T]) -> T | None:
    try:
        descriptor, _ = safe_open(path)
    except (OSError, ValueError):
        return None
    try:
        return use(descriptor)
    except (MalformedBinary, OSError):
        return None
    finally:
        os.close(descriptor)


def read_program(path: str) -> BinaryInfo | None:
    """Return the facts of a program, which may hold a runtime and export nothing of it."""
    found = read(path)
    if found is not None and not found.holds_runtime and not found.libpython:
        found.holds_runtime = bool(_read_with_file(path, _holds_texts))
    return found


def _holds_texts(descriptor: int) -> bool:
    missing = set(_TEXTS)
    overlap = max(map(len, _TEXTS)) - 1
    for image in _images(descriptor):
        for piece in image.loaded_pieces(overlap) if isinstance(image, Elf) else ():
            missing -= {text for text in missing if text in piece}
            if not missing:
                return True
    return False


def is_interpreter(path: str) -> bool:
    """Return whether the program at ``path`` runs as Python does, whatever its name is."""
    found = _read_with_file(
        path, lambda file: any(_MAIN.decode() in image.symbols((_MAIN,)) for image in _images(file))
    )
    return bool(found)


def _images(descriptor: int) -> tuple[Elf | MachO, ...]:
    """Return the binary that a file holds for each architecture, none if it is another file."""
    read = descriptor_reader(descriptor)
    magic = read(0, 4)
    if magic == MAGIC:
        return (read_elf(read),)
    return read_macho(read) if magic in MAGICS else ()


def _read(descriptor: int) -> BinaryInfo | None:
    images = _images(descriptor)
    if not images:
        return None
    needed = {name: None for image in images for name in image.needed if is_libpython(name)}
    return BinaryInfo(
        images[0].soname,
        tuple(needed),
        any(image.symbols((_RUNTIME,)).get(_RUNTIME.decode()) for image in images),
    )
