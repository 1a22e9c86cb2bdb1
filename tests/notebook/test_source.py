"""Notebooks as source: nothing is lost, places are those a person sees, magics are no obstacle."""

from __future__ import annotations

import ast
import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Unreadable
from no_libpython_dlopen.notebook.cells import InvalidNotebook, code_cells
from no_libpython_dlopen.notebook.source import NotebookSource, UnfittingCells, searchable_code


def notebook(*cells: str | dict[str, Any], **metadata: Any) -> dict[str, Any]:
    made = []
    for cell in cells:
        if isinstance(cell, dict):
            made.append(cell)
        else:
            lines = cell.splitlines(keepends=True)
            made.append(
                {
                    "cell_type": "code",
                    "execution_count": 3,
                    "metadata": {},
                    "outputs": [{"name": "stdout", "output_type": "stream", "text": ["\u00e9\n"]}],
                    "source": lines,
                }
            )
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def source(document: object, **options: Any) -> NotebookSource:
    options = {"indent": 1, "ensure_ascii": False, **options}
    text = document if isinstance(document, str) else json.dumps(document, **options) + "\n"
    return NotebookSource("a.ipynb", Kind.NOTEBOOK, text.encode())


MARKDOWN = {"cell_type": "markdown", "metadata": {}, "source": ["# a title\n", "import nothing"]}


def test_the_code_cells_are_one_python_text() -> None:
    made = source(notebook("import ctypes", MARKDOWN, "x = 1\ny = 2\n"))
    assert [cell.number for cell in made.cells] == [1, 3]
    body = [line for line in made.text.splitlines() if not line.startswith("#")]
    assert body == ["import ctypes", "x = 1", "y = 2", ""]
    ast.parse(made.text)


def test_a_place_is_the_row_of_its_cell_and_of_its_file() -> None:
    made = source(notebook("import ctypes", MARKDOWN, 'x = "é\\u0041"; y = 2\nz = "\\t" + q\n'))
    at = made.text.index("q\n")
    place = made.locate(at)
    assert made.cell_of(place) == (3, Location(2, 12))
    row, column = made.in_file(place).row, made.in_file(place).column
    line = made.json.splitlines()[row - 1]
    assert line[column - 1] == "q"
    assert made.line(place.row) == 'z = "\\t" + q'


@pytest.mark.parametrize("indent", [None, 1, 2, "\t"])
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_only_the_literals_of_changed_lines_change(
    indent: int | str | None, as_text: bool, ascii_only: bool
) -> None:
    document = notebook("a = 'é'\nb = 2\nc = 3", "d = '\U0001f40d'\n")
    if as_text:
        for cell in document["cells"]:
            cell["source"] = "".join(cell["source"])
    made = source(document, indent=indent, ensure_ascii=ascii_only)
    changed = made.encode(made.text.replace("b = 2\n", "bb = 22\n"))
    assert changed == made.data.replace(b"b = 2", b"bb = 22")
    gone = made.encode(made.text.replace("b = 2\n", ""))
    document["cells"][0]["source"] = "a = 'é'\nc = 3" if as_text else ["a = 'é'\n", "c = 3"]
    assert gone == source(document, indent=indent, ensure_ascii=ascii_only).data


def test_lines_are_put_into_and_taken_out_of_every_position() -> None:
    made = source(notebook("one = 1\ntwo = 2\nthree = 3", MARKDOWN, "x = 1"))
    for old, new, lines in (
        ("one = 1\n", "", ["two = 2\n", "three = 3"]),
        ("three = 3\n", "", ["one = 1\n", "two = 2"]),
        ("one = 1\ntwo = 2\nthree = 3\n", "", []),
        ("one = 1\n", "import a\none = 1\n", ["import a\n", "one = 1\n", "two = 2\n", "three = 3"]),
        ("three = 3\n", "three = 3\nfour\n", ["one = 1\n", "two = 2\n", "three = 3\n", "four"]),
    ):
        data = made.encode(made.text.replace(old, new))
        read = json.loads(data)
        assert read["cells"][0]["source"] == lines
        assert read["cells"][1:] == json.loads(made.data)["cells"][1:]
        nbformat.validate(nbformat.reads(data.decode(), as_version=4))
        again = made.with_data(data)
        assert again.text == made.text.replace(old, new)
    data = made.encode(made.text.replace("x = 1\n", "x = 1\ny = 2\n"))
    assert json.loads(data)["cells"][2]["source"] == ["x = 1\n", "y = 2"]


