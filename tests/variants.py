"""The programs and projects of ``tests/cases/python/variants``: small, in the dresses of real code.

``=== title`` begins a project, ``--- path`` one of its files, ``m.py`` without; a row ends in
``# here`` where a load is found.
"""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "cases/python/variants"
#: Projects of several modules whose loads each tool has to find as the command does.
ACROSS_MODULES = (
    *("test_runners: conftest fixture name", "test_runners: conftest fixture in fixture"),
    *("test_runners: conftest fixture function", "test_runners: conftest params"),
    *(
        "objects_and_defaults: option in other module",
        "objects_and_defaults: click in other module",
    ),
    *(
        f"objects_and_defaults: {one} of other module"
        for one in ("named tuple", "enum", "getitem", "typed settings", "with", "iter")
    ),
    *("added_folders: sys.path insert", "added_folders: sys.path helper"),
    *(
        "programs_of_modules: program of module",
        "programs_of_modules: program of module run helper",
    ),
    "programs_of_modules: another program of the module silent",
)


def _projects() -> dict[str, dict[str, str]]:
    found = {}
    for path in sorted(_FOLDER.glob("*.txt")):
        for block in re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]:
            title, _, body = block.partition("\n")
            alone, *several = re.split(r"(?m)^--- ", body)
            files = dict(one.split("\n", 1) for one in several)
            found[f"{path.stem}: {title}"] = files | ({"m.py": alone} if alone.strip() else {})
    return found


PROJECTS = _projects()


def write_project(title: str, folder: Path) -> dict[str, list[int]]:
    """Write a project's files; return the rows of each in which a load is found."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").touch()
    for name, text in PROJECTS[title].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return {
        name: [row for row, one in enumerate(text.splitlines(), 1) if "# here" in one]
        for name, text in PROJECTS[title].items()
    }
