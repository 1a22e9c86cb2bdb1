"""The habits that tools can check: style, types, and our own findings about ourselves."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: Files with findings.
EXCLUDED = "tests/cases"
PLUGIN = "flake8_plugin/src/flake8_no_libpython_dlopen.py"


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["mypy", "--strict", PLUGIN],
        ["no_libpython_dlopen", "check", "."],
        ["flake8", "--isolated", "--select=NLP", "src", "tests", f"--exclude={EXCLUDED}"],
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_there_is_nothing_to_say_about(command: list[str]) -> None:
    if not importlib.util.find_spec(command[0]):
        pytest.skip(f"no {command[0]}")
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
