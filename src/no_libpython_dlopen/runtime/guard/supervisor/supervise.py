"""The parent of a guarded program: starts it, waits, and has its exit status.

The program and its children note their findings in a file. What they could not say
themselves ``post_mortem.py`` finds; that is imported while the program starts, unless its
processes have to be looked at from the beginning.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from no_libpython_dlopen.runtime.guard.standard_error import say
from no_libpython_dlopen.runtime.guard.supervisor.run_folder import RunFolder
from no_libpython_dlopen.runtime.guard.supervisor.signals import block_signals, wait
from no_libpython_dlopen.runtime.guard.under_run import FOLDER
from no_libpython_dlopen.runtime.guard.under_run.descriptors import LowDescriptors
from no_libpython_dlopen.runtime.guard.under_run.relaunch import log_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from no_libpython_dlopen.runtime.guard.supervisor.run_options import RunOptions

#: The status of a program that took too long, as of ``timeout(1)``.
TIMED_OUT = 124
#: Seconds that a program has to end in, once it is asked to.
_GRACE = 5
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>
#: Variables in which a service manager names the process that it started, so that this can see
#: that it is meant (``sd_listen_fds(3)``, ``sd_watchdog_enabled(3)``, ``systemd.exec(5)``).
_OWN_NUMBER = ("LISTEN_PID", "WATCHDOG_PID", "SYSTEMD_EXEC_PID")


def run_supervised(
    command: list[str],
    environment: Callable[[dict[str, str], dict[str, str]], dict[str, str]],
    options: RunOptions,
    *,
    has_log: bool,
) -> int:
    """Run ``command`` and return its status, 1 where it succeeded in spite of a finding.

    ``environment`` returns its variables: the first argument is for all processes, the
    second for the program alone. With ``has_log`` the command is Python's own executable,
    which is started with the loader's log. A program that a signal ended ends this process by
    the same signal.
    """
    with RunFolder() as folder:
        if options.fails:  # what the program starts first may have ended after these imports
            from no_libpython_dlopen.runtime.guard.supervisor import post_mortem, unguarded_pythons
        child = _start(command, folder.path, environment, has_log=has_log)
        from no_libpython_dlopen.runtime.guard.supervisor import post_mortem, unguarded_pythons

        watch = unguarded_pythons.ProcessWatch(folder.notes, child.pid, command[1:])
        looks = {"look": watch.look} if options.fails else {}
        status = wait(child, options.timeout, lambda: _stop(folder.path), **looks)
        try:
            notes = folder.notes.read()
        except OSError:
            reason = f"the program removed {folder.path}, where its processes note what they loaded"
            if status is None or status < 0 or (status > 0 and options.fails):
                say(reason)
        else:
            reason = post_mortem.report_rest(folder.path, notes, watch, status, options)
    if status is None:
        return TIMED_OUT
    if status < 0:
        _die(-status)
    if options.fails and status == 0 and reason:
        say(f"exit status 1, since {reason}")
        return 1
    return status


def _start(
    command: list[str],
    folder: str,
    environment: Callable[[dict[str, str], dict[str, str]], dict[str, str]],
    *,
    has_log: bool,
) -> subprocess.Popen[bytes]:
    """Start the program. Raises ``OSError``."""
    prepare = _prepare_child(block_signals())
    every, first = {FOLDER: folder}, {"PROGRAM": "1"}
    number = str(os.getpid())
    first["NUMBER"] = ",".join(name for name in _OWN_NUMBER if os.environ.get(name) == number)
    with LowDescriptors() if has_log else contextlib.nullcontext({}) as taken:
        if has_log:
            first |= taken
            every |= log_variables(folder)
        return subprocess.Popen(
            command,
            env=environment(every, first),
            close_fds=False,
            preexec_fn=prepare,  # noqa: PLW1509 - there is one thread
        )


def _stop(folder: str) -> None:
    """End all processes of the program; those that are guarded write where they are."""
    from no_libpython_dlopen.runtime.guard.supervisor import post_mortem, process_tree

    process_tree.stop(os.getpid(), lambda: post_mortem.crash_files(folder), _GRACE)


def _prepare_child(restore_signals: Callable[[], None]) -> Callable[[], None]:
    """Return a function for the child: signals are unblocked, and it ends with this process."""
    prctl = None
    if sys.platform == "linux":  # pragma: no branch - no other system has it
        import ctypes

        prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:  # pragma: no cover - runs between a fork and an exec
        restore_signals()
        if prctl is not None:
            prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)

    return prepare


def _die(number: int) -> NoReturn:
    """End by a signal; by the status that a shell would show where it does not kill."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
