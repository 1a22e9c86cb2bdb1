"""Faults while a file is fixed: it changes, vanishes, the disk is full, the process dies.

Whatever happens, the file is the old one or the new one, whole, and nobody else's
change is lost.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.repair.repair import repair
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.check_file import Task, check_file
from no_libpython_dlopen.engine.runner import Run
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.files import atomic_write
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable
from tests.end_to_end.commands import run

pytestmark = pytest.mark.slow

OLD = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
NEW = api.fix_bytes(OLD, "a.py", unsafe=False).data
COMMAND = (
    sys.executable,
    "-m",
    "no_libpython_dlopen",
    "fix",
    "--isolated",
    "--output-format=concise",
)
assert OLD != NEW


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    return path


def told(path: Path, meanwhile: Callable[[], object]) -> str:
    """Fix a file after which ``meanwhile`` happens before it is written; return NLP900's text."""

    def targets() -> Iterator[TargetFile]:
        yield TargetFile(str(path), Kind.PYTHON, Settings())

    class Interrupted(Run):
        def _batches(self, first, rest):  # type: ignore[no-untyped-def]
            for batch in super()._batches(first, rest):
                meanwhile()
                yield batch

    results = list(Interrupted(Task(fix=True, write=True)).results(targets()))
    assert len(results) == 1
    unread = [one.message for one in results[0].findings if one.code == "NLP900"]
    assert [one.code for one in results[0].findings if one.code != "NLP900"] == ["NLP101"]
    assert len(unread) == 1
    return unread[0]


