"""Baselines and comments on findings: an old project begins with what is new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main

SETUP_CFG = """\
[metadata]
name = oar

[build_ext]
inplace = 1
libraries = m python3.11
"""
LOAD = 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
UNUSED = "x = 1  # nolibpy: ignore[NLP101]\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two findings, as the working directory."""
    (tmp_path / "setup.cfg").write_text(SETUP_CFG)
    (tmp_path / "a.py").write_text(UNUSED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    status = main([*argv])
    out, err = capsys.readouterr()
    return status, out + err


def test_what_a_baseline_lists_is_not_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "check", "--write-baseline", "known.json") == (
        0,
        "Recorded 2 findings in known.json.\n",
    )
    status, out = run(capsys, "check", "--baseline", "known.json")
    assert status == 0
    assert out == "No findings in 2 files.\n2 findings suppressed by the baseline.\n"


def test_moved_lines_and_other_folders_do_not_churn_a_baseline(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "check", "--write-baseline", "known.json")
    (project / "setup.cfg").write_text("# one\n# two\n" + SETUP_CFG)
    assert run(capsys, "check", "--baseline", "known.json")[0] == 0
    before = (project / "known.json").read_bytes()
    below = project / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert run(capsys, "check", "--baseline", "../known.json", "..")[0] == 0
    run(capsys, "check", "--write-baseline", "../known.json", "..")
    assert (project / "known.json").read_bytes() == before


def test_a_second_one_of_a_known_finding_is_new(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "check", "--write-baseline", "known.json")
    (project / "a.py").write_text(UNUSED * 2)
    status, out = run(capsys, "check", "--baseline", "known.json", "--output-format", "concise")
    assert status == 1
    assert out.splitlines() == [
        "a.py:2:8: NLP901 `# nolibpy: ignore[NLP101]` suppresses nothing (NLP101)"
    ]


def test_the_configuration_may_name_a_baseline_beside_itself(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "check", "--write-baseline", "known.json")
    (project / "pyproject.toml").write_text('[tool.nolibpy]\nbaseline = "known.json"\n')
    below = project / "below"
    below.mkdir()
    (below / "b.py").write_text(UNUSED)
    monkeypatch.chdir(below)
    status, out = run(capsys, "check", "..", "--output-format", "concise")
    assert (status, out.count("NLP901")) == (1, 1)
    assert "b.py" in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        ("[]", "not a baseline"),
        ('{"version": 1}', "not a baseline"),
        ('{"version": 2, "findings": []}', "unsupported baseline version"),
        ("[" * 100_000, "not a baseline"),
    ],
    ids=["missing", "a list", "no findings", "a later version", "deep"],
)
def test_a_file_that_is_no_baseline_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], content: str | None, said: str
) -> None:
    if content is not None:
        (project / "known.json").write_text(content)
    status, out = run(capsys, "check", "--baseline", "known.json")
    assert status == 2
    assert out.count("\n") == 1
    assert said in out


def test_what_cannot_be_read_is_not_hidden_by_a_baseline(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "bad.py").write_bytes(b"\xff\0")
    status, out = run(capsys, "check", "--write-baseline", "known.json")
    assert status == 2
    assert "1 file (or archive member) could not be read.\n" in out
    assert "NLP900" not in (project / "known.json").read_text()
    assert run(capsys, "check", "--baseline", "known.json")[0] == 2


