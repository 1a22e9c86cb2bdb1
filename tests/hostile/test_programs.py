"""Programs that are asked for something are never those of the tree, nor configured by it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from no_libpython_dlopen.files import programs
from no_libpython_dlopen.package_index import pip_settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="scripts and pipes are POSIX's")

LOADS = b"import ctypes\nctypes.PyDLL('libpython3.11.so').PyErr_Clear()\n"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module in what looks like an installed package, in a tree of a stranger."""
    folder = tmp_path / "tree/lib/python3.11/site-packages"
    folder.mkdir(parents=True)
    (folder / "m.py").write_bytes(LOADS)
    return folder / "m.py"


def fix(tree: Path, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", "."]
    return subprocess.run(
        command, cwd=tree, env={**os.environ, "PATH": path}, check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("entry", [".", "", "bin", "./bin"])
@pytest.mark.parametrize("name", ["dpkg-query", "rpm"])
def test_a_program_in_the_tree_is_not_run(
    name: str, entry: str, module: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    (tree / "bin").mkdir()
    for folder in (tree, tree / "bin"):
        script(folder / name, f"touch {tmp_path}/trace; echo owner: x")
    done = fix(tree, f"{entry}:{tmp_path}/none")
    assert (done.returncode, os.listdir(tmp_path)) == (0, ["tree"]), done.stderr
    assert b"PyDLL" not in module.read_bytes()


def test_a_program_of_an_absolute_folder_is_found_behind_a_relative_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = script(tmp_path / "pip", "")
    (tmp_path / "tree").mkdir()
    script(tmp_path / "tree" / "pip", "")
    monkeypatch.chdir(tmp_path / "tree")
    monkeypatch.setenv("PATH", f".:{tmp_path}:")
    assert programs.find_program("pip") == str(program)
    assert programs.find_program("../pip") is None
    assert programs.find_program("nothing") is None
    monkeypatch.setenv("PATH", ".:")
    assert programs.find_program("pip") is None


#: What a tree may hold in place of conda's list of files.
META: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": Path.mkdir,
    "a huge file": lambda path: (path.touch(), os.truncate(path, 8 << 30)),
    "no JSON": lambda path: path.write_text("m.py"),
    "nested JSON": lambda path: path.write_text('{"m.py":' + "[" * 100_000),
    "a list": lambda path: path.write_text('["m.py"]'),
    "a number": lambda path: path.write_text('{"files": 7, "m.py": 1}'),
}


@pytest.mark.parametrize("kind", META)
def test_what_cannot_be_read_as_a_list_of_conda_keeps_a_file_as_it_is(
    kind: str, module: Path, tmp_path: Path
) -> None:
    """At once, and in one line: the file may be conda's."""
    meta = tmp_path / "tree/conda-meta"
    meta.mkdir()
    META[kind](meta / "a-1-0.json")
    done = fix(tmp_path / "tree")
    assert done.returncode == 2
    assert "may belong to a conda package" in done.stdout
    assert b"PyDLL" in module.read_bytes()


def test_pip_is_asked_outside_of_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shims choose another pip where a tree has a ``.python-version`` or the like."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "pip.conf").touch()
    pip = script(tmp_path / "pip", "echo \"global.timeout='$(pwd | wc -c)'\"\n"
                 "echo \":env:.cert='$PIP_CONFIG_FILE'\"")  # fmt: skip
    monkeypatch.chdir(tmp_path / "tree")
    monkeypatch.setenv("PIP_CONFIG_FILE", "pip.conf")
    monkeypatch.setattr(pip_settings, "_pips", lambda: [[str(pip)]])
    found = pip_settings.read_pip_settings()
    assert (found.timeout, found.ca_bundle) == (2, f"{tmp_path}/tree/pip.conf")
