"""A plugin of pytest that writes which tests reach which lines of some modules, and their times."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_SECONDS: dict[str, float] = {}
_MODULES = os.environ["MUTATION_MODULES"].split(os.pathsep)
_COVERAGE = coverage.Coverage(data_file=None, config_file=False, include=_MODULES)


def pytest_configure() -> None:
    """Begin before the modules are imported."""
    _COVERAGE.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note the lines and the seconds of each test under its name."""
    _COVERAGE.switch_context(item.nodeid)
    start = time.perf_counter()
    try:
        return (yield)
    finally:
        _SECONDS[item.nodeid] = time.perf_counter() - start
        _COVERAGE.switch_context("")


def pytest_unconfigure() -> None:
    """Write what was noted."""
    _COVERAGE.stop()
    data = _COVERAGE.get_data()
    tests = {
        os.path.relpath(path): {
            line: [name for name in names if name]
            for line, names in data.contexts_by_lineno(path).items()
        }
        for path in data.measured_files()
    }
    noted = {"seconds": _SECONDS, "tests": tests}
    Path(os.environ["MUTATION_REACHED"]).write_text(json.dumps(noted), encoding="utf-8")
