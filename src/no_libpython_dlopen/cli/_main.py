"""Runs a command line: finds the command, and turns what goes wrong into one line and a status."""

from __future__ import annotations

import errno
import os
import sys

from no_libpython_dlopen.cli import (
    ERROR,
    INTERRUPTED,
    PROGRAM,
    UsageError,
    _streams,
    command_names,
    load_command,
    print_error,
    summary_of,
)
from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

BROKEN_PIPE = 141
#: The commands in the order of the help, as a newcomer meets them; others follow.
_ORDER = (
    *("check", "fix", "explain", "rules", "rule", "run", "doctor", "guard", "survey"),
    *("config", "server", "completion"),
)
_NO_FOLDER = "the working directory no longer exists"
#: Options of check and fix whose value is a path.
_PATH_OPTIONS = (
    *("config", "baseline", "write_baseline", "output_file", "output_dir", "root"),
    "stdin_filename",
)


def main_of_process(argv: list[str]) -> int:
    """Run a command line as ``main`` does, whatever has become of the standard streams."""
    output = _streams.prepare()
    try:
        status = main(argv)
    except BrokenPipeError:  # nobody reads the message of an error any more
        _discard_output()
        return BROKEN_PIPE
    if output is not None and output.error is not None:
        error = output.error
        return print_error(f"the output cannot be written: {error.strerror or error}")
    return status


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
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        _discard_output()
        if isinstance(error, FileNotFoundError) and not error.filename:
            return print_error(_NO_FOLDER)
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return print_error(str(error.strerror))
        where = os.fsdecode(error.filename) if error.filename else "the output cannot be written"
        return print_error(f"{where}: {error.strerror or error}")
    except NolibpyError as error:
        return print_error(str(error))
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else ERROR
    except Exception as error:  # no traceback reaches a user
        if os.environ.get("NOLIBPY_TRACEBACK"):
            raise
        return print_error(f"internal error: {type(error).__name__}: {error}; please report this")


def _discard_output() -> None:
    """Send what is still buffered nowhere; else the interpreter complains at exit."""
    import contextlib

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # noqa: PERF203 - there are two
            with contextlib.suppress(OSError, ValueError):  # it is no file, or closed
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    name = argv[0] if argv else ""
    known = command_names()
    if name in known:
        return _run(name, argv[1:])
    if name in ("--version", "-V"):
        return _version()
    if name == "help" and len(argv) > 1:
        return main([argv[1], "--help"])
    if name in ("", "-h", "--help", "help"):
        _print_help(known)
        return 0 if name else ERROR
    return _unknown_command(name, known)


def _unknown_command(name: str, known: list[str]) -> int:
    from no_libpython_dlopen.config.suggestions import suggest

    is_path = os.path.exists(name)
    meant = f"check {name}" if is_path else suggest(name, [*known, "--help", "--version"])
    hint = f"; did you mean `{PROGRAM} {meant}`?" if meant else ""
    if not name.startswith("-"):
        return print_error(f"no such command: {name}{hint} (see `{PROGRAM} --help`)")
    option = name.partition("=")[0]
    if not hint:
        from no_libpython_dlopen.cli._parser import commands_with

        owners = commands_with(option)
        hint = f"; an option follows its command: {owners[0][:-1]} {option}`" if owners else ""
    return print_error(f"no such option: {option}{hint} (see `{PROGRAM} --help`)")


def _run(name: str, argv: list[str]) -> int:
    command = load_command(name)
    parse_simple = getattr(command, "parse_simple", None)
    args = parse_simple(argv) if parse_simple else None
    if args is None:
        from no_libpython_dlopen.cli._parser import parser_of

        args = parser_of(name).parse_args(argv)
    _leave_deleted_folder(args)
    return command.run(args)


def _leave_deleted_folder(args: Namespace) -> None:
    """Go elsewhere if the working directory is gone. Raises ``UsageError`` if it is needed."""
    try:
        os.getcwd()
    except OSError:
        if not hasattr(args, "paths") or getattr(args, "schema", None):
            return
        if _needs_folder(args):
            raise UsageError(_NO_FOLDER) from None
        os.chdir("/")


def _needs_folder(args: Namespace) -> bool:
    """Return whether a path of check, fix or config is relative, or stands for ``.``."""
    from no_libpython_dlopen.cli._options import names_more_than_paths
    from no_libpython_dlopen.cli._session import PACKAGE_PREFIX, STDIN

    given = [path for path in args.paths if not path.startswith(PACKAGE_PREFIX)]
    given += [getattr(args, name, None) or STDIN for name in _PATH_OPTIONS]
    given += [text.partition("=")[2] for text in args.output or ()]
    given += getattr(args, "requirement", None) or ()
    given += filter(os.path.dirname, getattr(args, "environment", None) or ())
    if not (args.paths or names_more_than_paths(args)):
        return True
    return not all(path == STDIN or os.path.isabs(path) for path in given)


def _version() -> int:
    from importlib.metadata import version

    from no_libpython_dlopen import __version__

    python = ".".join(map(str, sys.version_info[:3]))
    print(f"{PROGRAM} {__version__} (libcst {version('libcst')}, Python {python})")
    return 0


def _print_help(known: list[str]) -> None:
    print(f"usage: {PROGRAM} COMMAND [ARGUMENT ...]\n")
    print("Find and fix code that loads or links libpython by mistake.\n\ncommands:")
    for name in sorted(known, key=(*_ORDER, *known).index):
        print(f"  {name:<11} {summary_of(load_command(name)).rstrip('.')}")
    print(f"\noptions:\n  -V, --version  Print the versions of {PROGRAM}, libcst and Python")
    print("  -h, --help     Show this help message, then exit")
    print(f"\nTo begin, run `{PROGRAM} check .`; `{PROGRAM} COMMAND --help` shows the details.")
