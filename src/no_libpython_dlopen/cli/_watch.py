"""``check --watch``: check again whenever a file changes, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import INTERRUPTED, PROGRAM, UsageError, _options
from no_libpython_dlopen.config import FILE_NAMES
from no_libpython_dlopen.files.atomic_write import is_temporary
from no_libpython_dlopen.model.kind import kind_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator

    from watchfiles.main import FileChange

_WAITING = "note: watching for changes; press Ctrl-C to stop"


def run(args: Namespace, check: Callable[[Namespace], int]) -> int:
    """Check, and again after each change; return the status of the last check.

    Raises ``UsageError`` where watchfiles is missing, or where there is nothing to watch.
    """
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise UsageError(
            "--watch needs watchfiles: `pip install 'no-libpython-dlopen[watch]'`"
        ) from None
    if "-" in args.paths:
        raise UsageError("--watch cannot be used with standard input (-)")
    for path in args.paths:
        if not os.path.exists(path):
            raise UsageError(f"--watch: no such file or directory: {path}")
    args.watch = None
    args.written = {}
    status = INTERRUPTED
    try:
        while True:
            status = INTERRUPTED  # what Ctrl-C in the middle of a check comes to
            # Watching begins before the check, so that no change falls between the two.
            changes = _changes(args)
            status = check(args)
            sys.stdout.flush()
            print(f"{PROGRAM}: {_WAITING}", file=sys.stderr, flush=True)
            _wait(changes, args)
    except KeyboardInterrupt:
        return status


def _wait(changes: Generator[set[FileChange], None, None], args: Namespace) -> None:
    """Return when somebody has changed a file."""
    if args.written:
        # A file that was replaced is watched no more: watch again, and miss nothing meanwhile.
        earlier, changes = changes, _changes(args)
        changed = next(earlier) or any(
            state_of(path) != state for path, state in args.written.items()
        )
        args.written.clear()
        if changed:
            return
    while not next(changes):
        pass


def _changes(args: Namespace) -> Generator[set[FileChange], None, None]:
    """Return the changes of the paths and of the configuration files that hold for them."""
    import watchfiles

    reports = _output_files(args)

    class Relevant(watchfiles.DefaultFilter):
        """Files that are checked, or decide how; not those that a check writes."""

        def __call__(self, change: watchfiles.Change, path: str) -> bool:
            place = os.path.realpath(path)
            return (
                super().__call__(change, path)
                and place not in reports
                and _may_change_findings(path)
                and not (place in args.written and args.written[place] == state_of(place))
            )

    configuration = _options.configuration(args)
    for path in args.paths:
        configuration.for_folder(os.path.abspath(path if os.path.isdir(path) else "."))
        configuration.for_file(path)
    # An empty set comes when nothing has happened for a while: the first one tells that
    # watching has begun.
    changes = watchfiles.watch(
        *{*filter(os.path.exists, args.paths), *configuration.files},
        watch_filter=Relevant(),
        rust_timeout=200,
        yield_on_timeout=True,
    )
    next(changes)
    return changes


def state_of(path: str) -> tuple[int, int] | None:
    """Return the file's state, which any write changes; ``None`` where there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _may_change_findings(path: str) -> bool:
    """Return whether a check reads a file of this name: code, settings or ignore patterns."""
    name = os.path.basename(path)
    if is_temporary(name):
        return False
    return kind_of(path) is not None or "." not in name or name in (*FILE_NAMES, ".gitignore")


def _output_files(args: Namespace) -> set[str]:
    """Return the files that a check writes, which are no reason for another one."""
    paths = [args.output_file, *(text.partition("=")[2] for text in args.output or ())]
    return {os.path.realpath(path) for path in paths if path}
