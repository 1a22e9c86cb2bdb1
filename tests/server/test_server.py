"""The language server over standard input and output, with a real client."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra `server` is not installed")

from lsprotocol import types

from tests.server.editor import applied, editor

pytestmark = pytest.mark.slow

UNUSED = "x = '\U0001f40d'; y = 1  # noqa: NLP101\n"
SETUP_CFG = "[build_ext]\nlibraries = m python3.11\n"


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def at(row: int, column: int) -> types.Range:
    return types.Range(types.Position(row, column), types.Position(row, column))


def edits_of(action: types.CodeAction, uri: str) -> list[types.TextEdit]:
    assert action.edit
    assert action.edit.changes
    assert list(action.edit.changes) == [uri]
    return list(action.edit.changes[uri])


@pytest.mark.parametrize(
    ("offered", "column", "codec"),
    [((), 17, "utf-16-le"), (("utf-8",), 19, "utf-8"), (("utf-32",), 16, "utf-32-le")],
)
def test_columns_are_counted_in_the_units_of_the_editor(
    tmp_path: Path, offered: tuple[str, ...], column: int, codec: str
) -> None:
    async def work() -> None:
        async with editor(tmp_path, *offered) as client:
            uri = client.open(tmp_path / "a.py", UNUSED)
            (found,) = await client.codes(uri, ["NLP901"])
            assert (found.range.start.line, found.range.start.character) == (0, column)
            assert found.source == "nolibpy"
            assert found.code_description
            assert "unused-suppression" in found.code_description.href
            (action,) = await client.actions(uri, found.range, ["quickfix"])
            assert applied(UNUSED, edits_of(action, uri), codec) == "x = '\U0001f40d'; y = 1\n"
            assert action.is_preferred

    run(work())


def test_findings_come_and_go_as_one_types(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a b.py", "x = 1\n")
            await client.codes(uri, [])
            client.change(uri, UNUSED, 2)
            await client.codes(uri, ["NLP901"])
            client.change(uri, UNUSED * 2, 3)
            await client.codes(uri, ["NLP901", "NLP901"])
            client.change(uri, "x = 1\n", 4)
            await client.codes(uri, [])
            client.change(uri, UNUSED, 5)
            await client.codes(uri, ["NLP901"])
            document = types.TextDocumentIdentifier(uri)
            client.text_document_did_close(types.DidCloseTextDocumentParams(document))
            await client.codes(uri, [])

    run(work())


def test_the_configuration_of_the_project_counts_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", UNUSED)
            await client.codes(uri, ["NLP901"])
            (tmp_path / "pyproject.toml").write_text('[tool.nolibpy]\nignore = ["NLP9"]\n')
            client.change(uri, UNUSED + "\n", 2)
            await client.codes(uri, [])

    run(work())


def test_hovering_shows_the_page_of_the_rule(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            text = UNUSED + "# see NLP302 and NLP999\n"
            uri = client.open(tmp_path / "a.py", text)
            await client.codes(uri, ["NLP901"])
            page = await client.hover(uri, 0, 20)
            assert page.startswith("`# noqa: NLP101` suppresses nothing")
            assert "## What it does" in page
            assert "libpython-bundled" in await client.hover(uri, 1, 8)
            assert await client.hover(uri, 1, 19) == ""
            assert await client.hover(uri, 0, 1) == ""

    run(work())


def test_a_build_file_is_fixed_suppressed_and_fixed_in_all(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "setup.cfg", SETUP_CFG, "ini")
            (found,) = await client.codes(uri, ["NLP201"])
            fix, suppress, everything = await client.actions(uri, found.range)
            assert applied(SETUP_CFG, edits_of(fix, uri)) == "[build_ext]\nlibraries = m\n"
            assert suppress.title == "Suppress NLP201 here"
            assert applied(SETUP_CFG, edits_of(suppress, uri)) == (
                "[build_ext]\n# nolibpy: ignore[NLP201]\nlibraries = m python3.11\n"
            )
            assert everything.kind == "source.fixAll.nolibpy"
            assert applied(SETUP_CFG, edits_of(everything, uri)) == "[build_ext]\nlibraries = m\n"
            (alone,) = await client.actions(uri, at(0, 0), ["source.fixAll"])
            assert alone.title == everything.title
            assert await client.actions(uri, at(0, 0), ["quickfix"]) == []
            assert await client.actions(uri, found.range, ["refactor"]) == []
            # An action asked for before the next look is made for the text as it is now.
            client.change(uri, "\n" + SETUP_CFG, 2)
            (fix, *_) = await client.actions(uri, at(2, 15), ["quickfix"])
            assert applied("\n" + SETUP_CFG, edits_of(fix, uri)) == "\n[build_ext]\nlibraries = m\n"

    run(work())


def test_the_cells_of_a_notebook_are_checked_together(tmp_path: Path) -> None:
    def cell(name: str, text: str) -> types.TextDocumentItem:
        uri = f"vscode-notebook-cell:{tmp_path}/a.ipynb#{name}"
        return types.TextDocumentItem(uri, "python", 1, text)

    async def work() -> None:
        async with editor(tmp_path) as client:
            assert client.capabilities.notebook_document_sync
            cells = [cell("one", "%time\nx = 1"), cell("two", "# no\n" + UNUSED)]
            client.notebook_document_did_open(
                types.DidOpenNotebookDocumentParams(
                    types.NotebookDocument(
                        uri=(tmp_path / "a.ipynb").as_uri(),
                        notebook_type="jupyter-notebook",
                        version=1,
                        cells=[
                            types.NotebookCell(types.NotebookCellKind.Code, item.uri)
                            for item in cells
                        ],
                    ),
                    cells,
                )
            )
            (found,) = await client.codes(cells[1].uri, ["NLP901"])
            assert (found.range.start.line, found.range.start.character) == (1, 17)
            (action,) = await client.actions(cells[1].uri, found.range, ["quickfix"])
            assert applied(cells[1].text, edits_of(action, cells[1].uri)).endswith("y = 1\n")
            await client.codes(cells[0].uri, [])
            assert "unused-suppression" in await client.hover(cells[1].uri, 1, 20)

    run(work())


def test_a_load_is_shown_with_what_led_to_it(tmp_path: Path) -> None:
    text = 'import ctypes\nname = "libpython3.11.so"\napi = ctypes.PyDLL(name)\napi.f()\n'

    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", text)
            (found,) = await client.codes(uri, ["NLP101"])
            assert found.range.start.line == 2
            assert [item.location.uri for item in found.related_information or []] == [uri]
            fix, suppress, _ = await client.actions(uri, found.range)
            assert "ctypes.pythonapi" in applied(text, edits_of(fix, uri))
            assert "  # noqa: NLP101\n" in applied(text, edits_of(suppress, uri))

    run(work())


def test_a_private_view_is_preferred_and_pythonapi_offered_beside_it(tmp_path: Path) -> None:
    text = (
        'import ctypes\napi = ctypes.CDLL("libpython3.11.so")\napi.Py_GetVersion.restype = None\n'
    )

    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", text)
            (found,) = await client.codes(uri, ["NLP101"])
            view, itself, _, every = await client.actions(uri, found.range)
            for action in (view, every):
                assert "handle=ctypes.pythonapi._handle" in applied(text, edits_of(action, uri))
            assert "api = ctypes.pythonapi\n" in applied(text, edits_of(itself, uri))
            assert view.is_preferred
            assert not itself.is_preferred

    run(work())


@pytest.mark.parametrize("name", ["a.txt", "a.so", "a.whl"])
def test_documents_of_other_kinds_are_nobodys_business(tmp_path: Path, name: str) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            other = client.open(tmp_path / name, UNUSED, "plaintext")
            uri = client.open(tmp_path / "a.py", UNUSED)
            await client.codes(uri, ["NLP901"])
            assert other not in client.said
            assert await client.actions(other, at(0, 0)) == []

    run(work())


def test_without_pygls_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['pygls'] = None;"
        "from no_libpython_dlopen.__main__ import main; sys.exit(main(['server']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, stdin=-3
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("nolibpy: error: the server needs pygls: `pip install ")
    assert ran.stderr.count("\n") == 1
