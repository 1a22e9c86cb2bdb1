"""The command ``nolibpy``, also as ``python -m no_libpython_dlopen``."""

from __future__ import annotations

import atexit
import gc
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status. Never raises an ``Exception``."""
    from no_libpython_dlopen import cli

    # At its end an interpreter looks for cycles in all that is left: 30 ms after a tree.
    atexit.register(gc.freeze)
    return cli.main(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
