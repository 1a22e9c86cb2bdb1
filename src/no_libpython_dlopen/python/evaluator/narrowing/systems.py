"""Decides what a test of the platform excludes, by asking it of one system after another.

``sys.platform not in ("linux", "darwin")`` holds on FreeBSD, and nobody means FreeBSD by it:
what leaves out Linux and macOS, and names no other Unix for itself, is about other platforms.
Asking one system at a time also sees that two comparisons are of the same name.
"""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.python.evaluator.abstract_values import FROM_PLATFORM, AbstractValue
from no_libpython_dlopen.python.evaluator.known_values import KnownValues
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

#: Linux, macOS, and a Unix that no test names.
_LINUX, _DARWIN, _UNNAMED = range(3)
#: The names of each of them, among the names that a value has on all of Unix.
_NAMES: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...] = (
    (platforms.SYS_PLATFORM, (("linux",), ("darwin",), ("unnamed1",))),
    (platforms.PLATFORM_SYSTEM, (("Linux",), ("Darwin",), ("Unnamed",))),
    (platforms.KIVY_PLATFORM, (("linux",), ("macosx",), ("unknown",))),
    (
        platforms.PLATFORM_TAGS,
        (("linux-x86_64", "linux-aarch64"), ("macosx-11.0-arm64",), ("unnamed-1-amd64",)),
    ),
)


def on_one_system(value: AbstractValue, system: int) -> AbstractValue:
    """Return the value of a system's name where the system is known."""
    if value.labels & FROM_PLATFORM:
        for names, of_system in _NAMES:
            if value.alternatives == names:
                return AbstractValue(of_system[system], value.exhaustive, value.labels)
    return value


def usual_outcome(evaluator: Evaluator, test: cst.BaseExpression) -> bool | None:
    """Return a test's outcome on all of Unix, or that on Linux and macOS if it names no other."""
    outcome = evaluator.decided_outcome(test)
    known = outcome is not None or evaluator.system is not None
    if known or not evaluator.may_tell_platform(test):
        return outcome
    first = _outcome_on(evaluator, test, _LINUX)
    if first is None or _outcome_on(evaluator, test, _DARWIN) is not first:
        return None
    return first if _outcome_on(evaluator, test, _UNNAMED) is not first else None


def _outcome_on(evaluator: Evaluator, test: cst.BaseExpression, system: int) -> bool | None:
    outer = evaluator.known
    evaluator.known = evaluator.known_on.setdefault(system, KnownValues())
    evaluator.system = system
    try:
        return evaluator.decided_outcome(test)
    finally:
        evaluator.known, evaluator.system = outer, None
