"""Removes libpython from what extension modules need: in a file, or inside a wheel.

All edits are planned and tried on a reading of the edited bytes before anything is
written; a module that cannot be repaired is left alone, with the reason.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from no_libpython_dlopen.binary.formats import dynamic_section
from no_libpython_dlopen.binary.formats.elf import read_elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, of_descriptor
from no_libpython_dlopen.binary.shared_object import SharedObject, read_shared_object
from no_libpython_dlopen.files.atomic_write import replace_binary
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of one file or archive.

    ``repaired`` names the modules from which libpython was removed, ``refused`` those
    that stay as they are, each with the reason; a file on its own has the name ``""``.
    ``written`` is where the result stands, ``None`` where nothing was written. ``notes``
    are sentences on what else changed.
    """

    path: str
    written: str | None = None
    repaired: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


class NotRepairable(NolibpyError):
    """A module, or a whole archive, that is not repaired; the text is one clause."""


def repair(
    path: str, output_dir: str | None = None, *, unsafe: bool = False, dry_run: bool = False
) -> Repair:
    """Repair the binary or wheel at ``path``, in place or into ``output_dir``.

    Into ``output_dir`` an input that needs no repair is copied as it is, so that a
    build's next step finds it there; one that needs it and cannot be repaired is not. With
    ``unsafe`` the libraries in a wheel that its modules get libpython by are repaired as
    well. With ``dry_run`` nothing is written. Raises ``source.Unreadable`` where the input
    cannot be read, ``WriteRefused`` where the result cannot be written.
    """
    kind = kind_of(path)
    if kind is Kind.ARCHIVE:
        from no_libpython_dlopen.binary.repair import wheel

        return wheel.repair(path, output_dir, unsafe=unsafe, dry_run=dry_run)
    try:
        descriptor, seen = safe_open(path)
        with open(descriptor, "rb", buffering=0) as file:
            patch = _planned(path, of_descriptor(descriptor))
            if dry_run:
                return Repair(path, repaired=("",) if patch else ())
            target = place(path, output_dir)
            if target is None and patch is None:
                return Repair(path)

            def write(result: IO[bytes]) -> None:
                file.seek(0)
                shutil.copyfileobj(file, result)
                if patch is not None:
                    result.seek(patch.offset)
                    result.write(patch.new)

            replace_binary(path, target, seen, write)
            return Repair(path, target or path, repaired=("",) if patch else ())
    except NotRepairable as refused:
        return Repair(path, refused=(("", str(refused)),))
    except MalformedBinary as malformed:
        raise Unreadable(str(malformed)) from None
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def place(path: str, output_dir: str | None) -> str | None:
    """Return where the result goes if that is not ``path``; makes the folder.

    Raises ``Unreadable`` where the folder cannot be made.
    """
    if output_dir is None:
        return None
    try:
        os.makedirs(output_dir, exist_ok=True)
    except OSError as error:
        raise Unreadable(f"{output_dir}: {error.strerror or error}") from None
    return os.path.join(output_dir, os.path.basename(path))


def _planned(path: str, read: Read) -> dynamic_section.Patch | None:
    found = read_shared_object(path, read)
    if found is None or not found.module or not found.libpython:
        return None
    return planned(found, read)


def planned(found: SharedObject, read: Read) -> dynamic_section.Patch:
    """Return the patch of a binary that needs libpython.

    Raises ``NotRepairable`` where it must not be edited, ``MalformedBinary`` where it cannot be read.
    """
    if found.no_repair:
        raise NotRepairable(found.no_repair)
    return dynamic_section.plan(read_elf(read))
