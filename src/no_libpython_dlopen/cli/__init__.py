"""The command line: one module a command, imported when it is called.

A command is a file ``NAME.py`` here with a docstring, ``add_arguments(parser)`` and
``run(args) -> int``, which returns the exit status; nothing else has to be told. A
command on which start-up time matters may have ``plain_arguments(argv)`` besides.
Modules whose names begin with an underscore are shared by commands. A command may
import everything below; it parses arguments, calls the engine, and shows the result.
"""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Protocol

    class Command(Protocol):
        """What a module of this package looks like."""

        __doc__: str | None

        def add_arguments(self, parser: ArgumentParser) -> None:
            """Declare the command's arguments."""

        def run(self, args: Namespace) -> int:
            """Run the command and return the exit status."""


PROGRAM = "nolibpy"
INTERRUPTED = 130
BROKEN_PIPE = 141
ERROR = 2


class UsageError(NolibpyError):
    """What the user asked for cannot be done; the message is shown, the status is 2."""


def commands() -> list[str]:
    """Return the names of the commands, sorted, importing none."""
    names = (os.path.splitext(name) for name in os.listdir(os.path.dirname(__file__)))
    return sorted(stem for stem, suffix in names if suffix == ".py" and stem[0] != "_")


def main(argv: list[str]) -> int:
    """Run a command line and return its exit status. Never raises an ``Exception``."""
    try:
        try:
            return _main(argv)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        _give_up_output()
        return BROKEN_PIPE
    except OSError as error:
        _give_up_output()
        where = os.fsdecode(error.filename) if error.filename else "the output cannot be written"
        return failed(f"{where}: {error.strerror or error}")
    except NolibpyError as error:
        return failed(str(error))
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else ERROR
    except Exception as error:  # no traceback reaches a user
        if os.environ.get("NOLIBPY_TRACEBACK"):
            raise
        return failed(f"internal error: {type(error).__name__}: {error}; please report this")


def _give_up_output() -> None:
    """Send what is still buffered nowhere; else the interpreter complains at exit."""
    import contextlib

    with contextlib.suppress(OSError, ValueError):  # it is no file, or closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def failed(message: str) -> int:
    """Print a message as one line on standard error and return the status of an error."""
    from no_libpython_dlopen.report import escape_controls

    print(f"{PROGRAM}: error: {escape_controls(message)}", file=sys.stderr)
    return ERROR


def _main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    name = argv[0] if argv else ""
    known = commands()
    if name in known:
        return _run(name, argv[1:])
    if name in ("--version", "-V"):
        return _version()
    if name in ("", "-h", "--help"):
        _print_help(known)
        return 0 if name else ERROR
    return _no_such(name, known)


def _no_such(name: str, known: list[str]) -> int:
    from difflib import get_close_matches

    close = get_close_matches(name, [*known, "--help", "--version"], 1)
    meant = f"check {name}" if os.path.exists(name) else close[0] if close else ""
    kind = "option" if name.startswith("-") else "command"
    hint = f"; did you mean `{PROGRAM} {meant}`?" if meant else ""
    return failed(f"no such {kind}: {name}{hint} (see `{PROGRAM} --help`)")


def load(name: str) -> Command:
    """Import the module of a command."""
    import importlib

    module: Command = importlib.import_module(f"{__name__}.{name}")
    return module


def summary_of(command: Command) -> str:
    """Return what a command does, in one line: its ``SUMMARY`` or its docstring's first."""
    summary = getattr(command, "SUMMARY", "") or (command.__doc__ or "").partition("\n")[0]
    return summary[:1].upper() + summary[1:]


def _run(name: str, argv: list[str]) -> int:
    command = load(name)
    plain = getattr(command, "plain_arguments", None)
    args = plain(argv) if plain else None
    if args is None:
        from no_libpython_dlopen.cli._parser import parser_of

        args = parser_of(name).parse_args(argv)
    return command.run(args)


def _version() -> int:
    from importlib.metadata import version

    from no_libpython_dlopen import __version__

    python = ".".join(map(str, sys.version_info[:3]))
    print(f"{PROGRAM} {__version__} (libcst {version('libcst')}, Python {python})")
    return 0


def _print_help(known: list[str]) -> None:
    print(f"usage: {PROGRAM} COMMAND [ARGUMENT ...]\n")
    print("Find and fix code that loads or links libpython by mistake.\n\ncommands:")
    for name in known:
        print(f"  {name:<10} {summary_of(load(name)).rstrip('.')}")
    print(f"\noptions:\n  --version  Print the versions of {PROGRAM}, libcst and Python")
    print(f"\nSee `{PROGRAM} COMMAND --help` for details.")
