"""What Linux tells of a process in ``/proc/PID/stat``."""

from __future__ import annotations

from _io import open as open_file  # a program may replace the built-in function (pyfakefs does)


def status(process: int | str) -> list[str]:
    """Return the fields from the third one on (``proc_pid_stat(5)``), none if it has ended."""
    try:
        with open_file(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            # The second field, in parentheses, may hold any character.
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def image(process: int | str) -> str:
    """Return the identity of the program that a process executes, ``""`` if not known.

    The address at which the stack starts is another one each time, and the same in a fork.
    """
    fields = status(process)
    return fields[25] if len(fields) > 25 and fields[25] != "0" else ""
