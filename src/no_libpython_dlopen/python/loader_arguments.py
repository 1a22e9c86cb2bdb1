"""The arguments of a loader: which of them names the library, and when none is opened."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.knowledge.platforms import is_foreign_path
from no_libpython_dlopen.python.evaluator.abstract_values import AbstractValue, Arguments, External


def opens_nothing(given: Arguments) -> bool:
    """Return whether the mode is ``RTLD_NOLOAD``, which gives a library that is open already."""
    modes = [given.get(1, name) for name in ("mode", "flags", "flag")] if given.complete else []
    for mode in modes:
        if mode is None or not mode.exhaustive or not mode.alternatives:
            continue
        # ``getattr(os, "RTLD_NOLOAD", 4)`` may be a number as well.
        named = [one.name for one in mode.alternatives if isinstance(one, External)]
        others = (one for one in mode.alternatives if not isinstance(one, External))
        if named and all("RTLD_NOLOAD" in name for name in named):
            return all(type(one) is int and one for one in others)
    return False


def library_argument(node: cst.Call, skipped: int) -> cst.BaseExpression | None:
    """Return the expression that names the library, behind so many other arguments."""
    for number, argument in enumerate(node.args):
        if argument.star:
            return None
        named = argument.keyword is not None and argument.keyword.value in ("name", "libname")
        if named or (argument.keyword is None and number >= skipped):
            return argument.value
    return None


def libpython_names(names: AbstractValue) -> list[str]:
    """Return the alternatives of a library's name that are libpython."""
    return [one for one in names.alternatives if is_libpython_name(one)]


def is_libpython_name(option: Any) -> bool:
    """Return whether an alternative of a library's name is libpython on plain Unix."""
    return isinstance(option, str) and is_libpython(option) and not is_foreign_path(option)
