"""A report goes to what its name says: never through a link of the tree, never without end."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.files import output_file
from no_libpython_dlopen.survey.store import Store
from tests.binary.made_elf import made_elf

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX's")

CODE = b'import ctypes\nctypes.PyDLL("libpython3.11.so")\n'
PRECIOUS = b"do not touch\n"
COMMAND = [sys.executable, "-m", "no_libpython_dlopen"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is checked, and the working directory; a file outside of it."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "precious").write_bytes(PRECIOUS)
    (tmp_path / "tree" / "a.py").write_bytes(CODE)
    with Store(str(tmp_path / "store.sqlite")):
        pass
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


#: Commands that write the file ``out``, or ``out/…``.
WRITERS: dict[str, list[str]] = {
    "--output-file": ["check", "--isolated", "--output-file=out", "."],
    "--output-file of fix": ["fix", "--isolated", "--output-file=out", "."],
    "--output": ["check", "--isolated", "--output=json=out", "."],
    "--write-baseline": ["check", "--isolated", "--write-baseline=out", "."],
    "survey report": ["survey", "report", "--store=../store.sqlite", "--output-file=out"],
    "run --report": ["run", "--report=out", "-c", "pass"],
}


def _run(name: str, path: str = "out") -> int:
    # ``run`` blocks the signals that it hands on, which here would be for all later tests.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        return main([word.replace("=out", f"={path}") for word in WRITERS[name]])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@pytest.mark.parametrize("name", WRITERS)
def test_a_link_in_place_of_the_report_is_replaced_and_its_target_stays(
    name: str, tree: Path
) -> None:
    precious = tree.parent / "elsewhere" / "precious"
    (tree / "out").symlink_to(precious)
    assert _run(name) in (0, 1)
    assert precious.read_bytes() == PRECIOUS
    assert not (tree / "out").is_symlink()
    assert (tree / "out").stat().st_size


@pytest.mark.parametrize("name", WRITERS)
def test_a_link_that_leads_nowhere_makes_no_file_elsewhere(name: str, tree: Path) -> None:
    (tree / "out").symlink_to(tree.parent / "elsewhere" / "new")
    assert _run(name) in (0, 1)
    assert os.listdir(tree.parent / "elsewhere") == ["precious"]
    assert (tree / "out").is_file()


@pytest.mark.parametrize("name", WRITERS)
def test_a_link_to_a_device_is_no_device(name: str, tree: Path) -> None:
    (tree / "out").symlink_to("/dev/null")
    assert _run(name) in (0, 1)
    assert not (tree / "out").is_symlink()


@pytest.mark.parametrize("name", WRITERS)
def test_another_name_of_a_file_keeps_its_content(name: str, tree: Path) -> None:
    os.link(tree.parent / "elsewhere" / "precious", tree / "out")
    assert _run(name) in (0, 1)
    assert (tree.parent / "elsewhere" / "precious").read_bytes() == PRECIOUS
    assert (tree / "out").read_bytes() != PRECIOUS


@pytest.mark.parametrize("how", ["relative", "absolute", "deeper"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_that_leads_out_of_the_tree_is_refused(
    name: str, how: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "folder").symlink_to(tree.parent / "elsewhere")
    (tree.parent / "elsewhere" / "deep").mkdir()
    path = {
        "relative": "folder/precious",
        "absolute": str(tree / "folder" / "precious"),
        "deeper": "./folder/deep/../precious",
    }[how]
    assert _run(name, path) == 2
    assert (tree.parent / "elsewhere" / "precious").read_bytes() == PRECIOUS
    told = capsys.readouterr().err
    real = tree.parent / "elsewhere" / "precious"
    assert told.endswith(f"the working directory or the checked paths; use {real} if you mean it\n")
    assert told.count("\n") == 1


@pytest.mark.parametrize("name", WRITERS)
def test_the_folder_behind_a_link_may_be_named_itself(name: str, tree: Path) -> None:
    """A link outside of the tree is the user's own, as is one that stays inside."""
    (tree.parent / "mine").symlink_to("elsewhere")
    (tree / "build").mkdir()
    (tree / "inside").symlink_to("build")
    for path in (f"{tree.parent}/mine/report", "../mine/other", "inside/report"):
        assert _run(name, path) in (0, 1)
        assert Path(path).is_file()


def test_files_of_a_survey_report_do_not_follow_links(tree: Path) -> None:
    precious = tree.parent / "elsewhere" / "precious"
    for suffix in (".md", ".json", ".html"):
        (tree / f"store{suffix}").symlink_to(precious)
    assert main(["survey", "report", "--store=../store.sqlite", "--output-dir=."]) == 0
    assert precious.read_bytes() == PRECIOUS


def test_repaired_copies_do_not_follow_links(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    precious = tree.parent / "elsewhere" / "precious"
    module = tree / "m.abi3.so"
    module.write_bytes(made_elf(64, "<", needed=["libpython3.11.so.1.0", "libc.so.6"]))
    (tree / "out").mkdir()
    (tree / "out" / module.name).symlink_to(precious)
    command = ["fix", "--isolated", "--output-dir=out", str(module)]
    assert main(command) == 0
    assert precious.read_bytes() == PRECIOUS
    assert not (tree / "out" / module.name).is_symlink()
    (tree / "out").rename(tree / "old")
    (tree / "out").symlink_to(precious.parent)
    capsys.readouterr()
    assert main(command) == 2
    assert capsys.readouterr().err.startswith("nolibpy: error: out: not written: a link leads")
    assert os.listdir(precious.parent) == ["precious"]


def test_a_store_is_not_made_behind_a_link(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "s.sqlite").symlink_to(tree.parent / "elsewhere" / "new")
    assert main(["survey", "--store=s.sqlite", "numpy"]) == 2
    assert os.listdir(tree.parent / "elsewhere") == ["precious"]
    assert capsys.readouterr().err.count("\n") == 1


def test_a_database_behind_a_link_is_left_as_it_is(tree: Path) -> None:
    foreign = tree.parent / "elsewhere" / "foreign.sqlite"
    with closing(sqlite3.connect(foreign)) as database:
        database.execute("CREATE TABLE a (b)")
    before = foreign.read_bytes()
    (tree / "s.sqlite").symlink_to(foreign)
    assert main(["survey", "--store=s.sqlite", "numpy"]) == 2
    assert foreign.read_bytes() == before


@pytest.mark.parametrize("name", ["--output-file", "--output-file of fix", "--write-baseline"])
def test_a_folder_that_becomes_a_link_while_files_are_checked_gets_no_report(
    name: str, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from no_libpython_dlopen.engine import runner

    (tree / "folder").mkdir()
    real = runner.Run.results

    def results(run: runner.Run, targets: Iterable[TargetFile]) -> Iterator[FileResult]:
        yield from real(run, targets)
        (tree / "folder").rename(tree / "old")
        (tree / "folder").symlink_to(tree.parent / "elsewhere")

    monkeypatch.setattr(runner.Run, "results", results)
    assert _run(name, "folder/report") == 2
    assert os.listdir(tree.parent / "elsewhere") == ["precious"]
    assert os.listdir(tree / "old") == []
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "folder/report: not written: " in told


# What is no file, and is meant.

OPEN_FILES = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]


@pytest.mark.parametrize("path", OPEN_FILES)
@pytest.mark.parametrize("to", ["pipe", "file"])
def test_an_open_descriptor_is_written_as_it_is(path: str, to: str, tree: Path) -> None:
    """A file behind it is neither truncated nor replaced: what was printed before stays."""
    if not os.path.exists(path):
        pytest.skip(f"there is no {path} here")
    command = [*COMMAND, "check", "--isolated", "--output-format=json", f"--output-file={path}"]
    if to == "pipe":
        said = subprocess.run([*command, "."], check=False, capture_output=True).stdout
        assert json.loads(said)[0]["code"] == "NLP102"
        return
    log = tree.parent / "log"
    with open(log, "wb") as out:
        out.write(b"before\n")
        out.flush()
        subprocess.run([*command, "."], check=False, stdout=out)
    first, _, rest = log.read_bytes().partition(b"\n")
    assert first == b"before"
    assert json.loads(rest)[0]["code"] == "NLP102"


def test_a_descriptor_that_is_closed_is_an_error_in_one_line(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--isolated", "--output-file=/dev/fd/987", str(tree)]) == 2
    assert capsys.readouterr().err.endswith("/dev/fd/987: cannot be written: Bad file descriptor\n")


def test_a_device_takes_a_report(tree: Path) -> None:
    assert main(["check", "--isolated", "--output-file=/dev/null", "."]) == 1
    assert not os.path.isfile("/dev/null")


@pytest.mark.parametrize("late", [0, 0.3])
def test_a_pipe_that_is_read_gets_the_report(late: float, tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    read = []

    def reader() -> None:
        with open(tree / "pipe", "rb") as pipe:
            read.append(pipe.read())

    thread = threading.Timer(late, reader)
    thread.start()
    assert main(["check", "--isolated", "--output=json=pipe", "a.py"]) == 1
    thread.join(10)
    assert json.loads(read[0])[0]["code"] == "NLP102"


@pytest.mark.parametrize("name", WRITERS)
def test_a_pipe_that_nobody_reads_is_not_waited_for(
    name: str, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output_file, "PATIENCE", 0.1)
    os.mkfifo(tree / "out")
    assert _run(name) == 2
    told = capsys.readouterr().err
    assert told.endswith("out: not written: no process reads this pipe\n")
    assert told.count("\n") == 1
    assert (tree / "a.py").read_bytes() == CODE


@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_in_place_of_a_report_is_an_error_in_one_line(
    name: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "out").mkdir()
    assert _run(name) == 2
    assert capsys.readouterr().err.endswith("out: cannot be written: Is a directory\n")


# A report that is there already.


def test_an_earlier_report_stays_whole_until_the_new_one_is(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads it meanwhile, or whoever is killed, is left with a whole one."""
    (tree / "out").write_bytes(b"earlier")
    seen: list[bytes] = []
    real = os.replace

    def replace(source: str, target: str) -> None:
        seen.append((tree / "out").read_bytes())
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert main(["check", "--isolated", "--output-file=out", "a.py"]) == 1
    assert seen == [b"earlier"]
    assert b"NLP102" in (tree / "out").read_bytes()


def _refuse_rename(*_: object) -> None:
    raise OSError(16, os.strerror(16))


#: Why a file that may be written cannot be replaced.
UNREPLACEABLE: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "it is mounted into a container": lambda patch: patch.setattr(os, "replace", _refuse_rename),
    "its folder may not be written": lambda patch: patch.setattr(
        os, "access", lambda path, mode: not (os.path.isdir(path) and mode & os.W_OK)
    ),
}


@pytest.mark.parametrize("why", UNREPLACEABLE)
@pytest.mark.parametrize("earlier", [b"", b"x" * 9999])
def test_a_file_that_can_only_be_written_is_written(
    why: str, earlier: bytes, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "out").write_bytes(earlier)
    number = (tree / "out").stat().st_ino
    UNREPLACEABLE[why](monkeypatch)
    monkeypatch.setenv("TMPDIR", str(tree.parent / "elsewhere"))
    assert main(["check", "--isolated", "--output=json=out", "a.py"]) == 1
    assert json.loads((tree / "out").read_bytes())[0]["code"] == "NLP102"
    if "mounted" in why:
        assert (tree / "out").stat().st_ino == number
    assert sorted(os.listdir(tree)) == ["a.py", "out"]
    assert os.listdir(tree.parent / "elsewhere") == ["precious"]


@pytest.mark.parametrize("what", ["link", "pipe"])
def test_what_takes_the_place_of_the_report_meanwhile_is_not_written(
    what: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "out").write_bytes(b"earlier")
    other = tree.parent / "elsewhere" / "precious"
    before = other.read_bytes()

    def replace(_: str, target: str) -> None:
        os.unlink(target)
        os.symlink(other, target) if what == "link" else os.mkfifo(target)
        _refuse_rename()

    monkeypatch.setattr(os, "replace", replace)
    assert main(["check", "--isolated", "--output-file=out", "a.py"]) == 2
    assert other.read_bytes() == before
    assert sorted(os.listdir(tree)) == ["a.py", "out"]


def test_a_report_keeps_the_mode_of_the_earlier_one(tree: Path) -> None:
    (tree / "out").write_bytes(b"")
    (tree / "out").chmod(0o640)
    assert main(["check", "--isolated", "--output-file=out", "a.py"]) == 1
    assert (tree / "out").stat().st_mode & 0o777 == 0o640


def test_an_error_of_what_is_checked_is_not_one_of_the_report(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from no_libpython_dlopen.engine import runner

    def results(*_: object) -> None:
        raise OSError(5, "Input/output error", "the/disk")

    monkeypatch.setattr(runner.Run, "results", results)
    assert main(["check", "--isolated", "--output-file=out", "."]) == 2
    assert capsys.readouterr().err == "nolibpy: error: the/disk: Input/output error\n"
    assert os.listdir(tree) == ["a.py"]
