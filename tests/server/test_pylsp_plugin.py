"""The plugin, called as python-lsp-server calls it: by its entry point, through pluggy.

Where python-lsp-server is installed, as in `nox -s pylsp`, an editor also asks the real one.
"""

from __future__ import annotations

import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest

from benchmarks.editor import Editor
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


@pytest.mark.slow
@pytest.mark.skipif(find_spec("pylsp") is None, reason="python-lsp-server is not installed")
def test_the_real_server_shows_the_findings_of_the_editor_s_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "nolibpy.toml").write_text('per-file-ignores = {"b.py" = ["NLP1"]}\n')
    uri, other = ((tmp_path / name).as_uri() for name in ("a.py", "b.py"))

    def document(uri: str, text: str) -> dict[str, object]:
        return {"uri": uri, "languageId": "python", "version": 1, "text": text}

    editor = Editor(tmp_path, "-m", "pylsp")
    patience = threading.Timer(60, editor.kill)
    patience.start()
    try:
        editor.tell("textDocument/didOpen", textDocument=document(uri, HEAD + LOAD))
        (found,) = editor.next_diagnostics(uri)
        assert (found["code"], found["source"]) == ("NLP101", "nolibpy")
        assert found["message"].startswith("`ctypes.PyDLL` opens `libpython3.11.so.1.0`; use")
        assert found["range"]["start"] == {"line": 1, "character": 4}
        editor.tell("textDocument/didOpen", textDocument=document(other, HEAD + LOAD))
        assert editor.next_diagnostics(other) == []
        change = {"text": HEAD + LOAD.replace("libpython3.11", "libm")}
        versioned = {"uri": uri, "version": 2}
        editor.tell("textDocument/didChange", textDocument=versioned, contentChanges=[change])
        assert editor.next_diagnostics(uri) == []
        editor.close()
    finally:
        patience.cancel()
        editor.kill()
