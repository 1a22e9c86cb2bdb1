"""Finds the star imports of modules that are not known: they may bind any name."""

from __future__ import annotations

import sys

import libcst as cst

from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.positions import Positions, Span


def unknown_star_imports(evaluator: Evaluator, positions: Positions) -> list[Span]:
    """Return their places; modules of the standard library and of the project are known."""
    found = []
    for one in positions.nodes(cst.ImportFrom):
        module = positions.code(one.module) if one.module is not None else ""
        is_known = not one.relative and module.partition(".")[0] in sys.stdlib_module_names
        name = "." * len(one.relative) + module
        is_star = isinstance(one.names, cst.ImportStar) and not is_known
        if is_star and not evaluator.dataflow.imported.star_names(name):
            found.append(positions.span(one))
    return found
