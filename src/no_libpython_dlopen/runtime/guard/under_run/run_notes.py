"""What the processes under ``nolibpy run`` write down for their parent, a line at a time.

Descriptors do not reach children that ``subprocess`` starts, and a number may mean another
file by the time that something is found. So each line is appended to a file by its path;
one write of a short line is not torn, however many processes write.
"""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.runtime import mapped_files
from no_libpython_dlopen.runtime.guard.own_imports import OWN_IMPORTS
from no_libpython_dlopen.runtime.guard.under_run import NOTES, process_status

#: The first characters of lines.
_KINDS = tuple("+x-*.!?=~<")
_FOUND, _REFUSED, _ALLOWED, _STARTED, _ENDED, *_REST = _KINDS
#: The last is written by ``bootstrap/sitecustomize.py``.
_UNGUARDED, _UNLOGGED, _REPLACED, _UNJUDGED, _OLD = _REST
#: Stands between a libpython and the line of the program.
_PLACE = "\t"
#: Characters of a command that are shown.
_LONGEST = 200

#: A program, or a test of it, may put its own functions in their place.
_open, _write, _close, _stat = os.open, os.write, os.close, os.stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: A process, and the file of a libpython, its name where the file is not known.
    Note = tuple[int, str]


class Notes:
    """What was read: libpythons found and allowed, and the processes that ended in order.

    ``refused`` are those that an exception stopped before anything was mapped; the values of
    both are lines of the program, as ``FILE:ROW``, or ``""``. ``commands`` are those of the
    processes that started, ``unguarded`` those that did not let the guard in, ``old`` those of
    Pythons that the guard does not run on, ``unlogged`` the guarded processes without a log of
    the dynamic loader, ``replaced`` those that replaced themselves with a Python without the
    guard. ``images`` has the processes by what tells apart the programs that they executed.
    ``unjudged`` are names that a process opened when its guard could not look any more, with
    the module and the line (``MODULE FILE:ROW``).
    """

    def __init__(self, lines: dict[str, dict[Note, str]]) -> None:
        """Take the notes by their kind: a process and a text, each with a line of the program."""
        self.found = lines[_FOUND]
        self.refused = lines[_REFUSED]
        self.allowed = set(lines[_ALLOWED])
        self.ended = {process for process, _ in lines[_ENDED]}
        self.unjudged = lines[_UNJUDGED]
        self.unlogged = {process for process, _ in lines[_UNLOGGED]}
        self.replaced = {process for process, _ in lines[_REPLACED]}
        self.commands = dict(lines[_STARTED].keys())
        self.images: dict[str, int] = {}
        self._scripts: dict[int, str] = {}
        for (process, _), text in lines[_STARTED].items():
            image, _, script = text.partition(" ")
            self._scripts[process] = script
            self.images |= {image: process} if image else {}
        commands = set(self.commands.values())
        unguarded = [command for _, command in lines[_UNGUARDED] if command not in commands]
        self.unguarded = list(dict.fromkeys(unguarded))
        self.old = list(dict.fromkeys(command for _, command in lines[_OLD]))

    def program(self, process: int) -> str:
        """Return the base name of the program that a process runs, ``""`` if not known."""
        words = self.commands.get(process, "").split()
        return os.path.basename(words[0]) if words else ""

    def script(self, process: int) -> str:
        """Return the script that a process runs, ``""`` if not known.

        A process that was forked notes no start: it runs the only script that there is.
        """
        scripts = set(self._scripts.values())
        only = scripts.pop() if len(scripts) == 1 else ""
        return self._scripts.get(process, only)


