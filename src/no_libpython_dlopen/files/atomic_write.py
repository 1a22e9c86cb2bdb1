"""Replaces a file's content at once or not at all.

The new content goes to a private temporary file in the same folder, gets the old
file's mode, owner and extended attributes, is flushed to the disk, and takes the old
one's place by a rename. A symbolic link stays one: the file it points to is replaced.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile

from no_libpython_dlopen.model.errors import NolibpyError


class WriteRefused(NolibpyError):
    """The file was left as it is; the message says why."""


def replace_content(path: str, old: bytes, new: bytes) -> None:
    """Replace the content ``old`` of the file ``path`` by ``new``.

    Raises ``WriteRefused`` where the file is read-only, is no longer what was read, or
    cannot be written.
    """
    try:
        _replace(os.path.realpath(path), old, new)
    except OSError as error:
        raise WriteRefused(f"cannot be written: {error.strerror or error}") from None


def _replace(path: str, old: bytes, new: bytes) -> None:
    before = os.stat(path)
    if not stat.S_ISREG(before.st_mode):
        raise WriteRefused("not written: it is no longer a regular file")
    # A rename would get around a file's own write protection, and root's access().
    if not before.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise WriteRefused("not written: the file is read-only")
    descriptor, temporary = tempfile.mkstemp(prefix=".nolibpy-", dir=os.path.dirname(path))
    try:
        with open(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            _copy_attributes(path, before, file.fileno())
            os.fsync(file.fileno())
        _require_unchanged(path, before, old)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _flush_folder(os.path.dirname(path))


def _copy_attributes(path: str, before: os.stat_result, descriptor: int) -> None:
    """Give the open file the owner, mode and extended attributes of ``path``."""
    if hasattr(os, "fchown"):
        with contextlib.suppress(OSError):  # only root may give files away
            os.fchown(descriptor, before.st_uid, before.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(path):
                os.setxattr(descriptor, name, os.getxattr(path, name))
    if hasattr(os, "fchmod"):  # last: a change of owner clears bits
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _require_unchanged(path: str, before: os.stat_result, old: bytes) -> None:
    """Raise ``WriteRefused`` where the file is not what was read any more."""
    now = os.stat(path)
    same = (now.st_dev, now.st_ino) == (before.st_dev, before.st_ino)
    if same:
        with open(path, "rb") as file:
            same = file.read(len(old) + 1) == old
    if not same:
        raise WriteRefused("not written: the file has changed since it was read")


def _flush_folder(folder: str) -> None:
    """Make the rename durable where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
