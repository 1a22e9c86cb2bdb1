"""Opens what was a regular file when it was looked at, and may be anything by now.

Between a walk and the reading, a pipe can take a file's place: opened like a file, it would
be waited for without end. The runtime guard imports this: it needs nothing but the
interpreter.
"""

from __future__ import annotations

import os
import stat

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def opened(path: str) -> tuple[int, os.stat_result]:
    """Return the descriptor of a regular file, to be closed by the caller, and its status.

    Never waits. Raises ``OSError``, also for anything but a regular file.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "it is not a regular file")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status
