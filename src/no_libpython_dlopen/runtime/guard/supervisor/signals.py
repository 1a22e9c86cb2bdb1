"""The parent of a guarded program waits for it, and hands signals on.

A signal that reaches the parent alone, from a supervisor or ``kill``, is meant for the
program. What a terminal sends (Ctrl-C) reaches both, and the program decides what it
means. Only the kernel tells the two apart, in the information of a signal that is waited
for (``sigaction(2)``, ``si_code``); macOS does not offer that, and there the terminal's
signals are left to it.
"""

from __future__ import annotations

import signal
import subprocess
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _numbers(*names: str) -> set[int]:
    return {int(getattr(signal, name)) for name in names if hasattr(signal, name)}


#: A terminal sends these.
_SHARED = _numbers("SIGINT", "SIGQUIT", "SIGTTIN", "SIGTTOU", "SIGWINCH")
#: Signals that concern this process itself: its errors and children, and those that stop it.
_OWN = _numbers(
    "SIGKILL", "SIGSTOP", "SIGTSTP", "SIGCONT", "SIGCHLD", "SIGPIPE", "SIGXCPU", "SIGXFSZ"
)
_OWN |= _numbers("SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGSYS", "SIGTRAP")
_FORWARDED = {int(number) for number in signal.valid_signals()} - _OWN - _SHARED
#: Seconds between two looks at the child where nothing tells of its end.
_PERIOD = 60.0


def block_signals() -> Callable[[], None]:
    """Keep the signals for ``wait``; return a function that undoes this in the child."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    is_ignored = signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
    if hasattr(signal, "sigtimedwait"):  # pragma: no branch - not on macOS
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # an ignored one is not told
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *_FORWARDED, *_SHARED})

    def restore() -> None:  # pragma: no cover - runs between a fork and an exec
        if is_ignored:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    return restore


def wait(
    child: subprocess.Popen[bytes],
    timeout: float | None,
    stop: Callable[[], None],
    look: Callable[[], float] = lambda: _PERIOD,
) -> int | None:
    """Return the child's status, ``None`` where it took more than ``timeout`` seconds.

    Then ``stop`` is called, and the child killed if it goes on. ``look`` is called while it
    runs, and returns the seconds until the next call.
    """
    status = _wait_and_forward(child, timeout, look)
    if status is None:
        stop()
        child.kill()
        child.wait()
    return status


def _wait_and_forward(
    child: subprocess.Popen[bytes], timeout: float | None, look: Callable[[], float]
) -> int | None:
    if not hasattr(signal, "sigtimedwait"):  # pragma: no cover - as on macOS
        for number in _SHARED:
            signal.signal(number, signal.SIG_IGN)
        for number in _FORWARDED:
            signal.signal(number, lambda number, _: child.send_signal(number))
        try:
            return child.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
    end = None if timeout is None else monotonic() + timeout
    while (status := child.poll()) is None:
        period = look()
        rest = period if end is None else min(end - monotonic(), period)
        if rest <= 0:
            return None
        told = signal.sigtimedwait({signal.SIGCHLD, *_FORWARDED, *_SHARED}, rest)
        # Positive codes are the kernel's own: a terminal's, which the child got as well.
        if told is not None and (
            told.si_signo in _FORWARDED or (told.si_signo in _SHARED and told.si_code <= 0)
        ):
            child.send_signal(told.si_signo)
    return status
