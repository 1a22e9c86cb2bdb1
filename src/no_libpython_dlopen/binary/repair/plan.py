"""What a repair comes to, and the patch that it makes of one binary."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.formats import dynamic_section
from no_libpython_dlopen.binary.formats.elf import read_elf
from no_libpython_dlopen.files.given_paths import LEADS_OUT, GivenPaths
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.source import Unreadable

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read
    from no_libpython_dlopen.binary.shared_object import SharedObject


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


def output_path(path: str, output_dir: str | None) -> str | None:
    """Return the path of the result if that is not ``path``; makes the folder.

    Raises ``Unreadable`` where the folder cannot be made.
    """
    if output_dir is None:
        return None
    try:
        os.makedirs(output_dir, exist_ok=True)
    except OSError as error:
        raise Unreadable(f"{output_dir}: {error.strerror or error}") from None
    return os.path.join(output_dir, os.path.basename(path))


def link_blocker(path: str, given: GivenPaths | None = None) -> str:
    """Return the reason why the file at ``path`` must not be replaced in its place, empty for none.

    ``python3/_dbg.so`` may be a link to ``../libdbg.so.1``, which programs load.
    """
    target = os.path.realpath(path)
    if given is not None and not given.hold(target):
        return LEADS_OUT
    if os.path.basename(target) == os.path.basename(path):
        return ""
    return f"it is a link to `{os.path.relpath(target, os.path.dirname(path) or '.')}`"


def plan_patch(found: SharedObject, read: Read) -> dynamic_section.Patch:
    """Return the patch of a binary that needs libpython.

    Raises ``NotRepairable`` where it must not be edited, ``MalformedBinary`` where it cannot be
    read.
    """
    if found.no_repair:
        raise NotRepairable(found.no_repair)
    return dynamic_section.plan(read_elf(read))
