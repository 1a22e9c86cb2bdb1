"""Every conformance case of build files whose reader is in this tree, findings and fixes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from no_libpython_dlopen.build.reader import MODULES
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.source import kind_of
from tests.build.rewriting import CASES, assert_conforms
from tests.readers import missing


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix not in (".json", ".fixed")]


def _lacking(folder: Path) -> str:
    """Return a module that a case needs and that this tree does not have."""
    kinds = [kind_of(path.name) for path in _files(folder)]
    modules = [name for kind in kinds if kind for name in MODULES.get(kind, (kind.value,))]
    modules += ["setup_py"] * any(path.name == "setup.py" for path in _files(folder))
    return missing(*(f"build.{name}" for name in modules))


FOLDERS = sorted(folder for folder in CASES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_is_reported_and_fixed_byte_for_byte(folder: Path) -> None:
    if lacking := _lacking(folder):
        pytest.skip(f"no_libpython_dlopen.{lacking} is not in this tree")
    assert_conforms(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_keeps_its_meaning_with_windows_line_ends(folder: Path) -> None:
    if lacking := _lacking(folder):
        pytest.skip(f"no_libpython_dlopen.{lacking} is not in this tree")
    expected = json.loads((folder / "expect.json").read_text())["findings"]
    rows = []
    for path in sorted(_files(folder)):
        data = path.read_bytes().replace(b"\n", b"\r\n")
        rows += [
            {"file": path.name, "line": finding.start.row, "code": finding.code}
            for finding in api.check_bytes(data, str(path))
        ]
        result = api.fix_bytes(data, str(path), unsafe=True).data
        plain = api.fix_bytes(path.read_bytes(), str(path), unsafe=True).data
        assert result == plain.replace(b"\n", b"\r\n")
    assert rows == expected
