"""The command line: one module a command, imported when it is called.

A command is a file ``NAME.py`` here with a docstring, ``add_arguments(parser)`` and
``run(args) -> int``, which returns the exit status; nothing else has to be told. A
command on which start-up time matters may have ``parse_simple(argv)`` besides.
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
ERROR = 2


class UsageError(NolibpyError):
    """What the user asked for cannot be done; the message is shown, the status is 2."""


def command_names() -> list[str]:
    """Return the names of the commands, sorted, importing none."""
    names = (os.path.splitext(name) for name in os.listdir(os.path.dirname(__file__)))
    return sorted(stem for stem, suffix in names if suffix == ".py" and stem[0] != "_")


def print_error(message: str) -> int:
    """Print a message as one line on standard error and return the status of an error."""
    from no_libpython_dlopen.package_index.pip_settings import hide_credentials
    from no_libpython_dlopen.report import one_line

    told = one_line(hide_credentials(message))
    print(f"{PROGRAM}: error: {told}", file=sys.stderr)
    return ERROR


def load_command(name: str) -> Command:
    """Import the module of a command."""
    import importlib

    module: Command = importlib.import_module(f"{__name__}.{name}")
    return module


def summary_of(command: Command) -> str:
    """Return a command's summary: its ``SUMMARY`` or its docstring's first line."""
    summary = getattr(command, "SUMMARY", "") or (command.__doc__ or "").partition("\n")[0]
    return summary[:1].upper() + summary[1:]


def active_python() -> str:
    """Return the Python of the active virtual environment if nolibpy is installed elsewhere.

    Empty where it is not, as by pipx, and where an interpreter was chosen already
    (``python -m no_libpython_dlopen``).
    """
    folder = os.environ.get("VIRTUAL_ENV", "")
    if not folder or not os.path.basename(sys.argv[0]).startswith(PROGRAM):
        return ""
    python = os.path.join(
        folder, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python"))
    )
    is_own = os.path.realpath(folder) == os.path.realpath(sys.prefix)
    return python if not is_own and os.access(python, os.X_OK) else ""
