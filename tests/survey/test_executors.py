"""The work is spread over executors that die, hang and raise."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.survey import executors
from no_libpython_dlopen.survey.clusters import open_workers
from no_libpython_dlopen.survey.executors import Processes, Workers, WorkersLost, outcomes
from no_libpython_dlopen.survey.models import Item, Outcome, Plan, Status

pytestmark = pytest.mark.slow

PLAN = Plan(Settings(indexes=()))


def items(*names: str) -> list[Item]:
    return [Item(name, name) for name in names]


def work(item: Item, plan: Plan) -> Outcome:
    """Do what the item's name says."""
    if item.name.startswith("die"):
        os._exit(9)
    if item.name.startswith("half"):
        Connection._send = send_half
        return Outcome(Status.EXAMINED, reason="long" * 1000)
    if item.name.startswith("hang"):
        time.sleep(60)
    if item.name.startswith("raise"):
        raise MemoryError("no room\nat all")
    return Outcome(Status.EXAMINED, version="1")


def send_half(connection: Connection, data: bytes, *_: object) -> None:
    """Die in the middle of an answer, as the kernel ends a process where memory is short."""
    os.write(connection.fileno(), bytes(data[:500]))
    os.kill(os.getpid(), signal.SIGKILL)


def came(workers: Workers, names: list[str]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for item, outcome in outcomes(workers, items(*names), PLAN, work):
        assert item.name not in found  # nothing is counted twice
        found[item.name] = outcome
    return found


@pytest.fixture
def processes() -> Iterator[Workers]:
    workers = Processes(2)
    try:
        yield workers
    finally:
        workers.close()


def test_only_what_kills_its_process_fails(processes: Workers) -> None:
    found = came(processes, ["a", "die-1", "b", "c", "raise", "die-2", "d"])
    assert set(found) == {"a", "b", "c", "d", "die-1", "die-2", "raise"}
    for name, outcome in found.items():
        assert (outcome.status is Status.EXAMINED) == (len(name) == 1)
    assert "process died" in found["die-1"].reason
    assert found["raise"].reason == "the worker failed: MemoryError: no room"


@pytest.mark.skipif(sys.platform == "win32", reason="the answers go through another kind of pipe")
def test_an_answer_that_breaks_off_is_not_waited_for(processes: Workers) -> None:
    found = came(processes, ["a", "half", "b", "c"])
    assert set(found) == {"a", "half", "b", "c"}
    assert "process died" in found["half"].reason
    assert {found[name].status for name in "abc"} == {Status.EXAMINED}


def test_what_hangs_is_ended_and_the_rest_is_done(
    processes: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands still until the first is done: a worker may take long to start."""
    found: dict[str, Outcome] = {}
    clock = SimpleNamespace(monotonic=lambda: 5.0 if found else 0.0)
    monkeypatch.setattr(executors, "time", clock)
    for item, outcome in outcomes(processes, items("hang", "a", "b"), PLAN, work, 4.0):
        found[item.name] = outcome
    assert next(iter(found)) == "a"
    assert found["hang"].reason == "took longer than 4 seconds"
    assert {found[name].status for name in "ab"} == {Status.EXAMINED}


def test_threads_of_somebody_else_cannot_be_killed() -> None:
    workers = open_workers("concurrent.futures:ThreadPoolExecutor", 2)
    assert isinstance(workers.executor, ThreadPoolExecutor)
    assert not workers.kill()
    assert set(came(workers, ["a", "b", "raise"])) == {"a", "b", "raise"}
    workers.close()


class TaskError(Exception):
    """As Ray's: the worker's error is its cause, and its own text is a coloured traceback."""

    def __init__(self) -> None:
        super().__init__("\x1b[36mray::work()\x1b[39m")
        self.cause = ValueError("too much\nof it")


def test_the_error_of_a_worker_is_told_as_it_was_raised() -> None:
    def work(item: Item, plan: Plan) -> Outcome:
        raise TaskError

    with ThreadPoolExecutor(1) as executor:
        workers = Workers(executor, 1, lambda: None)
        ((_, outcome),) = outcomes(workers, items("a"), PLAN, work)
    assert outcome.reason == "the worker failed: ValueError: too much"


class Broken(Executor):
    """Breaks at once."""

    def submit(self, *_: Any, **__: Any) -> Any:
        raise BrokenExecutor("gone")

    def shutdown(self, wait: bool = True) -> None:  # type: ignore[override]
        """As in Python 3.8."""


def test_an_executor_that_is_gone_ends_the_survey() -> None:
    workers = open_workers(f"{__name__}:Broken", 1) if _importable() else None
    workers = workers or Workers(Broken(), 1, lambda: None)
    with pytest.raises(WorkersLost):
        came(workers, ["a"])
    workers.close()


def _importable() -> bool:
    import sys

    return __name__ in sys.modules


def test_the_default_is_processes_of_this_machine(tmp_path: Path) -> None:
    workers = open_workers("", 1)
    assert isinstance(workers, Processes)
    assert workers.width == 1
    workers.close()
