"""Opens and reads what was a regular file when it was looked at, and may be anything by now.

Between a walk and the reading, a pipe can take a file's place: opened like a file, it would
be waited for without end. A file that is larger than anybody writes by hand is not read:
its size is looked at first. The runtime guard imports this: it needs nothing but the
interpreter.
"""

from __future__ import annotations

import errno
import os
import stat

#: Names that not every system has.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
#: The most bytes of a text that is checked, and of a file of settings, patterns or findings.
MAX_TEXT = 64 << 20
#: JSON takes up to thirty times its size in memory.
MAX_JSON = 16 << 20
MAX_SETTINGS = 4 << 20


def safe_open(path: str) -> tuple[int, os.stat_result]:
    """Return the descriptor of a regular file, to be closed by the caller, and its status.

    Never waits. Raises ``OSError``, also for anything but a regular file.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "it is not a regular file")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def read_file(path: str, most: int = MAX_TEXT) -> bytes:
    """Return the bytes of a regular file of at most ``most`` bytes.

    Raises ``OSError`` for all others, before anything of them is read.
    """
    descriptor, status = safe_open(path)
    try:
        if status.st_size > most:
            raise OSError(None, f"it is larger than {most >> 20} MiB")
        left = status.st_size + 1
        data = os.read(descriptor, left)
        if len(data) < left - 1 or len(data) == left:  # it changes, or reads come in parts
            pieces = [data]
            size = len(data)
            while size <= most and (piece := os.read(descriptor, min(1 << 20, most + 1 - size))):
                pieces.append(piece)
                size += len(piece)
            data = b"".join(pieces)
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise OSError(None, f"it is larger than {most >> 20} MiB")
    return data


def read_head(path: str, size: int) -> bytes:
    """Return at most ``size`` bytes from the start of a regular file. Raises ``OSError``."""
    descriptor, _ = safe_open(path)
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)
