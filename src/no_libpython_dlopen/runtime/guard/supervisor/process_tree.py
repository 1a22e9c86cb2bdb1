"""Finds the descendants of a process, and ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from no_libpython_dlopen.runtime.guard.under_run.process_status import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SET_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, <sys/prctl.h>
#: Seconds between two looks at the descendants.
_PERIOD = 0.03
#: How often they are killed: one that starts others all the time is not followed for ever.
_KILLS = 20


def descendants(process: int) -> dict[int, str]:
    """Return the processes that ``process`` and its children started, with their start times.

    Empty where there is no ``/proc``.
    """
    children: dict[int, list[tuple[int, str]]] = {}
    try:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:  # pragma: no cover - no /proc, as on macOS
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
    fields = status(process)
    return (int(fields[1]), fields[19]) if fields and fields[0] != "Z" else (-1, "")


def parents(process: int) -> dict[int, int]:
    """Return the descendants of ``process`` with their parents: fast, but one may be missed.

    Empty where the kernel does not list children.
    """
    found: dict[int, int] = {}
    waiting = [process]
    while waiting:
        parent = waiting.pop()
        for child in _children(parent):
            found[child] = parent
            waiting.append(child)
    return found


def _children(process: int) -> list[int]:
    """Return the children of a process, by each of its threads."""
    tasks = f"/proc/{process}/task"
    numbers: list[bytes] = []
    with contextlib.suppress(OSError):  # it has ended
        for thread in os.listdir(tasks):
            with open(f"{tasks}/{thread}/children", "rb") as file:
                numbers += file.read().split()
    return list(map(int, numbers))


def stop(process: int, guarded: Callable[[], Iterable[int]], grace: float) -> None:
    """End the descendants of ``process``, and those that they start meanwhile.

    Those that are ``guarded`` are asked to abort, others to end; after ``grace`` seconds they
    are killed. ``faulthandler`` writes where a guarded one is.
    """
    _adopt_orphans()
    asked: dict[int, str] = {}
    end = time.monotonic() + grace
    while (running := descendants(process)) and time.monotonic() < end:
        numbers = set(guarded())
        for number, start in running.items():
            if asked.get(number) != start:
                _send(number, signal.SIGABRT if number in numbers else signal.SIGTERM, running)
        asked.update(running)
        time.sleep(_PERIOD)
    for _ in range(_KILLS):
        if not running:
            break
        for number in running:
            _send(number, signal.SIGKILL, running)
        time.sleep(_PERIOD)
        running = descendants(process)


def _adopt_orphans() -> None:
    """Let what a descendant leaves behind be a child of this process, where Linux does that."""
    if sys.platform == "linux":  # pragma: no branch - no other system does
        import ctypes

        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _is_alive(process: int, processes: dict[int, str]) -> bool:
    return _parent_and_start(process)[1] == processes[process]


def _send(process: int, number: int, processes: dict[int, str]) -> None:
    """Send a signal, unless the number belongs to another process by now."""
    if _is_alive(process, processes):
        with contextlib.suppress(OSError):
            os.kill(process, number)
