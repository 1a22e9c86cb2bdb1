"""What a program and its children could not say themselves before they ended.

What any of them mapped before a crash, a signal or ``os._exit`` is in the logs of the dynamic
loader (``relaunch.py``), and the line at which it crashed in a file of ``faulthandler``'s.
"""

from __future__ import annotations

import os
import signal
import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from no_libpython_dlopen.runtime.guard.detection import Detection
from no_libpython_dlopen.runtime.guard.relaunch import PREFIX
from no_libpython_dlopen.runtime.guard.report import Report
from no_libpython_dlopen.runtime.guard.source_location import SourceLocation
from no_libpython_dlopen.runtime.guard.startup import CRASH
from no_libpython_dlopen.runtime.guard.supervisor.loader_log import (
    Crash,
    MappedLibrary,
    read_crash,
    read_logs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from no_libpython_dlopen.runtime.guard.run_notes import Notes
    from no_libpython_dlopen.runtime.guard.supervisor.run_options import RunOptions


def report_rest(
    folder: str, notes: Notes, process: int, status: int | None, options: RunOptions
) -> str:
    """Report what the processes mapped without an event; return why the run is no success.

    The reason is ``""`` for a success. After a crash, what the process has said is repeated, so
    that the cause is in one place.
    """
    crashes = _read_crashes(folder)
    ended = {process} if status is None or status < 0 else set()
    crashed = ended | {number for number, crash in crashes.items() if crash.signal}
    libraries = _unreported_libpythons(folder, notes, crashed, options)
    patterns = _patterns(options)
    unseen = {
        number
        for number in notes.unlogged - notes.ended
        if not _is_running(number) and not _matches([notes.program(number)], patterns)
    }
    told = unseen | {item.process for item in libraries}
    if status is None or (ended and process in told):
        say(f"{_ending(status, options.timeout)}{_place(crashes.get(process))}")
    for number, crash in crashes.items():
        if number != process and crash.signal:
            how = f"was ended by {crash.signal}"
            if status is None and crash.signal == "SIGABRT":
                how = "was stopped"
            if status is None or number in told:
                say(f"{_process(number, notes)} {how}{_place(crash)}")
    for item in libraries:
        message = item.message()
        if item.process != process:
            message += f", in {_process(item.process, notes)}"
        say(f"{item.code} {message}")
        if options.report and (item.process, os.path.basename(item.name)) not in notes.found:
            _, where, row = crashes.get(item.process, ("", "", 0))
            location = SourceLocation(where or "sys", row, "__main__", {})
            detection = Detection(item.code, item.name, item.name, location, item.message)
            Report(options.report).add(detection, message)
    reason = ""
    for number in sorted(unseen if options.fails else unseen & crashed):
        subject = "the program" if number == process else _process(number, notes)
        accepts = f"`--allow {notes.program(number) or '*'}` accepts that"
        reason = reason or f"{subject} was not watched to its end ({accepts})"
        say(
            f"{subject} ended before the guard's last look, and has no log of the dynamic "
            "loader: what C code opened in it is not known"
        )
    for command in notes.unguarded if options.fails else ():
        say(f"not guarded, because of its options or its environment: {command}")
    found = {os.path.basename(item.name): "" for item in libraries}
    for (_, name), place in notes.found.items():
        found[name] = found.get(name) or place
    if found:
        loaded = [f"{name} at {found[name]}" if found[name] else name for name in sorted(found)]
        return f"the program loaded {', '.join(loaded)}"
    return reason


def _unreported_libpythons(
    folder: str, notes: Notes, crashed: set[int], options: RunOptions
) -> list[MappedLibrary]:
    """Return the libpythons in the logs that nobody allowed, without those already reported."""
    patterns = _patterns(options)
    libraries = {}
    for item in read_logs(folder, PREFIX):
        base = os.path.basename(item.name)
        told = notes.allowed if item.process in crashed else notes.allowed | set(notes.found)
        names = (item.name, base, os.path.basename(item.caller).partition(".")[0])
        if item.process in notes.ended - crashed or (item.process, base) in told:
            continue
        if not _matches(names, patterns):
            libraries[item.process, item.name, item.caller] = item
    return list(libraries.values())


def _patterns(options: RunOptions) -> list[str]:
    return [pattern.strip() for pattern in options.allowed.split(",") if pattern.strip()]


def _matches(names: Iterable[str], patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _read_crashes(folder: str) -> dict[int, Crash]:
    """Return what ``faulthandler`` wrote in each process."""
    crashes = {}
    for process, path in sorted(crash_files(folder).items()):
        with open(path, encoding="utf-8", errors="replace") as file:
            crashes[process] = read_crash("\n" + file.read())
    return crashes


def _place(crash: Crash | None) -> str:
    return f" at {crash.filename}:{crash.row}" if crash and crash.filename else ""


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


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


def say(line: str) -> None:
    print(f"nolibpy: {line}", file=sys.stderr, flush=True)


def crash_files(folder: str) -> dict[int, str]:
    """Return the files of ``faulthandler`` by process, none if the program has removed them."""
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    return {
        int(name.removeprefix(CRASH)): os.path.join(folder, name)
        for name in names
        if name.startswith(CRASH)
    }
