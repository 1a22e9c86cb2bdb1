"""The values that an evaluator has found, each with the bindings that it was found from.

To assume something, as for one iteration of a loop, changes only the values that read the assumed
bindings. These are found once for each assumption, and all others once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, TypeVar

import libcst as cst

from no_libpython_dlopen.python.dataflow.access_paths import AccessPath, access_path_of
from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.dataflow.expression_walk import ExpressionWalk
from no_libpython_dlopen.python.evaluator.abstract_values import UNKNOWN, AbstractValue

Result = TypeVar("Result")
#: The values that bindings and access paths are assumed to have.
Assumed = dict[Binding | AccessPath, AbstractValue]
#: The key of the assumption that the results of other modules' functions are not computed.
_OTHER_CALLS = AccessPath(frozenset(), ("()",))
_CALLS_BIT = 1
#: No evaluation that is under way has this number.
_NONE = 1 << 60


class _Known(NamedTuple):
    """A value, with one bit for each binding that was read.

    ``met`` is the number of the outermost evaluation that was met again below it. Once that has
    ended the value might be another, and is used only if it ``lasts``.
    """

    value: Any
    read: int
    met: int
    lasts: bool


class _Outer(NamedTuple):
    """An evaluation that has begun, and what the one around it had read and met before."""

    number: int
    read: int
    met: int


class KnownValues:
    """The values of one evaluator, and the evaluations that are under way."""

    __slots__ = (
        "_bits",
        "_by_assumption",
        "_changed",
        "_last",
        "_met",
        "_plain",
        "_read",
        "_running",
        "_same",
        "assumed",
        "busy",
        "cuts",
        "has_paths",
    )

    def __init__(self) -> None:
        self.assumed: Assumed = {}
        #: Whether an access path is among what is assumed.
        self.has_paths = False
        #: How many evaluations a limit of steps has cut off.
        self.cuts = 0
        #: The numbers of the evaluations under way, by what was asked for.
        self.busy: dict[Hashable, int] = {}
        self._running: set[int] = set()
        self._last = 0
        #: The values that hold whatever is assumed, and those under the present assumption.
        self._plain: dict[Hashable, _Known] = {}
        self._same = self._plain
        self._by_assumption: dict[Hashable, dict[Hashable, _Known]] = {}
        self._bits: dict[Hashable, int] = {_OTHER_CALLS: _CALLS_BIT}
        #: The bits of what is assumed, and what the evaluation under way has read and met.
        self._changed = self._read = 0
        self._met = _NONE

    def get(self, key: Hashable) -> Any:
        """Return a value that was found under the present assumption, or holds under any."""
        found = self._same.get(key)
        if found is None and self._changed:
            found = self._plain.get(key)
            # A value found with the results of other modules' functions also holds without them.
            if found is not None and found.read & self._changed & ~_CALLS_BIT:
                return None
        if found is None:
            return None
        value, read, met, lasts = found
        if met != _NONE:
            if met in self._running:
                self._met = min(self._met, met)
            elif not lasts:
                return None
        self._read |= read
        return value

    def is_busy(self, key: Hashable) -> bool:
        """Return whether something is being evaluated already; note that it is met again."""
        number = self.busy.get(key)
        if number is None:
            return False
        self._met = min(self._met, number)
        return True

    def begin(self, key: Hashable) -> _Outer:
        """Begin an evaluation; return what ``leave`` and ``end`` need."""
        outer = _Outer(self._last, self._read, self._met)
        self.busy[key] = self._last
        self._running.add(self._last)
        self._last += 1
        self._read, self._met = 0, _NONE
        return outer

    def leave(self, key: Hashable, outer: _Outer) -> None:
        """Note that an evaluation is not under way any more."""
        del self.busy[key]
        self._running.discard(outer.number)

    def end(
        self, key: Hashable, value: Any, outer: _Outer, *, keep: bool = True, lasts: bool = True
    ) -> None:
        """Keep the value of an evaluation for as long as it holds."""
        read, met = self._read, self._met
        is_open = met < outer.number  # it may be another when it is asked for elsewhere
        self._read = read | outer.read
        self._met = min(met, outer.met) if is_open else outer.met
        if keep:
            known = self._same if read & self._changed else self._plain
            lasts = lasts and not self._changed & ~_CALLS_BIT
            known[key] = _Known(value, read, met if is_open else _NONE, lasts)

    def once(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return the result of a computation from values, which is kept as they are."""
        found: Result | None = self.get(key)
        if found is not None:
            return found
        outer, cuts = _Outer(self._last, self._read, self._met), self.cuts
        self._read, self._met = 0, _NONE
        result = compute()
        self.end(key, result, outer, keep=self.cuts == cuts, lasts=False)
        return result

    def note(self, binding: Binding) -> None:
        """Note that a binding is read."""
        self._read |= self._bit(binding)

    def _bit(self, key: Hashable) -> int:
        found = self._bits.get(key)
        if found is None:
            found = self._bits[key] = 1 << len(self._bits)
        return found

    def assumed_path(self, flow: ExpressionWalk, node: cst.CSTNode) -> AbstractValue | None:
        """Return the value that an expression is assumed to have; ``None`` if none is assumed."""
        is_longer = isinstance(node, (cst.Attribute, cst.Subscript, cst.Call))
        path = access_path_of(flow, node) if is_longer else None
        if path is None or path not in self.assumed:
            return None
        for root in path.roots:
            self.note(root)
        return self.assumed[path]

    def without_other_calls(self) -> AbstractContextManager[None]:
        """Evaluate without the results of other modules' functions, which take most of the time."""
        return self.assume({_OTHER_CALLS: UNKNOWN})

    def calls_other(self) -> bool:
        """Return whether results of other modules' functions count; note that one is asked for."""
        self._read |= _CALLS_BIT
        return _OTHER_CALLS not in self.assumed

    @contextmanager
    def assume(self, given: Assumed) -> Iterator[None]:
        """Assume other values of bindings and access paths within a ``with`` statement."""
        if not given:  # all that is known holds
            yield
            return
        saved = self.assumed, self._same, self._changed, self.has_paths
        self.assumed = {**self.assumed, **given}
        self._same = self._by_assumption.setdefault(frozenset(self.assumed.items()), {})
        for one in given:
            self.has_paths |= isinstance(one, AccessPath) and one is not _OTHER_CALLS
            roots = one.roots if isinstance(one, AccessPath) else ()
            for key in roots or (one,):
                self._changed |= self._bit(key)
        try:
            yield
        finally:
            self.assumed, self._same, self._changed, self.has_paths = saved

    def forget(self) -> None:
        """Forget all values."""
        self._plain.clear()
        self._by_assumption.clear()
