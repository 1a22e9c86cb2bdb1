"""Lines of nolibpy on the standard error of a program, or of the parent that runs it."""

from __future__ import annotations

import os
import sys

#: A program may put its own function in its place.
_write = os.write


def say(line: str) -> None:
    """Write a line to the program's standard error, if it has left one to write to.

    If that fails, nothing stays in its buffer: otherwise Python would exit with another status.
    """
    stream, text = sys.stderr, f"nolibpy: {line}\n"
    if stream is None:  # ``print`` would take standard output
        return
    try:
        descriptor = stream.fileno() if hasattr(stream, "fileno") else None
    except Exception:  # noqa: BLE001 - a stream in memory
        descriptor = None
    try:
        if type(descriptor) is int:
            stream.flush()
            _write(descriptor, text.encode(stream.encoding or "utf-8", "backslashreplace"))
        else:
            stream.write(text)
    except Exception:  # noqa: BLE001 - closed, full, or the program's own
        return
