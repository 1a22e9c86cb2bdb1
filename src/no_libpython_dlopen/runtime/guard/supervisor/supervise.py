"""The parent of a guarded program: its exit status, and what the program could not say itself.

The program and its children note their findings in a file. What the program mapped before
a crash, a signal or ``os._exit`` is in the log of the dynamic loader, and the line at which
it crashed in a file of ``faulthandler``'s.

The loader keeps its log open under the lowest free number, and writes to that number even
if the program has closed it (a daemon does) and opened a file of its own there. So the
low numbers are taken while the program starts, and free again before its first line: the
log gets one that a program hardly reaches.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.runtime.guard.detection import Detection
from no_libpython_dlopen.runtime.guard.report import Report
from no_libpython_dlopen.runtime.guard.run_notes import Notes, RunNotes
from no_libpython_dlopen.runtime.guard.source_location import SourceLocation
from no_libpython_dlopen.runtime.guard.startup import FOLDER
from no_libpython_dlopen.runtime.guard.supervisor import loader_log
from no_libpython_dlopen.runtime.guard.supervisor.signals import block_signals, wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import NoReturn

#: Open files that a program has left beside those of the start.
_SPARE = 32
_PREFIX, _CRASH = "loader", "crash"
#: The status of a program that took too long, as of ``timeout(1)``.
TIMED_OUT = 124
#: Seconds that a program has to end in, once it is asked to.
_GRACE = 5
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>


class Wishes(NamedTuple):
    """What the user asked for."""

    fails: bool
    report: str
    allowed: str
    timeout: float | None


def has_loader_log() -> bool:
    """Return whether the dynamic loader here writes a log: glibc's does."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION")) and "LD_DEBUG" not in os.environ
    except (AttributeError, OSError, ValueError):
        return False


def run_supervised(
    command: list[str],
    environment: Callable[[dict[str, str], dict[str, str]], dict[str, str]],
    wishes: Wishes,
) -> int:
    """Run ``command`` and return its status, 1 where it succeeded in spite of a finding.

    ``environment`` returns its variables: the first argument is for all processes, the
    second for the program alone. A program that a signal ended ends this process by the
    same signal.
    """
    folder = tempfile.mkdtemp(prefix="nolibpy-")
    notes = RunNotes(folder)
    try:
        notes.create()
        status = _start_and_wait(command, folder, environment, wishes.timeout)
        found = _tell_rest(folder, notes.read(), status, wishes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if status is None:
        return TIMED_OUT
    if status < 0:
        _die(-status)
    if wishes.fails and status == 0 and found:
        _say(f"exit status 1, since the program loaded {', '.join(sorted(found))}")
        return 1
    return status


def _start_and_wait(
    command: list[str],
    folder: str,
    environment: Callable[[dict[str, str], dict[str, str]], dict[str, str]],
    timeout: float | None,
) -> int | None:
    """Run the program; return its status, ``None`` where it took too long and was ended."""
    start = {"CRASH": os.path.join(folder, _CRASH)}
    more = {FOLDER: folder}
    held = block_signals()
    with contextlib.ExitStack() as stack:
        if has_loader_log():
            start |= {"LOG": "1", "TAKEN": stack.enter_context(_low_descriptors_taken())}
            more |= {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": os.path.join(folder, _PREFIX)}
        child = subprocess.Popen(
            command,
            env=environment(more, start),
            close_fds=False,
            preexec_fn=_prepare_child(held),  # noqa: PLW1509 - there is one thread
        )
    return wait(child, timeout, _GRACE)


@contextlib.contextmanager
def _low_descriptors_taken() -> Iterator[str]:
    """Take all free low numbers of files for a child that is started in the block.

    The text has those that the child is to close, separated by commas.
    """
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    null = os.open(os.devnull, os.O_RDONLY)
    filled, opened = [null], []
    os.set_inheritable(null, True)
    for number in range(3, max(min(limit if limit > 0 else 1024, 1024) - _SPARE, 3)):
        try:
            if not os.get_inheritable(number):  # ours, which would leave a gap
                os.set_inheritable(number, True)
                opened.append(number)
        except OSError:  # noqa: PERF203 - that it is free, only the error says
            os.dup2(null, number, inheritable=True)
            filled.append(number)
    try:
        yield ",".join(map(str, [*filled, *opened]))
    finally:
        for number in filled:
            os.close(number)
        for number in opened:
            os.set_inheritable(number, False)


def _prepare_child(mask: set[int]) -> Callable[[], None]:
    """Return a function for the child: signals are unblocked, and it ends with this process."""
    prctl = None
    if sys.platform == "linux":
        import ctypes

        prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if prctl is not None:
            prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)

    return prepare


def _tell_rest(folder: str, notes: Notes, status: int | None, wishes: Wishes) -> set[str]:
    """Report what the program mapped without an event; return the names of all findings.

    After a crash what it said is repeated, since the cause is wanted in one place.
    """
    crashed = status is None or status < 0
    patterns = [pattern.strip() for pattern in wishes.allowed.split(",") if pattern.strip()]
    libraries = {}
    for item in loader_log.read_logs(folder, _PREFIX):
        base = os.path.basename(item.name)
        known = notes.allowed if crashed else notes.allowed | notes.found
        names = (item.name, base, os.path.basename(item.caller).partition(".")[0])
        if item.process in notes.ended or (item.process, base) in known:
            continue
        if not any(fnmatchcase(name, pattern) for name in names for pattern in patterns):
            libraries[item.name, item.caller] = item
    where, row = _crash_line(os.path.join(folder, _CRASH))
    if status is None or (crashed and libraries):
        _say(_ending(status, wishes.timeout) + (f" at {where}:{row}" if where else ""))
    for item in libraries.values():
        message = item.message()
        _say(f"{item.code} {message}")
        if wishes.report and (item.process, os.path.basename(item.name)) not in notes.found:
            location = SourceLocation(where or "sys", row, "__main__", {})
            detection = Detection(item.code, item.name, item.name, location, item.message)
            Report(wishes.report).add(detection, message)
    return {os.path.basename(item.name) for item in libraries.values()} | {
        name for _, name in notes.found
    }


def _crash_line(path: str) -> tuple[str, int]:
    """Return the line of the user's at which the program crashed, or ``("", 0)``."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return loader_log.crash_line("\n" + file.read())
    except OSError:  # it never started
        return "", 0


def _ending(status: int | None, timeout: float | None) -> str:
    if status is None:
        return f"the program did not end within {timeout:g} seconds and was stopped"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        name = f"signal {-status}"
    return f"the program was ended by {name}"


def _say(line: str) -> None:
    print(f"nolibpy: {line}", file=sys.stderr, flush=True)


def _die(number: int) -> NoReturn:
    """End by a signal; by the status that a shell would show where it does not kill."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
