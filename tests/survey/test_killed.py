"""A survey that is killed while it starts leaves no process behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


def marked(mark: str) -> list[str]:
    """Return the command lines of the processes with ``mark`` in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if mark.encode() in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether a condition comes to hold."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


#: What pip does, and what is running when the survey is killed.
MOMENTS = {"pip is asked": ("sleep 60\n:", "sleep 60"), "workers start": ("exit 1", "spawn_main")}


@pytest.mark.parametrize(("pip", "running"), MOMENTS.values(), ids=MOMENTS)
def test_nothing_is_left_of_a_survey_that_is_killed(tmp_path: Path, pip: str, running: str) -> None:
    venv = tmp_path / "venv"  # without a pip of its own
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (venv / "bin/pip").write_text(f"#!/bin/sh\n{pip}\n")
    (venv / "bin/pip").chmod(0o755)
    (tmp_path / "names.txt").write_text("\n".join(f"n{number}" for number in range(500)))
    environment = {
        **os.environ,
        "NOLIBPY_TEST": str(tmp_path),
        "PATH": f"{venv}/bin:{os.environ['PATH']}",
        "PIP_INDEX_URL": tmp_path.as_uri(),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [venv / "bin/python", "-m", "no_libpython_dlopen", "survey", "names.txt", "-q"]
    mark = f"NOLIBPY_TEST={tmp_path}"
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        assert wait_for(lambda: any(running in line for line in marked(mark)), 60)
        process.kill()
        assert wait_for(lambda: not marked(mark), 20), marked(mark)