MAGICS = [
    "%matplotlib inline\nimport ctypes\n",
    "!pip install 'numpy\nimport ctypes",
    "%%time\nimport ctypes\n",
    "%%bash\necho $(( 1 + \nimport ctypes\n",
    "%%html\n<b>import</b>",
    "files = !ls -l 'x\na, b = %sx ls\nimport ctypes",
    "ctypes?\nctypes.CDLL??\n?ctypes\nimport ctypes",
    "if True:\n    !ls \\\n      -l (\n    x = 1\nimport ctypes",
    "pip install numpy\ncd ~/work\nimport ctypes",
    'text = """\n%not a magic\n!not one\n"""\nx = (1\n  % 2)\n%time f(x)\nimport ctypes',
    "%pip install \\\r\n   a b\r\nimport ctypes\r\n",
]


@pytest.mark.parametrize("cell", MAGICS)
def test_magics_are_hidden_and_come_back(cell: str) -> None:
    made = source(notebook("first = 1", cell, "last = 1"))
    ast.parse(made.text)
    assert made.encode(made.text) == made.data
    added = made.encode(made.text.replace("last = 1", "changed = 1"))
    assert json.loads(added)["cells"][1]["source"] == cell.splitlines(keepends=True)
    if "import ctypes" in made.text:
        place = made.locate(made.text.index("import ctypes"))
        number, inside = made.cell_of(place)
        assert number == 2
        assert cell.splitlines()[inside.row - 1] == "import ctypes" == made.line(place.row)
        gone = made.text.replace("import ctypes", "import os")
        assert "".join(json.loads(made.encode(gone))["cells"][1]["source"]) == cell.replace(
            "import ctypes", "import os"
        )


@pytest.mark.parametrize(
    "cell", ["text = '''\n%not a magic\n!x\n'''", "x = (1\n%2\n)", "a = b != c"]
)
def test_what_only_looks_like_a_magic_is_left(cell: str) -> None:
    assert source(notebook(cell)).text == cell + "\n"


def test_a_text_that_joins_cells_or_moves_a_magic_is_refused() -> None:
    made = source(notebook("%%time\nx = 1", "y = 2"))
    mark = next(line for line in made.text.splitlines() if line.startswith("# cell"))
    with pytest.raises(UnfittingCells):
        made.encode(made.text.replace(mark + "\n", ""))
    with pytest.raises(UnfittingCells):
        made.encode("import ctypes\n" + made.text)


def test_cells_of_other_languages_are_not_python() -> None:
    r_cell = {"cell_type": "code", "metadata": {"vscode": {"languageId": "r"}}, "source": "x <- 1"}
    assert source(notebook(r_cell, "x = 1")).text == "x = 1\n"
    assert source(notebook("x <- 1", language_info={"name": "R"})).text == ""
    assert source(notebook("x = 1", kernelspec={"language": "python"})).text == "x = 1\n"


def test_an_old_notebook_is_read_too() -> None:
    cell = {"cell_type": "code", "input": ["x = 1\n", "y"], "language": "python", "outputs": []}
    old = {"metadata": {}, "nbformat": 3, "worksheets": [{"cells": [cell]}]}
    made = source(old)
    assert made.text == "x = 1\ny\n"
    assert made.encode("x = 2\ny\n") == made.data.replace(b"x = 1", b"x = 2")


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", '{"cells": [', '{"cells": [{"source": [1]}]}', '{"cells": [{]}'),
        *('{"cells" 1}', '{"a": ' + "[" * 100_000, "{} x", '{"a": 1e', "{'a': 1}"),
        '{"cells": [{"source": ["a" "b"]}]}',
    ],
)
def test_what_is_no_notebook_is_told_with_its_place(text: str) -> None:
    with pytest.raises(InvalidNotebook):
        code_cells(text)
    made = source(text)
    with pytest.raises(Unreadable):
        _ = made.text
    assert made.cell_of(Location(1, 1)) == (0, Location(1, 1))


