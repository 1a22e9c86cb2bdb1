"""Finds the descendants of a process, and ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import time


def descendants(process: int) -> dict[int, str]:
    """Return the processes that ``process`` and its children started, with their start times.

    Empty where there is no ``/proc``.
    """
    children: dict[int, list[tuple[int, str]]] = {}
    try:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return {}
    for number in numbers:
        parent, start = _parent_and_start(number)
        children.setdefault(parent, []).append((number, start))
    found: dict[int, str] = {}
    waiting = [process]
    while waiting:
        for number, start in children.get(waiting.pop(), []):
            found[number] = start
            waiting.append(number)
    return found


def _parent_and_start(process: int) -> tuple[int, str]:
    """Return the parent of a process and when it started; ``(-1, "")`` if it has ended."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            # proc_pid_stat(5): the second field, in parentheses, may hold any character.
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return -1, ""
    return (-1, "") if fields[0] == "Z" else (int(fields[1]), fields[19])


def stop(processes: dict[int, str], guarded: set[int], grace: float) -> None:
    """End processes: ask those that are ``guarded`` to abort, others to end, then kill.

    ``faulthandler`` writes where a guarded one is.
    """
    for number in processes:
        _send(number, signal.SIGABRT if number in guarded else signal.SIGTERM, processes)
    end = time.monotonic() + grace
    while time.monotonic() < end and any(_is_alive(number, processes) for number in processes):
        time.sleep(0.02)
    for number in processes:
        _send(number, signal.SIGKILL, processes)


def _is_alive(process: int, processes: dict[int, str]) -> bool:
    return _parent_and_start(process)[1] == processes[process]


def _send(process: int, number: int, processes: dict[int, str]) -> None:
    """Send a signal, unless the number belongs to another process by now."""
    if _is_alive(process, processes):
        with contextlib.suppress(OSError):
            os.kill(process, number)
