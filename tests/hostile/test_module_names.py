"""Nothing of the tree that is checked is imported, whatever its modules are called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ["tomllib", "libcst", "re", "signal", "json", "dataclasses", "typing", "rich", "argparse"]


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-m", "no_libpython_dlopen"], [str(Path(sys.executable).parent / "nolibpy")]],
    ids=["python -m", "nolibpy"],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_modules_of_the_tree_are_read_and_never_run(
    command: list[str], jobs: str, tmp_path: Path
) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"open('ran-{name}', 'w')\n")
    (tmp_path / "pyproject.toml").write_text("[tool.nolibpy]\n")
    (tmp_path / "load.py").write_text("import ctypes\nctypes.PyDLL('libpython3.11.so')\n")
    done = subprocess.run(
        [*command, "check", f"--jobs={jobs}", "--output-format=text", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "NLP102" in done.stdout
    assert list(tmp_path.glob("ran-*")) == []
