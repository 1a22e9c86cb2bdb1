"""The steps of the GitHub Action, run by hand as the runner would run them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.commands import ROOT, run

yaml = pytest.importorskip("yaml", reason="comes with pre-commit")

pytestmark = pytest.mark.slow

LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'


@dataclass
class Runner:
    """Runs the steps of the action in a project."""

    action: dict[str, Any]
    source: Path
    temporary: Path

    def install(self) -> None:
        done = self._step(0, self.temporary, {})
        told = done.stderr.decode()
        if "No matching distribution" in told or "Connection" in told:
            pytest.skip("packages cannot be installed here")
        assert done.returncode == 0, told

    def check(self, project: Path, **inputs: str) -> tuple[str, str]:
        """Return what the second step prints, and its outputs."""
        output = self.temporary / "output"
        output.write_text("")
        done = self._step(1, project, inputs, {"GITHUB_OUTPUT": str(output)})
        assert not done.stderr, done.stderr.decode()
        assert f"exit-code={done.returncode}\n" == output.read_text()
        return done.stdout.decode(), output.read_text().strip().removeprefix("exit-code=")

    def _step(
        self, index: int, cwd: Path, inputs: dict[str, str], env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        step = self.action["runs"]["steps"][index]
        values = {
            f"inputs.{name}": entry["default"] for name, entry in self.action["inputs"].items()
        }
        values |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        values |= {"github.action_path": str(self.source), "runner.temp": str(self.temporary)}
        given = {
            name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: values[match[1]], text)
            for name, text in step["env"].items()
        }
        assert "${{" not in step["run"], "an expression in a script is an injection"
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        # As the runner starts a step whose shell is bash.
        return run(
            *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]),
            cwd=cwd,
            env={**given, "PATH": path, **(env or {})},
        )


@pytest.fixture(scope="module")
def runner(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    runner = Runner(action, tree, tmp_path_factory.mktemp("runner"))
    runner.install()
    return runner


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "load.py").write_text(LOAD)
    return tmp_path


def test_the_action_annotates_and_fails(runner: Runner, project: Path) -> None:
    said, status = runner.check(project)
    assert re.findall(r"^::error .*file=([^,]*),line=3", said, re.MULTILINE) == [
        "a/load.py",
        "b/load.py",
    ]
    assert status == "1"


def test_the_action_is_silent_about_a_clean_project(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("import os\n")
    assert runner.check(tmp_path) == ("", "0")


def test_the_action_takes_paths_and_options(runner: Runner, project: Path) -> None:
    said, status = runner.check(project, paths="b\n", args="--ignore NLP102 --exit-zero")
    assert "file=b/load.py" in said
    assert "file=a/load.py" not in said
    assert status == "0"


def test_the_action_writes_a_sarif_report_and_still_fails(runner: Runner, project: Path) -> None:
    _, status = runner.check(project, sarif_file="out.sarif")
    log = json.loads((project / "out.sarif").read_text())
    assert len(log["runs"][0]["results"]) == 2
    assert status == "1"


def test_nothing_in_the_inputs_is_run(runner: Runner, project: Path) -> None:
    evil = "$(touch owned) `touch owned`; touch owned"
    for name in ("paths", "args"):
        runner._step(1, project, {name: evil}, {"GITHUB_OUTPUT": "/dev/null"})
    assert not (project / "owned").exists()


@pytest.mark.parametrize(
    ("schema", "name"),
    [("vendor.github-actions", "action.yml"), ("vendor.readthedocs", ".readthedocs.yaml")],
)
def test_a_service_accepts_its_file(schema: str, name: str) -> None:
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, name]
    done = run(*command, cwd=ROOT)
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("schema", ["github-workflows", "gitlab-ci"])
def test_a_service_accepts_what_the_docs_show_for_it(schema: str, tmp_path: Path) -> None:
    pytest.importorskip("check_jsonschema")
    mark = {"github-workflows": "jobs:", "gitlab-ci": "codequality:"}[schema]
    page = (ROOT / "docs" / "ci.md").read_text()
    (shown,) = (text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if mark in text)
    (tmp_path / "shown.yml").write_text(shown)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = run(*command, "shown.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
