"""The modules that ``import_module`` and ``__import__`` give, by the name that they are called with."""

from __future__ import annotations

from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Arguments,
    Context,
    External,
    union,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.module_names import absolute_name

#: What gives the name of the package that a file is in.
_OWN_PACKAGE = frozenset({"__package__", "__spec__.parent", "__name__", "__name__.rpartition()[]"})


def import_module(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue | None:
    """Return the value of ``import_module(name, package)``."""
    first, package = arguments.get(0, "name"), arguments.get(1, "package")
    if first is None:
        return None
    names = (one if isinstance(one, str) else "?" for one in first.alternatives)
    values = (
        _in_package(evaluator, one, package)
        if one.startswith(".") and package is not None
        else evaluator.module_value(one)
        for one in names
    )
    return union(values).part_of(first)


def _in_package(evaluator: Evaluator, name: str, package: AbstractValue) -> AbstractValue:
    """Return the module of a relative name in a package."""
    several = []
    for option in package.alternatives:
        whole = absolute_name(name, option) if isinstance(option, str) else ""
        if isinstance(option, External) and option.name in _OWN_PACKAGE:
            whole = name
        several.append(evaluator.module_value(whole) if whole else UNKNOWN)
    return union(several).part_of(package)


def import_package(evaluator: Evaluator, arguments: Arguments, _: Context) -> AbstractValue | None:
    """Return the value of ``__import__``, which gives the outermost package without ``fromlist``."""
    first, members = arguments.get(0, "name"), arguments.get(3, "fromlist")
    if first is None:
        return None
    names = (one if isinstance(one, str) else "?" for one in first.alternatives)
    several = (one if members is not None else one.partition(".")[0] for one in names)
    return union(evaluator.module_value(one) for one in several).part_of(first)
