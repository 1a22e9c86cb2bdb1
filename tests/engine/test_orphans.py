"""Whatever ends the main process, no other process and no temporary file is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]
#: A check that never comes to an end: a worker sleeps at one file.
_SLOW = """
import sys, time
from no_libpython_dlopen.engine import check_file
real = check_file.check_file
def slow(found, task):
    if found.path.endswith("slow.py"):
        open("reached", "w").close()
        time.sleep(600)
    return real(found, task)
check_file.check_file = slow
sys.argv[1:] = ["check", "--isolated", "--jobs=4", "."]
from no_libpython_dlopen.__main__ import main
sys.exit(main())
"""


def _children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(number) for number in children.split()]


def _is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _wait_until(condition, seconds: float = 20.0) -> bool:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run whose workers are at work, for longer than anybody waits."""
    (tmp_path / "slow.py").write_text('import ctypes\nctypes.PyDLL("libpython3.11.so")\n')
    for number in range(400):
        (tmp_path / f"{number}.py").write_text("x = 1\n")
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        assert _wait_until((tmp_path / "reached").exists)
        yield process
    finally:
        with_children = [process.pid]
        if process.poll() is None:
            with_children += _children(process.pid)
        for one in with_children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]
)
def test_the_workers_end_with_the_main_process(
    slow: subprocess.Popen[bytes], number: signal.Signals, status: int
) -> None:
    workers = _children(slow.pid)
    assert workers
    os.kill(slow.pid, number)
    out, _ = slow.communicate(timeout=20)  # standard output is not held by anybody
    assert slow.returncode == status, out
    assert b"Traceback" not in out
    assert _wait_until(lambda: not any(map(_is_alive, workers)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("nameless", [True, False])
def test_a_fix_that_is_interrupted_leaves_no_temporary_file(
    tmp_path: Path, number: signal.Signals, nameless: bool
) -> None:
    code = (
        "import os, sys\n"
        f"os.replace = lambda *_: os.kill(os.getpid(), {int(number)})\n"
        f"{'' if nameless else 'del os.O_TMPFILE'}\n"
        "sys.argv[1:] = ['fix', '--isolated', '.']\n"
        "from no_libpython_dlopen.__main__ import main\n"
        "sys.exit(main())\n"
    )
    text = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
    (tmp_path / "a.py").write_bytes(text)
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path)
    assert done.returncode == 128 + number
    assert os.listdir(tmp_path) == ["a.py"]
    assert (tmp_path / "a.py").read_bytes() == text


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_a_killed_fix_leaves_no_temporary_file_while_it_writes(tmp_path: Path, call: str) -> None:
    """Neither while it writes the content, nor while it copies the attributes."""
    code = (
        "import os, sys\n"
        f"os.{call} = lambda *_: os.kill(os.getpid(), 9)\n"
        "sys.argv[1:] = ['fix', '--isolated', '.']\n"
        "from no_libpython_dlopen.__main__ import main\n"
        "main()\n"
    )
    text = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
    (tmp_path / "a.py").write_bytes(text)
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path)
    assert done.returncode == -9
    left = [name for name in os.listdir(tmp_path) if name != "a.py"]
    try:
        os.close(os.open(tmp_path, os.O_TMPFILE | os.O_RDWR))
    except OSError:
        pytest.skip("this file system has no files without a name")
    assert left == []


def test_pip_ends_with_the_process_that_asks_it(tmp_path: Path) -> None:
    """A survey that is killed at its start leaves nobody who reads pip's files."""
    pip = tmp_path / "pip"
    pip.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/begun\nmv {tmp_path}/begun {tmp_path}/pid\nexec sleep 60\n"
    )
    pip.chmod(0o755)
    code = (
        "from no_libpython_dlopen.package_index import pip_settings\n"
        f"pip_settings._pips = lambda: [[{str(pip)!r}]]\n"
        "pip_settings.read_pip_settings()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    assert _wait_until((tmp_path / "pid").exists)
    number = int((tmp_path / "pid").read_text())
    assert _is_alive(number)
    process.kill()
    process.wait()
    assert _wait_until(lambda: not _is_alive(number))


OLD = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
NEW = b"import ctypes\n\napi = ctypes.pythonapi\napi.PyErr_Clear()\n"
FIX = [sys.executable, "-P" if sys.version_info >= (3, 11) else "-E"]
FIX += ["-m", "no_libpython_dlopen", "fix", "--isolated", "--jobs=4", "."]


@pytest.fixture
def tree(tmp_path: Path) -> list[Path]:
    """A tree of files that are all to be fixed."""
    found = [tmp_path / str(at % 7) / f"{at}.py" for at in range(250)]
    for path in found:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(OLD)
    return found


@contextlib.contextmanager
def _group(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command in a group of its own, of which nothing is left in the end."""
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _files(folder: Path) -> set[Path]:
    return {Path(where) / name for where, _, names in os.walk(folder) for name in names}


@pytest.mark.parametrize("to_all", [False, True], ids=["to the process", "to its group"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_fix_of_a_tree_that_is_interrupted_leaves_whole_files(
    tmp_path: Path, tree: list[Path], number: signal.Signals, to_all: bool
) -> None:
    with _group(FIX, tmp_path) as process:
        assert _wait_until(lambda: process.poll() is not None or tree[0].read_bytes() == NEW)
        workers = _children(process.pid) if process.poll() is None else []
        if to_all:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number, out
    assert b"Traceback" not in out
    assert _wait_until(lambda: not any(map(_is_alive, workers)))
    assert {path.read_bytes() for path in tree} == {OLD, NEW}
    assert _files(tmp_path) == set(tree)


#: A worker that dies in the middle of its answer: of Ctrl-C, or alone.
_HALF_AN_ANSWER = """
import multiprocessing, os, signal, sys
from multiprocessing.connection import Connection
real = Connection._send
def send(connection, data, *rest):
    if multiprocessing.parent_process() is not None and len(data) > 1000:
        os.write(connection.fileno(), data[:500])
        os.{kill}
    return real(connection, data, *rest)
Connection._send = send
sys.argv[1:] = ["fix", "--isolated", "--jobs=4", "."]
from no_libpython_dlopen.__main__ import main
sys.exit(main())
"""


def test_an_interrupt_in_the_middle_of_an_answer_ends_the_run(
    tmp_path: Path, tree: list[Path]
) -> None:
    code = _HALF_AN_ANSWER.format(kill="killpg(0, signal.SIGINT)")
    with _group([sys.executable, "-c", code], tmp_path) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT, out
    assert {path.read_bytes() for path in tree} <= {OLD, NEW}


def test_a_worker_that_is_killed_in_the_middle_of_an_answer_costs_no_file(
    tmp_path: Path, tree: list[Path]
) -> None:
    """The answers of a batch are longer than one of a single file, which is tried after that."""
    code = _HALF_AN_ANSWER.format(kill="kill(os.getpid(), signal.SIGKILL)")
    code = code.replace("> 1000", "> 20_000")
    with _group([sys.executable, "-c", code], tmp_path) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert {path.read_bytes() for path in tree} == {NEW}


def test_two_fixes_of_one_tree_fix_each_file_once(tmp_path: Path, tree: list[Path]) -> None:
    running = [
        subprocess.Popen(FIX, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0] for process in running]
    assert {path.read_bytes() for path in tree} == {NEW}
    assert _files(tmp_path) == set(tree)
    assert not any(b"Traceback" in one or b"internal error" in one for one in said), said
    assert {process.returncode for process in running} <= {0, 2}, said
