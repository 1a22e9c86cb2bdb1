"""Writes the manual page from what the commands say of themselves.

    python man/make.py      writes man/nolibpy.1

A test fails where the page is stale. A wheel installs it as ``share/man/man1/nolibpy.1``.

Weighed and left: argparse-manpage 4.8 makes 1,006 lines of the same parsers, twice as many: it
repeats the options that ``check``, ``fix`` and ``config`` share, sets each usage as a paragraph
that man breaks in the middle of options, puts the day into the page, so that the test would
fail tomorrow, and knows no sections on rules, exit status and environment. help2man needs Perl.
"""

from __future__ import annotations

import re
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from no_libpython_dlopen import __version__, rules
from no_libpython_dlopen.cli import _options
from no_libpython_dlopen.cli._parser import DESCRIPTION, parser_of_all

TARGET = Path(__file__).with_name("nolibpy.1")
ENVIRONMENT = {
    "NO_COLOR": "if set, disables colours",
    "FORCE_COLOR": "if set, enables colours even if the output is not a terminal",
    "COLUMNS": "width of code frames",
    "NOLIBPY_GUARD": "warn, error or log: mode of the runtime guard of an environment",
    "NOLIBPY_ALLOW": "library names and modules that may load libpython, comma-separated",
    "NOLIBPY_REPORT": "file that the guard writes its findings to",
    "NOLIBPY_TRACEBACK": "if set, an internal error shows a traceback",
}
EXIT_STATUS = {
    "0": "no findings; for fix: no findings left",
    "1": "findings; for fix: findings left, with --diff: files would be changed",
    "2": "an invalid command line or configuration, or a file that could not be read",
    "130": "interrupted",
}
EXAMPLES = {
    "nolibpy check .": "check a project",
    "nolibpy fix --diff .": "show the safe fixes",
    "nolibpy check dist/*.whl": "check wheels",
    "nolibpy run --error app.py": "stop a program before it opens libpython by name",
}
FILES = {"pyproject.toml": "the table [tool.nolibpy] of the nearest such file above a checked file"}


def main() -> None:
    """Write the page."""
    TARGET.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page as text for man (groff_man(7))."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    parser = parser_of_all()
    commands = _commands(parser)
    yield '.\\" Made by man/make.py; do not edit.'
    yield f'.TH NOLIBPY 1 "" "nolibpy {__version__}" "User Commands"'
    yield ".SH NAME"
    yield _text(f"nolibpy - {DESCRIPTION[0].lower()}{DESCRIPTION[1:-1]}")
    yield ".SH SYNOPSIS"
    yield ".B nolibpy"
    yield "COMMAND [ARGUMENT ...]"
    yield ".br"
    yield ".B nolibpy \\-\\-version"
    yield ".SH DESCRIPTION"
    yield _text(
        "nolibpy is a linter and autofixer for code that loads or links libpython by mistake: "
        "Python code that opens it by name, build files that link extension modules to it, "
        "wheels and built modules that need it, and running processes that hold two copies of it."
    )
    yield ".SH COMMANDS"
    shared = {flag for options in _options.OPTIONS.values() for flag, _, _ in options}
    for name, command in commands.items():
        yield f".SS {_text(f'nolibpy {name}')}"
        yield from _paragraphs(command.description or "")
        known = shared if name in ("fix", "config") else set()
        if known:
            yield ".PP"
            yield "It takes the paths and options of"
            yield ".BR check ,"
            yield "up to"
            yield ".BR \\-\\-verbose ."
        yield from _arguments(command, known)
        if command.epilog and not known:
            yield ".PP"
            yield _text(command.epilog)
    yield ".SH RULES"
    yield from _terms({f"{rule.code} {rule.name}": rule.summary() for rule in rules.rules()})
    yield ".SH EXIT STATUS"
    yield from _terms(EXIT_STATUS)
    yield ".SH ENVIRONMENT"
    yield from _terms(ENVIRONMENT)
    yield ".SH FILES"
    yield from _terms(FILES)
    yield ".SH EXAMPLES"
    yield from _terms(EXAMPLES)
    yield ".SH SEE ALSO"
    yield ".BR python3 (1),"
    yield ".BR ruff (1),"
    yield ".BR patchelf (1),"
    yield ".BR ld.so (8)"


def _commands(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    (choices,) = (action.choices for action in parser._actions if isinstance(action.choices, dict))
    return dict(choices)


def _arguments(parser: ArgumentParser, known: set[str]) -> Iterator[str]:
    """Yield the arguments of a command but those that are known and the help."""
    for action in parser._actions:
        if (action.dest in ("help", "paths") and known) or action.dest == "help":
            continue
        if action.help is SUPPRESS or known.intersection(action.option_strings):
            continue
        yield ".TP"
        yield _heading(action)
        yield _text((action.help or "").replace("%(default)s", str(action.default)) or " ")


def _heading(action: Action) -> str:
    """Return an argument as it is typed: options bold, what they take in italics."""
    taken = action.metavar or ("|".join(action.choices) if action.choices else "")
    if not action.option_strings:
        return f"\\fI{_escaped(str(taken or action.dest))}\\fR"
    bold = ", ".join(f"\\fB{_escaped(option)}\\fR" for option in action.option_strings)
    takes = action.nargs != 0 and taken
    return f"{bold} \\fI{_escaped(str(taken))}\\fR" if takes else bold


def _terms(terms: dict[str, str]) -> Iterator[str]:
    for term, meaning in terms.items():
        yield ".TP"
        yield f"\\fB{_escaped(term)}\\fR"
        yield _text(meaning)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a docstring; indented ones stay as they are."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip("\n"))):
        if number:
            yield ".PP"
        if paragraph.startswith("    "):
            yield ".nf"
            yield from (_text(line) for line in paragraph.splitlines())
            yield ".fi"
        else:
            yield from (_text(line.strip()) for line in paragraph.splitlines())


def _text(line: str) -> str:
    """Return a line of text, which no character of it can make a request."""
    escaped = _escaped(line)
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")


if __name__ == "__main__":
    main()
