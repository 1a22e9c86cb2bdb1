"""Explain a rule, or an error message about libpython.

For a rule, the page says what the rule finds, why that is bad, and what to write instead.
For an error message, given in quotes or within a log on standard input (`-`), it says what
causes the error, and what to do. A line of nolibpy's own leads to the page of its rule.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.cli._reports import wants_color

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from no_libpython_dlopen.model.rule import Rule


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy explain``."""
    parser.add_argument(
        "what",
        metavar="RULE|MESSAGE",
        nargs="+",
        help="Code (NLP101) or name of a rule, an error message, or - for a log on standard input",
    )
    parser.add_argument("--no-color", action="store_true", help="Print unrendered Markdown")


def run(args: Namespace) -> int:
    """Print the pages, rendered on a terminal, as Markdown elsewhere."""
    words: list[str] = args.what
    if words == ["-"]:
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")  # a log may hold anything
        pages = [_situation(sys.stdin.read(), "standard input")]
    elif any(not word or set(word) & set(" :\n") for word in words):  # no name of a rule
        pages = [_situation(" ".join(words), "the argument")]
    else:
        pages = [page_of(rule_of(name)) for name in words]
    show("\n\n".join(pages), color=not args.no_color)
    return 0


def show(page: str, *, color: bool) -> None:
    """Print Markdown, rendered on a terminal."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")  # for bullets and lines
    if not unicode or not wants_color(sys.stdout, off=not color):
        print(page)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(force_terminal=True).print(Markdown(page))


def _situation(text: str, source: str) -> str:
    """Return the page on what a message tells of. Raises ``UsageError`` for an unknown one."""
    from no_libpython_dlopen.knowledge.error_messages import explain
    from no_libpython_dlopen.report import one_line

    found = explain(text)
    if found is None:
        from no_libpython_dlopen import rules

        told = {rule.code: rule for rule in rules.rules() if re.search(rf"\b{rule.code}\b", text)}
        if told:
            return "\n\n".join(map(page_of, told.values()))
        raise UsageError(
            f"{source} contains no known message about libpython; `nolibpy doctor` examines an "
            "interpreter, `nolibpy run` a program"
        )
    steps = [f"- {step}" for step in found.steps]
    lines = [f"# {found.title}", "", found.cause, "", "What to do:", "", *steps]
    return "\n".join(one_line(line) for line in lines)


def page_of(rule: Rule) -> str:
    """Return the page of a rule, with its title."""
    return f"# {rule.name} ({rule.code})\n\n{rule.page()}"


def rule_of(name: str) -> Rule:
    """Return the rule of a code or name. Raises ``UsageError`` where there is none."""
    from no_libpython_dlopen import rules

    for rule in rules.rules():
        if name.upper() == rule.code or name.lower() == rule.name:
            return rule
    raise UsageError(f"no such rule: {name}{rules.hint(name)}")
