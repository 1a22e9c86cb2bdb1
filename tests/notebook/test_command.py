"""``check`` and ``fix`` on notebooks, read back by nbformat."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nbformat
import pytest

from no_libpython_dlopen.__main__ import main

CELLS = [
    "%matplotlib inline\nimport ctypes",
    "name = 'libpython3.11.so'\n!ls 'x\n",
    "api = ctypes.PyDLL(name)\nprint(api.Py_GetVersion() != 0)\nx = 1  # noqa: NLP102",
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook with outputs, written as Jupyter writes it."""
    book = nbformat.v4.new_notebook()
    book.cells.append(nbformat.v4.new_markdown_cell("A *title*\nctypes.CDLL('libpython3.11.so')"))
    for cell in CELLS:
        made = nbformat.v4.new_code_cell(cell, execution_count=1)
        made.outputs.append(nbformat.v4.new_output("stream", text="é\x1b[31m\n" * 3))
        book.cells.append(made)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    nbformat.write(book, "a.ipynb")
    return tmp_path / "a.ipynb"


def outside_of_sources(path: Path) -> object:
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        del cell["source"]
    return document


def test_an_unused_comment_is_found_and_deleted(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--select", "NLP901,NLP102"]
    before = path.read_text()
    rest = outside_of_sources(path)
    assert main(["check", *options, "--output-format", "concise", "."]) == 1
    assert capsys.readouterr().out.startswith("a.ipynb:cell 4:3:8: NLP901 ")
    assert main(["check", *options, "--output-format", "json", "."]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["cell"], found["location"], found["noqa_row"]) == (4, {"row": 3, "column": 8}, 3)
    assert found["fix"]["edits"][0]["location"] == {"row": 3, "column": 6}
    for name in ("sarif", "rdjson", "github", "gitlab", "junit", "text"):
        assert main(["check", *options, "--output-format", name, "."]) == 1
        out = capsys.readouterr().out
        if name == "sarif":
            region = json.loads(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
            line = before.splitlines()[region["region"]["startLine"] - 1]
            assert line[region["region"]["startColumn"] - 1 :].startswith("# noqa: NLP102")
        if name == "text":
            assert "\n3 | x = 1  # noqa: NLP102\n" in out
            assert "cell" not in out.partition("\n")[2]
    assert main(["fix", *options, "--diff", "."]) == 1
    diff = capsys.readouterr().out
    assert main(["fix", *options, "."]) == 0
    after = path.read_text()
    assert after == before.replace("x = 1  # noqa: NLP102", "x = 1")
    assert outside_of_sources(path) == rest
    nbformat.validate(nbformat.read(path, as_version=4))
    path.write_text(before)
    subprocess.run(["patch", "-p0"], input=diff, text=True, check=True, capture_output=True)
    assert path.read_text() == after


def test_a_load_through_several_cells_is_found_and_fixed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = outside_of_sources(path)
    options = ["--select", "NLP1", "--output-format", "concise"]
    path.write_text(path.read_text().replace("  # noqa: NLP102", ""))
    assert main(["check", *options, "."]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("a.ipynb:cell 4:1:7: NLP101 ")
    assert main(["fix", *options, "--unsafe-fixes", "."]) == 0
    assert outside_of_sources(path) == rest
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert book.cells[3].source.startswith("api = ctypes.pythonapi\n")
    assert book.cells[1].source == CELLS[0]
    assert "!ls 'x" in book.cells[2].source


def test_a_comment_can_be_put_on_a_load_in_a_cell(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(path.read_text().replace("  # noqa: NLP102", ""))
    assert main(["check", "--add-noqa", "."]) == 0
    book = nbformat.read(path, as_version=4)
    assert book.cells[3].source.startswith("api = ctypes.PyDLL(name)  # noqa: NLP101\n")
    assert main(["check", "."]) == 0


def test_a_notebook_without_a_word_of_ours_is_not_looked_at_though_it_is_broken(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text("{")
    assert main(["check", "."]) == 0
    path.write_text('{"cells": "# noqa: NLP102"')
    assert main(["check", "."]) == 2
    assert "a.ipynb:1:11: NLP900" in capsys.readouterr().out
