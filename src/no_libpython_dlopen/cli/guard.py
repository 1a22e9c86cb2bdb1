"""Enable or disable the runtime guard of an environment.

`enable` adds a .pth file to the environment's site-packages (from Python 3.15 on also a
.start file and its module), and `disable` removes it. The file starts the guard only in
processes that have NOLIBPY_GUARD in their environment:

    NOLIBPY_GUARD=warn|error|log   what the guard does when libpython is loaded
    NOLIBPY_REPORT=FILE            where it writes the findings, as JSON
    NOLIBPY_ALLOW=PATTERN,...      library names or modules that may load libpython
"""

from __future__ import annotations

import argparse
import os
import sys

from no_libpython_dlopen.cli import UsageError, active_python

#: What pipx and ``uv tool`` leave in the environment of a tool; uvx has those in its cache.
_RECEIPTS = ("pipx_metadata.json", "uv-receipt.toml")
_CACHE = f"{os.sep}archive-v0{os.sep}"

_ACTIONS = ("enable", "disable", "status")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy guard``."""
    parser.add_argument(
        "do",
        choices=_ACTIONS,
        metavar="ACTION",
        help="enable, disable, or status, which reports whether the guard is enabled",
    )
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        default="",
        help="Interpreter of the environment (default: that of the active virtual "
        "environment, else the one that runs nolibpy)",
    )


def run(args: argparse.Namespace) -> int:
    """Switch, and return 0; 1 for the status of a guard that is not enabled."""
    from no_libpython_dlopen.runtime.guard.site_hook import Environment

    python = args.python or active_python()
    environment = Environment(python)
    if args.do == "enable":
        if not python and _is_tools_own(sys.prefix):
            raise UsageError(
                f"{sys.prefix} contains only nolibpy: activate the environment to guard, or "
                "pass its interpreter with --python"
            )
        environment.enable()
        kind = "this environment" if environment.isolated else "this whole interpreter"
        print(f"wrote {environment.file}")
        print(
            f"to guard a process of {kind} and its children, set NOLIBPY_GUARD=warn in its environment"
        )
    elif args.do == "disable":
        removed = environment.disable()
        print(f"removed {environment.file}" if removed else "the guard was not enabled")
    else:
        enabled = environment.is_enabled()
        print(f"{'enabled' if enabled else 'not enabled'}: {environment.file}")
        if enabled and not environment.is_current():
            print(
                "that file was written by another version or installation of nolibpy; "
                "`nolibpy guard enable` updates it"
            )
        return 0 if enabled else 1
    return 0


def _is_tools_own(prefix: str) -> bool:
    """Return whether pipx, ``uv tool`` or uvx made an environment for nolibpy alone."""
    paths = [os.path.join(prefix, name) for name in _RECEIPTS]
    return _CACHE in os.path.join(prefix, "") or any(map(os.path.exists, paths))
