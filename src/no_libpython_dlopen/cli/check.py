"""Find code, build files and wheels that load or link libpython.

Exit status: 0 if nothing was found, 1 if there are findings, 2 for a usage, configuration or
input error.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.cli import UsageError, _options
from no_libpython_dlopen.cli._reports import write_report
from no_libpython_dlopen.cli._session import Session
from no_libpython_dlopen.engine.check_file import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy check``."""
    _options.add_common(parser)
    instead = parser.add_argument_group("instead of a report")
    instead.add_argument("--fix", action="store_true", default=None, help="Same as `nolibpy fix`")
    instead.add_argument(
        "--write-baseline", metavar="FILE", help="Record the findings in FILE, for --baseline"
    )
    instead.add_argument(
        "--add-noqa",
        action="store_true",
        default=None,
        help="Add a suppression comment to each finding",
    )
    instead.add_argument(
        *("-w", "--watch"),
        action="store_true",
        default=None,
        help="Check again whenever a file changes",
    )
    from no_libpython_dlopen.cli import _packages

    _packages.add_arguments(parser)


def parse_simple(argv: list[str]) -> Namespace | None:
    """Return the arguments if they are so plain that argparse need not be imported."""
    args = _options.parse_simple(argv, "--fix", "--add-noqa", "--watch")
    if args is not None:
        args.package = None
        args.all_wheels = False
        args.write_baseline = None
    return args


def run(args: Namespace) -> int:
    """Check the paths and return the exit status."""
    configuration = _options.configuration(args)
    if args.watch:
        from no_libpython_dlopen.cli import _watch

        return _watch.run(args, run)
    if args.fix or args.diff:
        from no_libpython_dlopen.cli import fix

        return fix.run(args)
    session = Session(args, configuration, Task(root=_options.root(args)))
    if args.show_files:
        return session.show_files()
    if args.write_baseline:
        return _write_baseline(session, args.write_baseline)
    if args.add_noqa:
        from no_libpython_dlopen.cli import _add_noqa

        return _add_noqa.run(session)
    write_report(session, session.results())
    return max(session.print_notes(), session.status())


def _write_baseline(session: Session, path: str) -> int:
    """List what is found in a file, and return the exit status."""
    from no_libpython_dlopen.cli import _baseline
    from no_libpython_dlopen.report import one_line
    from no_libpython_dlopen.report.common.totals import count_of, unreadable_line

    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):  # else all is checked before it is noticed
        raise UsageError(f"{path}: no such directory: {folder}")
    results = list(session.results())
    if session.configuration.problems:
        session.print_notes()
        raise UsageError(f"{path}: not written: the configuration has errors (above)")
    number, unreadable = _baseline.write(path, results, session.args.paths)
    if not session.args.quiet:
        print(f"Recorded {count_of(number, 'finding')} in {one_line(path)}.")
        if unreadable:
            print(unreadable_line(unreadable))
    return max(session.print_notes(), 2 if unreadable else 0)
