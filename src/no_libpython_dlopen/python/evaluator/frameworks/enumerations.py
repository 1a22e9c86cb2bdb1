"""Enumerations of the file: which names are members, and whether a member is used as its value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, one_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

#: Methods that show a member as a text, with the arguments that Python gives them.
SHOWN = {"__str__": (), "__format__": (one_of(""),)}
#: What a class may define so that a member is not used as its value.
_METHODS = frozenset(dir(str)) | {"value", "_value_", "__radd__", "__fspath__", "__getattr__"}
_METHODS |= {"__truediv__", "__rtruediv__"}
_METHODS -= {"__doc__", "__module__", "__init__", "__repr__", "__hash__", "__dir__", "__eq__"}


def has_members(bases: Iterable[Any]) -> bool:
    """Return whether a class with these bases is an enumeration."""
    return any(isinstance(one, External) and one.name.startswith("enum.") for one in bases)


def is_member(binding: Binding) -> bool:
    """Return whether what the body of an enumeration binds is a member."""
    return binding.kind is BindingKind.VALUE and not binding.name.startswith("__")


def methods_of_members(evaluator: Evaluator, classes: Iterable[Any]) -> set[str]:
    """Return the methods that classes of the file define in place of those of a member's value."""
    scopes = (one.scope for one in classes if isinstance(one, Class))
    bound = (one for scope in scopes for name in _METHODS for one in scope.exit.get(name, ()))
    return {one.name for one in bound if not _is_of_value(evaluator, one)}


def _is_of_value(evaluator: Evaluator, binding: Binding) -> bool:
    """Return whether a name is that of a member, or is bound to the same method of texts."""
    if isinstance(binding.node, cst.FunctionDef) or binding.value is None:
        return False
    return is_member(binding) or evaluator.qualified_name(binding.value) == f"str.{binding.name}"
