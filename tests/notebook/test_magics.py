"""Loads in the code of magics, and in the Python that a notebook's shell runs."""

from __future__ import annotations

import json

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.notebook.source import NotebookSource

OPENED = 'PyDLL("libpython3.12.so")'
CODE = 'import ctypes; ctypes.PyDLL("libpython3.12.so").x()'


def notebook(cell: str) -> bytes:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        for source in ("from ctypes import PyDLL\n", cell)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


FOUND = [
    f"%time lib = {OPENED}",
    f"%timeit {OPENED}.x()",
    f"%timeit -n 1 -r1 -q {OPENED}.x()",
    f"%%timeit lib = {OPENED}\nlib.x()",
    f"%%time lib = {OPENED}\nlib.x()",
    f"%prun -s time {OPENED}.x()",
    f"if 1:\n    %time lib = {OPENED}",
    f"!python -c '{CODE}'",
    f"!cd /tmp && python3.12 -I -c '{CODE}' | cat",
    f"out = !python -c '{CODE}'",
    f"%%bash\nls\npython3 -c '{CODE}'\n",
    f"!{{sys.executable}} -m pip list; python -c '{CODE}'",
    f"!{{sys.executable}} -c '{CODE}'",
    f"!\"{{sys.executable}}\" -I -c '{CODE}'",
    f"out = !{{sys.executable}} -X dev -c '{CODE}'",
    f"!!python3 -c '{CODE}'",
    f"%sx python3 -c '{CODE}'",
    f"%%sh\npython3 - <<'EOF'\n{CODE}\nEOF\n",
    f"%%bash --out text\npython3 <<END\nimport sys\n{CODE}\nEND",
    f"%%script bash\npython3 -c '{CODE}'",
    f"%%writefile child.py\n{CODE}",
    f"%%writefile -a {{folder}}/child.py\nimport os\n\n{CODE}\n",
    f"%%file child.py\n'' #\n{CODE}",
    f"%%writefile 'my child.py'\nr'''x'''\n{CODE}",
    f"%%writefile run.sh\npython3 -c '{CODE}'",
]
#: Cells that are Python although they run in a process of their own.
PROCESSES = [
    "%%python3",
    "%%script python3",
    "%%script --bg /usr/bin/python3.12 -u",
    "%%script pypy3",
]


@pytest.mark.parametrize("cell", FOUND)
def test_finds_loads_in_magics(cell: str) -> None:
    data = notebook(cell)
    (finding,) = api.check_bytes(data, "x.ipynb")
    source = NotebookSource("x.ipynb", Kind.NOTEBOOK, data)
    number, start = source.cell_of(finding.start)
    assert (finding.code, finding.fix, number) == ("NLP101", None, 2)
    found = cell.split("\n")[start.row - 1][start.column - 1 :]
    assert found.startswith((OPENED, "ctypes.PyDLL("))
    place = source.in_file(finding.start)
    assert data.decode()[place.column - 1 :].startswith(("PyDLL(", "ctypes.PyDLL("))


@pytest.mark.parametrize("magic", PROCESSES)
def test_rewrites_cells_of_other_pythons(magic: str) -> None:
    data = notebook(f"{magic}\nimport ctypes\nctypes.{OPENED}.x()")
    (finding,) = api.check_bytes(data, "x.ipynb")
    assert finding.code == "NLP101"
    fixed = json.loads(api.fix_bytes(data, "x.ipynb", unsafe=False).data or b"")
    assert fixed["cells"][1]["source"] == f"{magic}\nimport ctypes\nctypes.pythonapi.x()"


@pytest.mark.parametrize("cell", [*FOUND, "%time f(", "%timeit?", "!python -c 'x", "%time\nx = 1"])
def test_a_notebook_with_magics_comes_back_as_it_was(cell: str) -> None:
    data = notebook(cell)
    source = NotebookSource("x.ipynb", Kind.NOTEBOOK, data)
    assert source.encode(source.text) == data
    assert api.fix_bytes(data, "x.ipynb", unsafe=True).data == data


@pytest.mark.parametrize(
    "cell",
    [
        "%time lib = PyDLL('libm.so.6')",
        f"%time {OPENED} (",
        f"%run script.py {OPENED}",
        f"!echo '{CODE}'",
        "!python -c 'print(1)'",
        f"%%writefile notes.txt\n{OPENED}",
        f"# %time {OPENED}",
        f"%%markdown\npython3 -c '{CODE}'",
        f"%%html\n<pre>python3 -c '{CODE}'</pre>",
        f"%%script ruby\n{OPENED}",
        f"%%script node python3.js\n{OPENED}",
        f"%%writefile README.md\npython3 -c '{CODE}'",
        f"%%writefile child.py.txt\n{CODE}",
        f"%%writefile child.js\n// child.py\n{CODE}",
        "%%writefile child.py\nNAME = 'libpython3.12.so'",
        f"%%writefile child.py\n{CODE} (",
        f"%%writefile child.py\n# {CODE}",
        f"!{{sys.executable}} -m pip '{CODE}'",
        f"!{{sys.argv}} -c '{CODE}'",
        f"%%bash\ncat <<EOF\n{CODE}\nEOF",
        f"%%sh\n# python3 -m x <<EOF\ncat <<EOF\n{CODE}\nEOF",
    ],
)
def test_is_silent_about_other_magics(cell: str) -> None:
    assert api.check_bytes(notebook(cell), "x.ipynb") == []
