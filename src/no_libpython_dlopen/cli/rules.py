"""List all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy rules``."""
    parser.add_argument(
        "--output-format",
        choices=("text", "json"),
        default="text",
        help="Format of the list (default: text)",
    )


def run(args: Namespace) -> int:
    """Print every rule's code, name, summary and whether it has a fix."""
    from no_libpython_dlopen import rules

    if args.output_format == "json":
        import json

        print(
            json.dumps(
                [
                    {
                        "code": rule.code,
                        "name": rule.name,
                        "summary": rule.summary(),
                        "fix": rule.fixable,
                        "url": rule.url(),
                    }
                    for rule in rules.rules()
                ],
                indent=2,
            )
        )
        return 0
    every = rules.rules()
    width = max(len(rule.name) for rule in every)
    for rule in every:
        print(f"{rule.code}  {rule.name:<{width}}  {rule.fixable:<9}  {rule.summary()}")
    return 0
