"""The parent of a guarded program: its exit status, and what the program could not say itself.

The program and its children note their findings in a file. What any of them mapped before
a crash, a signal or ``os._exit`` is in the logs of the dynamic loader (``relaunch.py``), and
the line at which it crashed in a file of ``faulthandler``'s.
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
from no_libpython_dlopen.runtime.guard.relaunch import PREFIX, hold_folder
from no_libpython_dlopen.runtime.guard.report import Report
from no_libpython_dlopen.runtime.guard.run_notes import Notes, RunNotes
from no_libpython_dlopen.runtime.guard.source_location import SourceLocation
from no_libpython_dlopen.runtime.guard.startup import CRASH, FOLDER
from no_libpython_dlopen.runtime.guard.supervisor import loader_log, process_tree
from no_libpython_dlopen.runtime.guard.supervisor.signals import block_signals, wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

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
        process, status = _start_and_wait(command, folder, environment, wishes.timeout)
        found = _tell_rest(folder, notes.read(), process, status, wishes)
    finally:
        with contextlib.suppress(OSError):
            hold_folder(folder, is_shared=False)
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
) -> tuple[int, int | None]:
    """Run the program; return its process and status, ``None`` where it took too long.

    Then all of its processes are ended.
    """
    held = block_signals()
    child = subprocess.Popen(
        command,
        env=environment({FOLDER: folder}, {"PROGRAM": "1"}),
        close_fds=False,
        preexec_fn=_prepare_child(held),  # noqa: PLW1509 - there is one thread
    )

    def stop() -> None:
        processes = process_tree.descendants(os.getpid())
        process_tree.stop(processes, set(_crash_files(folder)), _GRACE)

    return child.pid, wait(child, timeout, stop)


def _crash_files(folder: str) -> dict[int, str]:
    """Return the files of ``faulthandler`` by process."""
    return {
        int(name.removeprefix(CRASH)): os.path.join(folder, name)
        for name in os.listdir(folder)
        if name.startswith(CRASH)
    }


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


def _tell_rest(
    folder: str, notes: Notes, process: int, status: int | None, wishes: Wishes
) -> set[str]:
    """Report what the processes mapped without an event; return the names of all findings.

    After a crash what it said is repeated, since the cause is wanted in one place.
    """
    crashes = _read_crashes(folder)
    ended = {process} if status is None or status < 0 else set()
    crashed = ended | {number for number, crash in crashes.items() if crash.signal}
    libraries = _untold(folder, notes, crashed, wishes)
    if status is None or (ended and any(item.process == process for item in libraries)):
        _say(f"{_ending(status, wishes.timeout)}{_place(crashes.get(process))}")
    for number, crash in crashes.items():
        if number != process and crash.signal:
            how = f"was ended by {crash.signal}"
            if status is None and crash.signal == "SIGABRT":
                how = "was stopped"
            if status is None or any(item.process == number for item in libraries):
                _say(f"{_process(number, notes)} {how}{_place(crash)}")
    for item in libraries:
        message = item.message()
        if item.process != process:
            message += f", in {_process(item.process, notes)}"
        _say(f"{item.code} {message}")
        if wishes.report and (item.process, os.path.basename(item.name)) not in notes.found:
            _, where, row = crashes.get(item.process, ("", "", 0))
            location = SourceLocation(where or "sys", row, "__main__", {})
            detection = Detection(item.code, item.name, item.name, location, item.message)
            Report(wishes.report).add(detection, message)
    return {os.path.basename(item.name) for item in libraries} | {name for _, name in notes.found}


def _untold(
    folder: str, notes: Notes, crashed: set[int], wishes: Wishes
) -> list[loader_log.MappedLibrary]:
    """Return the libpythons in the logs that nobody allowed, without those already reported."""
    patterns = [pattern.strip() for pattern in wishes.allowed.split(",") if pattern.strip()]
    libraries = {}
    for item in loader_log.read_logs(folder, PREFIX):
        base = os.path.basename(item.name)
        told = notes.allowed if item.process in crashed else notes.allowed | notes.found
        names = (item.name, base, os.path.basename(item.caller).partition(".")[0])
        if item.process in notes.ended - crashed or (item.process, base) in told:
            continue
        if not any(fnmatchcase(name, pattern) for name in names for pattern in patterns):
            libraries[item.process, item.name, item.caller] = item
    return list(libraries.values())


def _read_crashes(folder: str) -> dict[int, loader_log.Crash]:
    """Return what ``faulthandler`` wrote in each process."""
    crashes = {}
    for process, path in sorted(_crash_files(folder).items()):
        with open(path, encoding="utf-8", errors="replace") as file:
            crashes[process] = loader_log.read_crash("\n" + file.read())
    return crashes


def _place(crash: loader_log.Crash | None) -> str:
    return f" at {crash.filename}:{crash.row}" if crash and crash.filename else ""


def _process(number: int, notes: Notes) -> str:
    """Return the name of a process in a message."""
    command = notes.commands.get(number)
    return f"process {number} ({command})" if command else f"process {number}"


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