def test_a_byte_order_mark_and_other_encodings() -> None:
    plain = source(notebook("x = 1"))
    marked = NotebookSource("a.ipynb", Kind.NOTEBOOK, b"\xef\xbb\xbf" + plain.data)
    assert marked.encode("x = 2\n") == b"\xef\xbb\xbf" + plain.data.replace(b"x = 1", b"x = 2")
    with pytest.raises(Unreadable, match="utf-8"):
        _ = NotebookSource("a.ipynb", Kind.NOTEBOOK, b'{"cells": "\xff"}').text


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["%time", "!ls '", "x = 1", "", "'''", "é = '\U0001f40d'", "x = !ls", "f?"]
        ),
        st.text(max_size=8),
    ),
    max_size=5,
)


@given(st.lists(LINES, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_any_notebook_comes_back_byte_for_byte(
    cells: list[list[str]], ascii_only: bool, indent: int | None
) -> None:
    texts = ["\n".join(lines) for lines in cells]
    document = notebook(*[text.replace("\x00", "") for text in texts])
    try:
        made = source(document, indent=indent, ensure_ascii=ascii_only)
    except UnicodeEncodeError:  # a lone surrogate cannot be written so
        return
    try:
        assert made.encode(made.text) == made.data
    except UnfittingCells:
        assert not made.cells
        return
    except UnicodeEncodeError:
        return
    if not made.text:
        return
    for row in range(1, len(made.line_starts) + 1):
        number, inside = made.cell_of(Location(row, 1))
        assert number in [cell.number for cell in made.cells]
        assert inside.row >= 1
        assert made.in_file(Location(row, 1)).row <= made.json.count("\n") + 1
    changed = made.text.replace("x = 1", "y = 22")
    result = json.loads(made.encode(changed))
    for cell, text in zip(result["cells"], document["cells"], strict=True):
        before = "".join(text["source"])
        assert "".join(cell["source"]) in (before, before.replace("x = 1", "y = 22"))


def test_a_notebook_of_much_code_is_searched_by_the_reader_alone() -> None:
    """To decode it, and to hide magics, takes time, which only the reader has a clock for."""
    load = "import ctypes\nctypes.PyDLL('libpython3.11.so').Py_X()\n"
    for width, output, is_searched in ((1_000, 9, True), (15_000, 9, False), (9, 1 << 20, False)):
        cells = [
            {"cell_type": "code", "metadata": {}, "outputs": ["a" * output], "source": source}
            for source in (f"!ls it's {'a' * width}\n" * 9, load)
        ]
        data = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()
        assert (searchable_code(data) is not None) is is_searched
        (found,) = api.check_bytes(data, "a.ipynb")
        assert (found.code, found.fix is not None) == ("NLP101", True)


REPEATED = [
    '{"cells": [{"cell_type": "code", "source": "a", "source": ["b", "c"]}]}',
    '{"cells": [{"cell_type": "code", "source": "a", "input": "bc", "source": null}]}',
    '{"cells": [], "cells": [{"source": "bc", "cell_type": 3, "cell_type": "code"}]}',
    '{"worksheets": [{"cells": [{"cell_type": "code", "input": "bc"}]}], "metadata": [1]}',
    '{"cells": [{"cell_type": "code", "source": "bc", "metadata": {"vscode": 1}}], "a": {"b": [{}]}}',
]


@pytest.mark.parametrize("text", REPEATED)
def test_keys_that_are_repeated_are_read_as_they_are_written(text: str) -> None:
    made = NotebookSource("a.ipynb", Kind.NOTEBOOK, text.encode())
    assert [cell.text for cell in made.cells] == ["bc"]
    changed = made.encode(made.text.replace("bc", "de"))
    again = NotebookSource("a.ipynb", Kind.NOTEBOOK, changed)
    assert [cell.text for cell in again.cells] == ["de"]
