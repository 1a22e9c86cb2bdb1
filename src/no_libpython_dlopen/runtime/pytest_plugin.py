"""``pytest --nolibpy=warn|error``: which tests open libpython.

With ``warn`` they are listed in the summary, with ``error`` they fail as well, whether
the code under test lets the exception through or not. What is opened while a file is
collected counts for that file. Results travel on the reports, so pytest-xdist works.

pytest loads this module in every run of an environment; without the option nothing is
watched. It keeps to hooks that pytest 7 has as well.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from no_libpython_dlopen.runtime.sighting import Sighting

#: The attribute of a report that holds what was seen, as plain texts.
_SEEN = "nolibpy_seen"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("nolibpy", "libpython").addoption(
        "--nolibpy",
        choices=["warn", "error"],
        default=None,
        help="list tests that open libpython (warn), or make them fail too (error)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start watching, if asked to."""
    action = config.getoption("--nolibpy")
    if action is not None:
        config.pluginmanager.register(Watcher(action), "nolibpy-watcher")


class Watcher:
    """Collects what is seen while a test or a file is worked on, and reports it."""

    def __init__(self, action: str) -> None:
        from no_libpython_dlopen.runtime import guard

        self.action = action
        self._seen: list[str] = []
        #: What is shown at the end: a node's id, and what was seen there.
        self._summary: dict[str, list[str]] = {}
        self._guard = guard.install("error" if action == "error" else "record", listener=self._see)

    def _see(self, sighting: Sighting, message: str) -> None:
        place = sighting.place
        where = f"{place.filename}:{place.row}: " if place.row else ""
        self._seen.append(f"{where}{sighting.code} {message}")

    def _taken(self) -> list[str]:
        """Return what was seen since the last time, what raised no event included."""
        from no_libpython_dlopen.runtime.sighting import LibpythonWarning

        with suppress(LibpythonWarning):  # it has been listed
            self._guard.look()
        seen, self._seen = list(dict.fromkeys(self._seen)), []
        return seen

    def _judge(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Put what was seen on a report, and fail it if that is wanted."""
        seen = self._taken()
        if not seen:
            return
        setattr(report, _SEEN, seen)
        report.sections.append(("libpython", "\n".join(seen)))
        if self.action == "error" and report.outcome == "passed":
            report.outcome = "failed"
            report.longrepr = "libpython was opened:\n" + "\n".join(seen)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        """Judge a test's phase."""
        outcome = yield
        self._judge(outcome.get_result())

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, None]:
        """Judge the collection of a file."""
        outcome = yield
        self._judge(outcome.get_result())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a report, which may come from a worker of pytest-xdist."""
        self._remember(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember the report of a collected file."""
        self._remember(report)

    def _remember(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        for line in getattr(report, _SEEN, ()):
            lines = self._summary.setdefault(report.nodeid, [])
            if line not in lines:
                lines.append(line)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """List what was seen, by test."""
        if self._summary:
            terminalreporter.section("libpython")
            for node, lines in self._summary.items():
                terminalreporter.line(node or "collection")
                for line in lines:
                    terminalreporter.line(f"    {line}")

    def pytest_unconfigure(self) -> None:
        """Stop watching: pytest may be a part of a longer process."""
        from no_libpython_dlopen.runtime.guard import uninstall

        uninstall()
