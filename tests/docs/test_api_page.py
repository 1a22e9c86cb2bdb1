"""The programs of the page on the Python API print what the page says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.docs.pages import ROOT, blocks

PROGRAMS = [
    block.text
    for block in blocks((ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    if block.language == "python"
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_prints_what_the_page_says(program: str) -> None:
    shown = [line[4:] for line in program.splitlines() if line.startswith("# > ")]
    assert shown
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == shown, done.stderr
