"""One line on a terminal that shows how far a long run is, and is gone before anything else.

It comes after a second, so that most runs never show it. It is drawn when a file is
taken up or has come back from another process: no thread runs beside the checks.

Weighed and left: ``rich.progress``, which the survey uses. Its import takes 0.1 s of processor
time, half as much as the check of a file with a finding, and it draws in a thread of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.report import one_line
from no_libpython_dlopen.report.common.totals import count_of

#: Seconds before the line is shown first, and between two drawings of it.
AFTER = 1.0
EVERY = 0.1
_ERASE = "\r\x1b[K"


class Progress:
    """Draws the line on ``out``, a terminal, when it is told of a file."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._findings = 0
        self._next = time.monotonic() + AFTER
        self._shown = False

    def show(self, done: int, path: str) -> None:
        """Show how many files are done, and which is next (empty where none is alone)."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            self._draw(done, path)

    def results(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """Yield the results; the line is away while one is written."""
        try:
            for result in results:
                self._findings += len(result.findings)
                self._erase()
                yield result
        finally:
            self._erase()

    def _draw(self, done: int, path: str) -> None:
        try:
            room = (os.get_terminal_size(self._out.fileno()).columns or 80) - 1
        except (OSError, ValueError):
            room = 79
        found = f", {self._findings} found" if self._findings else ""
        line = f"{count_of(done, 'file')}{found}" + (f": {one_line(path)}" if path else "")
        if not line.isascii() or len(line) > room:
            from rich.cells import set_cell_size

            line = set_cell_size(line, max(room, 1)).rstrip()
        self._out.write(_ERASE + line)
        self._out.flush()
        self._shown = True

    def _erase(self) -> None:
        if self._shown:
            self._out.write(_ERASE)
            self._out.flush()
            self._shown = False
