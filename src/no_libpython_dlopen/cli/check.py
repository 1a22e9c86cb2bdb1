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
    from no_libpython_dlopen.cli import _packages

    _packages.add_arguments(parser)


def plain_arguments(argv: list[str]) -> Namespace | None:
    """Return the arguments if they are so plain that argparse need not be imported."""
    args = _options.plain(argv, "--fix")
    if args is not None:
        args.all_wheels = False
    return args


def run(args: Namespace) -> int:
    """Check the paths and return the exit status."""
    if not args.paths:
        from no_libpython_dlopen.cli import _packages

        _packages.default_paths(args)
    if args.fix or args.diff:
        from no_libpython_dlopen.cli import fix

        return fix.run(args)
    session = Session(args, _options.configuration(args), Task())
    if args.show_files:
        return session.show_files()
    write_report(session, session.results())
    return max(session.print_notes(), session.status())
