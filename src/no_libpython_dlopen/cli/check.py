"""Report what assumes that libpython is dynamically linked.

Exit status: 0 nothing found, 1 findings, 2 a usage, configuration or input error.
"""

from __future__ import annotations

from no_libpython_dlopen.cli import _options
from no_libpython_dlopen.cli._session import Session, write_report
from no_libpython_dlopen.engine.run import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy check``."""
    _options.add_common(parser)
    parser.add_argument(
        "--fix", action="store_true", default=None, help="the same as `nolibpy fix`"
    )


def plain_arguments(argv: list[str]) -> Namespace | None:
    """Return the arguments if they are so plain that argparse need not be imported."""
    return _options.plain(argv, "--fix")


def run(args: Namespace) -> int:
    """Check the paths and return the exit status."""
    if args.fix or args.diff:
        from no_libpython_dlopen.cli import fix

        return fix.run(args)
    session = Session(args, _options.configuration(args), Task())
    if args.show_files:
        return session.show_files()
    write_report(session, session.results())
    return max(session.print_notes(), session.status())
