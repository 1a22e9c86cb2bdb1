"""The habits that tools can check: style, types, and our own findings about ourselves."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGIN = "flake8_plugin/src/flake8_no_libpython_dlopen.py"
#: Runs a module while the clock of the limits stands still: a slow machine is no finding.
WITHOUT_CLOCK = """
import runpy, sys, time
time.thread_time = lambda: 0.0
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["mypy", "--strict", PLUGIN],
        ["no_libpython_dlopen", "check", "."],
        # Only what names libpython most: flake8 runs its other plugins as well, which takes five
        # times as long, and test_flake8.py shows that ours finds what the command finds.
        ["flake8", "--isolated", "--select=NLP", "src/no_libpython_dlopen/runtime"],
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_there_is_nothing_to_say_about(command: list[str]) -> None:
    if not importlib.util.find_spec(command[0]):
        pytest.skip(f"no {command[0]}")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CLOCK, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
