"""Writes a report to what the user named: a file, a pipe, a device, an open descriptor.

Reports are written beside what is checked, and that may hold anything under a report's name.
So a link there is replaced and not followed, and a link to a folder must not lead out of the
checked paths. Every command that writes a file whose name it was given writes it here.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable
from typing import IO

from no_libpython_dlopen.files.atomic_write import WriteRefused, refusals, write_file
from no_libpython_dlopen.files.given_paths import GivenPaths
from no_libpython_dlopen.model.kind import kind_of

#: How long a pipe may stay without a reader, in seconds.
PATIENCE = 5.0
#: Names of a process's own open files, where they are a number; on Linux they are links.
_DESCRIPTORS = ("/dev/fd", "/proc/self/fd")
_STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}
_SYSTEM = ("/dev", "/proc")


def write_output(
    path: str, fill: Callable[[IO[bytes]], object], *, checked: Iterable[str] = ()
) -> None:
    """Have ``fill`` write the file ``path``, atomically where it is a regular one.

    ``checked`` are the paths that are checked, with what may be a stranger's. Nothing is
    called before the file is open. Raises ``WriteRefused``, and what ``fill`` raises; an
    ``OSError`` of it counts as one of the file.
    """
    with refusals():
        descriptor = _own_descriptor(path)
        if descriptor is None:
            require_inside(path, checked)
            if os.path.isfile(path) and kind_of(path) is not None:
                raise WriteRefused("not written: it would replace a file of a type that is checked")
            descriptor = _open_special(path)
        if descriptor is not None:
            with open(descriptor, "wb") as file:
                fill(file)
            return
    write_file(path, fill)


def require_inside(path: str, checked: Iterable[str] = ()) -> None:
    """Raise ``WriteRefused`` if a link of the tree leads a path to another place.

    The tree is the working directory and the paths that are checked.
    """
    if GivenPaths((os.curdir, *checked)).lose(path):
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        raise WriteRefused(
            "not written: a link leads out of the working directory or the checked paths; "
            f"use {real} if you mean it"
        )


def _own_descriptor(path: str) -> int | None:
    """Return a copy of the descriptor that a path names, ``None`` where it names none.

    Opening the path would begin at the start of a file that has content already.
    """
    folder, name = os.path.split(path)
    if path in _STANDARD:
        return os.dup(_STANDARD[path])
    return os.dup(int(name)) if folder in _DESCRIPTORS and name.isdecimal() else None


def _open_special(path: str) -> int | None:
    """Return a descriptor of what is no regular file, ``None`` where a file is to be made.

    Raises ``OSError``, and ``WriteRefused`` for a pipe that nobody reads.
    """
    folder = os.path.dirname(path)
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode) and _is_of_system(folder):
            mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
        return None
    descriptor = _open_pipe(path) if stat.S_ISFIFO(mode) else os.open(path, _flags(folder))
    os.set_blocking(descriptor, True)
    return descriptor


def _is_of_system(folder: str) -> bool:
    real = os.path.realpath(folder)
    return real in _SYSTEM or real.startswith(tuple(f"{one}/" for one in _SYSTEM))


def _flags(folder: str) -> int:
    follow = 0 if _is_of_system(folder) else getattr(os, "O_NOFOLLOW", 0)
    return os.O_WRONLY | follow | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def _open_pipe(path: str) -> int:
    """Return a descriptor of a pipe as soon as somebody reads it. Raises ``WriteRefused``."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return os.open(path, _flags(os.path.dirname(path)))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        if time.monotonic() > end:
            raise WriteRefused("not written: no process reads this pipe")
        time.sleep(0.02)