def test_comments_on_all_findings_leave_nothing_to_report(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").unlink()
    assert run(capsys, "check", "--add-noqa") == (0, "Suppressed 1 finding in 1 file.\n")
    assert (project / "setup.cfg").read_text() == SETUP_CFG.replace(
        "libraries", "# nolibpy: ignore[NLP201]\nlibraries"
    )
    assert run(capsys, "check")[0] == 0
    assert run(capsys, "check", "--add-noqa") == (0, "Suppressed 0 findings in 0 files.\n")


PYTHON = [
    (
        'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")\napi.Py_IsInitialized()\n',
        'api = ctypes.PyDLL("libpython3.11.so")  # noqa: NLP101\n',
    ),
    (
        'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")  # noqa: E501\napi.f()\n',
        'api = ctypes.PyDLL("libpython3.11.so")  # noqa: E501,NLP101\n',
    ),
    (
        'import ctypes\r\napi = ctypes.PyDLL(\r\n    """\\\r\nlibpython3.11.so"""\r\n)\r\napi.f()\r\n',
        "api = ctypes.PyDLL(  # noqa: NLP101\r\n",
    ),
    (
        'import ctypes\napi = \\\n    ctypes.PyDLL("libpython3.11.so")\napi.f()\n',
        '    ctypes.PyDLL("libpython3.11.so")  # noqa: NLP101\n',
    ),
]


@pytest.mark.parametrize(("before", "line"), PYTHON, ids=["plain", "codes", "string", "joined"])
def test_a_comment_stands_where_python_takes_it_for_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, line: str
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(before.encode())
    assert run(capsys, "check", "--add-noqa", str(path))[0] == 0
    after = path.read_bytes().decode()
    assert line in after
    assert run(capsys, "check", str(path))[0] == 0
    compile(after, "a.py", "exec")


def test_a_read_only_file_is_left_and_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "setup.cfg").chmod(0o444)
    status, out = run(capsys, "check", "--add-noqa", "setup.cfg")
    assert status == 2
    assert "read-only" in out
    assert (project / "setup.cfg").read_text() == SETUP_CFG


def test_a_file_that_is_no_text_does_not_end_the_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "b.py").write_bytes(b"# caf\xe9\n")
    status, out = run(capsys, "check", "--add-noqa")
    assert status == 2
    assert "error: b.py: not utf-8 text" in out
    assert "Suppressed 1 finding in 1 file.\n" in out


def test_several_reports_are_written_in_one_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(
        capsys, "check", "--output", "sarif=a.sarif", "--output", "json=a.json", "-q", "a.py"
    )
    assert status == 1
    assert "NLP901" in out
    assert len(json.loads((project / "a.json").read_text())) == 1
    assert len(json.loads((project / "a.sarif").read_text())["runs"][0]["results"]) == 1
    status, out = run(capsys, "check", "--output", "nonsense=a", "a.py")
    assert (status, out.count("\n")) == (2, 1)


@pytest.mark.parametrize("options", [["--add-noqa"], ["--write-baseline", "known.json"]])
def test_nothing_is_written_under_a_broken_configuration(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    (project / "pyproject.toml").write_text('[tool.nolibpy]\nexclud = ["vendor"]\n')
    status, out = run(capsys, "check", *options)
    assert status == 2
    assert "the configuration has errors" in out
    assert (project / "setup.cfg").read_text() == SETUP_CFG
    assert not (project / "known.json").exists()


def test_a_fix_under_a_broken_configuration_says_what_comes_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text('[tool.nolibpy]\nexclud = ["vendor"]\n')
    status, out = run(capsys, "fix", "setup.cfg")
    assert status == 2
    assert "1 fixable with `nolibpy fix` once the errors in the configuration are corrected." in out
    assert (project / "setup.cfg").read_text() == SETUP_CFG


def test_a_file_that_cannot_be_written_is_not_called_unreadable(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "setup.cfg").chmod(0o444)
    for options in [], ["--unsafe-fixes"]:
        status, out = run(capsys, "fix", *options, "setup.cfg")
        assert status == 2
        assert out.startswith("setup.cfg:1:1: NLP900 not written: the file is read-only\n\n")
        assert "  = no fix: not written: the file is read-only\n" in out
        assert out.endswith("1 fixed file could not be written.\n1 finding in 1 file.\n")


def test_a_file_that_cannot_be_written_keeps_all_its_findings(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that have no fix as well, each at its place in the file as it is."""
    unfixable = LOAD.replace("PyErr_Clear", "Py_Initialize")
    lines = f"x = 1  # noqa: NLP101\n{LOAD}{unfixable}"
    (project / "c.py").write_text(lines)
    told = run(capsys, "check", "--output-format", "concise", "c.py")[1]
    (project / "c.py").chmod(0o444)
    out = run(capsys, "fix", "--unsafe-fixes", "--output-format", "concise", "c.py")[1]
    assert out.splitlines()[1:] == told.splitlines()


@pytest.mark.parametrize("option", ["--write-baseline", "--output-file"])
def test_no_report_replaces_a_file_that_is_checked(
    project: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    status, out = run(capsys, "check", option, "setup.cfg", ".")
    assert status == 2
    assert "setup.cfg: not written: it would replace a file of a type that is checked" in out
    assert (project / "setup.cfg").read_text() == SETUP_CFG
