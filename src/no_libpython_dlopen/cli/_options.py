"""The options that check and fix share, and what they mean."""

from __future__ import annotations

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.config import ConfigError, Configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_common(parser: ArgumentParser) -> None:
    """Declare the options that check and fix share."""
    parser.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="files and folders (default: .); - is standard input",
    )
    rules = parser.add_argument_group("rules")
    for name, text in (
        ("--select", "only these rules"),
        ("--extend-select", "these rules too"),
        ("--ignore", "not these rules"),
    ):
        rules.add_argument(
            name,
            action="append",
            metavar="CODES",
            help=f"{text}: codes or prefixes, comma-separated",
        )
    rules.add_argument(
        "--ignore-noqa", action="store_true", help="report what `# noqa` comments suppress"
    )
    files = parser.add_argument_group("files")
    files.add_argument(
        "--exclude",
        action="append",
        metavar="GLOBS",
        help="leave out what matches, in the syntax of .gitignore, comma-separated",
    )
    files.add_argument(
        "--force-exclude",
        action="store_true",
        default=None,
        help="leave it out also where it is given explicitly, as pre-commit does",
    )
    files.add_argument(
        "--no-respect-gitignore",
        action="store_true",
        help="look at files that git ignores, too",
    )
    files.add_argument(
        "--stdin-filename",
        metavar="PATH",
        help="what standard input is called, for its kind and settings",
    )
    files.add_argument(
        "--show-files",
        action="store_true",
        help="print the files that would be looked at, and stop",
    )
    files.add_argument("--jobs", "-j", type=int, metavar="N", help="processes (default: by need)")
    configuration = parser.add_argument_group("configuration")
    configuration.add_argument(
        "--config", metavar="FILE", help="use [tool.nolibpy] of this file for all files"
    )
    configuration.add_argument("--isolated", action="store_true", help="use no configuration file")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--output-format", metavar="FORMAT", help="text (default), concise, json, …"
    )
    output.add_argument("--output-file", "-o", metavar="FILE", help="write the report there")
    output.add_argument(
        "--exit-zero", action="store_true", default=None, help="exit 0 although there are findings"
    )
    output.add_argument(
        "--statistics", action="store_true", default=None, help="count the findings of each rule"
    )
    output.add_argument(
        "--no-color", action="store_true", help="no colour (also: NO_COLOR in the environment)"
    )
    output.add_argument("--quiet", "-q", action="store_true", help="print findings only")
    output.add_argument(
        "--verbose", "-v", action="store_true", help="also tell what was left out, and why"
    )
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        default=None,
        help="count fixes that may change what a program does as applicable",
    )


def configuration(args: Namespace) -> Configuration:
    """Return the configuration that the arguments ask for. Raises ``UsageError``."""
    overrides: dict[str, object] = {}
    for key in ("select", "extend-select", "ignore", "exclude"):
        given = getattr(args, key.replace("-", "_"))
        if given is not None:
            overrides[key] = [part for text in given for part in text.split(",") if part.strip()]
    for key in (
        "force-exclude",
        "exit-zero",
        "statistics",
        "unsafe-fixes",
        "output-format",
        "jobs",
    ):
        given = getattr(args, key.replace("-", "_"))
        if given is not None:
            overrides[key] = given
    if args.no_respect_gitignore:
        overrides["respect-gitignore"] = False
    try:
        return Configuration(
            overrides, file=args.config, isolated=args.isolated, noqa=not args.ignore_noqa
        )
    except ConfigError as error:
        raise UsageError(str(error)) from None
