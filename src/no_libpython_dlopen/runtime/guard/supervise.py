"""The parent of a guarded program: its exit status, and what the program could not say itself.

The program tells its findings by a pipe. What it mapped before a crash, a signal or
``os._exit`` is in the log of the dynamic loader, and the line at which it crashed in a
file of ``faulthandler``'s.

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

from no_libpython_dlopen.runtime.guard import loader_log
from no_libpython_dlopen.runtime.guard.detection import Detection
from no_libpython_dlopen.runtime.guard.report import Report
from no_libpython_dlopen.runtime.guard.source_location import SourceLocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import NoReturn

#: Signals that a supervisor sends to one process, and that ours hands on to the program.
_FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
#: Open files that a program has left beside those of the start.
_SPARE = 32
_PREFIX = "loader"
#: The status of a program that took too long, as of ``timeout(1)``.
TIMED_OUT = 124
#: Seconds that a program has to end in, once it is asked to.
_GRACE = 5
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>


class Told(NamedTuple):
    """What the program told: libpythons found and allowed, and processes that ended in order."""

    found: set[str]
    allowed: set[str]
    done: set[str]


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
    settings: dict[str, str],
    environment: Callable[[dict[str, str]], dict[str, str]],
    wishes: Wishes,
) -> int:
    """Run ``command`` and return its status, 1 where it succeeded in spite of a finding.

    A program that a signal ended ends this process by the same signal.
    """
    folder = tempfile.mkdtemp(prefix="nolibpy-")
    try:
        with contextlib.ExitStack() as stack:
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            os.set_blocking(writing, False)
            crash = os.open(os.path.join(folder, "crash"), os.O_RDWR | os.O_CREAT | os.O_APPEND)
            with _high_descriptors([writing, crash]) as (numbers, taken):
                settings |= {"STATUS": str(numbers[0]), "CRASH": str(numbers[1]), "TAKEN": taken}
                variables = environment(settings)
                if has_loader_log():
                    variables |= {
                        "_NOLIBPY_LOG": "1",
                        "LD_DEBUG": "files",
                        "LD_DEBUG_OUTPUT": os.path.join(folder, _PREFIX),
                    }
                child = subprocess.Popen(
                    command,
                    env=variables,
                    close_fds=False,
                    preexec_fn=_death_follower(),  # noqa: PLW1509 - there is one thread
                )
            status = _wait(child, wishes.timeout)
            told = _read_told(reading)
        found = _tell_rest(folder, told, status, wishes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if status is None:
        return TIMED_OUT
    if status < 0:
        _die(-status)
    return 1 if wishes.fails and status == 0 and (found or told.found) else status


@contextlib.contextmanager
def _high_descriptors(descriptors: list[int]) -> Iterator[tuple[list[int], str]]:
    """Give high numbers to ``descriptors`` and take all free ones below, for a child.

    The numbers are inheritable in the block; at its end all of them are closed here. The
    text has those that the child is to close, separated by commas.
    """
    import fcntl
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    top = max(min(limit if limit > 0 else 1024, 1024) - _SPARE, 3 + len(descriptors))
    numbers = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, top) for descriptor in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    filled, opened = [], []
    for number in range(3, top):
        try:
            if not os.get_inheritable(number):  # ours, which would leave a gap
                os.set_inheritable(number, True)
                opened.append(number)
        except OSError:  # noqa: PERF203 - that it is free, only the error says
            os.dup2(numbers[-1], number, inheritable=True)
            filled.append(number)
    try:
        yield numbers, ",".join(map(str, [*filled, *opened]))
    finally:
        for number in [*filled, *numbers]:
            os.close(number)
        for number in opened:
            os.set_inheritable(number, False)


def _death_follower() -> Callable[[], None] | None:
    """Return the function that ties a child's life to this process, as if there were only one."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _wait(child: subprocess.Popen[bytes], timeout: float | None) -> int | None:
    """Return the child's status, ``None`` where it took too long and was ended.

    Signals that reach this process alone are handed on. A terminal's interrupt reaches
    the child as well, which decides what it means.
    """
    for name in ("SIGINT", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    for name in _FORWARDED:
        signal.signal(getattr(signal, name), lambda number, _: child.send_signal(number))
    try:
        return child.wait(timeout)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGABRT)  # faulthandler writes where it is
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    return None


def _read_told(reading: int) -> Told:
    """Return the bytes written so far: a grandchild may hold the other end."""
    os.set_blocking(reading, False)
    data = b""
    with contextlib.suppress(BlockingIOError):
        while part := os.read(reading, 65536):
            data += part
    told = Told(set(), set(), set())
    kinds = {"+": told.found, "-": told.allowed, ".": told.done}
    for line in data.decode(errors="surrogateescape").splitlines():
        kinds[line[0]].add(line[1:])
    return told


def _tell_rest(folder: str, told: Told, status: int | None, wishes: Wishes) -> bool:
    """Report what the program mapped without an event; return whether there is any.

    After a crash what it said is repeated, since the cause is wanted in one place.
    """
    crashed = status is None or status < 0
    patterns = [pattern.strip() for pattern in wishes.allowed.split(",") if pattern.strip()]
    libraries = {}
    for item in loader_log.read_logs(folder, _PREFIX):
        base = os.path.basename(item.name)
        known = told.allowed if crashed else told.allowed | told.found
        names = (item.name, base, os.path.basename(item.caller).partition(".")[0])
        if str(item.process) in told.done or base in known:
            continue
        if not any(fnmatchcase(name, pattern) for name in names for pattern in patterns):
            libraries[item.name, item.caller] = item
    with open(os.path.join(folder, "crash"), encoding="utf-8", errors="replace") as file:
        where, row = loader_log.crash_line("\n" + file.read())
    if status is None or (crashed and libraries):
        _say(_ending(status, wishes.timeout) + (f" at {where}:{row}" if where else ""))
    for item in libraries.values():
        message = item.message()
        _say(f"{item.code} {message}")
        if wishes.report and os.path.basename(item.name) not in told.found:
            location = SourceLocation(where or "sys", row, "__main__", {})
            detection = Detection(item.code, item.name, item.name, location, item.message)
            Report(wishes.report).add(detection, message)
    return bool(libraries)


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
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
