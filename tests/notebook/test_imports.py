"""A notebook follows the imports of its project, as a module beside it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.notebook.source import NotebookSource

HELPER = """\
import ctypes, sys
LIB = "libpython3.11.so"
OTHER = "libfoo.so"
WINDOWS = sys.platform == "win32"
def load(name): return ctypes.CDLL(name)
def full(name): return "/usr/lib/" + name
"""
FILES = {
    "pyproject.toml": "",
    "nb/helper.py": HELPER,
    "src/pkg/__init__.py": "",
    "src/pkg/low.py": HELPER,
}
#: Cells, the last line of the last of which opens libpython.
FOUND = {
    "a name": ["from helper import LIB", "import ctypes\nctypes.CDLL(LIB)"],
    "a function": ["from helper import load\nload('libpython3.11.so')"],
    "both": ["from helper import load\n", "%matplotlib inline", "!ls\nload('libpython3.11.so')"],
    "a path": ["import ctypes, helper", "ctypes.CDLL(helper.full('libpython3.12.so'))"],
    "of the package": ["from pkg.low import LIB", "import ctypes\nctypes.PyDLL(LIB).x()"],
    "all names": ["from helper import *", "load('libpython3.11.so')"],
    "after a magic": ["%load_ext autoreload\n%autoreload 2\nimport helper", "%time helper.load('libpython3.11.so')"],
    "in a folder that is added": ["import sys\nsys.path.insert(0, \"../tools\")\nfrom own import LIB", "import ctypes\nctypes.CDLL(LIB)"],
    "in another one": ["import sys, os\nsys.path.append(os.path.abspath('../tools'))", "import own, ctypes\nctypes.CDLL(own.LIB)"],
    "in a long notebook": ["print(1)\n" * 9000, "import sys\nsys.path.insert(0, \"../tools\")\nfrom own import LIB", "import ctypes\nctypes.CDLL(LIB)"],
}  # fmt: skip
SILENT = {
    "another name": ["from helper import OTHER", "import ctypes\nctypes.CDLL(OTHER)"],
    "another function": ["from helper import load\nload('libfoo.so')"],
    "on Windows": ["from helper import load, LIB, WINDOWS\nif WINDOWS: load(LIB)"],
    "what is missing": ["from missing import LIB", "import ctypes\nctypes.CDLL(LIB)"],
    "a folder that is not added": ["from own import LIB", "import ctypes\nctypes.CDLL(LIB)"],
    "in prose": ["from helper import load\n# load('libpython3.11.so')"],
    "in a cell of another language": ["from helper import load", "%%html\nload('libpython3.11.so')"],
    "replaced": ["from helper import load", "load = print", "load('libpython3.11.so')"],
}  # fmt: skip


def make(root: Path, cells: list[str]) -> Path:
    made = [{"cell_type": "code", "source": one, "metadata": {}, "outputs": []} for one in cells]
    notebook = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    several = {**FILES, "tools/own.py": HELPER, "nb/one.ipynb": json.dumps(notebook)}
    for name, text in several.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root / "nb/one.ipynb"


@pytest.mark.parametrize("name", FOUND)
def test_finds_what_imports_lead_to(name: str, tmp_path: Path) -> None:
    cells = FOUND[name]
    path = make(tmp_path, cells)
    (finding,) = api.check_bytes(path.read_bytes(), str(path))
    source = NotebookSource(str(path), Kind.NOTEBOOK, path.read_bytes())
    number, place = source.cell_of(finding.start)
    assert (number, place.row) == (len(cells), cells[-1].count("\n") + 1)
    assert finding.code in ("NLP101", "NLP102")


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_others(name: str, tmp_path: Path) -> None:
    path = make(tmp_path, SILENT[name])
    assert api.check_bytes(path.read_bytes(), str(path)) == []


def test_a_notebook_without_a_file_has_no_neighbours(tmp_path: Path) -> None:
    path = make(tmp_path, FOUND["a name"])
    data = path.read_bytes()
    assert api.check_bytes(data, "one.ipynb") == []
    assert len(api.check_bytes(data, str(path))) == 1
