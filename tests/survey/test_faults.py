"""A survey of an index that fails at times, whose workers are killed: nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.binary.index_server import Index, serving
from tests.binary.index_wheels import write_wheel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for workers in /proc"),
]

LOAD = b'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_IsInitialized()\n'
NAMES = [f"p{number:03}" for number in range(60)]
#: What is wrong with a package, by its number, until it is set right.
FAILING, STALLING, TORN, CLOSED = NAMES[5::30], NAMES[6::30], NAMES[7::30], NAMES[8::30]
ALL = "SELECT name, status FROM package"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with serving(tmp_path / "served") as served:
        for number, name in enumerate(NAMES):
            write_wheel(served.folder, name, {"p/a.py": LOAD if number % 9 == 0 else b"x = 1\n"})
        yield served


def break_index(index: Index) -> None:
    for name in FAILING:
        index.statuses[f"/simple/{name}/"] = [503] * 99
    for name in STALLING:
        index.stall.add(f"/simple/{name}/")
    for name in TORN:
        index.bodies[f"/simple/{name}/"] = ("text/html", b"<a " * 400_000)
    for name in CLOSED:
        (path,) = index.folder.glob(f"{name}-*")
        index.statuses[f"/files/{path.name}"] = [500] * 99


def start(folder: Path, index: Index, *options: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.simple}
    environment |= {"PIP_TIMEOUT": "1", "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
    command = [sys.executable, "-m", "no_libpython_dlopen", "survey", "names.txt", "-q", "-j", "2"]
    return subprocess.Popen(
        [*command, "--store", "s.sqlite", *options],
        cwd=folder,
        env=environment,
        stderr=subprocess.DEVNULL,
    )


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "s.sqlite", timeout=30)
    try:
        return list(connection.execute(query))
    except sqlite3.OperationalError:  # it is not there yet
        return []
    finally:
        connection.close()


def wait_for(folder: Path, done: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many packages are done."""
    while len(rows(folder, f"{ALL} WHERE status != 'pending'")) < done and process.poll() is None:
        time.sleep(0.02)


def kill_workers(process: subprocess.Popen[bytes]) -> int:
    """Kill the workers of a survey, and return how many there were."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [
        int(child)
        for child in children
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    return len(workers)


def test_faults_lose_and_double_nothing(tmp_path: Path, index: Index) -> None:
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    break_index(index)
    with start(tmp_path, index) as first:
        wait_for(tmp_path, 10, first)
        assert kill_workers(first) == 2
        wait_for(tmp_path, 25, first)
        first.kill()
    with start(tmp_path, index) as second:
        wait_for(tmp_path, 40, second)
        kill_workers(second)
        assert second.wait(120) == 0
    packages = {str(name): status for name, status in rows(tmp_path, ALL)}
    assert sorted(packages) == NAMES
    failed = {name for name, status in packages.items() if status == "failed"}
    assert failed == {*FAILING, *STALLING, *TORN, *CLOSED}
    index.statuses.clear()
    index.stall.clear()
    index.bodies.clear()
    with start(tmp_path, index, "--retry-failed") as third:
        assert third.wait(120) == 0
    assert Counter(status for _, status in rows(tmp_path, ALL)) == {"examined": 60}
    assert sorted(rows(tmp_path, "SELECT package FROM wheel")) == [(name,) for name in NAMES]
    assert sorted(rows(tmp_path, "SELECT package, code FROM finding")) == [
        (name, "NLP101") for name in NAMES[::9]
    ]
