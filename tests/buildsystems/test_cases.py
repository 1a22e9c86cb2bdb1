"""Every conformance case of build files with its findings and fixes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import CASES, assert_conforms


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".json", ".fixed")
    ]


FOLDERS = sorted(folder for folder in CASES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_is_reported_and_fixed_byte_for_byte(folder: Path) -> None:
    assert_conforms(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_keeps_its_meaning_with_windows_line_ends(folder: Path) -> None:
    expected = json.loads((folder / "expect.json").read_text())["findings"]
    rows = []
    for path in sorted(_files(folder)):
        data = path.read_bytes().replace(b"\n", b"\r\n")
        rows += [
            {
                "file": path.relative_to(folder).as_posix(),
                "line": finding.start.row,
                "code": finding.code,
            }
            for finding in api.check_bytes(data, str(path))
        ]
        result = api.fix_bytes(data, str(path), unsafe=True).data
        plain = api.fix_bytes(path.read_bytes(), str(path), unsafe=True).data
        assert result == plain.replace(b"\n", b"\r\n")
    assert rows == expected
