"""Starting the guard in a process from its environment.

The line in the ``.pth`` file of ``nolibpy guard enable`` calls ``from_environment`` in
every process of an environment in which ``NOLIBPY_GUARD`` is set; ``nolibpy run`` sets
the variable for its program and all children, and calls ``start_under_run`` in them.
Whoever set the variable wants to see something: the warnings are shown in every module,
while Python shows deprecations in ``__main__`` only.
"""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.runtime.guard.guard import ACTIONS, Guard, install
from no_libpython_dlopen.runtime.guard.warning_filters import show_warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from no_libpython_dlopen.runtime.guard.guard import Action

_REPORT = "NOLIBPY_REPORT"
#: Names the folder of ``nolibpy run`` in the environment of all processes under it.
FOLDER = "_NOLIBPY_RUN"
#: ``NOLIBPY_GUARD`` in other words.
_ON, _OFF = frozenset({"1", "on", "true", "yes"}), frozenset({"", "0", "off", "false", "no"})
#: Descriptors from here on are hardly used by a program that has the usual limit of 1024.
_HIGH = 960
#: Words that were complained about: a virtual environment reads its ``.pth`` files twice.
_refused: set[str] = set()


def from_environment(environ: Mapping[str, str] = os.environ) -> Guard | None:
    """Start the guard as ``NOLIBPY_GUARD`` says and return it, ``None`` where it is off.

    ``NOLIBPY_GUARD`` is ``warn``, ``error`` or ``log``; ``NOLIBPY_REPORT`` the file of a
    report in JSON; ``NOLIBPY_ALLOW`` a list of patterns, separated by commas, of libpython
    names or modules that may open it. An unknown word is told on standard error.
    """
    word = environ.get("NOLIBPY_GUARD", "").strip().lower()
    if word in _OFF:
        return None
    action = "warn" if word in _ON else word
    if action not in ACTIONS:
        if word not in _refused:
            print(
                f"nolibpy: invalid NOLIBPY_GUARD value {word!r} (expected warn, error or log)",
                file=sys.stderr,
            )
            _refused.add(word)
        return None
    allowed = environ.get("NOLIBPY_ALLOW", "")
    return start(action, environ.get(_REPORT, ""), allowed)  # type: ignore[arg-type]


def start(action: Action, report: str = "", allowed: str = "") -> Guard:
    """Install the guard, show its warnings, write findings to the file ``report`` if named."""
    patterns = [pattern.strip() for pattern in allowed.split(",") if pattern.strip()]
    listener = None
    if report:
        from no_libpython_dlopen.runtime.guard.report import Report

        path = os.path.abspath(report)
        listener = Report(path).add
        if os.environ.get(_REPORT) == report:
            os.environ[_REPORT] = path  # the same file for children in other folders
    guard = install(action, allow_names=patterns, allow_modules=patterns, listener=listener)
    show_warnings()
    folder = os.environ.get(FOLDER)
    if folder:
        from no_libpython_dlopen.runtime.guard.run_notes import RunNotes

        guard.notes = RunNotes(folder)
    elif action == "error":
        from no_libpython_dlopen.runtime.guard.failing_exit import FailingExit

        guard.failing_exit = FailingExit()
    return guard


def start_under_run(crash: str, *, is_program: bool) -> None:
    """Start the guard in a process under ``nolibpy run``: its program, or one of the children.

    The program's crashes go to the file ``crash``, unless the user has them elsewhere.
    """
    guard = from_environment()
    if guard is None or not is_program:
        return
    guard.is_program = True
    _write_crashes(crash)


def _write_crashes(path: str) -> None:
    """Let ``faulthandler`` write to a file, unless the user has it elsewhere."""
    import faulthandler

    if faulthandler.is_enabled():
        return
    import fcntl

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except OSError:  # above the limit
        faulthandler.enable(descriptor)
        return
    os.close(descriptor)
    faulthandler.enable(high)
