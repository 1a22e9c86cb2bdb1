"""The options that check and fix share, and what they mean.

They are a table, so that a plain command line (paths and switches, which is what
pre-commit and most people type) can be read without ``argparse``: importing and
filling it costs more than checking ten clean files.
"""

from __future__ import annotations

import os
from types import SimpleNamespace

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.config import Configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

#: Options by group. One with a metavar takes a value; CODES, GLOBS, GLOB:CODES and
#: FORMAT=FILE may be repeated.
OPTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "rules": (
        (
            "--select",
            "CODES",
            "Enable only these rules: codes, prefixes, names or ALL, comma-separated",
        ),
        ("--extend-select", "CODES", "Enable these rules in addition to the selected ones"),
        ("--ignore", "CODES", "Disable these rules"),
        (
            "--per-file-ignores",
            "GLOB:CODES",
            "Disable rules in matching files, for example `tests/*:NLP1`",
        ),
        (
            "--extend-per-file-ignores",
            "GLOB:CODES",
            "Like --per-file-ignores, but keep the configured ones",
        ),
        ("--ignore-noqa", "", "Report findings that `# noqa` comments suppress"),
        ("--baseline", "FILE", "Ignore findings recorded in this baseline (see --write-baseline)"),
    ),
    "fixes": (
        ("--fixable", "CODES", "Apply only fixes of these rules"),
        ("--unfixable", "CODES", "Apply no fixes of these rules"),
        ("--show-fixes", "", "List the applied fixes by file and rule"),
        ("--unsafe-fixes", "", "Include fixes that may change what a program does"),
        ("--diff", "", "Print the changes as a diff, without writing any file"),
    ),
    "files": (
        ("--exclude", "GLOBS", "Gitignore-style patterns to exclude, comma-separated"),
        ("--extend-exclude", "GLOBS", "Like --exclude, but keep the configured patterns"),
        ("--force-exclude", "", "Apply exclusions to explicitly passed paths, too"),
        ("--no-respect-gitignore", "", "Check files that git ignores, too"),
        ("--stdin-filename", "PATH", "File name to assume for standard input (-)"),
        (
            "--root",
            "DIR",
            "Look up the libraries that modules need below this directory, as in a chroot",
        ),
        ("--show-files", "", "List the files that would be checked, then exit"),
        ("--jobs", "N", "Number of worker processes (default: auto)"),
    ),
    "configuration": (
        ("--config", "FILE", "Use the settings of this file for all files"),
        ("--isolated", "", "Ignore all configuration files"),
    ),
    "output": (
        ("--output-format", "FORMAT", "Format of the report (default: text); see below"),
        ("--output-file", "FILE", "Write the report to this file (-: standard output)"),
        ("--output", "FORMAT=FILE", "Write an additional report (may be repeated)"),
        ("--exit-zero", "", "Exit with status 0 even if there are findings"),
        ("--statistics", "", "Show the number of findings for each rule"),
        ("--no-color", "", "Disable colours (also: NO_COLOR in the environment)"),
        ("--quiet", "", "Print findings only"),
        ("--verbose", "", "Also report how many files of each type were checked"),
    ),
}
_SHORT = {
    "--exit-zero": "-e",
    "--jobs": "-j",
    "--output-file": "-o",
    "--quiet": "-q",
    "--verbose": "-v",
}
#: Switches that the configuration may turn on, and ``--no-…`` turns off.
_NEGATED = ("--force-exclude", "--unsafe-fixes", "--show-fixes", "--exit-zero", "--statistics")
#: Options that are keys of the configuration, where ``None`` means: not given here.
_KEYS = (
    *("select", "extend-select", "ignore", "per-file-ignores", "extend-per-file-ignores"),
    *("fixable", "unfixable", "exclude", "extend-exclude", "force-exclude", "exit-zero"),
    *("statistics", "unsafe-fixes", "show-fixes", "output-format", "jobs", "baseline"),
)


def add_common(parser: ArgumentParser) -> None:
    """Declare the options that check and fix share."""
    from no_libpython_dlopen.cli import _numbers
    from no_libpython_dlopen.report import formats

    parser.add_argument(
        "paths",
        nargs="*",
        default=[],
        metavar="PATH",
        help="Files and directories (default: .); - is standard input",
    )
    for title, options in OPTIONS.items():
        group = parser.add_argument_group(title)
        for flag, metavar, text in options:
            flags = [_SHORT[flag], flag] if flag in _SHORT else [flag]
            if not metavar:
                group.add_argument(*flags, action="store_true", default=None, help=text)
            elif metavar in ("CODES", "GLOBS", "GLOB:CODES", "FORMAT=FILE"):
                group.add_argument(*flags, action="append", metavar=metavar, help=text)
            else:
                kind = _numbers.whole if metavar == "N" else str
                group.add_argument(*flags, type=kind, metavar=metavar, help=text)
    for flag in _NEGATED:
        _add_negation(parser, f"--no-{flag[2:]}", flag)
    _add_negation(parser, "--respect-gitignore", "--no-respect-gitignore")
    parser.epilog = (
        f"formats: {', '.join(formats())}\n\n"
        "--no-SWITCH turns off a switch that the configuration turns on: --no-unsafe-fixes."
    )


