"""Replaces a file whole or not at all, and never with more privilege than it had.

The new content goes to a private temporary file in the same folder, gets the old file's
mode, owner and extended attributes, is flushed to the disk, and takes the old one's place
by a rename. A symbolic link stays one: the file it points to is replaced. Where the system
has files without a name, the temporary file gets one only for the rename, so that a killed
process leaves nothing behind, unless it is killed between the two calls.

Whoever replaces a file may not be its owner. The set-user-ID and set-group-ID bits and
file capabilities speak for an owner and a group: they are dropped where one of the two
cannot be kept. A group, or an access list, that cannot be kept takes its rights along: the
new group and all others may do what both might do before.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

from no_libpython_dlopen.files.given_paths import LEADS_OUT, GivenPaths
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.errors import NolibpyError

_ACCESS_LIST = "system.posix_acl_access"
_PREFIX = ".nolibpy-"
_CAPABILITIES = "security.capability"
#: Attributes of Linux's integrity subsystem, which hold for one content of one file; and the first
#: byte of a signature, which only its owner can renew. The kernel computes plain hashes anew.
_INTEGRITY, _SIGNED = ("security.ima", "security.evm"), (b"\3", b"\6")


class WriteRefused(NolibpyError):
    """The file was left as it is; the message says why."""


#: Called with the complete new file, open for reading, before it takes the old one's place.
Prepare = Callable[[IO[bytes]], object]


def replace_content(
    path: str,
    old: bytes,
    new: bytes,
    *,
    given: GivenPaths | None = None,
    prepare: Prepare | None = None,
) -> None:
    """Replace the content ``old`` of the file ``path`` by ``new``.

    Raises ``WriteRefused`` where the file is read-only, is no longer what was read, leads
    out of the ``given`` paths, or cannot be written.
    """

    def is_unchanged(before: os.stat_result) -> bool:
        descriptor, now = safe_open(target)
        with open(descriptor, "rb") as file:
            same = _is_same_file(now, before) and file.read(len(old) + 1) == old
        return same and os.path.realpath(path) == target

    with refusals():
        target = os.path.realpath(path)
        if given is not None and not given.hold(target):
            raise WriteRefused(f"not written: {LEADS_OUT}")
        before = _require_writable(target)
        _replace(target, before, lambda file: file.write(new), is_unchanged, prepare=prepare)


def replace_binary(
    path: str,
    output: str | None,
    seen: os.stat_result,
    fill: Callable[[IO[bytes]], object],
    prepare: Prepare | None = None,
) -> None:
    """Have ``fill`` write what takes the place of ``path``, or goes to ``output``.

    ``seen`` is the status of ``path`` when it was read: nothing is replaced if it has
    changed since. A symbolic link at ``output`` is replaced. ``SOURCE_DATE_EPOCH`` becomes
    the new file's time. Raises ``WriteRefused``.
    """

    def fill_dated(file: IO[bytes]) -> None:
        fill(file)
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        if epoch.isdecimal() and os.utime in os.supports_fd:
            file.flush()
            os.utime(file.fileno(), (int(epoch), int(epoch)))

    def is_unchanged(_: os.stat_result) -> bool:
        now = os.stat(path)
        times = (now.st_size, now.st_mtime_ns) == (seen.st_size, seen.st_mtime_ns)
        return times and _is_same_file(now, seen)

    with refusals():
        if output is None:
            target = os.path.realpath(path)
            before = _require_writable(target)
            _replace(target, before, fill_dated, is_unchanged, prepare=prepare)
        else:
            _replace(output, seen, fill_dated, is_unchanged, source=path)


def write_file(path: str, fill: Callable[[IO[bytes]], object]) -> None:
    """Have ``fill`` write the file ``path``, which may not exist. Raises ``WriteRefused``.

    A symbolic link there is replaced, not followed. A file that can be written, but not
    replaced (it is mounted into a container, or its folder is read-only), gets the new
    content when that is complete.
    """
    with refusals():
        before = None
        if os.path.lexists(path) and not os.path.islink(path):
            before = _require_writable(path)
        _replace(path, before, fill, lambda _: True, overwrites=True)


class OtherNames:
    """The other names (hard links) of files that a run replaces under one name after another."""

    def __init__(self) -> None:
        self._files: dict[tuple[int, int], tuple[int, list[str]]] = {}

    @contextlib.contextmanager
    def watch(self, path: str) -> Iterator[None]:
        """Surround the replacement of the file at ``path``, and note if it had other names."""
        before = _status_of(path)
        yield
        after = _status_of(path)
        if not (before and after) or before.st_ino == after.st_ino:
            return
        file = before.st_dev, before.st_ino
        if before.st_nlink > 1 or file in self._files:
            self._files.setdefault(file, (before.st_nlink, []))[1].append(path)

    def notes(self) -> list[str]:
        """Return a note on each file that was replaced, but not under all of its names."""
        return [
            f"{paths[0]}: it had other names (hard links), which keep the old content"
            for count, paths in self._files.values()
            if len(paths) < count
        ]


def _status_of(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Raise ``WriteRefused`` for what the system refuses."""
    try:
        yield
    except OSError as error:
        raise WriteRefused(f"cannot be written: {error.strerror or error}") from None
    except OverflowError as error:  # a time that the system has not
        raise WriteRefused(f"cannot be written: {error}") from None


