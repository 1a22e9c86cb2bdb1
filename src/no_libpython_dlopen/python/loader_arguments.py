"""The arguments of a loader: which of them names the library, and when none is opened."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.knowledge.platforms import is_foreign_path
from no_libpython_dlopen.python.evaluator.abstract_values import AbstractValue, Arguments, External

#: ``RTLD_NOLOAD`` as a number on Linux and on macOS, where the former has another meaning.
_NOLOAD, _NOLOAD_ON_MACOS = 0x4, 0x10


def opens_nothing(given: Arguments) -> bool:
    """Return whether the mode is ``RTLD_NOLOAD``, which gives a library that is open already."""
    modes = [given.get(1, name) for name in ("mode", "flags", "flag")] if given.complete else []
    for mode in modes:
        if mode is None or not mode.exhaustive or not mode.alternatives:
            continue
        # ``getattr(os, "RTLD_NOLOAD", 4)`` may be a number as well.
        numbers = {_bits_of(one) for one in mode.alternatives if not _is_named(one)}
        if any(map(_is_named, mode.alternatives)):
            return 0 not in numbers
        return any(one & _NOLOAD for one in numbers) and all(
            one & (_NOLOAD | _NOLOAD_ON_MACOS) for one in numbers
        )
    return False


def _is_named(mode: Any) -> bool:
    return isinstance(mode, External) and "RTLD_NOLOAD" in mode.name


def _bits_of(mode: Any) -> int:
    """Return the bits of a mode that are written as numbers."""
    if isinstance(mode, External):
        numbers = (int(one) for one in mode.name.split("|") if one.isdecimal())
        return reduce(or_, numbers, 0)
    return mode if isinstance(mode, int) else 0


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
