"""How many modules of its project may be parsed for one checked file."""

from __future__ import annotations

from no_libpython_dlopen.model.limits import PYTHON_MODULES, PYTHON_MODULES_BYTES, Limit
from no_libpython_dlopen.model.source import Source

#: How many modules are parsed only for conditions that may depend on the platform.
_MAX_FOR_TESTS = 3


class ModuleBudget:
    """What was spent on modules, and what is under way."""

    def __init__(self) -> None:
        #: How many modules lead from one to the next at the moment.
        self.depth = 0
        self.parsed = self._size = self._for_tests = 0
        #: How many files are being walked, one for the tests of another.
        self.walks = 0

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