def _require_writable(path: str) -> os.stat_result:
    """Return a file's status; raise ``WriteRefused`` where it is protected or no file."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise WriteRefused("not written: it is not a regular file")
    if is_protected(path, status):
        raise WriteRefused("not written: the file is read-only")
    if _extended_attributes(path).get(_INTEGRITY[0], b"\0")[:1] in _SIGNED:
        raise WriteRefused("not written: the file is signed (`security.ima`)")
    return status


def is_protected(path: str, status: os.stat_result) -> bool:
    """Return whether a file is read-only: a rename would get around that, and root's ``access``."""
    return not status.st_mode & 0o222 or not os.access(path, os.W_OK)


def _is_same_file(now: os.stat_result, before: os.stat_result) -> bool:
    return (now.st_dev, now.st_ino) == (before.st_dev, before.st_ino)


def _replace(
    target: str,
    before: os.stat_result | None,
    fill: Callable[[IO[bytes]], object],
    is_unchanged: Callable[[os.stat_result], bool],
    *,
    source: str | None = None,
    overwrites: bool = False,
    prepare: Prepare | None = None,
) -> None:
    """Fill a temporary file and move it to ``target``, after ``prepare`` has seen it.

    ``before`` is the status of the old file, ``None`` where there is none. With ``source``
    the new file is a copy of that one elsewhere, which inherits no privilege. With
    ``overwrites`` an old file that cannot be replaced is overwritten.
    """
    home = folder = os.path.dirname(target) or "."
    place = os.stat(home)
    overwrites &= before is not None
    if overwrites and not os.access(folder, os.W_OK | os.X_OK):
        folder = tempfile.gettempdir()
    descriptor, temporary = _open_temporary(folder, 0o600 if before else 0o666)
    try:
        with open(descriptor, "w+b") as file:
            fill(file)
            file.flush()
            os.fsync(descriptor)
            if prepare is not None:
                prepare(file)
            _require_same_folder(home, place)
            if before is not None:
                _copy_attributes(source or target, before, descriptor, copied=source is not None)
                if not is_unchanged(before):
                    raise WriteRefused("not written: the file has changed since it was read")
            if not temporary:  # at last: who is killed before leaves nothing behind
                temporary = _temporary_name(folder)
                _name_file(descriptor, temporary)
        _require_same_folder(home, place)
        try:
            os.replace(temporary, target)
        except OSError:
            if not overwrites:
                raise
            _overwrite(target, temporary)
            os.unlink(temporary)
    except BaseException:
        with contextlib.suppress(OSError):  # which has no name yet, perhaps
            os.unlink(temporary)
        raise
    flush_folder(folder)


