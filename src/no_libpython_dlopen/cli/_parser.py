"""The parsers of the commands: of one that is run, or of all, for completion and the manual.

A wrong command line is one line on standard error that names the option; the usage is a
page long, and ``--help`` prints it.
"""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from no_libpython_dlopen.cli import PROGRAM, UsageError, command_names, load_command, summary_of

#: A usage line lists no more options than these; the help explains all of them below it.
_MOST_IN_USAGE = 12
#: What argparse says of `--fix=all`.
_IGNORED = re.compile(r"ignored explicit argument .*", re.DOTALL)
DESCRIPTION = "Find and fix code that loads or links libpython by mistake."


class Parser(argparse.ArgumentParser):
    """A parser that raises ``UsageError`` with one line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(add_help=False, **options)
        self.add_argument("-h", "--help", action="help", help="Show this help message, then exit")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse a command line. An option that does not exist is named with the nearest one."""
        parsed, rest = self.parse_known_args(args, namespace)
        if rest:
            if not rest[0].startswith("-"):
                self.error(f"unexpected argument: {rest[0]}")
            option = rest[0].partition("=")[0]
            self.error(f"no such option: {option}{self._hint(option)}")
        return parsed

    def _hint(self, option: str) -> str:
        """Return the end of a message on an option that does not exist."""
        from no_libpython_dlopen.config.suggestions import advise, suggest

        known = [one[2:] for one in self._option_string_actions if one.startswith("--")]
        if advice := advise(option):
            return f"; {advice}"
        if meant := option.startswith("--") and suggest(option[2:], known):
            return f"; did you mean --{meant}?"
        others = commands_with(option)
        return f"; it is an option of {' and '.join(others)}" if others else ""

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError``, which is shown as one line, in words of our own."""
        message = _IGNORED.sub("takes no value", message.removeprefix("argument "))
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def commands_with(option: str) -> list[str]:
    """Return the commands, as one types them, that know an option."""
    return [
        f"`{PROGRAM} {name}`"
        for name in command_names()
        if option in parser_of(name)._option_string_actions
    ]


def add_command(parser: argparse.ArgumentParser, name: str) -> None:
    """Give a parser the description and the arguments of a command."""
    command = load_command(name)
    rest = "".join((command.__doc__ or "").partition("\n")[1:])
    parser.description = summary_of(command) + rest
    command.add_arguments(parser)
    if parser.usage is None and len(parser._actions) > _MOST_IN_USAGE:
        taken = " ".join(
            f"[{one.metavar} ...]" for one in parser._actions if not one.option_strings
        )
        parser.usage = f"{parser.prog} [OPTIONS] {taken}"


def parser_of(name: str) -> Parser:
    """Return the parser of a command's arguments."""
    parser = Parser(prog=f"{PROGRAM} {name}")
    add_command(parser, name)
    return parser


def parser_of_all() -> Parser:
    """Return one parser of all commands. It is looked at, and parses nothing."""
    parser = Parser(prog=PROGRAM, description=DESCRIPTION)
    parser.add_argument(
        "-V",
        "--version",
        action="store_true",
        help=f"Print the versions of {PROGRAM}, libcst and Python",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in command_names():
        summary = summary_of(load_command(name)).rstrip(".")
        add_command(subparsers.add_parser(name, help=summary), name)
    return parser
