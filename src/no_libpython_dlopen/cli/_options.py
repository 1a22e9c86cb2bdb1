"""The options that check and fix share, and what they mean.

They are a table, so that a plain command line (paths and switches, which is what
pre-commit and most people type) can be read without ``argparse``: importing and
filling it costs more than checking ten clean files.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.config import Configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

#: Options by group. One with a metavar takes a value; CODES, GLOBS and
#: FORMAT=FILE may be repeated.
OPTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "rules": (
        ("--select", "CODES", "only these rules: codes or prefixes, comma-separated"),
        ("--extend-select", "CODES", "these rules too"),
        ("--ignore", "CODES", "not these rules"),
        ("--ignore-noqa", "", "report what `# noqa` comments suppress"),
        ("--baseline", "FILE", "not the findings that this file lists (see --write-baseline)"),
    ),
    "fixes": (
        ("--unsafe-fixes", "", "apply, or count, also fixes that may change what a program does"),
        ("--diff", "", "print what would be changed, and write nothing"),
    ),
    "files": (
        ("--exclude", "GLOBS", "leave out what matches, as .gitignore does, comma-separated"),
        ("--force-exclude", "", "leave it out also where it is given explicitly"),
        ("--no-respect-gitignore", "", "look at files that git ignores, too"),
        ("--stdin-filename", "PATH", "what standard input (-) is called, for kind and settings"),
        ("--show-files", "", "print the files that would be looked at, and stop"),
        ("--jobs", "N", "processes (default: by need)"),
    ),
    "configuration": (
        ("--config", "FILE", "use [tool.nolibpy] of this file for all files"),
        ("--isolated", "", "use no configuration file"),
    ),
    "output": (
        ("--output-format", "FORMAT", "text (default) or another one, see below"),
        ("--output-file", "FILE", "write the report there (-: standard output)"),
        ("--output", "FORMAT=FILE", "write another report, too (may be repeated)"),
        ("--exit-zero", "", "exit 0 although there are findings"),
        ("--statistics", "", "count the findings of each rule"),
        ("--no-color", "", "no colour (also: NO_COLOR in the environment)"),
        ("--quiet", "", "print findings only"),
        ("--verbose", "", "also tell how many files of which kind were looked at"),
    ),
}
_SHORT = {"--jobs": "-j", "--output-file": "-o", "--quiet": "-q", "--verbose": "-v"}
#: Options that are keys of the configuration, where ``None`` means: not given here.
_KEYS = (
    *("select", "extend-select", "ignore", "exclude", "force-exclude", "exit-zero"),
    *("statistics", "unsafe-fixes", "output-format", "jobs", "baseline"),
)


def add_common(parser: ArgumentParser) -> None:
    """Declare the options that check and fix share."""
    from no_libpython_dlopen.report import formats

    parser.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="files and folders (default: .); - is standard input",
    )
    for title, options in OPTIONS.items():
        group = parser.add_argument_group(title)
        for flag, metavar, text in options:
            flags = [_SHORT[flag], flag] if flag in _SHORT else [flag]
            if not metavar:
                group.add_argument(*flags, action="store_true", default=None, help=text)
            elif metavar in ("CODES", "GLOBS", "FORMAT=FILE"):
                group.add_argument(*flags, action="append", metavar=metavar, help=text)
            else:
                kind = int if metavar == "N" else str
                group.add_argument(*flags, type=kind, metavar=metavar, help=text)
    parser.epilog = f"formats: {', '.join(formats())}"


def plain(argv: list[str], *switches: str) -> Namespace | None:
    """Return a command line of nothing but paths and switches as argparse would.

    ``switches`` are those of the command alone. ``None`` where argparse has to look.
    """
    every = [option for options in OPTIONS.values() for option in options]
    values: dict[str, object] = {_name(flag): None for flag, _, _ in every}
    values.update((_name(flag), None) for flag in switches)
    known = {flag for flag, metavar, _ in every if not metavar}.union(switches)
    paths = []
    for argument in argv:
        if argument in known:
            values[_name(argument)] = True
        elif argument.startswith("-") and argument != "-":
            return None
        else:
            paths.append(argument)
    return _Arguments(**values, paths=paths or ["."])  # type: ignore[return-value]


class _Arguments:
    """Stands in for ``argparse.Namespace``."""

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


def _name(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


def configuration(args: Namespace) -> Configuration:
    """Return the configuration that the arguments ask for. Raises ``NolibpyError``."""
    _refuse_contradictions(args)
    overrides: dict[str, object] = {}
    for key in _KEYS:
        given = getattr(args, key.replace("-", "_"))
        if isinstance(given, list):
            given = [part for text in given for part in text.split(",") if part.strip()]
        if key == "select" and given == []:
            raise UsageError("--select: names no rule; `nolibpy rules` prints the ones there are")
        if key == "baseline" and given:
            given = os.path.abspath(given)  # from here, not from where a configuration is
        if given is not None:
            overrides[key] = given
    if args.no_respect_gitignore:
        overrides["respect-gitignore"] = False
    return Configuration(
        overrides, file=args.config, isolated=bool(args.isolated), noqa=not args.ignore_noqa
    )


#: Options that ask for something else than a report: one of them at a time.
_INSTEAD = ("--show-files", "--write-baseline", "--add-noqa", "--diff", "--fix")


def _refuse_contradictions(args: Namespace) -> None:
    """Raise ``UsageError`` for options that cannot be meant together."""
    if args.isolated and args.config is not None:
        raise UsageError("--isolated uses no configuration file, --config uses one: not both")
    if args.stdin_filename is not None and "-" not in (args.paths or ()):
        raise UsageError("--stdin-filename is for standard input: give `-` as the path")
    asked = [flag for flag in _INSTEAD if getattr(args, _name(flag), None)]
    if {*asked} == {"--fix", "--diff"}:
        return
    if getattr(args, "watch", None):
        asked = ["--watch", *[flag for flag in asked if flag != "--fix"]]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} cannot be used together")
