"""Names of modules as imports write them."""

from __future__ import annotations

import ast
from importlib.util import resolve_name

#: Functions that import a module by the name that they are given.
IMPORTERS = frozenset({"import_module", "__import__"})


def absolute_name(name: str, package: str) -> str:
    """Return the name of a module in a package; empty beyond the outermost one.

    >>> absolute_name("..low", "pkg.sub"), absolute_name("...low", "pkg.sub")
    ('pkg.low', '')
    """
    try:
        return resolve_name(name, package)
    except ImportError:
        return ""


def module_of_call(node: ast.Call) -> str:
    """Return the module that ``import_module`` gives, empty where it is not named by a text."""
    given = dict(zip(("name", "package"), node.args, strict=False))
    given.update((one.arg, one.value) for one in node.keywords if one.arg)
    values = (given.get(one) for one in ("name", "package"))
    name, package = (one.value if isinstance(one, ast.Constant) else None for one in values)
    if isinstance(name, str) and isinstance(package, str) and name.startswith("."):
        return absolute_name(name, package)
    return name if isinstance(name, str) else ""
