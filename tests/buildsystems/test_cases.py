"""Every conformance case of build files with its findings and fixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import CASES, assert_conforms

FOLDERS = sorted(folder for folder in CASES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_is_reported_and_fixed_byte_for_byte(folder: Path) -> None:
    assert_conforms(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_keeps_its_meaning_with_windows_line_ends(folder: Path) -> None:
    assert_conforms(folder, line_end=b"\r\n")
