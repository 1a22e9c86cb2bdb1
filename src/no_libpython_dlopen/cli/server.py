"""Run the language server for editors, on standard input and output.

An editor starts it. It provides diagnostics, quick fixes, and the documentation of a rule
on hover.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy server``."""
    parser.add_argument(
        "--stdio", action="store_true", help="Use standard input and output (the default)"
    )


def run(args: Namespace) -> int:  # noqa: ARG001
    """Serve until the editor ends it. Raises ``UsageError`` where pygls is missing."""
    try:
        from no_libpython_dlopen.server.service import service
    except ImportError as error:
        if str(error.name).partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            "the server needs pygls: `pip install 'no-libpython-dlopen[server]'`"
        ) from None
    if sys.stdin.isatty():
        raise UsageError("the server must be started by an editor, not from a terminal")
    service().start_io()
    return 0
