"""Run a program under the runtime guard, which reports loads of libpython.

The program runs as under Python itself: arguments, exit status and tracebacks are its own.
The Python processes that it starts are guarded as well. Warnings are shown for every module
unless PYTHONWARNINGS or -W says otherwise. With --error an exception is raised before
libpython is mapped. A load by C code is detected afterwards, at exit at the latest.
With --error or --exit-code any load turns exit status 0 into 1, whether the program catches
the exception or not. If the program crashes, is killed or hangs, the loaded libraries, and
what loaded them, are read from the dynamic loader's log (glibc).
"""

from __future__ import annotations

import argparse

from no_libpython_dlopen.cli import UsageError, _numbers

_OPTIONS = "interpreter_options"
#: Those of ``python(1)``. ``-S`` is missing: ``site`` loads the guard.
_FLAGS = {
    "b": "Warn about comparisons of bytes with str or int (-bb: raise)",
    "B": "Write no .pyc files",
    "d": "Turn on parser debugging",
    "E": "Ignore PYTHON* environment variables",
    "i": "Enter interactive mode after the program",
    "I": "Isolated mode: -E, -P and -s",
    "O": "Remove assertions (-OO: docstrings as well)",
    "P": "Do not prepend an unsafe path to sys.path",
    "q": "Do not print version and copyright in interactive mode",
    "s": "Do not add the user's site-packages to sys.path",
    "u": "Do not buffer standard output and standard error",
    "v": "Trace imports",
    "x": "Skip the first line of the program",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the guard; everything from the program on is the program's own."""
    parser.usage = "nolibpy run [OPTIONS] (SCRIPT | -m MODULE | -c CODE | -) ..."
    parser.add_argument(
        "--error",
        action="store_true",
        help="Raise LibpythonWarning before libpython is mapped, instead of warning",
    )
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="Exit with status 1 instead of 0 if libpython was loaded, or if a process could not "
        "be watched to its end",
    )
    parser.add_argument(
        "--timeout",
        type=_numbers.seconds,
        metavar="SECONDS",
        help="Stop the program after this time, show the line it is at, and exit with status 124",
    )
    parser.add_argument(
        "--report", metavar="FILE", default="", help="Write the findings to FILE as JSON"
    )
    parser.add_argument(
        "--allow",
        metavar="PATTERN",
        action="append",
        default=[],
        help="Allow-list: library names or modules that may load libpython, or programs that need "
        "not be watched to their end (may be repeated)",
    )
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        default="",
        help="Interpreter to run the program with (default: that of the active virtual "
        "environment, else the one that runs nolibpy)",
    )
    _add_interpreter_options(parser)
    program = parser.add_argument_group("the program")
    program.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help="Run a module")
    program.add_argument("-c", dest="command", nargs=argparse.REMAINDER, help="Run a command")
    program.add_argument(
        "program",
        metavar="SCRIPT ...",
        nargs=argparse.REMAINDER,
        help="Script, directory or zip file with a __main__.py, or - for standard input",
    )


def _add_interpreter_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("options of the interpreter, as for python")
    for option, name, text in (
        ("-W", "FILTER", "Warning filter"),
        ("-X", "OPTION", "Implementation-specific option, such as dev"),
    ):
        group.add_argument(
            option,
            dest=_OPTIONS,
            type=f"{option}{{}}".format,
            metavar=name,
            action="append",
            help=text,
        )
    for letter, text in _FLAGS.items():
        option = f"-{letter}"
        group.add_argument(option, dest=_OPTIONS, action="append_const", const=option, help=text)


def run(args: argparse.Namespace) -> int:
    """Run the program and return its exit status."""
    import os

    from no_libpython_dlopen.cli import active_python
    from no_libpython_dlopen.files.atomic_write import WriteRefused
    from no_libpython_dlopen.runtime.guard.report import Report
    from no_libpython_dlopen.runtime.guard.supervisor.launch import run as launch

    try:
        report = os.path.abspath(args.report) if args.report else ""
        if report:
            Report(report).clear()
        return launch(
            _arguments(args),
            python=args.python or active_python(),
            options=getattr(args, _OPTIONS) or [],
            action="error" if args.error else "warn",
            report=report,
            allowed=",".join(args.allow),
            exit_code=args.exit_code,
            timeout=args.timeout,
        )
    except WriteRefused as refused:
        raise UsageError(f"{args.report}: {refused}") from None


def _arguments(args: argparse.Namespace) -> list[str]:
    """Return the arguments for Python. Raises ``UsageError`` where there is no program."""
    for option, words in (("-m", args.module), ("-c", args.command)):
        if words:
            return [option, *words]
    if not args.program:
        raise UsageError("run needs a SCRIPT, -m MODULE, -c CODE or -")
    program: list[str] = args.program
    program = program[1:] if program[0] == "--" and len(program) > 1 else program
    if advice := _advice(program[0]):
        raise UsageError(f"{program[0]}: no such file; {advice}")
    return program


def _advice(word: str) -> str:
    """Return the advice for a word that other runners take for a command, ``""`` for a file."""
    import os

    if os.path.exists(word):
        return ""
    if word.rstrip("0123456789.") == "python":
        return "`nolibpy run` starts Python itself: name only what Python is given"
    is_command = word.replace("-", "").isidentifier()
    return f"for a module, `nolibpy run -m {word}`" if is_command else ""
