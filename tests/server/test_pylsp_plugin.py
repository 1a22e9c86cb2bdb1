"""The plugin, called as python-lsp-server calls it: by its entry point, through pluggy."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest

from no_libpython_dlopen.files.toml import parse_toml

ROOT = Path(__file__).parents[2]
HEAD = "import ctypes\n"
LOAD = 'a = ctypes.PyDLL("libpython3.11.so.1.0")\n'


class Specification:
    """The hook as python-lsp-server declares it."""

    @pluggy.HookspecMarker("pylsp")
    def pylsp_lint(self, config: object, workspace: object, document: object) -> None:
        """Return diagnostics."""


def lint(path: Path, text: str) -> list[dict[str, Any]]:
    points: Any = parse_toml((ROOT / "pyproject.toml").read_text())["project"]
    manager = pluggy.PluginManager("pylsp")
    manager.add_hookspecs(Specification)
    manager.register(import_module(points["entry-points"]["pylsp"]["nolibpy"]))
    lines = text.splitlines(keepends=True)
    document = SimpleNamespace(path=str(path), source=text, lines=lines)
    (found,) = manager.hook.pylsp_lint(config=None, workspace=None, document=document)
    return list(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + LOAD, [("NLP101", 1, 4, 40)]),
        (HEAD + f'"😀é"; {LOAD}', [("NLP101", 1, 11, 47)]),
        (HEAD + f"{LOAD.strip()}  # noqa: NLP101\n", []),
        (HEAD + LOAD.replace("libpython3.11", "libm"), []),
        ("", []),
    ],
)
def test_findings_are_diagnostics(
    text: str, expected: list[tuple[str, int, int, int]], tmp_path: Path
) -> None:
    found = lint(tmp_path / "a.py", text)
    assert [
        (
            one["code"],
            one["range"]["start"]["line"],
            one["range"]["start"]["character"],
            one["range"]["end"]["character"],
        )
        for one in found
    ] == expected
    assert all(one["severity"] == 2 and one["source"] == "nolibpy" for one in found)


@pytest.mark.parametrize("setting", ['ignore = ["NLP1"]', 'exclude = ["a.py"]'])
def test_the_configuration_holds(setting: str, tmp_path: Path) -> None:
    (tmp_path / "nolibpy.toml").write_text(setting)
    assert lint(tmp_path / "a.py", HEAD + LOAD) == []
