"""``check --watch`` as a process of its own, and the line that long runs show."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import queue
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.cli import _progress
from no_libpython_dlopen.engine import worker_pool

pytestmark = pytest.mark.slow

UNUSED = "x = 1  # nolibpy: ignore[NLP101]\n"
WAITING = "nolibpy: note: watching for changes; press Ctrl-C to stop"


class Watched:
    """A running ``nolibpy check --watch``; its lines come in as it prints them."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "no_libpython_dlopen", "check", "--watch", *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def round(self) -> list[str]:
        """Return what is printed up to where it waits."""
        lines = []
        while (line := self._lines.get(timeout=60)) != WAITING:
            lines.append(line)
        return lines

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self._reader.join()
        assert self.process.stdout
        self.process.stdout.close()

    def silent(self) -> bool:
        """Tell whether nothing is printed for a while."""
        try:
            self._lines.get(timeout=1)
        except queue.Empty:
            return True
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("watchfiles", reason="the extra `watch` is not installed")
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n")
    return tmp_path


@pytest.fixture
def watched(folder: Path) -> Iterator[Watched]:
    watched = Watched(folder, "--output-format", "concise", "--output", "json=out.json")
    yield watched
    watched.close()


def test_a_change_is_checked_at_once_and_ctrl_c_ends_it(watched: Watched, folder: Path) -> None:
    assert watched.round() == []
    (folder / "a.py").write_text(UNUSED)
    assert watched.round() == [
        "a.py:1:8: NLP901 `# nolibpy: ignore[NLP101]` suppresses nothing (NLP101)"
    ]
    (folder / "b.py").write_text(UNUSED)
    assert [line[:8] for line in watched.round()] == ["a.py:1:8", "b.py:1:8"]
    (folder / "a.py").unlink()
    assert [line[:8] for line in watched.round()] == ["b.py:1:8"]
    (folder / "pyproject.toml").write_text('[tool.nolibpy]\nignore = ["NLP9"]\n')
    assert watched.round() == []
    (folder / "pyproject.toml").unlink()
    assert len(watched.round()) == 1
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(60) == 1


def test_what_is_no_business_of_ours_starts_no_check(watched: Watched, folder: Path) -> None:
    watched.round()
    (folder / "notes.txt").write_text("x")
    (folder / ".git" / "index").write_text("x")
    (folder / "out.json").write_text("the report itself")
    assert watched.silent()
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(60) == 0


def test_the_configuration_of_a_parent_is_watched(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(UNUSED)
    (folder / "pyproject.toml").write_text("[tool.nolibpy]\n")
    watched = Watched(folder, "--output-format", "concise", "src")
    try:
        assert len(watched.round()) == 1
        for text, number in (('ignore = ["NLP9"]', 0), ("", 1)):
            new = folder / "new"
            new.write_text(f"[tool.nolibpy]\n{text}\n")
            new.replace(folder / "pyproject.toml")  # as editors write
            assert len(watched.round()) == number
    finally:
        watched.close()


def test_a_fix_is_no_change_to_be_checked_again(folder: Path) -> None:
    (folder / "a.py").write_text(UNUSED)
    watched = Watched(folder, "--fix", "a.py")
    try:
        assert watched.round() == ["Fixed 1 finding in 1 file.", "No findings left in 1 file."]
        assert (folder / "a.py").read_text() == "x = 1\n"
        assert watched.silent()
        (folder / "a.py").write_text(UNUSED * 2)
        assert watched.round() == ["Fixed 2 findings in 1 file.", "No findings left in 1 file."]
        assert watched.silent()
    finally:
        watched.close()


def test_without_watchfiles_the_extra_is_named(folder: Path) -> None:
    code = (
        "import sys; sys.modules['watchfiles'] = None;"
        "from no_libpython_dlopen.__main__ import main; sys.exit(main(['check', '--watch']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("nolibpy: error: --watch needs watchfiles: `pip install ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def terminal() -> Iterator[tuple[io.TextIOWrapper, int]]:
    """A terminal to write to, and what reads what was written."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 40, 0, 0))
    with open(slave, "w", encoding="utf-8") as out:
        yield out, master
    os.close(master)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b\x1b[31m.py").write_text(UNUSED)
    (tmp_path / ("c" * 200 + ".py")).write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    return tmp_path


def progress_of(
    terminal: tuple[io.TextIOWrapper, int], monkeypatch: pytest.MonkeyPatch, *options: str
) -> str:
    out, master = terminal
    monkeypatch.setattr(sys, "stderr", out)
    main(["check", *options, "."])
    out.write("end")
    out.flush()
    said = b""
    while not said.endswith(b"end"):  # a terminal gives what it has in parts
        said += os.read(master, 1 << 16)
    return said.decode()


def test_a_long_run_tells_how_far_it_is_and_takes_it_back(
    tree: Path, terminal: tuple[io.TextIOWrapper, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_progress, "AFTER", 0)
    monkeypatch.setattr(_progress, "EVERY", 0)
    said = progress_of(terminal, monkeypatch)
    *drawn, end = said.split("\r\x1b[K")[1:]
    assert end == "end", "nothing is left on the screen"
    assert [line.partition(": ")[0].partition(",")[0] for line in drawn if line] == [
        *("0 files", "1 file", "2 files")
    ]
    assert {line.partition(": ")[2].rstrip("c") for line in drawn if line} == {
        *("a.py", "b\\x1b[31m.py", "")
    }
    assert max(map(len, drawn)) == 39


def test_what_other_processes_have_done_is_told_too(
    tree: Path, terminal: tuple[io.TextIOWrapper, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_progress, "AFTER", 0)
    monkeypatch.setattr(_progress, "EVERY", 0)
    for number in range(150):
        (tree / f"d{number}.py").touch()
    said = progress_of(terminal, monkeypatch, "--jobs", "2")
    assert f"\r\x1b[K{worker_pool.BATCH} files" in said
    assert said.endswith("\r\x1b[Kend")


@pytest.mark.parametrize("why", ["short", "quiet", "dumb"])
def test_a_short_run_and_a_quiet_one_tell_nothing(
    why: str, tree: Path, terminal: tuple[io.TextIOWrapper, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if why != "short":
        monkeypatch.setattr(_progress, "AFTER", 0)
    if why == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    assert progress_of(terminal, monkeypatch, *["-q"] * (why == "quiet")) == "end"


def test_no_progress_goes_to_what_is_no_terminal(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_progress, "AFTER", 0)
    main(["check", "."])
    assert capsys.readouterr().err == ""
