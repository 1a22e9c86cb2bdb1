"""The extension for VS Code: compiled, tested against the real server, and packaged.

It installs some hundred packages of npm, so it runs with ``-m network`` (``nox -s vscode``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from no_libpython_dlopen.version import __version__
from tests.end_to_end.commands import ROOT

SOURCE = ROOT / "editors" / "vscode"


def test_the_extension_has_the_version_of_the_package() -> None:
    assert json.loads((SOURCE / "package.json").read_text())["version"] == __version__


def test_its_dependencies_are_pinned() -> None:
    package = json.loads((SOURCE / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert [version for version in versions if not version[0].isdigit()] == []


@pytest.mark.network
def test_it_compiles_speaks_with_the_server_and_is_packaged(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm")
    folder = tmp_path / "vscode"
    built = shutil.ignore_patterns("node_modules", "dist", "out", "*.vsix")
    shutil.copytree(SOURCE, folder, ignore=built)
    program = Path(sysconfig.get_path("scripts"), "nolibpy")
    for step in (("install", "--no-package-lock"), ("test",), ("run", "package")):
        done = subprocess.run(
            [npm, *step],
            cwd=folder,
            env={**os.environ, "NOLIBPY": str(program)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    with ZipFile(folder / "nolibpy.vsix") as packaged:
        assert "extension/dist/extension.js" in packaged.namelist()
