"""The commands as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a command and return what it said, whatever its status.

    A pip in it compiles nothing: most of what it installs is never imported.
    """
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "PIP_NO_COMPILE": "1", **(env or {})},
        input=stdin,
        capture_output=True,
        check=False,
    )


def nolibpy(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> list[str]:
    """Return the lines that ``nolibpy`` prints."""
    module = [sys.executable, "-m", "no_libpython_dlopen"]
    done = run(*module, *arguments, cwd=cwd, stdin=stdin)
    assert not done.stderr, done.stderr.decode()
    return done.stdout.decode().splitlines()
