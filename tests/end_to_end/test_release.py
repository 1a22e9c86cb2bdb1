"""What a release runs on the code host: workflows, pins, and the mirror of the hooks."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.end_to_end.commands import ROOT, run

GITHUB = ROOT / ".github"


def test_the_workflows_and_the_action_are_safe() -> None:
    zizmor = Path(sysconfig.get_path("scripts"), "zizmor")
    if not zizmor.exists():
        pytest.skip("no zizmor")
    done = run(zizmor, "--offline", "--persona", "pedantic", "--no-progress", ROOT, cwd=ROOT)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize(
    "path", [*sorted((GITHUB / "workflows").iterdir()), ROOT / "action.yml"], ids=lambda it: it.name
)
def test_an_action_is_pinned_by_commit(path: Path) -> None:
    for used in re.findall(r"uses: *(\S+)", path.read_text(encoding="utf-8")):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used)


def test_an_image_is_pinned_by_digest() -> None:
    images = re.findall(r"^FROM (\S+)", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    assert images
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image) for image in images)


def test_constraints_name_versions_and_no_address() -> None:
    lines = (GITHUB / "constraints.txt").read_text().splitlines()
    assert lines
    assert [line for line in lines if not re.match(r"[\w.-]+==[\w.]+( ; .*)?$", line)] == []


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """An empty repository to which one release was mirrored."""
    folder = tmp_path / "mirror"
    subprocess.run(["git", "init", "-q", folder], check=True)
    done = run(GITHUB / "mirror_hooks.sh", ROOT, folder, "v1.2.3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    return folder


def test_the_mirror_has_the_hooks_under_the_tag_of_the_release(mirror: Path) -> None:
    listed = run("git", "ls-tree", "--name-only", "v1.2.3", cwd=mirror).stdout.decode().split()
    assert listed == [".pre-commit-hooks.yaml", "LICENSE", "pyproject.toml"]
    hooks = run("git", "show", "v1.2.3:.pre-commit-hooks.yaml", cwd=mirror).stdout
    assert hooks == (ROOT / ".pre-commit-hooks.yaml").read_bytes()


def test_the_mirror_installs_the_release_from_the_index(mirror: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    pytest.importorskip("build")
    done = run(
        *(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, mirror),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout.decode()
    with ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        metadata = Parser().parsestr(wheel.read(name).decode())
    assert metadata["Version"] == "1.2.3"
    assert metadata.get_all("Requires-Dist") == ["no-libpython-dlopen==1.2.3"]


def test_a_second_release_follows_the_first(mirror: Path, tmp_path: Path) -> None:
    done = run(GITHUB / "mirror_hooks.sh", ROOT, mirror, "v1.3.0", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    tags = run("git", "tag", cwd=mirror).stdout.decode().split()
    assert tags == ["v1.2.3", "v1.3.0"]
