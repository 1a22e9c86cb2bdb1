"""Small programs and projects in the dresses of real code, found and silent, one file a kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.variants import PROJECTS, write_project


@pytest.mark.parametrize("title", PROJECTS)
def test_the_marked_rows_are_found_and_nothing_else(title: str, tmp_path: Path) -> None:
    for name, marked in write_project(title, tmp_path).items():
        path = tmp_path / name
        found = api.check_bytes(path.read_bytes(), str(path))
        assert [one.start.row for one in found] == marked, name
