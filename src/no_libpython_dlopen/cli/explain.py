"""Show the documentation for a rule.

It describes what the rule finds, why that is bad, and what to write instead.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.cli._session import wants_color

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from no_libpython_dlopen.model.rule import Rule


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy explain``."""
    parser.add_argument("rule", metavar="RULE", nargs="+", help="Code (NLP101) or name of a rule")
    parser.add_argument("--no-color", action="store_true", help="Print unrendered Markdown")


def run(args: Namespace) -> int:
    """Print the pages, rendered on a terminal, as Markdown elsewhere."""
    pages = [_page(_rule(name)) for name in args.rule]
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")  # for bullets and lines
    if not unicode or not wants_color(sys.stdout, off=args.no_color):
        print("\n\n".join(pages))
        return 0
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(force_terminal=True)
    for page in pages:
        console.print(Markdown(page))
    return 0


def _page(rule: Rule) -> str:
    return f"# {rule.name} ({rule.code})\n\n{rule.page()}"


def _rule(name: str) -> Rule:
    """Return the rule of a code or name. Raises ``UsageError`` where there is none."""
    from no_libpython_dlopen import rules

    for rule in rules.rules():
        if name.upper() == rule.code or name.lower() == rule.name:
            return rule
    from difflib import get_close_matches

    known = [text for rule in rules.rules() for text in (rule.code, rule.name)]
    close = get_close_matches(name.upper(), known, 1) or get_close_matches(name.lower(), known, 1)
    hint = f"; did you mean {close[0]}?" if close else "; `nolibpy rules` lists all rules"
    raise UsageError(f"no such rule: {name}{hint}")
