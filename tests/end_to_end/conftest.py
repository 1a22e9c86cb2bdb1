"""The tree as it is, copied into a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.commands import ROOT


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit that holds this tree as it is now.

    What git ignores is left out, what is not committed yet is in it.
    """
    if not shutil.which("git"):
        pytest.skip("no git")
    target = tmp_path_factory.mktemp("clone") / "nolibpy"
    if (ROOT / ".git").exists():
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    else:  # an unpacked sdist
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
    for name in names:
        source = ROOT / name
        if source.is_file() or source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name, follow_symlinks=False)
    start_repository(target)
    return target


def start_repository(folder: Path) -> None:
    """Make a folder a repository with all its files in one commit."""
    as_somebody = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        [*as_somebody, "commit", "-q", "--no-verify", "-m", "start"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
