"""Run the language server for editors, on standard input and output.

An editor starts it. It provides diagnostics, quick fixes, and the documentation of a rule
on hover.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, cast

from no_libpython_dlopen.cli import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import BinaryIO


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy server``."""
    parser.add_argument(
        "--stdio", action="store_true", help="Use standard input and output (the default)"
    )


def run(args: Namespace) -> int:  # noqa: ARG001
    """Serve until the editor ends it. Raises ``UsageError`` where pygls is missing."""
    try:
        from no_libpython_dlopen.server.features import service
    except ImportError as error:
        if str(error.name).partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            "the server needs pygls: `pip install 'no-libpython-dlopen[server]'`"
        ) from None
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    if sys.stdin.isatty():
        raise UsageError("the server must be started by an editor, not from a terminal")
    from no_libpython_dlopen.server.messages import MessageReader, log_in_one_line

    log_in_one_line()
    server = service()
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            # The thread that reads standard input cannot be waited for; the other process
            # ends when the pipe to it is closed.
            signal.signal(number, lambda number, _: os._exit(128 + number))
    # The protocol closes its stream at the end; standard output is still ours then.
    with open(os.dup(sys.stdout.fileno()), "wb", closefd=True) as out:
        server.start_io(cast("BinaryIO", MessageReader(sys.stdin.buffer)), out)
    return 0 if server.protocol._shutdown else 1  # as the protocol wants it
