"""``pytest --nolibpy=warn|error``: which tests open libpython.

With ``warn`` they are listed in the summary, with ``error`` they fail as well, whether
the code under test lets the exception through or not. What is opened while a file is
collected counts for that file, what a ``conftest.py`` opens for its folder or the start of
the session, which then fails as a whole. Results travel on the reports and at the end of
each worker's session, so pytest-xdist works.

pytest loads this module in every run of an environment; without the option nothing is
watched. It keeps to hooks that pytest 7 has as well.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from no_libpython_dlopen.runtime.guard.detection import Detection

#: The attribute of a report that holds what was seen, as plain texts.
_SEEN = "nolibpy_seen"
_NAME = "nolibpy-watcher"
_START, _END = "start of the session", "end of the session"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("nolibpy", "libpython")
    group.addoption(
        "--nolibpy",
        choices=["warn", "error"],
        default=None,
        help="Report tests that open libpython (warn), or fail them (error)",
    )
    text = "Library names or modules that may load libpython"
    group.addoption(
        "--nolibpy-allow",
        metavar="PATTERN",
        action="append",
        default=[],
        help=f"{text} (may be repeated)",
    )
    parser.addini("nolibpy_allow", text, type="linelist", default=[])


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # a wrapper of pytest's own loads them
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, None]:
    """Start watching, if asked to, before any ``conftest.py`` is run."""
    options = early_config.known_args_namespace
    _start(early_config, options.nolibpy, options.nolibpy_allow)
    yield


def pytest_configure(config: pytest.Config) -> None:
    """Start watching, if asked to: this plugin may have been loaded by a ``conftest.py``."""
    _start(config, config.getoption("--nolibpy"), config.getoption("--nolibpy-allow"))


def _start(config: pytest.Config, action: str | None, allowed: Iterable[str]) -> None:
    if action is not None and not config.pluginmanager.has_plugin(_NAME):
        patterns = [*config.getini("nolibpy_allow"), *allowed]
        config.pluginmanager.register(Watcher(action, patterns), _NAME)


class Watcher:
    """Collects what is seen while a test or a file is worked on, and reports it."""

    def __init__(self, action: str, allowed: list[str]) -> None:
        from no_libpython_dlopen.runtime.guard import guard

        self.action = action
        self._seen: list[str] = []
        #: What is shown at the end: a node's id, and what was seen there.
        self._summary: dict[str, list[str]] = {}
        #: Whether something was seen that belongs to no test and no file: it fails the session.
        self._fails = False
        self._guard = guard.install(
            "error" if action == "error" else "record",
            allow_names=allowed,
            allow_modules=allowed,
            listener=self._see,
        )

    def _see(self, detection: Detection, message: str) -> None:
        location = detection.location
        where = f"{location.filename}:{location.row}: " if location.row else ""
        self._seen.append(f"{where}{detection.code} {message}")

    def _take_detections(self) -> list[str]:
        """Return the detections since the last call, those that raised no event included."""
        from no_libpython_dlopen.runtime.guard.detection import LibpythonWarning

        with suppress(LibpythonWarning):  # it has been listed
            self._guard.look()
        seen, self._seen = list(dict.fromkeys(self._seen)), []
        return seen

    def _judge(
        self, report: pytest.TestReport | pytest.CollectReport, *, may_fail: bool = True
    ) -> None:
        """Put what was seen on a report, and fail it, or else the session, if that is wanted."""
        seen = self._take_detections()
        if not seen:
            return
        self._add(report.nodeid or _START, seen)  # pytest keeps the reports of some folders
        setattr(report, _SEEN, seen)
        report.sections.append(("libpython", "\n".join(seen)))
        if not may_fail:
            self._fails = True
        elif self.action == "error" and (
            # That a test which is marked so raises is expected, as any failure of it is.
            report.outcome == "passed" or (report.skipped and not hasattr(report, "wasxfail"))
        ):
            report.outcome = "failed"
            report.longrepr = "libpython was opened:\n" + "\n".join(seen)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        """Judge a test's phase."""
        outcome = yield
        self._judge(outcome.get_result())

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Report what was opened before the first test."""
        self._outside(_START)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, None]:
        """Judge the collection of a file, or of a folder, which fails as a usage error."""
        outcome = yield
        self._judge(outcome.get_result(), may_fail=isinstance(collector, pytest.File))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a report, which may come from a worker of pytest-xdist."""
        self._remember(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember the report of a collected file."""
        self._remember(report)

    def _remember(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        self._add(report.nodeid or _START, getattr(report, _SEEN, ()))

    def _outside(self, where: str) -> None:
        """Take what was seen outside of tests and files."""
        seen = self._take_detections()
        self._add(where, seen)
        self._fails |= bool(seen)

    def _add(self, node: str, seen: Iterable[str]) -> None:
        for line in seen:
            lines = self._summary.setdefault(node, [])
            if line not in lines:
                lines.append(line)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Report what was opened after the last test; a worker reports to its controller."""
        self._outside(_END)
        if self._fails and self.action == "error" and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_SEEN] = self._summary

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist has seen; reports of clean files do not travel."""
        for where, lines in getattr(node, "workeroutput", {}).get(_SEEN, {}).items():
            self._add(where, lines)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """List what was seen, by test."""
        if self._summary:
            terminalreporter.section("libpython")
            for node, lines in self._summary.items():
                terminalreporter.line(node)
                for line in lines:
                    terminalreporter.line(f"    {line}")

    def pytest_unconfigure(self) -> None:
        """Stop watching: pytest may be a part of a longer process."""
        from no_libpython_dlopen.runtime.guard.guard import uninstall

        uninstall()
