"""Running a program under the guard, as Python itself would run it.

The guard is not wrapped around the program: another interpreter is started on it, with
the guard in its start-up (``bootstrap/sitecustomize.py``). So ``__main__``, ``sys.argv``,
tracebacks, ``multiprocessing``, directories, zip files, standard input, signals and exit
statuses are right by construction. On POSIX this process becomes that interpreter.

Only ``--error`` and ``--exit-code`` need a parent: a program may swallow the exception, and
what no event announced is found when it is too late for one. So the child tells its parent,
which turns a success into a failure.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.runtime.guard.guard import is_silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

#: Signals that a supervisor sends to one process, and that ours hands on to the program.
_FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")


class LaunchError(NolibpyError):
    """The program cannot be run under the guard; the text says why."""


def interpreter_options() -> tuple[list[str], bool]:
    """Return the options of this interpreter, and whether it ignores the environment.

    ``-E`` and ``-I`` would make the new interpreter ignore ``PYTHONPATH``, by which the
    guard comes in. Raises ``LaunchError`` for ``-S``, which skips ``sitecustomize``.
    """
    if sys.flags.no_site:
        raise LaunchError("the guard is loaded by site, which -S skips")
    options = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    ignored = bool(sys.flags.ignore_environment)
    options = [option for option in options if option not in {"-E", "-I"}]
    if sys.flags.isolated:
        options += ["-s"] if sys.version_info < (3, 11) else ["-s", "-P"]
    return options, ignored


def environment(
    base: Mapping[str, str], settings: Mapping[str, str], *, ignored: bool = False
) -> dict[str, str]:
    """Return the environment that lets the bootstrap in and tells it ``settings``.

    It remembers what it replaces. ``ignored`` hides Python's own variables from the
    interpreter, as ``-E`` does.
    """
    made = dict(base)
    hidden = [name for name in base if ignored and name.startswith("PYTHON")]
    for name in {*hidden, "PYTHONPATH"} & base.keys():
        made[f"_NOLIBPY_RESTORE_{name}"] = made.pop(name)
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap")
    entries = [folder, *([base["PYTHONPATH"]] if base.get("PYTHONPATH") and not ignored else [])]
    made["PYTHONPATH"] = os.pathsep.join(entries)
    made.update({f"_NOLIBPY_{name}": value for name, value in settings.items() if value})
    return made


def run(
    arguments: Sequence[str],
    *,
    python: str = "",
    warn_options: Sequence[str] = (),
    action: str = "warn",
    report: str = "",
    allowed: str = "",
    exit_code: bool = False,
) -> int:
    """Run ``python arguments…`` under the guard; return its status, or never return.

    ``python`` is another interpreter than the running one. With ``exit_code``, and where
    ``action`` is ``error``, a finding turns status 0 into 1. Raises ``LaunchError``.
    """
    options, ignored = ([], False) if python else interpreter_options()
    executable = python or sys.executable
    if not executable:
        raise LaunchError("sys.executable is not set")
    command = [executable, *options]
    command += [f"-W{option}" for option in warn_options]
    command += arguments
    settings = {"ACTION": action, "REPORT": report, "ALLOW": allowed}
    try:
        if is_silent():
            return subprocess.call(command)
        if exit_code or action == "error":
            return _supervise(command, settings, ignored)
        os.execvpe(executable, command, environment(os.environ, settings, ignored=ignored))
    except OSError as error:
        raise LaunchError(f"cannot run {executable}: {error.strerror or error}") from None


def _supervise(command: list[str], settings: dict[str, str], ignored: bool) -> int:
    """Run ``command`` and return its status, 1 where it succeeded in spite of a finding.

    A program that a signal ended ends this process by the same signal.
    """
    reading, writing = os.pipe()
    try:
        settings["STATUS"] = str(writing)
        child = subprocess.Popen(
            command,
            env=environment(os.environ, settings, ignored=ignored),
            pass_fds=[writing],
        )
        os.close(writing)
        writing = -1
        status = _wait(child)
        os.set_blocking(reading, False)  # a grandchild may hold the other end
        try:
            found = bool(os.read(reading, 1))
        except BlockingIOError:
            found = False
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)
    if status < 0:
        _die(-status)
    return 1 if found and status == 0 else status


def _wait(child: subprocess.Popen[bytes]) -> int:
    """Wait for the child; signals that reach this process alone are handed on.

    A terminal's interrupt reaches the child as well, which decides what it means.
    """
    for name in ("SIGINT", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    for name in _FORWARDED:
        signal.signal(getattr(signal, name), lambda number, _: child.send_signal(number))
    return child.wait()


def _die(number: int) -> NoReturn:
    """End by a signal; by the status that a shell would show where it does not kill."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
