"""The places in other modules that a finding shows."""

from __future__ import annotations

import os

import libcst as cst

from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.evaluator.other_modules import Place
from no_libpython_dlopen.python.syntax.positions import Positions


def place_of(module: cst.Module, source: Source, node: cst.CSTNode, shown: str) -> Place:
    """Return the place of an expression of a module, to the end of its first line."""
    start, end = Positions(module, source.text).span(node)
    first_line_end = source.text.find("\n", start, end)
    end = first_line_end if first_line_end > 0 else end
    return shown, source.locate(start), source.locate(end)


def shown_path(path: str, checked: str) -> str:
    """Return a module's path, written like that of the file that is checked."""
    if os.path.isabs(checked):
        return path
    try:
        return os.path.relpath(path, os.path.realpath(os.curdir))
    except ValueError:  # another drive
        return path
