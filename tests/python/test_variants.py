"""Small programs and projects in the dresses of real code, found and silent, one file a kind.

``=== title`` begins a project, ``--- path`` one of its files, ``m.py`` without; a row ends in
``# here`` where a load is found.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api

_FOLDER = Path(__file__).parents[1] / "cases/python/variants"


def _projects() -> dict[str, str]:
    found = {}
    for path in sorted(_FOLDER.glob("*.txt")):
        for block in re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]:
            title, _, body = block.partition("\n")
            found[f"{path.stem}: {title}"] = body
    return found


_PROJECTS = _projects()


@pytest.mark.parametrize("title", _PROJECTS)
def test_the_marked_rows_are_found_and_nothing_else(title: str, tmp_path: Path) -> None:
    alone, *several = re.split(r"(?m)^--- ", _PROJECTS[title])
    files = dict(one.split("\n", 1) for one in several) | ({"m.py": alone} if alone.strip() else {})
    (tmp_path / "pyproject.toml").touch()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, text in files.items():
        marked = [row for row, one in enumerate(text.splitlines(), 1) if "# here" in one]
        path = tmp_path / name
        found = api.check_bytes(path.read_bytes(), str(path))
        assert [one.start.row for one in found] == marked, name
