"""Pythons without the guard among the processes of a run, whoever started them.

The guard of a Python announces the children that it starts (``child_pythons.py``). It does not see
what a shell script starts, or what C code puts in its place. So the parent looks at the processes
itself, many times a second. A Python that keeps the guard out by its options or its environment,
and whose guard has not noted its start, ran without.

If the program made itself another one, a shell or a wrapper such as ``timeout`` stands for the
Python that it starts. Git and CMake go on as themselves, whatever their helpers are.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.runtime.guard.supervisor import process_tree
from no_libpython_dlopen.runtime.guard.under_run import child_pythons
from no_libpython_dlopen.runtime.guard.under_run.process_status import image as image_of
from no_libpython_dlopen.runtime.guard.under_run.run_notes import shorten
from no_libpython_dlopen.runtime.mapped_files import executable_of

if TYPE_CHECKING:
    from no_libpython_dlopen.runtime.guard.under_run.run_notes import Notes, RunNotes

#: Seconds between two looks: a Python takes longer to start and do anything.
_PERIOD = 0.01
#: The pause after a look is at least this many times as long as the look.
_REST = 50
#: A busy machine, or a cold start, makes a look long: the pause is not longer than this.
_LONG_PAUSE = 0.2


class UnguardedPython(NamedTuple):
    """A Python that the guard did not reach.

    ``is_program`` tells that no guarded Python is above it: it is the program itself, or what the
    program put in its place.
    """

    process: int
    image: str
    words: list[str]
    is_program: bool
    #: How many guarded Pythons had run in the program's place before.
    starts: int

    @property
    def command(self) -> str:
        """Return the command line."""
        return shorten(" ".join(self.words))


class ProcessWatch:
    """What was seen of the processes under this one, of which ``program`` is the first."""

    def __init__(self, notes: RunNotes, program: int, words: list[str]) -> None:
        self.program = program
        self._notes = notes
        #: The words that the program's interpreter was started with.
        self._words = words
        self._known: set[tuple[int, str]] = set()
        self._seen: list[UnguardedPython] = []

    def look(self) -> float:
        """Look at the processes that are new; return the seconds until the next look."""
        start = time.thread_time()
        parents = process_tree.parents(os.getpid())
        images = {(process, image_of(process)) for process in parents}
        pause = _REST * (time.thread_time() - start)
        for process, image in images - self._known:  # a large file takes long, but once
            if image and self._see(process, image, parents):
                self._known.add((process, image))
        return min(max(_PERIOD, pause), _LONG_PAUSE)

    def find_unguarded(self, notes: Notes) -> list[UnguardedPython]:
        """Return the Pythons whose guard did not start, by the notes at the end of the run."""
        starts = self._count_starts(notes)
        return [
            one._replace(is_program=one.is_program and starts == one.starts)
            for one in self._seen
            if one.image not in notes.images
        ]

    def _count_starts(self, notes: Notes) -> int:
        return list(notes.images.values()).count(self.program)

    def _see(self, process: int, image: str, parents: dict[int, int]) -> bool:
        """Remember a Python without the guard; return whether all could be read."""
        try:
            if not _is_python(process):
                return True
            words, variables = _read(process, "cmdline"), _read(process, "environ")
        except OSError:  # it has ended, or runs with other rights
            return True
        if image_of(process) != image or not words:
            return False
        environment = dict(item.split("=", 1) for item in variables if "=" in item[1:])
        is_kept_out = child_pythons.is_kept_out(words, environment)
        if is_kept_out and image not in {one.image for one in self._seen}:  # of a fork
            self._judge(process, image, words, parents)
        return True

    def _judge(self, process: int, image: str, words: list[str], parents: dict[int, int]) -> None:
        """Remember a Python without the guard, unless another is above it."""
        try:
            notes = self._notes.read()
        except OSError:
            return
        above, line, stands = parents[process], words, True
        while above in parents:
            if image_of(above) in notes.images:
                break
            if _is_python(above):
                return
            stands = stands and _stands_for(above, line)
            above, line = parents[above], _words(above)
        is_started = self.program in {process, *notes.commands}
        is_program = above not in parents and (
            (is_started and stands)
            or (bool(self._words) and words[-len(self._words) :] == self._words)
        )
        if is_program or is_started or above in parents:
            starts = self._count_starts(notes)
            self._seen.append(UnguardedPython(process, image, words, is_program, starts))


def _is_python(process: int) -> bool:
    try:
        path = executable_of(process)
    except OSError:  # it has ended, or runs with other rights
        return False
    return child_pythons.is_python(path, f"/proc/{process}/exe")


def _stands_for(process: int, words: list[str]) -> bool:
    """Return whether a process started one with these words to run as the program.

    A shell does, and what has that command among its own words, or the script that it runs.
    """
    try:
        if child_pythons.is_shell(executable_of(process)):
            return True
    except OSError:
        return True
    own = _words(process)
    _, operand = child_pythons.options_and_operand(words)
    starts = range(operand + 1) if operand < len(words) else range(1)
    return any(
        " ".join(words[start:]) == own[at]  # as of `script -c`
        or (
            os.path.basename(own[at]) == os.path.basename(words[start])
            and own[at + 1 :][: len(words) - start - 1] == words[start + 1 :]
        )
        for start in starts
        for at in range(1, len(own))
    )


def _words(process: int) -> list[str]:
    try:
        return _read(process, "cmdline")
    except OSError:
        return []


def _read(process: int, name: str) -> list[str]:
    """Return the words in a file of a process. Raises ``OSError``."""
    with open(f"/proc/{process}/{name}", "rb") as file:
        return os.fsdecode(file.read()).split("\0")[:-1]
