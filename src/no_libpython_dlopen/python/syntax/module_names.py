"""Names of modules as imports write them."""

from __future__ import annotations

from importlib.util import resolve_name


def absolute_name(name: str, package: str) -> str:
    """Return the name of a module in a package; empty beyond the outermost one.

    >>> absolute_name("..low", "pkg.sub"), absolute_name("...low", "pkg.sub")
    ('pkg.low', '')
    """
    try:
        return resolve_name(name, package)
    except ImportError:
        return ""
