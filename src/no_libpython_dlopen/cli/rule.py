"""Show the documentation of rules, or of every rule with --all.

`nolibpy rules` lists the rules, one a line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.cli.explain import page_of, rule_of, show

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy rule``."""
    parser.add_argument("rule", metavar="RULE", nargs="*", help="Code (NLP101) or name of a rule")
    parser.add_argument("--all", action="store_true", help="Show every rule")
    parser.add_argument(
        "--output-format",
        choices=("text", "json"),
        default="text",
        help="Format of the pages (default: text)",
    )
    parser.add_argument("--no-color", action="store_true", help="Print unrendered Markdown")


def run(args: Namespace) -> int:
    """Print the pages, rendered on a terminal, as Markdown or JSON elsewhere."""
    from no_libpython_dlopen import rules

    if bool(args.rule) == args.all:
        raise UsageError("rule needs a RULE or --all; `nolibpy rules` lists all rules")
    found = rules.rules() if args.all else [rule_of(name) for name in args.rule]
    if args.output_format == "text":
        show("\n\n".join(map(page_of, found)), color=not args.no_color)
        return 0
    described = [
        {
            "code": rule.code,
            "name": rule.name,
            "summary": rule.summary(),
            "explanation": rule.page(),
            "fix": rule.fixable,
            "severity": rule.severity,
            "url": rule.url(),
        }
        for rule in found
    ]
    print(json.dumps(described if args.all else described[0], indent=2))
    return 0
