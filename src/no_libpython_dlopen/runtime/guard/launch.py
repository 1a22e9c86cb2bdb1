"""Running a program under the guard, as Python itself would run it.

The guard is not wrapped around the program: another interpreter is started on it, with
the guard in its start-up (``bootstrap/sitecustomize.py``). So ``__main__``, ``sys.argv``,
tracebacks, ``multiprocessing``, directories, zip files, standard input, signals and exit
statuses are right by construction.

A parent stays behind where it has something to do: with ``--error`` and ``--exit-code`` it
makes a status of a finding, with ``--timeout`` it waits, and where the dynamic loader
writes a log it says what a program mapped that crashed. Otherwise this process becomes
the interpreter.
"""

from __future__ import annotations

import os
import subprocess
import sys

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.runtime.guard import supervise
from no_libpython_dlopen.runtime.guard.guard import is_silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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
    timeout: float | None = None,
) -> int:
    """Run ``python arguments…`` under the guard; return its status, or never return.

    ``python`` is another interpreter than the running one. With ``exit_code``, and where
    ``action`` is ``error``, a finding turns status 0 into 1. After ``timeout`` seconds the program
    is stopped. Raises ``LaunchError``.
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
            return subprocess.call(command, timeout=timeout)
        fails = exit_code or action == "error"
        if fails or timeout is not None or supervise.has_loader_log():
            return supervise.run_supervised(
                command,
                settings,
                lambda made: environment(os.environ, made, ignored=ignored),
                supervise.Wishes(fails, report, allowed, timeout),
            )
        os.execvpe(executable, command, environment(os.environ, settings, ignored=ignored))
    except subprocess.TimeoutExpired:
        return supervise.TIMED_OUT
    except OSError as error:
        raise LaunchError(f"cannot run {executable}: {error.strerror or error}") from None
