"""Run a program under the runtime guard, which reports loads of libpython.

The program runs as under Python itself: arguments, exit status and tracebacks are its
own. Warnings are shown for every module unless PYTHONWARNINGS or -W says otherwise. With
--error the program stops before anything is mapped. A load that raises no audit event is
detected at exit at the latest. With --error and --exit-code any load turns exit status 0
into 1, whether the program catches the exception or not. Where the program crashes, is
killed or does not end, what it mapped and what asked for it is read from the dynamic
loader's log (glibc).
"""

from __future__ import annotations

import argparse

from no_libpython_dlopen.cli import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the guard; everything from the program on is the program's own."""
    parser.usage = (
        "nolibpy run [--error] [--exit-code] [--timeout SECONDS] [--report FILE] "
        "[--allow PATTERN] [--python PYTHON] [-W FILTER] (SCRIPT | -m MODULE | -c CODE | -) ..."
    )
    parser.add_argument(
        "--error",
        action="store_true",
        help="Raise LibpythonWarning before libpython is mapped, instead of warning",
    )
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="Exit with status 1 if libpython was loaded and the program itself succeeded",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="Stop the program after this time, show where it was, exit with status 124",
    )
    parser.add_argument(
        "--report", metavar="FILE", default="", help="Write the findings to FILE as JSON"
    )
    parser.add_argument(
        "--allow",
        metavar="PATTERN",
        action="append",
        default=[],
        help="Allow-list: library names or modules that may load libpython (may be repeated)",
    )
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        default="",
        help="Interpreter to run the program with (default: the one that runs nolibpy)",
    )
    parser.add_argument(
        "-W",
        dest="warn_options",
        metavar="FILTER",
        action="append",
        default=[],
        help="Warning filter, as for python -W",
    )
    program = parser.add_argument_group("the program")
    program.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help="Run a module")
    program.add_argument("-c", dest="command", nargs=argparse.REMAINDER, help="Run a command")
    program.add_argument(
        "program",
        metavar="SCRIPT ...",
        nargs=argparse.REMAINDER,
        help="Script, directory or zip file with a __main__.py, or - for standard input",
    )


def run(args: argparse.Namespace) -> int:
    """Run the program and return its exit status."""
    import os

    from no_libpython_dlopen.runtime.guard.launch import run as launch
    from no_libpython_dlopen.runtime.guard.report import Report

    try:
        report = os.path.abspath(args.report) if args.report else ""
        if report:
            Report(report).clear()
        return launch(
            _arguments(args),
            python=args.python,
            warn_options=args.warn_options,
            action="error" if args.error else "warn",
            report=report,
            allowed=",".join(args.allow),
            exit_code=args.exit_code,
            timeout=args.timeout,
        )
    except OSError as error:
        raise UsageError(f"cannot write {args.report}: {error.strerror}") from None


def _seconds(text: str) -> float:
    """Return a time limit. Raises ``ValueError`` for what is none."""
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _arguments(args: argparse.Namespace) -> list[str]:
    """Return the arguments for Python. Raises ``UsageError`` where there is no program."""
    for option, words in (("-m", args.module), ("-c", args.command)):
        if words:
            return [option, *words]
    if not args.program:
        raise UsageError("run needs a SCRIPT, -m MODULE, -c CODE or -")
    program: list[str] = args.program
    return program[1:] if program[0] == "--" and len(program) > 1 else program
