"""Puts a rewritten binary in the place of the old one, whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from typing import IO

from no_libpython_dlopen.model.source import Unreadable


def replace(
    path: str,
    target: str,
    seen: os.stat_result,
    write: Callable[[IO[bytes]], None],
) -> None:
    """Have ``write`` fill a temporary file, and move it to ``target``.

    ``seen`` is what ``path`` was when it was read: the new file gets its mode bits and,
    as far as may be, its owner, and nothing is replaced if ``path`` has changed since.
    A symbolic link at ``target`` is replaced; who wants to keep it resolves it.
    ``SOURCE_DATE_EPOCH`` becomes the new file's time. Raises ``Unreadable`` where
    anything fails; ``target`` is then as it was.
    """
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(
            prefix=f".{os.path.basename(target)[:64]}.", dir=os.path.dirname(target) or "."
        )
        with os.fdopen(descriptor, "w+b") as file:
            write(file)
            file.flush()
            _own(descriptor, seen)
            os.fchmod(descriptor, stat.S_IMODE(seen.st_mode))
            epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
            if epoch.isdecimal():
                os.utime(descriptor, (int(epoch), int(epoch)))
            os.fsync(descriptor)
        now = os.stat(path)
        if _identity(now) != _identity(seen):
            raise Unreadable("changed while it was repaired; nothing was written")
        os.replace(temporary, target)
        temporary = ""
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unreadable(f"cannot be rewritten: {reason}") from None
    finally:
        if temporary:
            os.unlink(temporary)


def _own(descriptor: int, seen: os.stat_result) -> None:
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (seen.st_uid, seen.st_gid):
        try:
            os.fchown(descriptor, seen.st_uid, seen.st_gid)
        except PermissionError:
            return  # only the owner of both may; the content is what matters


def _identity(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns
