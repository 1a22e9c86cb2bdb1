"""Streams that are closed or full, a deleted working directory, and few descriptors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.report import without_commands
from tests.cli.texts import LOAD

FULL = "nolibpy: error: the output cannot be written: No space left on device\n"
CLOSED = "nolibpy: error: the output cannot be written: it is closed\n"
GONE = "nolibpy: error: the working directory no longer exists\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gone").mkdir()
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(LOAD)
    (tmp_path / "clean.py").write_text("x = 1\n")
    return tmp_path


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line of the shell, with ``nolibpy`` in place of ``@``."""
    words = command.replace("@", f"{sys.executable} -P -m no_libpython_dlopen")
    if sys.version_info < (3, 11):
        words = words.replace(" -P", "")
    return subprocess.run(
        ["/bin/sh", "-c", words], cwd=cwd, capture_output=True, text=True, check=False
    )


#: A command line, its status, and what it says on standard error.
STREAMS = {
    "check, output closed": ("@ check . >&-", 2, CLOSED),
    "check, output full": ("@ check . >/dev/full", 2, FULL),
    "a clean file, output closed": ("@ check clean.py >&-", 2, CLOSED),
    "nothing to say, output closed": ("@ check -q clean.py >&-", 0, ""),
    "a report in a file, output closed": ("@ check -q -o r.txt . >&-", 1, ""),
    "a report on a full disk": ("@ check -o /dev/full .", 2, "nolibpy: error: /dev/full: cannot be written: No space left on device\n"),
    "help, output full": ("@ check --help >/dev/full", 2, FULL),
    "version, output closed": ("@ --version >&-", 2, CLOSED),
    "errors closed": ("@ check -q . 2>&-", 1, ""),
    "errors full": ("@ check no-such.py 2>/dev/full", 2, ""),
    "everything closed": ("@ check . <&- >&- 2>&-", 2, ""),
    "everything closed, processes": ("@ check -j 2 . <&- >&- 2>&-", 2, ""),
    "input closed": ("@ check - <&-", 2, "nolibpy: error: standard input is closed\n"),
    "input closed, not needed": ("@ check -q clean.py <&-", 0, ""),
    "server, input closed": ("@ server <&-", 2, "nolibpy: error: standard input is closed\n"),
    "no directory": ("cd gone; rmdir ../gone; @ check .", 2, GONE),
    "no directory, standard input": ("cd gone; rmdir ../gone; @ check -q - <../clean.py", 0, ""),
    "no directory, the name of standard input": ("cd gone; rmdir ../gone; @ check --stdin-filename a.py - <$OLDPWD/a.py", 2, GONE),
    "six descriptors": ("ulimit -n 6; @ check -q .", 1, ""),
    "eight descriptors, processes": ("ulimit -n 8; @ check -q -j 2 .", 1, ""),
    "twelve descriptors, processes": ("ulimit -n 12; @ check -q -j 4 .", 1, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", STREAMS)
def test_what_cannot_be_written_is_one_line(case: str, project: Path) -> None:
    command, status, said = STREAMS[case]
    done = shell(command, project)
    assert (done.returncode, done.stderr) == (status, said)


#: Command lines in a working directory that is gone; ``@`` is the one that is still there.
IN_NO_FOLDER = [
    *(  # without their exclusion, a mistake would have the tests change the whole system
        (f"{command} --exclude *", 2, GONE)
        for command in (
            "check",
            "check --show-files",
            "check --add-noqa",
            "check --write-baseline @/known.json",
            "check --watch",
            "check --statistics",
            "fix",
            "fix --diff",
            "fix --undo",
            "config",
            "check --config pyproject.toml @/a.py",
            "check --baseline known.json @/a.py",
            "check --write-baseline known.json @/a.py",
            "check -o report.txt @/a.py",
            "check --output json=report.json @/a.py",
            "check --requirement requirements.txt",
            "check --environment env/bin/python",
            "check @/a.py b.py",
            "fix --output-dir out @/a.py",
        )
    ),
    ("check -q @/a.py", 1, ""),
    ("config --schema", 0, ""),
    ("check -q -o @/r @/a.py", 1, ""),
    ("check -q -o - @/a.py", 1, ""),
    ("check --offline pypi:no.such", 2, ""),
]


@pytest.mark.parametrize(("command", "status", "said"), IN_NO_FOLDER)
def test_the_working_directory_may_be_gone(
    command: str,
    status: int,
    said: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir("gone")
    (project / "gone").rmdir()
    assert main(command.replace("@", str(project)).split()) == status
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("stream", [">&-", ">/dev/full", "2>&-", "<&- >&- 2>&-", "-o /dev/full"])
def test_all_files_are_fixed_although_nobody_is_told(stream: str, project: Path) -> None:
    shell(f"@ fix . {stream}", project)
    for name in ("a.py", "b.py", "c.py"):
        assert (project / name).read_text() == LOAD.replace(
            'PyDLL("libpython3.11.so")', "pythonapi"
        )


@pytest.mark.parametrize("stream", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_nothing_is_printed_into_a_file_that_takes_the_number_of_a_stream(
    stream: str, project: Path
) -> None:
    shell(f"@ check no-such.py a.py clean.py {stream}", project)
    assert (project / "a.py").read_text() == LOAD
    assert (project / "clean.py").read_text() == "x = 1\n"


NAMES = ["::error::x.py", " ::warning::x.py", "::add-mask::x.py", "##[error]x.py", "##vso[a]x.py"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "arguments",
    [["."], [".", "--output-format=concise"], ["--show-files", "."], ["--add-noqa", "-q", "."]],
    ids=["text", "concise", "files", "comments"],
)
def test_a_name_is_no_command_of_a_log(
    name: str, arguments: list[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in project.glob("*.py"):
        one.unlink()
    (project / name).write_text(LOAD)
    main(["check", *arguments])
    out, err = capsys.readouterr()
    for line in (out + err).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


def test_a_line_of_code_is_no_command_of_a_log(project: Path, capsys) -> None:
    (project / "a.py").write_text(
        LOAD.replace("\nimport", "\n##vso[x]y ::error::\nimport", 1) + "##[error]\n"
    )
    main(["check", "a.py"])
    assert "##[" not in capsys.readouterr().out
    assert without_commands("a.py:1:1: NLP101") == "a.py:1:1: NLP101"
