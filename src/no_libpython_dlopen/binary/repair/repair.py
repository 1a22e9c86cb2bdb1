"""Removes libpython from what extension modules need: in a file, or inside a wheel.

All edits are planned and tried on a reading of the edited bytes before anything is
written; a module that cannot be repaired is left alone, with the reason.
"""

from __future__ import annotations

import shutil
from functools import partial
from typing import IO, TYPE_CHECKING

from no_libpython_dlopen.binary.binary_facts import caveats_of
from no_libpython_dlopen.binary.formats import dynamic_section
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.binary.repair.plan import (
    NotRepairable,
    Repair,
    link_blocker,
    output_path,
    plan_patch,
)
from no_libpython_dlopen.binary.shared_object import read_shared_object
from no_libpython_dlopen.files.atomic_write import replace_binary
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read
    from no_libpython_dlopen.files.atomic_write import Prepare
    from no_libpython_dlopen.files.given_paths import GivenPaths


def repair(
    path: str,
    output_dir: str | None = None,
    *,
    unsafe: bool = False,
    dry_run: bool = False,
    given: GivenPaths | None = None,
    prepare: Prepare | None = None,
) -> Repair:
    """Repair the binary or wheel at ``path``, in place or into ``output_dir``.

    Into ``output_dir`` a wheel that needs no repair is copied as it is, so that a build's
    next step finds it there; one that needs it and is not repaired is not written. With
    ``unsafe`` the libraries in a wheel that its modules get libpython by are repaired as
    well, and modules that name what starts Python. With ``dry_run`` nothing is written, and nothing in
    place outside of ``given``. ``prepare`` sees the new file before it is put in place. Raises ``source.Unreadable`` where
    the input cannot be read, ``WriteRefused`` where the result cannot be written.
    """
    blocker = link_blocker(path, given) if output_dir is None else ""
    kind = kind_of(path)
    if kind is Kind.ARCHIVE:
        from no_libpython_dlopen.binary.repair import wheel

        return wheel.repair(
            path, output_dir, unsafe=unsafe, dry_run=dry_run, blocker=blocker, prepare=prepare
        )
    try:
        descriptor, seen = safe_open(path)
        with open(descriptor, "rb", buffering=0) as file:
            patch = _plan_file(path, descriptor_reader(descriptor), unsafe=unsafe)
            if patch and blocker:
                raise NotRepairable(blocker)
            done = Repair(path, repaired=("",) if patch else ())
            if dry_run:
                return done
            target = output_path(path, output_dir)
            if target is None and patch is None:
                return done
            replace_binary(path, target, seen, partial(_write_patched, file, patch), prepare)
            return Repair(path, target or path, repaired=done.repaired)
    except NotRepairable as refused:
        return Repair(path, refused=(("", str(refused)),))
    except MalformedBinary as malformed:
        raise Unreadable(str(malformed)) from None
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def _write_patched(file: IO[bytes], patch: dynamic_section.Patch | None, result: IO[bytes]) -> None:
    file.seek(0)
    shutil.copyfileobj(file, result)
    if patch is not None:
        result.seek(patch.offset)
        result.write(patch.new)


def _plan_file(path: str, read: Read, *, unsafe: bool) -> dynamic_section.Patch | None:
    found = read_shared_object(path, read)
    if found is None or not found.module or not found.libpython:
        return None
    if not unsafe and (caveats := caveats_of(found)):
        raise NotRepairable("; ".join(caveats))
    return plan_patch(found, read)
