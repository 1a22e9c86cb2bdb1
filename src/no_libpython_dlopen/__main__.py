"""The command ``nolibpy``, also as ``python -m no_libpython_dlopen``."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status. Never raises an ``Exception``."""
    from no_libpython_dlopen import cli

    return cli.main(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
