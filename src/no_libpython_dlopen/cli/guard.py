"""Switch the run-time guard of an environment on or off.

`enable` puts one line into one file of the environment's site-packages, `disable` takes
it out. The line does nothing in processes where NOLIBPY_GUARD is not set. It may be warn,
error or log; NOLIBPY_REPORT names a file for the findings, as JSON, and NOLIBPY_ALLOW
lists libpython names or modules that are meant to be so, separated by commas.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to do and to which environment."""
    parser.add_argument("do", choices=["enable", "disable", "status"])
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        default=sys.executable,
        help="an interpreter of the environment (default: the one that runs nolibpy)",
    )


def run(args: argparse.Namespace) -> int:
    """Switch, and return 0; 1 for the status of a guard that is not enabled."""
    from no_libpython_dlopen.runtime.guard.site_hook import Environment

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
    return 0
