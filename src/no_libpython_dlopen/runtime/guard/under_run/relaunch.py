"""A process under ``nolibpy run`` has a log of the dynamic loader from its start.

Where a process crashes, is killed or leaves by ``os._exit``, only that log tells what it
mapped. The loader reads its variables (``LD_DEBUG``, ``ld.so(8)``) at the start of a process
alone. In the environment of a whole tree they would do harm: the loader keeps the log open
under the lowest free number, and writes to that number even if the process has closed it
and opened a file of its own there (a shell's ``exec 3>file``). So only the program itself is
started with them, if it is Python. A guarded Python that it starts executes itself once more
before its own program starts, with the same arguments and the same environment. The low
numbers are taken meanwhile, and free again before the program's first line: the log gets one
that the program's own files do not get (``descriptors.py``).
"""

from __future__ import annotations

import os
import sys
import time

from no_libpython_dlopen.runtime.guard.under_run import NOTES
from no_libpython_dlopen.runtime.guard.under_run.descriptors import LowDescriptors

#: The prefix of the names of the logs.
PREFIX = "loader-"
_LOG = b"LD_DEBUG_OUTPUT="


def has_loader_log() -> bool:
    """Return whether the dynamic loader here writes a log: glibc's does."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION")) and "LD_DEBUG" not in os.environ
    except (AttributeError, OSError, ValueError):  # pragma: no cover - another C library
        return False


def relaunch(folder: str, *, is_program: bool) -> None:
    """Execute this process once more with a log in ``folder``; return where that cannot be done.

    What is not Python's own executable is left as it is: an embedding program may have done
    things by now. That of the user's command is asked before (``interpreter.ask``).
    """
    if not has_loader_log() or sys.flags.verbose or "importtime" in sys._xoptions:
        return
    try:
        command = _read("cmdline")
        variables = _read("environ")
        executable = os.readlink("/proc/self/exe")
        is_single = len(os.listdir("/proc/self/task")) == 1
        is_python = bool(sys.executable) and os.path.samefile(sys.executable, executable)
    except OSError:
        return
    is_python = is_python and [os.fsencode(word) for word in sys.orig_argv] == command
    # A fork or a sub-interpreter of a process with a log still has the variables of its start.
    if any(item.startswith(_LOG) for item in variables) or not is_single:
        return
    if not (is_python or is_program):
        return
    environment = dict(item.split(b"=", 1) for item in variables if b"=" in item[1:])
    log = log_variables(folder)
    environment |= {name.encode(): os.fsencode(value) for name, value in log.items()}
    try:
        lock = hold_folder(folder)
    except OSError:  # the parent has ended
        return
    try:
        # Where the loader cannot write, it writes to standard output.
        path = f"{log['LD_DEBUG_OUTPUT']}.{os.getpid()}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with LowDescriptors() as taken:
            for name, text in taken.items():
                environment[b"_NOLIBPY_START_" + name.encode()] = text.encode()
            os.execve(sys.executable if is_python else executable, command, environment)
    except OSError:  # no right to write there, the limit of processes, a file that is gone
        pass
    finally:
        os.close(lock)


def log_variables(folder: str) -> dict[str, str]:
    """Return the variables by which the loader of a new process writes a log in ``folder``."""
    output = os.path.join(folder, f"{PREFIX}{time.monotonic_ns():020}")
    return {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": output}


def hold_folder(folder: str) -> int:
    """Lock a run's folder, which stays until all who share the lock have closed the returned file.

    Raises ``OSError``.
    """
    import fcntl

    descriptor = os.open(os.path.join(folder, NOTES), os.O_WRONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _read(name: str) -> list[bytes]:
    """Return the words in a file of this process. Raises ``OSError``."""
    with open(f"/proc/self/{name}", "rb") as file:
        return file.read().split(b"\0")[:-1]
