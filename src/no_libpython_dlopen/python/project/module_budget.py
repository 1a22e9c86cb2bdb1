"""How many modules of its project may be parsed for one checked file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from no_libpython_dlopen.model.limits import PYTHON_MODULES, PYTHON_MODULES_BYTES, Limit
from no_libpython_dlopen.model.source import Source

#: How many modules are parsed only for conditions that may depend on the platform.
_MAX_FOR_TESTS = 3
#: Steps of all other modules together for the outcome of a test while a file is walked. Where it
#: is not known, both branches count.
_MODULES_STEPS = 300


class _StepCounter(Protocol):
    """An interpreter that counts its steps."""

    steps: int


class ModuleBudget:
    """What was spent on modules, and what is under way."""

    def __init__(self) -> None:
        #: The modules that lead from one to the next at the moment, and their steps before.
        self.asked: list[tuple[_StepCounter, int]] = []
        self.parsed = self._size = self._for_tests = 0
        #: How many files are being walked, one for the tests of another.
        self.walks = 0
        #: The steps of answers to the test in question, less those that open questions took before
        #: it; ``None`` without a test.
        self._spent: int | None = None

    @property
    def depth(self) -> int:
        """How many modules lead from one to the next at the moment."""
        return len(self.asked)

    @property
    def steps_left(self) -> int:
        """How many steps other modules may still take for the test in question."""
        spent = 0 if self._spent is None else self._spent + self._steps_of_asked()
        return max(_MODULES_STEPS - spent, 0)

    def _steps_of_asked(self) -> int:
        return sum(one.steps - before for one, before in self.asked)

    @contextmanager
    def question(self, asked: _StepCounter) -> Iterator[None]:
        """Note that a module is asked for something, and how many steps it takes for that."""
        self.asked.append((asked, asked.steps))
        try:
            yield
        finally:
            _, before = self.asked.pop()
            if self._spent is not None:
                self._spent += asked.steps - before

    @contextmanager
    def test(self) -> Iterator[None]:
        """Note that the outcome of a test is asked for, which may take steps of its own."""
        outer, self._spent = self._spent, -self._steps_of_asked()
        try:
            yield
        finally:
            self._spent = outer

    def limit_of(self, source: Source) -> Limit | None:
        """Count a module that is to be parsed; return the limit that this would exceed, if any."""
        if self.walks:
            if self._for_tests == _MAX_FOR_TESTS:
                return PYTHON_MODULES
            self._for_tests += 1
        self.parsed += 1
        self._size += len(source.data)
        if self.parsed > PYTHON_MODULES:
            return PYTHON_MODULES
        return PYTHON_MODULES_BYTES if self._size > PYTHON_MODULES_BYTES else None
