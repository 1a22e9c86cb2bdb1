"""A copy of the package to which a test adds what CONTRIBUTING tells to add."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = "no_libpython_dlopen"


class Copy:
    """A copy of the package, and a directory in which its command is run."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "src" / PACKAGE
        self.project = folder / "project"
        self.project.mkdir()
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src" / PACKAGE, self.package, ignore=unwanted)

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python with the copy in place of the package."""
        environment = {**os.environ, "PYTHONPATH": str(self.package.parent), "COLUMNS": "100"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd or self.project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def nolibpy(self, *arguments: str) -> str:
        """Run the command and return what it prints, without having failed."""
        done = self.run("-m", PACKAGE, *arguments)
        assert (done.returncode in (0, 1), done.stderr) == (True, "")
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def shown(title: str) -> str:
    """Return the block of CONTRIBUTING that is a file of this name."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    fence = rf'^( *)(`{{3,}})python title="{re.escape(title)}"\n(.*?)^\1\2$'
    found = re.search(fence, page, re.DOTALL | re.MULTILINE)
    assert found, title
    return dedent(found[3])
