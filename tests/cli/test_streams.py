"""Standard input and output, terminals, and what is said about paths."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from tests.cli.texts import LOAD

FIXED = LOAD.replace('PyDLL("libpython3.11.so")', "pythonapi")
PRELOAD = 'import ctypes\nctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)\n'
COMMAND = [sys.executable, "-m", "no_libpython_dlopen"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], input=text, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("text", "out", "status"), [(LOAD, FIXED, 0), (FIXED, FIXED, 0), (PRELOAD, PRELOAD, 1)]
)
def test_standard_input_is_fixed_onto_standard_output(text: str, out: str, status: int) -> None:
    done = run("fix", "-", "--stdin-filename", "a.py", text=text)
    assert (done.returncode, done.stdout) == (status, out)
    assert ("NLP102" in done.stderr) == (text is PRELOAD)
    assert ("NLP" in done.stderr or "fixed" in done.stderr.lower()) == (text is not FIXED)


def test_the_files_that_would_be_fixed_are_listed(project: Path) -> None:
    for name in ("a.py", "b.py", "c.txt"):
        (project / name).write_text(LOAD)
    done = run("fix", "--show-files", "a.py", ".", "./a.py", "none.py")
    assert done.stdout.splitlines() == ["a.py", "b.py"]
    assert done.stderr.startswith("nolibpy: error: none.py: ")
    assert done.returncode == 2
    assert (project / "a.py").read_text() == LOAD


def test_a_diff_tells_of_a_line_without_an_end(project: Path) -> None:
    (project / "a.py").write_text(LOAD + "x = 1")
    (project / "b.py").write_text(LOAD.rstrip("\n"))
    (project / "broken.py").write_text(LOAD + "(")
    done = run("fix", "--diff", "-q", "a.py", "b.py", "broken.py")
    assert done.stdout.count("+api = ctypes.pythonapi\n") == 2
    assert "\\ No newline at end of file\n" in done.stdout
    assert "NLP900" in done.stderr
    assert "Would fix" not in done.stderr
    assert done.returncode == 2


def test_colour_is_as_the_environment_says(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "a.py").write_text(LOAD)
    assert "\x1b[" not in run("check", "a.py").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run("check", "a.py").stdout
    assert "\x1b[" in coloured
    assert "NLP101" in coloured
    assert "\x1b[" not in run("check", "a.py", "--no-color").stdout


def test_several_kinds_of_fixes_are_counted_apart(project: Path) -> None:
    (project / "a.py").write_text(LOAD + PRELOAD.partition("\n")[2])
    out = run("check", "a.py").stdout
    assert "1 fixable with `nolibpy fix`, 1 more with `--unsafe-fixes`" in out


def _whole_terminal(descriptor: int) -> str:
    """Return all that a terminal was sent; one read returns only a part of it."""
    os.set_blocking(descriptor, False)
    sent = b""
    try:
        while part := os.read(descriptor, 1 << 16):
            sent += part
    except BlockingIOError:
        pass
    return sent.decode()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals")
def test_a_terminal_sees_the_progress_of_a_survey_and_starts_no_server(project: Path) -> None:
    (project / "wheels").mkdir()
    with zipfile.ZipFile(project / "wheels/a-1-py3-none-any.whl", "w") as archive:
        archive.writestr("a/b.py", "")
    ours, theirs = os.openpty()
    try:
        survey = [*COMMAND, "survey", "wheels", "--store", "s.sqlite", "--jobs", "1"]
        done = subprocess.run(survey, stderr=theirs, stdout=subprocess.PIPE, check=False)
        assert done.returncode == 0
        assert "1/1" in _whole_terminal(ours)
        server = subprocess.run(
            [*COMMAND, "server"], stdin=theirs, capture_output=True, text=True, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert server.returncode == 2
    assert server.stderr == (
        "nolibpy: error: the server must be started by an editor, not from a terminal\n"
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["-r", "r.txt", "--fix"], "packages on an index cannot be fixed"),
        (["-r", "none.txt"], "none.txt: no such file"),
        (["--environment", "no-such-python"], "no such interpreter"),
        (["--environment", "."], "no interpreter found in this directory"),
        (["pypi:spam>=!"], "not a requirement"),
    ],
)
def test_what_means_no_package_is_one_line(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.txt").write_text("spam\n")
    assert main(["check", *words]) == 2
    out, err = capsys.readouterr()
    assert reason in out + err
    assert (out + err).count("\n") <= 4


#: A value in ``[tool.nolibpy]``, and what is said of it.
VALUES = {
    'select = "NLP1"': "must be an array of strings",
    "select = [1]": "must be an array of strings",
    "unsafe-fixes = 1": "must be true or false",
    "baseline = 1": "must be the path of a file",
    'per-file-ignores = ["a"]': "must be a table that maps patterns to arrays of rules",
    'per-file-ignores = { "a" = "NLP1" }': "'a': must be an array of strings",
    'per-file-ignores = { "a" = ["NLP9x"] }': "'a': unknown rule",
    'jobs = "2"': "must be a",
}


@pytest.mark.parametrize(("line", "reason"), VALUES.items(), ids=VALUES)
def test_a_wrong_value_in_the_configuration_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], line: str, reason: str
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.nolibpy]\n{line}\n")
    (project / "a.py").write_text(LOAD)
    assert main(["check", "a.py"]) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert "pyproject.toml" in error
    assert error.count("\n") == 1


def test_a_table_that_is_none_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(LOAD)
    for text, reason in (
        ("[tool]\nnolibpy = 1\n", "`tool.nolibpy` must be a table"),
        (f"nolibpy = {'[' * 3000}{']' * 3000}\n", "nested too deeply"),
    ):
        (project / "pyproject.toml").write_text(text)
        assert main(["check", "a.py"]) == 2
        assert reason in capsys.readouterr().err


def test_patterns_that_git_does_not_understand_are_passed_over(project: Path) -> None:
    (project / ".gitignore").write_text("!\nskipped.py\n")
    (project / "deep").mkdir()
    (project / "deep/.gitignore").write_text("!skipped.py\n")
    for name in ("skipped.py", "a.py", "deep/skipped.py"):
        (project / name).write_text(LOAD)
    assert run("check", "--show-files", ".").stdout.splitlines() == ["a.py", "deep/skipped.py"]


def test_a_file_without_a_suffix_is_what_its_first_bytes_say(project: Path) -> None:
    (project / "script").write_text(f"#!/usr/bin/env python3\n{LOAD}")
    (project / "binary").write_bytes(b"\x7fELF" + b"\0" * 60)
    (project / "archive").write_bytes(b"PK\x03\x04")
    (project / "macos").write_bytes(b"\xcf\xfa\xed\xfe" + b"\0" * 60)
    (project / "text").write_text("libpython3.11.so\n")
    (project / "Dockerfile.dev").write_text("FROM x\n")
    done = run("check", "--show-files", "script", "binary", "archive", "macos", "Dockerfile.dev")
    assert done.stdout.splitlines() == ["script", "binary", "archive", "macos", "Dockerfile.dev"]
    done = run("check", "text", "--output-format=json")
    (found,) = json.loads(done.stdout)
    assert (done.returncode, found["code"]) == (2, "NLP900")
    assert found["message"].startswith("unsupported file type: ")


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (["--unfixable", "ALL"], "Would fix nothing; 1 finding has no fix.\n"),
        ([], "Would fix nothing; 1 finding is fixable with `--unsafe-fixes`.\n"),
        (["--unsafe-fixes"], "Would fix 1 finding in 1 file.\n"),
    ],
)
def test_a_diff_tells_of_unsafe_fixes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], config: list[str], told: str
) -> None:
    (tmp_path / "a.py").write_text('import ctypes\nctypes.PyDLL("libpython3.11.so")\n')
    main(["fix", "--diff", *config, str(tmp_path / "a.py")])
    assert capsys.readouterr().err == told
