"""What other systems lack, and a broken installation: no crash, and never a false all-clear."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.binary.made_elf import made_elf

LOAD = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
#: Names of ``os`` and modules that Windows has not, as far as Python itself runs without.
_AS_ON_WINDOWS = """
import os, sys
import subprocess, tempfile, multiprocessing, shutil, random  # the standard library knows better
for name in (
    "O_NONBLOCK", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_TMPFILE", "pread", "fchmod",
    "fchown", "chown", "geteuid", "getuid", "listxattr", "getxattr", "setxattr", "removexattr",
    "sched_getaffinity", "fork", "mkfifo",
):
    if hasattr(os, name):
        delattr(os, name)
import signal
del signal.SIGHUP
sys.argv[1:] = {arguments!r}
from no_libpython_dlopen.__main__ import main
sys.exit(main())
"""


def as_on_windows(folder: Path, *arguments: str) -> tuple[int, str]:
    code = _AS_ON_WINDOWS.replace("{arguments!r}", repr([*arguments]))
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=folder, capture_output=True, text=True
    )
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "LICENSE").write_text("MIT\n")
    (tmp_path / "a.py").write_bytes(LOAD)
    (tmp_path / "_a.abi3.so").write_bytes(made_elf(64, "<", needed=["libpython3.11.so.1.0"]))
    (tmp_path / ".gitignore").write_text("b.py\n")
    (tmp_path / "pyproject.toml").write_text("[tool.nolibpy]\nbaseline = ''\n".replace("''", "'k'"))
    return tmp_path


def test_without_what_only_posix_has_all_kinds_are_checked(folder: Path) -> None:
    status, said = as_on_windows(folder, "check", "--isolated", "--output-format=concise", ".")
    assert status == 1
    assert [line.split(" ")[1] for line in said.splitlines()[:2]] == ["NLP301", "NLP101"]


def test_without_what_only_posix_has_texts_and_binaries_are_fixed(folder: Path) -> None:
    assert as_on_windows(folder, "fix", "--isolated", ".")[0] == 0
    assert b"ctypes.pythonapi" in (folder / "a.py").read_bytes()
    assert as_on_windows(folder, "check", "--isolated", ".")[0] == 0


def test_without_what_only_posix_has_a_baseline_is_written_and_read(folder: Path) -> None:
    assert as_on_windows(folder, "check", "--isolated", "--write-baseline=k", ".")[0] == 0
    assert as_on_windows(folder, "check", ".")[0] == 0


@pytest.mark.parametrize("missing", ["binary.reader", "binary.formats.elf", "binary.binary_facts"])
def test_an_installation_without_a_part_is_no_all_clear(folder: Path, missing: str) -> None:
    (folder / "a.py").unlink()
    code = (
        f"import sys; sys.modules['no_libpython_dlopen.{missing}'] = None\n"
        "from no_libpython_dlopen.__main__ import main\n"
        "sys.exit(main(['check', '--isolated', '.']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "NLP900" in done.stdout
    assert "internal error: ModuleNotFoundError" in done.stdout
