"""The arguments of a call, by position and by name, and calls by decorators."""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.python.syntax.parse import last_word

#: Names of decorators that hand a function on to something that calls it.
_REGISTERING = frozenset({"register", "command", "route", "task", "receiver", "hookimpl"})


def positional(call: cst.Call) -> list[cst.BaseExpression]:
    """Return the arguments that a call gives by position, without those that it unpacks."""
    return [one.value for one in call.args if one.keyword is None and not one.star]


def keywords(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """Return the arguments that a call gives by name."""
    return {one.keyword.value: one.value for one in call.args if one.keyword is not None}


def argument(call: cst.Call, name: str, index: int | None) -> cst.BaseExpression | None:
    """Return the argument that a call has under a name or at a position."""
    for number, one in enumerate(call.args):
        if (one.keyword is not None and one.keyword.value == name) or (
            one.keyword is None and number == index and not one.star
        ):
            return one.value
    return None


def is_registering(mark: cst.Decorator) -> bool:
    """Return whether a decorator hands a function on to something that calls it."""
    called = mark.decorator.func if isinstance(mark.decorator, cst.Call) else mark.decorator
    return last_word(called) in _REGISTERING
