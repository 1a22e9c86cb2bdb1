"""``nolibpy guard``: the run-time guard for every process of an environment."""

from __future__ import annotations

import argparse
import sys

SUMMARY = "switch the run-time guard of an environment"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to do and to which environment."""
    parser.description = (
        "Put the line that starts the guard into an environment, or take it out. It does "
        "nothing in processes where NOLIBPY_GUARD is not set to warn, error or log."
    )
    parser.add_argument("do", choices=["enable", "disable", "status"])
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        default=sys.executable,
        help="an interpreter of the environment (default: the one that runs nolibpy)",
    )


def run(args: argparse.Namespace) -> int:
    """Switch; return 0, 2 on an error, and 1 for the status of a guard that is not enabled."""
    from no_libpython_dlopen.runtime.switch import Environment, Unswitchable

    try:
        environment = Environment(args.python)
        if args.do == "enable":
            environment.enable()
            kind = "this environment" if environment.isolated else "this whole interpreter"
            print(f"wrote {environment.file}")
            print(f"set NOLIBPY_GUARD=warn to watch a process of {kind} and its children")
        elif args.do == "disable":
            removed = environment.disable()
            print(f"removed {environment.file}" if removed else "the guard was not enabled")
        else:
            enabled = environment.is_enabled()
            print(f"{'enabled' if enabled else 'not enabled'}: {environment.file}")
            return 0 if enabled else 1
    except Unswitchable as error:
        print(f"nolibpy: {error}", file=sys.stderr)
        return 2
    return 0
