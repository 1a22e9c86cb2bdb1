"""Generate a shell completion script for commands, options, files and rules.

bash:  nolibpy completion bash > ~/.local/share/bash-completion/completions/nolibpy
zsh:   nolibpy completion zsh > DIR/_nolibpy      with DIR in $fpath
fish:  nolibpy completion fish > ~/.config/fish/completions/nolibpy.fish
tcsh:  nolibpy completion tcsh > FILE             with `source FILE` in ~/.tcshrc
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import UsageError

if TYPE_CHECKING:
    from argparse import Action, ArgumentParser, Namespace
    from collections.abc import Iterator

SUMMARY = "Generate a shell completion script."
SHELLS = ("bash", "zsh", "fish", "tcsh")
_FILES = {"PATH", "FILE", "PYTHON", "INPUT", "FORMAT=FILE"}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy completion``."""
    parser.add_argument(
        "shell",
        choices=SHELLS,
        metavar="SHELL",
        help=f"Shell to generate completions for: {', '.join(SHELLS)}",
    )


def run(args: Namespace) -> int:
    """Print the script. Raises ``UsageError`` where shtab is missing."""
    try:
        import shtab
    except ImportError:
        raise UsageError(
            "completion needs shtab: `pip install 'no-libpython-dlopen[completion]'`"
        ) from None
    from no_libpython_dlopen.cli._parser import parser_of_all

    parser = parser_of_all()
    for action in _actions(parser):
        wanted = _completion_of(action)
        if isinstance(wanted, str):
            action.complete = getattr(shtab, wanted)  # type: ignore[attr-defined]
        elif wanted:
            action.choices = wanted
    print(shtab.complete(parser, shell=args.shell))
    return 0


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    """Yield the arguments of a parser and of its subcommands."""
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for inner in action.choices.values():
                yield from _actions(inner)
        else:
            yield action


def _completion_of(action: Action) -> str | list[str]:
    """Return the completions of an argument: its choices, or a kind of path."""
    from no_libpython_dlopen import report, rules

    if action.choices is not None:
        return []
    if action.metavar == "CODES":
        return [*rules.codes()]
    if str(action.metavar).startswith("RULE"):
        return [text for rule in rules.rules() for text in (rule.code, rule.name)]
    if action.metavar == "FORMAT":
        return report.formats()
    if action.metavar == "DIR":
        return "DIRECTORY"
    return "FILE" if action.metavar in _FILES or action.dest == "program" else []
