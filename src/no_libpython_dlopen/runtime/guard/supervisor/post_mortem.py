"""What a program and its children could not say themselves before they ended.

What any of them mapped before a crash, a signal or ``os._exit``, or after the guard's last look,
is in the logs of the dynamic loader (``relaunch.py``), and the line at which it crashed in a file
of ``faulthandler``'s.
"""

from __future__ import annotations

import os
import signal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from no_libpython_dlopen.runtime.guard.detection import Detection
from no_libpython_dlopen.runtime.guard.report import Report
from no_libpython_dlopen.runtime.guard.source_location import SourceLocation
from no_libpython_dlopen.runtime.guard.standard_error import say
from no_libpython_dlopen.runtime.guard.startup import CRASH
from no_libpython_dlopen.runtime.guard.supervisor.crash_trace import Crash, read_crash
from no_libpython_dlopen.runtime.guard.supervisor.loader_log import MappedLibrary, read_logs
from no_libpython_dlopen.runtime.guard.suppression import is_suppressed
from no_libpython_dlopen.runtime.guard.under_run.relaunch import PREFIX
from no_libpython_dlopen.runtime.messages import same_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from no_libpython_dlopen.runtime.guard.supervisor.run_options import RunOptions
    from no_libpython_dlopen.runtime.guard.supervisor.unguarded_pythons import (
        ProcessWatch,
        UnguardedPython,
    )
    from no_libpython_dlopen.runtime.guard.under_run.run_notes import Note, Notes


def report_rest(
    folder: str, notes: Notes, watch: ProcessWatch, status: int | None, options: RunOptions
) -> str:
    """Report what the processes mapped without an event; return why the run is no success.

    The reason is ``""`` for a success. After a crash, what the process has said is repeated, so
    that the cause is in one place.
    """
    report = _PostMortem(folder, notes, watch.program, status, options)
    report.tell_crashes()
    for item in report.libraries:
        report.tell_library(item)
    report.tell_refused()
    unguarded = watch.find_unguarded(notes)
    reason = report.tell_unguarded() or report.tell_unseen() or report.tell_replaced(unguarded)
    if options.fails:
        known = [*notes.unguarded, *(one.command for one in unguarded if not one.is_program)]
        for command in dict.fromkeys(known):
            say(f"not guarded, because of its options or its environment: {command}")
        for command in notes.old:
            say(f"not guarded, because the guard needs Python 3.10 or later: {command}")
    return report.loaded_libraries() or reason


class _PostMortem:
    """What the logs of a run say after its end, of ``process`` and of those that it started."""

    def __init__(
        self, folder: str, notes: Notes, process: int, status: int | None, options: RunOptions
    ) -> None:
        self.notes, self.process, self.status, self.options = notes, process, status, options
        self.crashes = _read_crashes(folder)
        self.ended = {process} if status is None or status < 0 else set()
        self.crashed = self.ended | {one for one, crash in self.crashes.items() if crash.signal}
        self.libraries = _unreported_libpythons(folder, notes, self.crashed, options)
        patterns = _patterns(options)
        # A script that is given as `--python` may wait for the Python that it starts.
        program = process if process in notes.commands else next(iter(notes.commands), process)
        #: Processes of which it is not known what they mapped last.
        self.unseen = {
            number
            for number in (notes.unlogged | notes.replaced & {program}) - notes.ended
            if not _is_running(number) and not _matches([notes.program(number)], patterns)
        }

    def tell_crashes(self) -> None:
        """Tell how the processes ended of which something else is told."""
        told = self.unseen | {item.process for item in self.libraries}
        if self.status is None or (self.ended and self.process in told):
            place = _place(self.crashes.get(self.process))
            say(f"{_describe_end(self.status, self.options.timeout)}{place}")
        for number, crash in self.crashes.items():
            if number == self.process or not crash.signal:
                continue
            how = f"was ended by {crash.signal}"
            if self.status is None and crash.signal == "SIGABRT":
                how = "was stopped"
            if self.status is None or number in told:
                say(f"{_process(number, self.notes)} {how}{_place(crash)}")

    def tell_library(self, item: MappedLibrary) -> None:
        """Tell of a libpython that a process mapped, in the report's file as well."""
        place = self.notes.unjudged.get((item.process, item.name), "").partition(" ")[2]
        message = item.message() + (f" at {place}" if place else "")
        if item.process != self.process:
            message += f", in {_process(item.process, self.notes)}"
        say(f"{item.code} {message}")
        if self.options.report and not _is_noted(item, self.notes.found):
            _, where, row = self.crashes.get(item.process, ("", "", 0))
            script = self.notes.script(item.process)
            location = SourceLocation(where or script or "sys", row, "__main__", {})
            if place and not where:
                location = _location(f"__main__ {place}")
            detection = Detection(item.code, item.name, item.name, location, item.message)
            Report(self.options.report).add(detection, message)

    def tell_refused(self) -> None:
        """Tell of the exceptions that processes did not show before they ended."""
        for (number, name), place in self.notes.refused.items():
            if number not in self.notes.ended - self.crashed:
                where = f" at {place}" if place else ""
                library = os.path.basename(name)
                say(f"`{library}` was refused{where}, in {_process(number, self.notes)}")

    def tell_unguarded(self) -> str:
        """Tell if no process at all loaded the guard; return a sentence on it."""
        if self.notes.commands or self.status is None:
            return ""
        say(
            "the program ran without the guard, which an interpreter with `-I`, `-E` or `-S`, or "
            "in another environment, does not load"
        )
        return "the program ran without the guard"

    def tell_unseen(self) -> str:
        """Tell which processes were not watched to their end; return a sentence on the first."""
        reason = ""
        for number in sorted(self.unseen if self.options.fails else self.unseen & self.crashed):
            subject = "the program" if number == self.process else _process(number, self.notes)
            accepts = f"`--allow {self.notes.program(number) or '*'}` accepts that"
            reason = reason or f"{subject} was not watched to its end ({accepts})"
            end = "ended before the guard's final check"
            if not os.path.exists("/proc/self/maps"):
                end = "ran without /proc, where the guard looks for mapped files"
            told = (
                f"{end} and left no log of the dynamic loader: which libraries C code opened in it"
            )
            if number in self.notes.replaced:
                told = (
                    "replaced itself with a Python without the guard: which libraries that opened"
                )
            say(f"{subject} {told} is not known")
        return reason

    def tell_replaced(self, unguarded: list[UnguardedPython]) -> str:
        """Tell of a Python that ran as the program, but without the guard; return a sentence."""
        for one in unguarded:
            name = os.path.basename(one.words[0])
            if one.is_program and not _matches([name], _patterns(self.options)):
                say(
                    "the program went on as a Python without the guard, because of its options or "
                    f"its environment: {one.command}"
                )
                return f"the program ran without the guard (`--allow {name}` accepts that)"
        return ""

    def loaded_libraries(self) -> str:
        """Return a sentence on the libpythons that were loaded or refused, empty without any."""
        loaded = {os.path.basename(item.name): "" for item in self.libraries}
        for (_, file), place in self.notes.found.items():
            name = os.path.basename(file)
            loaded[name] = loaded.get(name) or place
        refused = self.notes.refused.items()
        found = loaded or {os.path.basename(file): place for (_, file), place in refused}
        what = [f"{name} at {found[name]}" if found[name] else name for name in sorted(found)]
        verb = "loaded" if loaded else "tried to load"
        return f"the program {verb} {', '.join(what)}" if what else ""


