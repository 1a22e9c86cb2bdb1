"""``check --watch``: check again whenever a file changes, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import INTERRUPTED, PROGRAM, UsageError
from no_libpython_dlopen.config import FILE_NAME
from no_libpython_dlopen.model.kind import kind_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

_WAITING = "note: watching for changes; press Ctrl-C to stop"


def run(args: Namespace, check: Callable[[Namespace], int]) -> int:
    """Check, and again after each change; return the status of the last check.

    Raises ``UsageError`` where watchfiles is missing, or where there is nothing to watch.
    """
    try:
        import watchfiles
    except ImportError:
        raise UsageError(
            "--watch needs watchfiles: `pip install 'no-libpython-dlopen[watch]'`"
        ) from None
    for path in args.paths or ["-"]:
        if not os.path.exists(path):
            raise UsageError(f"--watch: no such file or directory: {path}")
    args.watch = None
    written = _output_files(args)

    class Relevant(watchfiles.DefaultFilter):
        """Files that are checked, or decide how; not those that a check writes."""

        def __call__(self, change: watchfiles.Change, path: str) -> bool:
            return (
                super().__call__(change, path)
                and os.path.realpath(path) not in written
                and _matters(path)
            )

    # An empty set comes when nothing has happened for a while: the first one tells that
    # watching has begun, so that no change falls between the first check and that.
    changes = watchfiles.watch(
        *args.paths, watch_filter=Relevant(), rust_timeout=200, yield_on_timeout=True
    )
    next(changes)
    status = INTERRUPTED
    try:
        while True:
            status = INTERRUPTED  # what Ctrl-C in the middle of a check comes to
            status = check(args)
            sys.stdout.flush()
            print(f"{PROGRAM}: {_WAITING}", file=sys.stderr, flush=True)
            while not next(changes):
                pass
    except KeyboardInterrupt:
        return status


def _matters(path: str) -> bool:
    name = os.path.basename(path)
    return kind_of(path) is not None or "." not in name or name in (FILE_NAME, ".gitignore")


def _output_files(args: Namespace) -> set[str]:
    """Return the files that a check writes, which are no reason for another one."""
    paths = [args.output_file, *(text.partition("=")[2] for text in args.output or ())]
    return {os.path.realpath(path) for path in paths if path}
