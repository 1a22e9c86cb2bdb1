"""The command ``nolibpy``, also as ``python -m no_libpython_dlopen``."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    # ``python -m`` puts the working directory first: a ``tomllib.py`` of the tree that is
    # checked would be run in place of Python's.
    del sys.path[0]


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status. Never raises an ``Exception``."""
    import _signal as signal  # type: ignore[import-not-found]  # ``signal`` imports enum: 4 ms
    import atexit
    import gc

    from no_libpython_dlopen.cli import _main

    # At its end an interpreter looks for cycles in all that is left: 30 ms after a tree.
    atexit.register(gc.freeze)
    if argv is None:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)
        return _main.main_of_process(sys.argv[1:])
    return _main.main(argv)


def _end(number: int, _: object) -> None:
    """End as by an exception, so that no temporary file and no process is left."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