def _unreported_libpythons(
    folder: str, notes: Notes, crashed: set[int], options: RunOptions
) -> list[MappedLibrary]:
    """Return the libpythons in the logs that nobody allowed, without those already reported."""
    patterns = _patterns(options)
    libraries = {}
    for item in read_logs(folder, PREFIX):
        base = os.path.basename(item.name)
        told = notes.allowed if item.process in crashed else notes.allowed | set(notes.found)
        file = os.path.realpath(item.path)  # a link may have another name
        names = {item.name, base, item.path, os.path.basename(item.caller).partition(".")[0]}
        if item.path:
            names |= {file, os.path.basename(file)}
        if _is_noted(item, told) or _is_accepted(item, notes, patterns):
            continue
        if not _matches(names, patterns):
            libraries[item.process, item.name, item.caller] = item
    return list(libraries.values())


def _is_noted(item: MappedLibrary, notes: Iterable[Note]) -> bool:
    """Return whether a mapped library is one of those that its process noted.

    Names count where a file is not known, or known only from a directory of the process's own.
    """
    return any(
        same_file(file, item.path)
        if os.path.isabs(item.path) and "/" in file
        else os.path.basename(file) == os.path.basename(item.name)
        for process, file in notes
        if process == item.process
    )


def _is_accepted(item: MappedLibrary, notes: Notes, patterns: list[str]) -> bool:
    """Return whether a comment on its line, or a pattern for its module, accepts a late load."""
    for (process, name), text in notes.unjudged.items():
        opened = {item.name, item.caller, os.path.basename(item.caller)}
        if process == item.process and name in opened:
            where = _location(text)
            under = [*patterns, *(f"{pattern}.*" for pattern in patterns)]
            if is_suppressed(item.code, where) or _matches([where.module], under):
                return True
    return False


def _location(text: str) -> SourceLocation:
    """Return the place in a note, ``MODULE FILE:ROW``."""
    module, _, place = text.partition(" ")
    filename, _, row = place.rpartition(":")
    return SourceLocation(filename, int(row) if row.isdecimal() else 0, module, {})


def _patterns(options: RunOptions) -> list[str]:
    return [pattern.strip() for pattern in options.allowed.split(",") if pattern.strip()]


def _matches(names: Iterable[str], patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _read_crashes(folder: str) -> dict[int, Crash]:
    """Return the traceback that ``faulthandler`` wrote in each process."""
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


def _describe_end(status: int | None, timeout: float | None) -> str:
    if status is None:
        return f"the program did not end within {timeout:g} s and was stopped"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        name = f"signal {-status}"
    return f"the program was ended by {name}"


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
