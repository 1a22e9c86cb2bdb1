"""``nolibpy config`` and ``--version``: what holds, and where it comes from."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from no_libpython_dlopen import config
from no_libpython_dlopen.__main__ import main

TABLE = """\
[tool.nolibpy]
ignore = ["NLP3"]
exclude = ["vendored/"]
per-file-ignores = { "tests/*" = ["NLP1"] }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_value_tells_where_it_comes_from(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "--jobs", "3", "--output-format", "json", "below"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == list(config.KEYS)
    assert found["ignore"] == {"value": ["NLP3"], "from": "pyproject.toml"}
    assert found["per-file-ignores"]["value"] == {"tests/*": ["NLP1"]}
    assert found["jobs"] == {"value": 3, "from": "command line"}
    assert found["select"] == {"value": ["NLP"], "from": "default"}


def test_what_is_printed_is_a_configuration_of_the_same_meaning(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    (project / "pyproject.toml").write_text(printed)
    assert main(["config"]) == 0
    again = capsys.readouterr().out
    values = [line.partition("  #")[0] for line in printed.splitlines()]
    assert [line.partition("  #")[0] for line in again.splitlines()] == values


def test_nothing_is_read_in_isolation(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--isolated"]) == 0
    out = capsys.readouterr().out
    assert "# file: none" in out
    assert "pyproject" not in out


@pytest.mark.parametrize(
    ("argv", "said"),
    [(["nowhere"], "no such file"), ([".", "below"], "one path"), (["--config", "x"], "No such")],
)
def test_what_cannot_be_told_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], argv: list[str], said: str
) -> None:
    assert main(["config", *argv]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_a_wrong_key_is_told_beside_what_holds(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(TABLE + "colour = true\n")
    assert main(["config"]) == 2
    captured = capsys.readouterr()
    assert "unknown key `colour`" in captured.err
    assert 'ignore = ["NLP3"]' in captured.out


def test_the_version_names_those_that_matter_without_importing_them() -> None:
    code = (
        "import sys; from no_libpython_dlopen.__main__ import main; main(['--version']);"
        "print('libcst' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, imported = ran.stdout.splitlines()
    assert f"libcst {version('libcst')}" in first
    assert f"Python {'.'.join(map(str, sys.version_info[:3]))}" in first
    assert imported == "False"