def _add_negation(parser: ArgumentParser, flag: str, switch: str) -> None:
    """Declare a switch that turns another one off; the help names them all in one sentence."""
    from argparse import SUPPRESS

    name = _name(switch)
    parser.add_argument(flag, dest=name, action="store_false", default=None, help=SUPPRESS)


def parse_simple(argv: list[str], *switches: str) -> Namespace | None:
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
    return SimpleNamespace(**values, paths=paths)  # type: ignore[return-value]


def resolve_paths(args: Namespace) -> None:
    """Set what to check where no path is given: here, unless a package or the like is named.

    ``paths_are_given`` and ``more_than_paths`` say later what was asked for.
    """
    if hasattr(args, "more_than_paths"):  # a second check of `--watch`
        return
    args.more_than_paths = names_more_than_paths(args)
    args.paths_are_given = bool(args.paths)
    if not args.paths and not args.more_than_paths:
        args.paths = ["."]


def names_more_than_paths(args: Namespace) -> bool:
    """Return whether a package, a requirements file or an environment is to be checked."""
    return any(getattr(args, name, None) for name in ("package", "requirement", "environment"))


def _name(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


def configuration(args: Namespace) -> Configuration:
    """Return the configuration that the arguments ask for. Raises ``NolibpyError``."""
    resolve_paths(args)
    _refuse_contradictions(args)
    overrides: dict[str, object] = {}
    for key in _KEYS:
        given = getattr(args, key.replace("-", "_"))
        if isinstance(given, list):
            given = [part for text in given for part in text.split(",") if part.strip()]
        if given is not None and key.endswith("per-file-ignores"):
            given = _rules_of_globs(given, key)
        if key == "select" and given == []:
            raise UsageError("--select: no rule given; `nolibpy rules` lists all rules")
        if key == "baseline" and given:
            given = os.path.abspath(given)  # from here, not from where a configuration is
        if given is not None:
            overrides[key] = given
    if args.no_respect_gitignore is not None:
        overrides["respect-gitignore"] = not args.no_respect_gitignore
    return Configuration(
        overrides, file=args.config, isolated=bool(args.isolated), noqa=not args.ignore_noqa
    )


def _rules_of_globs(given: list[str], key: str) -> dict[str, list[str]]:
    """Return ``GLOB:CODE`` items as the configuration has them; a code is for the last glob."""
    found: dict[str, list[str]] = {}
    for item in given:
        glob, colon, code = item.strip().rpartition(":")
        if not colon and not found:
            raise UsageError(f"--{key} {item}: must be GLOB:CODES, for example `tests/*:NLP1`")
        found.setdefault(glob if colon else [*found][-1], []).append(code)
    return found


def root(args: Namespace) -> str:
    """Return the root of the system that is checked, empty for none. Raises ``UsageError``."""
    if args.root is None:
        return ""
    if not os.path.isdir(args.root):
        raise UsageError(f"--root: {args.root} is not a directory")
    return str(args.root)


#: Options that ask for something else than a report: one of them at a time.
_INSTEAD = ("--show-files", "--write-baseline", "--add-noqa", "--diff", "--fix", "--undo")


def _refuse_contradictions(args: Namespace) -> None:
    """Raise ``UsageError`` for options that cannot be meant together."""
    if args.config is not None and "=" in args.config and not os.path.exists(args.config):
        raise UsageError(
            f"--config: no such file: {args.config}; to change one setting, use its option, "
            "such as --select"
        )
    if args.isolated and args.config is not None:
        raise UsageError("--isolated and --config cannot be used together")
    if args.stdin_filename is not None and "-" not in (args.paths or ()):
        raise UsageError("--stdin-filename requires standard input: pass `-` as the path")
    asked = [flag for flag in _INSTEAD if getattr(args, _name(flag), None)]
    if {*asked} == {"--fix", "--diff"}:
        return
    if getattr(args, "watch", None):
        asked = ["--watch", *[flag for flag in asked if flag != "--fix"]]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} cannot be used together")