class RunNotes:
    """The notes in a directory. Each process writes each of them once."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, NOTES)
        #: The log of this process, and of those that it forks.
        self.log = ""
        self._written: set[str] = set()

    def create(self) -> None:
        """Make the file, which a program that gives up its rights can still write to."""
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT))
        os.chmod(os.path.dirname(self.path), 0o711)
        os.chmod(self.path, 0o622)

    def note_allowed(self, library: str) -> None:
        """Note a libpython that was found and that the user allowed."""
        self._write(_ALLOWED, library)

    def note_found(self, library: str, place: str, *, is_refused: bool) -> None:
        """Note a libpython that was found, or refused, at a line of the program."""
        self._write(_REFUSED if is_refused else _FOUND, library, place)

    def is_told(self, library: str) -> bool:
        """Return whether another interpreter in this process has noted a libpython."""
        own = (os.getpid(), library)
        try:
            notes = self.read()
        except OSError:
            return False
        return own in notes.allowed | set(notes.found) and not any(
            f"{kind}{own[0]} {own[1]}" in self._written for kind in (_FOUND, _ALLOWED)
        )

    def note_start(self) -> None:
        """Note the command of this process, without modules that the program may replace."""
        command = " ".join(sys.orig_argv) or mapped_files.executable()
        image = process_status.image("self")
        self._write(_STARTED, shorten(command), f"{image} {_script()}")

    def note_unguarded(self, command: str, *, is_this_process: bool) -> None:
        """Note a Python that is about to start without the guard, perhaps in our place."""
        self._write(_UNGUARDED, shorten(command))
        if is_this_process:
            self._write(_REPLACED, "")

    def note_no_log(self) -> None:
        """Note that this process has no log of the dynamic loader."""
        self._write(_UNLOGGED, "")

    def note_unjudged(self, name: str, place: str) -> None:
        """Note what is opened when it is too late to find out what that is."""
        self._write(_UNJUDGED, name, place)

    def log_size(self) -> int:
        """Return the present size of the log, -1 where there is none."""
        try:
            return _stat(self.log).st_size
        except OSError:
            return -1

    def note_allowed_since(self, size: int) -> None:
        """Note as allowed what this process mapped since the log had a size, and may have closed."""
        if size < 0 or self.log_size() <= size:
            return
        with OWN_IMPORTS:
            from no_libpython_dlopen.runtime.guard.supervisor import loader_log

            for item in loader_log.read_log(self.log, size):
                if item.process == os.getpid():
                    self.note_allowed(item.path or item.name)

    def note_end(self) -> None:
        """Note that this process ends in order, after the guard's last look."""
        self._write(_ENDED, "")

    def _write(self, kind: str, name: str, place: str = "") -> None:
        line = f"{kind}{os.getpid()} {name}".replace("\n", " ")
        if line in self._written:
            return
        self._written.add(line)
        try:
            descriptor = _open(self.path, os.O_WRONLY | os.O_APPEND)
        except OSError:  # the parent has gone
            return
        try:
            place = place.replace("\n", " ")
            _write(descriptor, os.fsencode(f"{line}{_PLACE}{place}" if place else line) + b"\n")
        except OSError:  # no space
            return
        finally:
            _close(descriptor)

    def read(self) -> Notes:
        """Return the notes of all processes so far."""
        lines: dict[str, dict[Note, str]] = {kind: {} for kind in _KINDS}
        with open(self.path, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                process, _, rest = line[1:].rstrip("\n").partition(" ")
                has_place = line[0] in {_STARTED, _FOUND, _REFUSED, _UNJUDGED}
                name, _, place = rest.partition(_PLACE) if has_place else (rest, "", "")
                if line[0] in lines and process.isdecimal():
                    lines[line[0]].setdefault((int(process), name), place)
        return Notes(lines)


def _script() -> str:
    """Return the path of the script by the words that this process was started with."""
    from no_libpython_dlopen.runtime.guard.under_run import child_pythons

    executable = mapped_files.executable()
    _, at = child_pythons.options_and_operand(sys.orig_argv)
    if at >= len(sys.orig_argv) or not child_pythons.is_python(executable, executable):
        return ""
    path = os.path.abspath(sys.orig_argv[at])
    return path if os.path.isfile(path) else ""


def shorten(command: str) -> str:
    """Return the part of a command that is shown."""
    return command[:_LONGEST].replace(_PLACE, " ")
