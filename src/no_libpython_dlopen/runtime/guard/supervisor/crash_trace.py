"""Where a process was when it crashed, by the traceback that ``faulthandler`` wrote."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Frames of the import system and of ctypes stand between the user's line and the load.
_FRAME = re.compile(r'  File "((?!<frozen importlib|.*/ctypes/__init__\.py")[^"]+)", line (\d+) in')

_FATAL = re.compile(r"^Fatal Python error: (.+)$", re.MULTILINE)


class Crash(NamedTuple):
    """What ``faulthandler`` wrote: the signal's name, and the user's line, ``("", 0)`` if none."""

    signal: str
    filename: str
    row: int


#: The words of ``faulthandler`` for signals.
_SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Illegal instruction": "SIGILL",
    "Floating-point exception": "SIGFPE",
    "Floating point exception": "SIGFPE",
}


def read_crash(text: str) -> Crash:
    """Return the traceback that ``faulthandler`` wrote of a crash."""
    words = _FATAL.findall(text)
    _, _, current = text.rpartition("\nCurrent thread ")
    match = _FRAME.search(current)
    where, row = (match[1], int(match[2])) if match else ("", 0)
    return Crash(_SIGNALS.get(words[-1], "") if words else "", where, row)
