"""Running a program under the guard, as Python itself would run it.

The guard is not wrapped around the program: another interpreter is started on it, with
the guard in its start-up (``bootstrap/sitecustomize.py``). So ``__main__``, ``sys.argv``,
tracebacks, ``multiprocessing``, directories, zip files, standard input, signals and exit
statuses are right by construction.

A parent stays behind where it has something to do: with ``--error`` and ``--exit-code`` it
makes a status of a finding, with ``--timeout`` it waits, and on Linux it says what a program
mapped that crashed, or that this is not known. Otherwise this process becomes the interpreter.
"""

from __future__ import annotations

import os
import subprocess
import sys

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.runtime.guard import interpreter
from no_libpython_dlopen.runtime.guard.guard import is_silent
from no_libpython_dlopen.runtime.guard.supervisor import supervise
from no_libpython_dlopen.runtime.guard.supervisor.run_options import RunOptions
from no_libpython_dlopen.runtime.guard.under_run import relaunch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


#: The executable of this process, where there is ``/proc``.
_OWN_FILE = "/proc/self/exe"


class LaunchError(NolibpyError):
    """The program cannot be run under the guard; the text says why."""


def interpreter_options() -> list[str]:
    """Return the options of this interpreter, without those of its environment.

    Raises ``LaunchError`` for ``-S``, which skips ``sitecustomize``.
    """
    if sys.flags.no_site:
        raise LaunchError("-S cannot be used: it skips the module `site`, which loads the guard")
    options: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    inherited = {f"-W{text}" for text in os.environ.get("PYTHONWARNINGS", "").split(",")}
    return [option for option in options if option not in inherited]


def guarded_options(options: Sequence[str], version: tuple[int, int]) -> tuple[list[str], bool]:
    """Return options of the interpreter that let the guard in, and whether one was left out.

    ``-E`` and ``-I`` would make it ignore ``PYTHONPATH``, by which the guard comes in: the
    environment is cleaned instead. Python 3.10 has no ``-P``, for which
    ``startup.leave_out_script_folder`` stands in.
    """
    left = [option for option in options if option not in {"-E", "-I"}]
    if "-I" in options:
        left += ["-s"] if version < (3, 11) else ["-s", "-P"]
    return left, len(left) != len(options) or "-I" in options


def environment(
    base: Mapping[str, str],
    settings: Mapping[str, str],
    start: Mapping[str, str],
    *,
    ignored: bool = False,
) -> dict[str, str]:
    """Return the environment that lets the guard into the program and into its children.

    ``settings`` hold for all of them, ``start`` for the program alone. ``ignored`` hides
    Python's own variables from the program's interpreter, as ``-E`` does.
    """
    made = dict(base)
    for name in [name for name in base if ignored and name.startswith("PYTHON")]:
        made[f"_NOLIBPY_START_RESTORE_{name}"] = made.pop(name)
    guard = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = os.path.join(guard, "bootstrap")
    made["PYTHONPATH"] = os.pathsep.join([folder, *filter(None, [made.get("PYTHONPATH")])])
    made.update(settings)
    made.update({f"_NOLIBPY_START_{name}": value for name, value in start.items()})
    return made


def _settings(action: str, report: str, allowed: str) -> dict[str, str]:
    """Return the variables of the guard, as ``nolibpy guard`` documents them."""
    patterns = ",".join(filter(None, [os.environ.get("NOLIBPY_ALLOW"), allowed]))
    chosen = {"NOLIBPY_GUARD": action, "NOLIBPY_REPORT": report, "NOLIBPY_ALLOW": patterns}
    return {name: value for name, value in chosen.items() if value}


def run(
    arguments: Sequence[str],
    *,
    python: str = "",
    options: Sequence[str] = (),
    action: str = "warn",
    report: str = "",
    allowed: str = "",
    exit_code: bool = False,
    timeout: float | None = None,
) -> int:
    """Run ``python arguments…`` under the guard; return its status, or never return.

    ``python`` is another interpreter than the running one, ``options`` are for it. With
    ``exit_code``, and where ``action`` is ``error``, a finding turns status 0 into 1. After
    ``timeout`` seconds the program is stopped. Raises ``LaunchError`` and ``InterpreterError``.
    """
    executable = python or sys.executable
    if not executable:
        raise LaunchError("this Python does not know its own path (sys.executable); use --python")
    if python:
        version, is_file = interpreter.describe(python)
    else:
        version, is_file = sys.version_info[:2], interpreter.is_file_of(executable, _OWN_FILE)
    given = [*([] if python else interpreter_options()), *options]
    left, ignored = guarded_options(given, version)
    command = [executable, *left, *arguments]
    settings = _settings(action, report, allowed)
    start = {"ISOLATED": "1"} if "-I" in given and version < (3, 11) else {}
    try:
        if is_silent():
            return subprocess.call(command, timeout=timeout)
        fails = exit_code or action == "error"
        if fails or timeout is not None or sys.platform == "linux":  # pragma: no branch
            return supervise.run_supervised(
                command,
                lambda more, first: environment(
                    os.environ, settings | more, start | first, ignored=ignored
                ),
                RunOptions(fails, report, settings.get("NOLIBPY_ALLOW", ""), timeout),
                has_log=is_file and relaunch.has_loader_log(),
            )
        variables = environment(os.environ, settings, start, ignored=ignored)  # pragma: no cover
        os.execvpe(executable, command, variables)  # pragma: no cover - Linux never comes here
    except subprocess.TimeoutExpired:
        return supervise.TIMED_OUT
    except subprocess.SubprocessError:
        raise LaunchError(f"cannot run {executable}: too few file descriptors are free") from None
    except OSError as error:
        raise LaunchError(f"cannot run {executable}: {error.strerror or error}") from None
