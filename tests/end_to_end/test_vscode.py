"""The extension for VS Code: compiled, tested against the real server, and packaged.

It installs some hundred packages of npm, so it runs with ``-m network`` (``nox -s vscode``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from no_libpython_dlopen.config import FILE_NAMES
from no_libpython_dlopen.model import kind as kind_module
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.version import __version__
from tests.end_to_end.commands import ROOT

SOURCE = ROOT / "editors" / "vscode"


def test_the_extension_has_the_version_of_the_package() -> None:
    assert json.loads((SOURCE / "package.json").read_text())["version"] == __version__


def test_its_dependencies_are_pinned() -> None:
    package = json.loads((SOURCE / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert [version for version in versions if not version[0].isdigit()] == []


def test_it_sends_every_file_that_the_server_checks() -> None:
    text = (SOURCE / "src" / "extension.ts").read_text()
    languages, files = (
        re.findall(r'"([^"]+)"', text.partition(f"const {name} = [")[2].partition("];")[0])
        for name in ("LANGUAGES", "FILES")
    )
    patterns = set()
    for one in files:
        before, _, inside = one.partition("{")
        patterns |= {before + part for part in inside.rstrip("}").split(",")}
    known = set(languages)
    missing = [
        pattern
        for pattern, found in (
            *((name, None) for name in FILE_NAMES),
            *kind_module._BY_NAME.items(),
            *((f"*.{suffix}", found) for suffix, found in kind_module._BY_SUFFIX.items()),
        )
        if found not in (Kind.BINARY, Kind.ARCHIVE, Kind.NOTEBOOK)
        and pattern not in patterns
        # VS Code gives these names their language without an extension.
        and pattern not in {"*.py", "Makefile", "makefile", "GNUmakefile", "Dockerfile"}
        and pattern != "*.dockerfile"
    ]
    assert missing == []
    assert all(kind_of(f"x/{one.replace('*', 'a')}") for one in patterns.difference(FILE_NAMES))
    assert known == set(kind_module.BY_LANGUAGE_ID) - {"sh", "bash"}


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
