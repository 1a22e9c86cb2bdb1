"""A plugin of pytest that writes which tests cover which lines of some modules, and their times.

What a test starts another process for counts, too. Tests that fail cover nothing.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_SECONDS: dict[str, float] = {}
_FAILED: set[str] = set()
_MODULES = os.environ["MUTATION_MODULES"].split(os.pathsep)
_COVERAGE = coverage.Coverage(data_file=None, config_file=False, include=_MODULES)
_OF_PROCESSES = tempfile.TemporaryDirectory()


def pytest_configure() -> None:
    """Begin before the modules are imported."""
    _COVERAGE.start()
    settings = Path(_OF_PROCESSES.name, "settings")
    included = "".join(f"\n    {os.path.abspath(module)}" for module in _MODULES)
    settings.write_text(
        f"[run]\nparallel = true\npatch = _exit\ndata_file = {settings.with_name('data')}\n"
        f"context = ${{MUTATION_TEST-}}\ninclude = {included}\n",
        encoding="utf-8",
    )
    os.environ["COVERAGE_PROCESS_START"] = str(settings)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note the lines and the seconds of each test under its name."""
    _COVERAGE.switch_context(item.nodeid)
    os.environ["MUTATION_TEST"] = item.nodeid
    start = time.perf_counter()
    try:
        return (yield)
    finally:
        _SECONDS[item.nodeid] = time.perf_counter() - start
        _COVERAGE.switch_context("")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what fails."""
    if report.failed:
        _FAILED.add(report.nodeid)


def pytest_unconfigure() -> None:
    """Write what was noted."""
    _COVERAGE.stop()
    noted = [_COVERAGE.get_data()]
    for path in Path(_OF_PROCESSES.name).glob("data.*"):
        noted.append(coverage.CoverageData(str(path)))
        noted[-1].read()
    tests: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for data in noted:
        for path in data.measured_files():
            for line, names in data.contexts_by_lineno(path).items():
                tests[os.path.relpath(path)][line].update({*names} - {"", *_FAILED})
    _OF_PROCESSES.cleanup()  # not before: each of these questions opens the file again
    found = {"seconds": _SECONDS, "tests": tests, "failed": _FAILED}
    text = json.dumps(found, default=sorted)
    Path(os.environ["MUTATION_COVERAGE"]).write_text(text, encoding="utf-8")