def _name_file(descriptor: int, path: str) -> None:
    """Give an open file that has no name the name ``path``."""
    # With a folder, which the path does not need, it is linkat(), which follows.
    source = f"/proc/self/fd/{descriptor}"
    os.link(source, path, src_dir_fd=descriptor, follow_symlinks=True)


def _require_same_folder(path: str, before: os.stat_result) -> None:
    """Raise ``WriteRefused`` where another folder has a path by now, perhaps by a link."""
    if not _is_same_file(os.stat(path), before):
        raise WriteRefused("not written: its directory has changed meanwhile")


def _overwrite(target: str, temporary: str) -> None:
    """Write the content of one file into another, which must be a regular one, no link."""
    flags = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(temporary, "rb") as new, open(os.open(target, flags), "wb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise WriteRefused("not written: it is not a regular file")
        file.truncate()
        shutil.copyfileobj(new, file)


def _open_temporary(folder: str, mode: int) -> tuple[int, str]:
    """Return the descriptor of a new file and its path, empty where it has no name yet."""
    if hasattr(os, "O_TMPFILE") and os.path.exists("/proc/self/fd"):
        with contextlib.suppress(OSError):  # not every file system has them
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, mode), ""
    name = _temporary_name(folder)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(name, flags, mode), name


def _temporary_name(folder: str) -> str:
    return os.path.join(folder, f"{_PREFIX}{os.urandom(8).hex()}")


def is_temporary(name: str) -> bool:
    """Return whether a name is one of a temporary file.

    The system's events call one without a name ``#`` and a number.
    """
    return name.startswith(_PREFIX) or (name[:1] == "#" and name[1:].isdecimal())


def _copy_attributes(path: str, before: os.stat_result, descriptor: int, *, copied: bool) -> None:
    """Give the open file the owner, extended attributes and mode of ``path``."""
    if not hasattr(os, "fchmod"):
        return
    for owner in (before.st_uid, -1):  # only root gives files away, members their group's
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, before.st_gid)
            break
    now = os.fstat(descriptor)
    mode = stat.S_IMODE(before.st_mode)
    kept = (now.st_uid, now.st_gid) == (before.st_uid, before.st_gid) and not copied
    if not kept:
        mode &= ~(stat.S_ISUID | stat.S_ISGID)
    same_list = _copy_extended_attributes(path, descriptor, privileged=kept)
    if now.st_gid != before.st_gid or not same_list:
        # The old group is now among all others, who may have had more rights than it.
        common = mode >> 3 & mode & 0o007
        mode = mode & ~0o077 | common << 3 | common
    os.fchmod(descriptor, mode)  # last: a change of owner clears bits


def _copy_extended_attributes(path: str, descriptor: int, *, privileged: bool) -> bool:
    """Copy them as far as may be; return whether the access list is the same."""
    if not hasattr(os, "listxattr"):
        return True
    wanted = _extended_attributes(path)
    for name in _INTEGRITY if privileged else (*_INTEGRITY, _CAPABILITIES):
        wanted.pop(name, None)
    if _ACCESS_LIST not in wanted:  # a new file may have one from its folder
        with contextlib.suppress(OSError):
            os.removexattr(descriptor, _ACCESS_LIST)
    for name, value in wanted.items():
        with contextlib.suppress(OSError):
            os.setxattr(descriptor, name, value)
    return _extended_attributes(descriptor).get(_ACCESS_LIST) == wanted.get(_ACCESS_LIST)


def _extended_attributes(file: str | int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    if not hasattr(os, "listxattr"):
        return found
    with contextlib.suppress(OSError):
        for name in os.listxattr(file):
            with contextlib.suppress(OSError):
                found[name] = os.getxattr(file, name)
    return found


def flush_folder(folder: str) -> None:
    """Make the rename durable where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
