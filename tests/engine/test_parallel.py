"""Many files at once: stable order, an interrupt, and a worker that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.config import Configuration
from no_libpython_dlopen.engine import check_file, worker_pool
from no_libpython_dlopen.engine.discover import discover
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.engine.target import TargetFile

pytestmark = pytest.mark.slow

LOAD = 'import ctypes\n\nlib = ctypes.PyDLL("libpython3.11.so")\n'
CHECK = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated"]

posix = pytest.mark.skipif(os.name != "posix", reason="signals and process groups are POSIX's")


def test_results_come_in_the_order_of_the_files_whatever_the_number_of_processes(
    tmp_path: Path,
) -> None:
    for number in range(230):
        (tmp_path / f"{number:03}.py").write_text(LOAD if number % 20 == 0 else "x = 1\n")
    outputs = [
        subprocess.run(
            [*CHECK, "--output-format=concise", f"--jobs={jobs}", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        for jobs in (1, 2, 3)
    ]
    assert {done.returncode for done in outputs} == {1}
    assert outputs[0].stdout.count("NLP101") == 12
    assert len({done.stdout for done in outputs}) == 1


def test_what_this_process_passes_itself_is_seen_as_in_any_other(tmp_path: Path) -> None:
    texts = (b"x = 1\n", LOAD.encode(), b"x = '\xff'\n", b"x = 1  # noqa: NLP101\n", b"print(\n")
    for number in range(600):
        (tmp_path / f"{number:03}.py").write_bytes(texts[number % 50] if number % 50 < 5 else b"")
    (tmp_path / "599.so").write_bytes(b"\x7fELF and no more")
    targets = list(discover(str(tmp_path), Configuration(isolated=True)))
    seen = []
    for workers in (2, 4):
        batches = list(worker_pool.map_batches(check_file.Task(), targets, workers))
        results = [result for _, batch in batches for result in batch]
        codes = [(one.path, [found.code for found in one.findings]) for one in results]
        seen.append((sum(count for count, _ in batches), codes))
    alone = check_file.check_batch(check_file.Task(), targets)
    expected = [(one.path, [found.code for found in one.findings]) for one in alone[1]]
    assert seen == [(alone[0], expected)] * 2
    assert [codes for _, codes in expected].count(["NLP900"]) == 13


@posix
def test_an_interrupt_ends_a_large_run_at_once_and_quietly(tmp_path: Path) -> None:
    for number in range(400):  # more than a pipe holds, so that it waits for its reader
        (tmp_path / f"a{number:03}.py").write_text(LOAD)
    (tmp_path / "b0.py").write_text("x = 'some text'\n" * 100_000)
    for number in range(1, 3000):
        os.link(tmp_path / "b0.py", tmp_path / f"b{number}.py")
    with subprocess.Popen(
        [*CHECK, "--output-format=concise", "--jobs=2", "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.read(4096)
        assert b"a000.py:3:7: NLP101" in first
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (130, b"")
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)  # nobody of the group is left


@pytest.mark.skipif(sys.platform != "linux", reason="needs workers that are forked")
def test_a_worker_that_dies_costs_the_file_it_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(150):
        (tmp_path / f"{number:03}.py").write_text(LOAD)

    def look(found: TargetFile, task: check_file.Task) -> FileResult | None:
        if found.path.endswith("007.py"):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(found, task)

    original = check_file.check_file
    monkeypatch.setattr(check_file, "check_file", look)
    targets = discover(str(tmp_path), Configuration(isolated=True))
    batches = list(worker_pool.map_batches(check_file.Task(), targets, 2))
    assert sum(count for count, _ in batches) == 150
    results = [result for _, batch in batches for result in batch]
    assert [Path(result.path).name for result in results] == [f"{n:03}.py" for n in range(150)]
    codes = {Path(result.path).name: [one.code for one in result.findings] for result in results}
    assert codes.pop("007.py") == ["NLP900"]
    assert set(map(tuple, codes.values())) == {("NLP101",)}
