"""Runs of `nolibpy fix` on installed files that are killed at each step: nothing is ever lost."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.binary.made_elf import made_elf
from tests.engine.test_installed_files import BACKUP, LIBRARY, LOADS, nolibpy
from tests.engine.test_installed_files import state as whole_state
from tests.engine.test_record_rows import assert_rows_are_right, write_record

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

SITE = "lib/python3.12/site-packages"
MODULE, SCRIPT = "spam/core.cpython-312-x86_64-linux-gnu.so", "../../../bin/spam"
#: The name that a complete file has for the moment before it takes the old one's place.
TEMPORARY = re.compile(r"(.*/)?\.nolibpy-[0-9a-f]{16}")


def state(tree: Path) -> dict[str, bytes]:
    found = whole_state(tree)
    return {name: data for name, data in found.items() if not TEMPORARY.fullmatch(name)}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with one module and one script to be fixed."""
    prefix = tmp_path_factory.mktemp("killed") / "tree"
    site = prefix / SITE
    for folder in (site / "spam", site / "spam-1.dist-info", prefix / "bin"):
        folder.mkdir(parents=True)
    (site / MODULE).write_bytes(made_elf(64, "<", needed=[LIBRARY, "libc.so.6"]))
    (site / SCRIPT).write_text(f"#!/usr/bin/python3\n{LOADS}")
    write_record(site, "spam", [MODULE, SCRIPT])
    return prefix


@pytest.fixture(scope="module")
def fixed(tree: Path) -> Path:
    copy = tree.with_name("fixed")
    subprocess.run(["cp", "-a", tree, copy], check=True)
    assert nolibpy("fix", "--unsafe-fixes", copy).returncode == 0
    return copy


def without_backup(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in found.items() if BACKUP not in name}


@pytest.mark.parametrize(("command", "links"), [("fix", "yes"), ("fix", "no"), ("undo", "yes")])
def test_no_step_is_the_wrong_one_to_be_killed_at(
    tree: Path, fixed: Path, tmp_path: Path, command: str, links: str
) -> None:
    before, after = state(tree), without_backup(state(fixed))
    assert {name for name in before if before[name] != after[name]} == {
        *(f"{SITE}/{MODULE}", "bin/spam", f"{SITE}/spam-1.dist-info/RECORD")
    }
    assert_rows_are_right(fixed / SITE)
    start, arguments = (tree, ["fix", "--isolated", "--unsafe-fixes", "--include-managed"])
    if command == "undo":
        start, arguments = (fixed, ["fix", "--isolated", "--undo"])
    worker = [sys.executable, "-m", "tests.engine.killed_runs", start, tmp_path, links, *arguments]
    subprocess.run(list(map(str, worker)), check=True, capture_output=True, timeout=300)
    shutil.rmtree(tmp_path / "0")
    steps = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
    assert len(steps) > 10
    for step in steps:
        killed = without_backup(state(step / "tree"))
        for name in before:
            one_row = b"\n".join(sorted({*before[name].split(b"\n"), *after[name].split(b"\n")}))
            if name.endswith("RECORD"):
                assert all(row in one_row for row in killed[name].split(b"\n"))
            else:
                assert killed[name] in (before[name], after[name]), (step.name, name)
        assert state(step / "undone") == before, step.name
        assert without_backup(state(step / "fixed")) == after, step.name
        assert state(step / "fixed-undone") == before, step.name