CHANGES = {
    "another text": lambda path: path.write_bytes(OLD + b"# more\n"),
    "another text of the same length": lambda path: path.write_bytes(OLD.replace(b"api", b"lib")),
    "nothing in it": lambda path: path.write_bytes(b""),
    "another file of that name": lambda path: (path.with_suffix(".new").write_bytes(b"x = 1\n"), os.replace(path.with_suffix(".new"), path)),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_while_it_is_fixed_keeps_the_change(file: Path, change) -> None:
    def meanwhile() -> None:
        change(file)
        after.append(file.read_bytes())

    after: list[bytes] = []
    assert "changed since it was read" in told(file, meanwhile)
    assert [file.read_bytes()] == after
    assert os.listdir(file.parent) == ["a.py"]


GONE = {
    "removed": os.unlink,
    "a folder now": lambda path: (os.unlink(path), os.mkdir(path)),
    "a pipe now": lambda path: (os.unlink(path), os.mkfifo(path)),
    "a link to nowhere now": lambda path: (os.unlink(path), os.symlink("nowhere", path)),
    "a link to itself now": lambda path: (os.unlink(path), os.symlink(path, path)),
    "read-only now": lambda path: os.chmod(path, 0o444),
}


@pytest.mark.parametrize("change", GONE.values(), ids=GONE)
def test_a_file_that_is_gone_before_it_is_written_is_told(file: Path, change) -> None:
    told(file, lambda: change(file))
    assert not file.is_file() or file.read_bytes() == OLD
    assert set(os.listdir(file.parent)) <= {"a.py"}


def test_a_file_that_is_gone_before_it_is_read_is_told(file: Path) -> None:
    found = TargetFile(str(file), Kind.PYTHON, Settings())
    file.unlink()
    result = check_file(found, Task())
    assert result is not None
    assert [one.code for one in result.findings] == ["NLP900"]


PIPES = ["a.py", "_x.abi3.so", "x-1-py3-none-any.whl", "x-1.tar.gz", "x-1.conda"]


@pytest.mark.parametrize("name", PIPES)
def test_a_pipe_that_takes_a_files_place_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    found = TargetFile(str(tmp_path / name), kind_of(name), Settings())
    result = check_file(found, Task())
    assert result is not None
    assert "not a regular file" in result.findings[0].message


@pytest.mark.parametrize("name", PIPES[1:3])
def test_a_pipe_that_takes_a_files_place_is_not_repaired(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(Unreadable, match="not a regular file"):
        repair(str(tmp_path / name))


def test_a_pipe_beside_a_build_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Cargo.toml")
    assert text_of(str(tmp_path / "Cargo.toml")) is None


def test_a_folder_that_vanishes_while_it_is_walked_is_no_fault(tmp_path: Path) -> None:
    from no_libpython_dlopen.config import Configuration
    from no_libpython_dlopen.engine.discover import discover

    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.py").write_bytes(OLD)
    seen = []
    for found in discover(str(tmp_path), Configuration(isolated=True)):
        seen.append(Path(found.path).parent.name)
        shutil.rmtree(tmp_path / "b", ignore_errors=True)
        assert not found.problem
    assert seen == ["a", "c"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB, full but for a file and a little."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder, cwd=tmp_path)
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        run("umount", folder, cwd=tmp_path)


def _fill(disk: Path) -> None:
    with open(disk / "fill", "wb", 0) as fill, contextlib.suppress(OSError):
        while True:
            fill.write(b"x" * 4096)


needs_mount = pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")


@needs_mount
def test_on_a_full_disk_the_file_stays_and_it_is_told(small_disk: Path) -> None:
    (small_disk / "a.py").write_bytes(OLD)
    _fill(small_disk)
    done = run(*COMMAND, ".", cwd=small_disk)
    said = done.stdout.decode().splitlines()
    assert done.returncode == 2, done
    assert said[0].endswith("NLP900 cannot be written: No space left on device")
    assert len(said) == 2
    assert (small_disk / "a.py").read_bytes() == OLD
    assert sorted(os.listdir(small_disk)) == ["a.py", "fill"]


@needs_mount
def test_a_report_that_a_full_disk_cannot_take_is_an_error_in_one_line(small_disk: Path) -> None:
    (small_disk / "a.py").write_bytes(OLD)
    _fill(small_disk)
    done = run(sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "--output-file=report", ".", cwd=small_disk)  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.decode().splitlines()) == 1, done.stderr.decode()
    assert done.stderr.endswith(b": No space left on device\n")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_that_takes_nothing_is_an_error_in_one_line(file: Path, form: str) -> None:
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", str(file)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*command, f"--output-format={form}"], check=False, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert done.stderr == b"nolibpy: error: the output cannot be written: No space left on device\n"


#: Kills this process where the n-th call of a function of ``os`` would be made.
_DIES = """
import os, sys
name, number = sys.argv[1], int(sys.argv[2])
real = getattr(os, name)
def dies(*arguments, **keywords):
    global number
    number -= 1
    if number < 0:
        os.kill(os.getpid(), 9)
    return real(*arguments, **keywords)
setattr(os, name, dies)
from no_libpython_dlopen.__main__ import main
sys.exit(main(sys.argv[3:]))
"""


@pytest.mark.parametrize(
    ("function", "content"),
    [("fchmod", OLD), ("fsync", OLD), ("replace", OLD), ("fsync-1", NEW)],
    ids=["before the mode", "before the flush", "before the rename", "after the rename"],
)
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(
    file: Path, function: str, content: bytes
) -> None:
    name, _, number = function.partition("-")
    arguments = ["fix", "--isolated", str(file)]
    done = subprocess.run(
        [sys.executable, "-c", _DIES, name, number or "0", *arguments], check=False, cwd=file.parent
    )
    assert done.returncode == -9
    assert file.read_bytes() == content
    left = [name for name in os.listdir(file.parent) if name != "a.py"]
    assert all(name.startswith(".nolibpy-") for name in left)
    assert all(
        (file.parent / name).stat().st_mode & 0o077 == 0 or function != "fchmod" for name in left
    )
    # What a dead process left disturbs nobody.
    assert run(*COMMAND, ".", cwd=file.parent).returncode == 0
    assert file.read_bytes() == NEW


def test_the_temporary_file_is_private_until_it_has_all_of_the_new_text(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    real = os.fchmod

    def watched(descriptor: int, mode: int) -> None:
        before = os.fstat(descriptor)
        seen.append((before.st_mode & 0o777, before.st_size))
        real(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", watched)
    file.chmod(0o666)
    atomic_write.replace_content(str(file), OLD, NEW)
    assert seen == [(0o600, len(NEW))]
    assert file.stat().st_mode & 0o777 == 0o666


def test_several_that_fix_the_same_file_at_once_leave_it_fixed_once(file: Path) -> None:
    running = [
        subprocess.Popen([*COMMAND, str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(4)
    ]
    said = [process.communicate()[0].decode() for process in running]
    assert file.read_bytes() == NEW
    assert {process.returncode for process in running} <= {0, 2}, said
    assert os.listdir(file.parent) == ["a.py"]
