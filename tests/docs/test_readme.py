"""The two commands that the README opens with, and CI, which runs the second as it stands."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELLS = {"sh", "shell", "bash", "console"}
#: What ``.ci/run`` calls; on a path without apt-get it installs nothing.
PROGRAMS = ["bash", "env", "awk", "dirname", "id"]


def opening() -> tuple[Block, Block]:
    first, second = list(blocks(README))[:2]
    return first, second


def test_the_readme_opens_with_two_blocks_of_one_command_each() -> None:
    first, second = opening()
    for block in (first, second):
        assert block.language == "sh"
        assert block.text.count("\n") == 1
        assert block.text.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert README.index("\n## ") > second.span[1]
    assert not [
        block for block in list(blocks(README))[2:] if block.language in SHELLS - {"console"}
    ]


def test_the_first_runs_the_main_job_on_the_examples() -> None:
    words = shlex.split(opening()[0].text)
    job = words[words.index(".venv/bin/nolibpy") :]
    assert job[1:3] == ["check", "examples"]
    assert (ROOT / job[2]).is_dir()


def test_the_second_installs_what_the_tests_need_and_runs_them() -> None:
    text = opening()[1].text
    assert "[test]" in text
    assert text.rstrip().endswith("-m pytest")


def test_ci_runs_the_second_as_it_stands(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        if not found:
            pytest.skip(f"no {name}")
        (programs / name).symlink_to(found)
    clone = tmp_path / "clone"
    (clone / ".ci").mkdir(parents=True)
    shutil.copy2(ROOT / ".ci" / "run", clone / ".ci" / "run")
    start, end = opening()[1].span
    told = "echo 'this ran' && test -e mark && exit 7\n"
    (clone / "README.md").write_text(README[:start] + told + README[end:], encoding="utf-8")
    (clone / "mark").touch()
    done = subprocess.run(
        [clone / ".ci" / "run"],
        cwd=tmp_path,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"+ {told}this ran\n"
    assert done.returncode == 7, done.stderr
