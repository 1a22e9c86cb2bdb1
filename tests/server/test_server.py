"""The language server over standard input and output, with a real client."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra `server` is not installed")

from lsprotocol import types

from no_libpython_dlopen.config import FILE_NAMES, Settings
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.edits import fits
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.server import actions, analysis
from no_libpython_dlopen.server.service import STEP, Service
from no_libpython_dlopen.server.view import TextSource, View, move_findings
from tests.server.editor import applied, editor
from tests.variants import ACROSS_MODULES, write_project

pytestmark = pytest.mark.slow

UNUSED = "x = '\U0001f40d'; y = 1  # noqa: NLP101\n"
LOAD = 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
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


def test_a_text_that_is_none_for_a_moment_has_its_finding_and_goes_on(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            await client.codes(uri, ["NLP101"])
            client.change(uri, LOAD.replace("api.", "\0"), 2)
            (found,) = await client.codes(uri, ["NLP900"])
            assert found.range.start.line == 2
            assert not await client.actions(uri, found.range, ["quickfix"])
            client.change(uri, LOAD + 'x = "\ud83d"\n', 3)
            (found,) = await client.codes(uri, ["NLP101"])
            assert await client.actions(uri, found.range, ["quickfix"])
            client.change(uri, "\0", 4)
            await client.codes(uri, ["NLP900"])

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
            suppress = await client.choose(suppress)
            assert applied(SETUP_CFG, edits_of(suppress, uri)) == (
                "[build_ext]\n# nolibpy: ignore[NLP201]\nlibraries = m python3.11\n"
            )
            everything = await client.choose(everything)
            assert applied(SETUP_CFG, edits_of(everything, uri)) == "[build_ext]\nlibraries = m\n"
            (alone,) = await client.actions(uri, at(0, 0), ["source.fixAll"])
            assert (alone.title, alone.kind) == (everything.title, "source.fixAll.nolibpy")
            assert await client.actions(uri, at(0, 0), ["quickfix"]) == []
            assert await client.actions(uri, found.range, ["refactor"]) == []
            # An action asked for before the next look is made for the text as it is now.
            client.change(uri, "\n" + SETUP_CFG, 2)
            (fix, *_) = await client.actions(uri, at(2, 15), ["quickfix"])
            assert applied("\n" + SETUP_CFG, edits_of(fix, uri)) == "\n[build_ext]\nlibraries = m\n"

    run(work())


def test_the_lines_of_a_pth_file_are_checked_where_they_are(tmp_path: Path) -> None:
    text = "/some/where\n# why\nimport ctypes; ctypes.PyDLL('libpython3.11.so').f()\n"

    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.pth", text, "plaintext")
            (found,) = await client.codes(uri, ["NLP101"])
            assert found.range.start == types.Position(2, 15)
            (suppress,) = await client.actions(uri, found.range)
            suppress = await client.choose(suppress)
            quiet = applied(text, edits_of(suppress, uri))
            assert quiet == text.replace(".f()", ".f()  # noqa: NLP101")
            client.change(uri, quiet, 2)
            assert await client.codes(uri, []) == []
            client.change(uri, f"/more\n{text}", 3)
            (found,) = await client.codes(uri, ["NLP101"])
            assert found.range.start == types.Position(3, 15)

    run(work())


def test_the_cells_of_a_notebook_are_checked_together(tmp_path: Path) -> None:
    def cell(name: str, text: str) -> types.TextDocumentItem:
        uri = f"vscode-notebook-cell:{tmp_path}/a.ipynb#{name}"
        return types.TextDocumentItem(uri, "python", 1, text)

    notebook = (tmp_path / "a.ipynb").as_uri()

    async def work() -> None:
        async with editor(tmp_path) as client:
            assert client.capabilities.notebook_document_sync
            cells = [cell("one", "%time\nx = 1"), cell("two", "# no\n" + UNUSED)]
            client.notebook_document_did_open(
                types.DidOpenNotebookDocumentParams(
                    types.NotebookDocument(
                        uri=notebook,
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
            changed = types.NotebookDocumentCellContentChanges(
                types.VersionedTextDocumentIdentifier(version=2, uri=cells[0].uri),
                [types.TextDocumentContentChangeWholeDocument("name = 'libpython3.11.so'")],
            )
            load = "import ctypes\napi = ctypes.PyDLL(name)\napi.PyErr_Clear()\n"
            added = cell("three", load)
            prose = cell("four", f"`{load}`")
            structure = types.NotebookDocumentCellChangeStructure(
                types.NotebookCellArrayChange(
                    start=2,
                    delete_count=0,
                    cells=[
                        types.NotebookCell(types.NotebookCellKind.Code, added.uri),
                        types.NotebookCell(types.NotebookCellKind.Markup, prose.uri),
                    ],
                ),
                did_open=[added, prose],
            )
            client.notebook_document_did_change(
                types.DidChangeNotebookDocumentParams(
                    types.VersionedNotebookDocumentIdentifier(2, notebook),
                    types.NotebookDocumentChangeEvent(
                        cells=types.NotebookDocumentCellChanges(structure, text_content=[changed])
                    ),
                )
            )
            (found,) = await client.codes(added.uri, ["NLP101"])
            assert found.range.start.line == 1
            client.notebook_document_did_close(
                types.DidCloseNotebookDocumentParams(
                    types.NotebookDocumentIdentifier(notebook),
                    [types.TextDocumentIdentifier(one.uri) for one in (*cells, added, prose)],
                )
            )
            for one in (cells[1], added):
                await client.codes(one.uri, [])
            assert prose.uri not in client.said

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
            suppress = await client.choose(suppress)
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
            every = await client.choose(every)
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


def message(**content: object) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("shuts_down", [True, False])
def test_the_server_ends_without_a_word(shuts_down: bool) -> None:
    said = [
        message(
            id=1,
            method="initialize",
            params={"processId": None, "rootUri": None, "capabilities": {}},
        ),
        message(method="initialized", params={}),
        *([message(id=2, method="shutdown")] if shuts_down else []),
        message(method="exit"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "server"],
        input=b"".join(said),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == b""
    assert done.returncode == (0 if shuts_down else 1)


def test_requests_out_of_turn_get_the_errors_of_the_protocol() -> None:
    start = {"processId": None, "rootUri": None, "capabilities": {}}
    where = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 0}}
    said = [
        message(id=1, method="textDocument/hover", params=where),
        message(method="textDocument/didClose", params={"textDocument": where["textDocument"]}),
        message(id=2, method="initialize", params=start),
        message(id=3, method="initialize", params=start),
        message(id=6, method="textDocument/codeAction", params={}),
        message(id=7, method="textDocument/hover", params={"position": "x"}),
        message(id="8", method="textDocument/diagnostic", params=[]),
        message(method="textDocument/didOpen", params={}),
        message(id=4, method="shutdown"),
        message(id=5, method="textDocument/hover", params=where),
        message(method="exit"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "server"],
        input=b"".join(said),
        capture_output=True,
        check=False,
        timeout=60,
    )
    answers = [
        json.loads(part.partition(b"\r\n\r\n")[2])
        for part in done.stdout.split(b"Content-Length")[1:]
    ]
    codes = {
        answer["id"]: answer.get("error", {}).get("code") for answer in answers if "id" in answer
    }
    assert codes == {
        **dict.fromkeys((2, 4)),
        **dict.fromkeys((3, 5), -32600),
        **dict.fromkeys((6, 7, "8"), -32602),
        1: -32002,
    }
    assert all(line.startswith(b"nolibpy: error: ") for line in done.stderr.splitlines())
    assert done.returncode == 0


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="POSIX")
def test_a_signal_ends_the_server_and_its_process_at_once() -> None:
    command = [sys.executable, "-m", "no_libpython_dlopen", "server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stderr
        server.stdin.write(
            message(
                id=1,
                method="initialize",
                params={"processId": None, "rootUri": None, "capabilities": {}},
            )
            + message(method="initialized", params={})
        )
        server.stdin.flush()
        time.sleep(3)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 128 + signal.SIGTERM
        assert server.stderr.read() == b"", "it is closed when the other process has ended, too"


@pytest.mark.parametrize(
    "name", ["a/" * 50_000 + "x.py", "a" * 5_000 + ".py", "../" * 3_000 + "x.py"],
    ids=["folders", "name", "upwards"],
)  # fmt: skip
def test_a_path_that_no_system_opens_is_a_name(tmp_path: Path, name: str) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(Path("/") / name, LOAD)
            await client.codes(uri, ["NLP101"])

    asyncio.run(work())


def test_a_burst_of_changes_ends_with_the_last_text(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", LOAD * 30)
            await client.codes(uri, ["NLP101"] * 30)
            for version in range(2, 12):
                client.change(uri, "#\n" * version + LOAD * 30, version)
            text = "#\n" * 11 + LOAD * 30
            place = types.Position(12, 8)
            (fix, *_) = await client.actions(uri, types.Range(place, place))
            assert "pythonapi" in applied(text, edits_of(fix, uri)), "of the text that is there now"
            while client.versions[uri] != 11:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.5)  # nothing older follows
            assert client.versions[uri] == 11
            assert client.said[uri][0].range.start.line == 12

    run(work())


def test_diagnostics_have_the_version_and_follow_the_text_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            (found,) = await client.codes(uri, ["NLP101"])
            assert client.versions[uri] == 1
            row = found.range.start.line
            client.change(uri, f"# one\n# two\n{LOAD}", 2)
            while client.versions[uri] != 2:
                await asyncio.sleep(0.001)
            assert [one.range.start.line for one in client.said[uri]] == [row + 2]
            (fix, *_) = await client.actions(uri, client.said[uri][0].range)
            assert "pythonapi" in applied(f"# one\n# two\n{LOAD}", edits_of(fix, uri))
            client.change(uri, "import ctypes\n", 3)
            await client.codes(uri, [])
            assert client.versions[uri] == 3

    run(work())


def test_an_editor_that_asks_is_answered_and_not_told(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path, pulls=True) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            report = await client.pull(uri)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            assert [one.code for one in report.items] == ["NLP101"]
            again = await client.pull(uri, report.result_id)
            assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
            client.change(uri, "x = 1\n", 2)
            report = await client.pull(uri, report.result_id)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            assert not report.items
            assert uri not in client.said

    run(work())


def test_actions_that_must_be_tried_are_made_when_they_are_chosen(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path, resolves=True) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            (found,) = await client.codes(uri, ["NLP101"])
            fix, suppress, every = await client.actions(uri, found.range)
            assert fix.edit is not None
            assert suppress.edit is None
            assert every.edit is None
            suppress = await client.code_action_resolve_async(suppress)
            assert "  # noqa: NLP101\n" in applied(LOAD, edits_of(suppress, uri))
            every = await client.code_action_resolve_async(every)
            assert "pythonapi" in applied(LOAD, edits_of(every, uri))
            assert client.messages == []

    run(work())


#: A name, a language and a text in which no comment can suppress the finding.
NO_PLACES = [
    ("a.pyx", "cython", "# distutils: libraries = python3.11\n# -*- coding: latin-1 -*-\n"),
    (
        "a.mk",
        "makefile",
        "define R\ngcc -shared -o a.abi3.so a.o -lpython3.11\nendef\nx:\n\t$(R)\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "text"), NO_PLACES)
def test_an_editor_is_told_why_no_comment_was_added(
    name: str, language: str, text: str, tmp_path: Path
) -> None:
    async def work() -> None:
        async with editor(tmp_path, resolves=True) as client:
            uri = client.open(tmp_path / name, text, language)
            (found,) = await client.codes(uri, ["NLP201"])
            offered = await client.actions(uri, found.range)
            (suppress,) = [one for one in offered if one.title == "Suppress NLP201 here"]
            suppress = await client.code_action_resolve_async(suppress)
            assert suppress.edit is None
            assert client.messages == [
                "No comment was added: a comment there would change what the file means."
            ]
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / name, text, language)
            (found,) = await client.codes(uri, ["NLP201"])
            offered = await client.actions(uri, found.range)
            (suppress,) = [one for one in offered if one.title == "Suppress NLP201 here"]
            assert (await client.choose(suppress)).edit is None
            assert len(client.messages) == 1

    run(work())


def test_an_editor_that_neither_asks_nor_applies_gets_what_is_known(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path, applies=False) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            (found,) = await client.codes(uri, ["NLP101"])
            (fix,) = await client.actions(uri, found.range)
            assert "pythonapi" in applied(LOAD, edits_of(fix, uri))
            (saved,) = await client.actions(uri, at(0, 0), ["source.fixAll.nolibpy"])
            assert "pythonapi" in applied(LOAD, edits_of(saved, uri))

    run(work())


def test_an_action_for_another_text_changes_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            (found,) = await client.codes(uri, ["NLP101"])
            _, suppress, every = await client.actions(uri, found.range)
            client.change(uri, LOAD * 2, 2)
            for action in (suppress, every):
                assert (await client.choose(action)).edit is None
            assert len(client.messages) == 2
            assert "has been changed" in client.messages[0]

    run(work())


@pytest.mark.parametrize(("resolves", "applies"), [(True, True), (False, True), (False, False)])
def test_actions_are_offered_without_an_analysis(
    resolves: bool, applies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only the findings in the range are shown as the editor counts."""
    text = LOAD * 30
    shown: list[Finding] = []
    diagnostic = Service.diagnostic
    monkeypatch.setattr(Service, "resolves_actions", resolves)
    monkeypatch.setattr(Service, "applies_edits", applies)
    monkeypatch.setattr(
        Service, "diagnostic", lambda *args: shown.append(args[1]) or diagnostic(*args)
    )
    source = TextSource("a.py", Kind.PYTHON, text.encode())
    view = View(source, {0: "file:///a.py"}, Settings())
    view.set_findings(api.check_bytes(text.encode(), "a.py"))

    async def work() -> None:
        server = Service()
        monkeypatch.setattr(server, "view_of", lambda _: view)
        monkeypatch.setattr(Service, "units", "utf-16")
        monkeypatch.setattr(server.analyser, "run", None)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier("file:///a.py"),
            at(1, 8),
            types.CodeActionContext(diagnostics=[]),
        )
        offered = await actions.code_actions(server, params)
        assert [one.title for one in offered][1:] == (
            ["Suppress NLP101 here", "Apply all safe fixes of nolibpy"]
            if resolves or applies
            else []
        )
        assert len(shown) == 1

    run(work())


@pytest.mark.parametrize(
    ("findings", "at_once", "taken"), [(40, [0], [0, 9]), (1, [*range(10)], [*range(10)])]
)
def test_a_burst_of_changes_of_many_findings_is_taken_in_steps(
    findings: int, at_once: list[int], taken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those in between cost nothing: neither are findings moved nor diagnostics written."""
    source = TextSource("a.py", Kind.PYTHON, LOAD.encode())
    (found, *_) = api.check_bytes(LOAD.encode(), "a.py")
    version = 0
    looked: list[int] = []
    sent: list[int | None] = []

    def current_view(_: Service, uri: str) -> View:
        looked.append(version)
        return View(source, {0: uri}, Settings(), version)

    monkeypatch.setattr(Service, "current_view", current_view)
    monkeypatch.setattr(Service, "_publish", lambda _, view: sent.append(view.version))

    async def work() -> None:
        nonlocal version
        server = Service()
        monkeypatch.setattr(server.analyser, "known_findings", lambda _: [found] * findings)
        for version in range(10):  # noqa: B007 - it is what the editor holds
            server.take_change("uri")
        assert (looked, sent) == (at_once, at_once)
        await asyncio.sleep(5 * STEP)
        assert (looked, sent) == (taken, taken)

    run(work())


WRONG = [
    ('[project]\nname = "a"\n\n[tool.nolibpy]\nselekt = []\n', 4, "unknown key `selekt`"),
    ('[tool.nolibpy]\nignore = ["NLP7"]\n', 1, "unknown rule"),
    ('[tool.nolibpy.per-file-ignores]\n"[a" = ["NLP1"]\n', 0, "not a pattern"),
    ("[tool.nolibpy]\nselect = []\n", 1, "no rule is selected"),
    ("[tool.nolibpy]\nselect = [\n", 1, "not valid TOML"),
    ('[project]\nname = "nolib"\n\n[tool.nolib]\nignore = []\n', 3, "did you mean"),
    ('[tool."nolib".per-file-ignores]\n', 0, "did you mean"),
    ("[tool.black]\n[nolibpy]\n", 1, "did you mean"),
    ('[project]\nname = "nolibs"\n[tool]\nnolib = {jobs = 1}\n', 3, "did you mean"),
    ("x.y = 1\ntool.nolib.jobs = 1\n", 1, "did you mean"),
]


@pytest.mark.parametrize(("text", "row", "said"), WRONG)
def test_mistakes_of_the_configuration_are_shown_in_its_file(
    text: str, row: int | None, said: str, tmp_path: Path
) -> None:
    config = tmp_path / "pyproject.toml"
    config.write_text(text)

    async def work() -> None:
        async with editor(tmp_path, watches=True) as client:
            uri = client.open(tmp_path / "a.py", LOAD)
            (found,) = await client.codes(config.as_uri(), [None])
            assert said in found.message
            assert row is None or found.range.start.line == row
            config.write_text('[tool.nolibpy]\nignore = ["NLP1"]\n')
            client.tell_of_change(config)
            await client.codes(config.as_uri(), [])
            await client.codes(uri, [])

    run(work())


@pytest.mark.parametrize("name", FILE_NAMES)
@pytest.mark.parametrize("watches", [True, False])
def test_a_configuration_file_that_is_open_alone_shows_its_mistakes(
    name: str, watches: bool, tmp_path: Path
) -> None:
    table = "[tool.nolibpy]\n" if name == "pyproject.toml" else "\n"
    config = tmp_path / name
    config.write_text(f"{table}selekt = []\n")

    async def work() -> None:
        async with editor(tmp_path, watches=watches) as client:
            uri = client.open(config, config.read_text(), "toml")
            (found,) = await client.codes(uri, [None])
            assert "unknown key `selekt`" in found.message
            assert found.range.start.line == 1
            client.change(uri, right := f'{table}ignore = ["NLP102"]\n', 2)
            await client.codes(uri, [])
            config.write_text(right)
            client.save(uri)
            client.change(uri, f"{table}ignore = [\n", 3)
            await client.codes(uri, [None])
            client.close(uri)
            await client.codes(uri, [])
            config.write_text(f"{table}ignore = [\n")
            client.open(tmp_path / "a.py", LOAD)
            await client.codes(uri, [None])
            again = client.open(config, config.read_text(), "toml")
            times = client.times[uri]
            client.close(again)
            await client.told(uri, times + 1)
            await client.codes(uri, [None])

    run(work())


@pytest.mark.parametrize("watches", [True, False])
def test_the_mistakes_of_two_projects_are_shown_beside_each_other(
    watches: bool, tmp_path: Path
) -> None:
    uris = {}
    for name in ("a", "b"):
        (tmp_path / name / ".git").mkdir(parents=True)
        config = tmp_path / name / "nolibpy.toml"
        config.write_text("selekt = []\n")
        uris[name] = config.as_uri()

    async def work() -> None:
        async with editor(tmp_path, watches=watches) as client:
            client.open(tmp_path / "a/a.py", LOAD)
            await client.codes(uris["a"], [None])
            client.open(tmp_path / "b/nolibpy.toml", "selekt = []\n", "toml")
            await client.codes(uris["b"], [None])
            later = client.open(tmp_path / "b/b.py", LOAD)
            await client.codes(later, ["NLP101"])
            assert client.said[uris["a"]]
            (tmp_path / "a/nolibpy.toml").unlink()
            client.save(later)
            await client.codes(uris["a"], [])
            await client.codes(uris["b"], [None])  # all files are read again, one by one

    run(work())


@pytest.mark.parametrize("name", FILE_NAMES)
def test_an_editor_that_asks_gets_the_mistakes_of_an_open_configuration_file(
    name: str, tmp_path: Path
) -> None:
    table = "[tool.nolibpy]\n" if name == "pyproject.toml" else ""
    config = tmp_path / name
    config.write_text(f"{table}selekt = []\n")

    async def work() -> None:
        async with editor(tmp_path, pulls=True) as client:
            uri = client.open(config, config.read_text(), "toml")
            answer = await client.pull(uri)
            assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
            (found,) = answer.items
            assert "unknown key `selekt`" in found.message
            client.change(uri, f'{table}ignore = ["NLP1"]\n', 2)
            answer = await client.pull(uri)
            assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
            assert not answer.items
            answer = await client.pull(client.open(tmp_path / "a.py", LOAD))
            assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
            assert answer.items, "settings count once they are saved"
            assert uri not in client.said

    run(work())


def test_a_storm_of_changed_files_is_followed_by_few_looks(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            opened = [client.open(tmp_path / f"{number}.py", LOAD) for number in range(20)]
            for uri in opened:
                await client.codes(uri, ["NLP101"])
            client.times.clear()
            (tmp_path / "nolibpy.toml").write_text('ignore = ["NLP101"]\n')
            for _ in range(200):
                client.tell_of_change(tmp_path / "nolibpy.toml")
            for uri in opened:
                await client.codes(uri, [])
            assert max(client.times.values()) < 20

    run(work())


def test_a_configuration_file_that_has_gone_has_no_mistakes(tmp_path: Path) -> None:
    config = tmp_path / "nolibpy.toml"
    config.write_text("selekt = []\n")

    async def work() -> None:
        async with editor(tmp_path, watches=True) as client:
            client.open(tmp_path / "a.py", LOAD)
            await client.codes(config.as_uri(), [None])
            config.unlink()
            client.tell_of_change(config)
            await client.codes(config.as_uri(), [])

    run(work())


@pytest.mark.parametrize(("text", "row"), [("# x\nselekt = []\n", 1), ("#\n#\nx =\n", 2)])
def test_a_mistake_is_shown_in_the_file_that_is_extended(
    text: str, row: int, tmp_path: Path
) -> None:
    (tmp_path / "nolibpy.toml").write_text('\nextend = "base.toml"\n')
    (tmp_path / "base.toml").write_text(text)

    async def work() -> None:
        async with editor(tmp_path) as client:
            client.open(tmp_path / "a.py", LOAD)
            (found,) = await client.codes((tmp_path / "base.toml").as_uri(), [None])
            assert found.range.start.line == row
            assert "base.toml" not in found.message
            assert not client.said.get((tmp_path / "nolibpy.toml").as_uri())

    run(work())


def test_a_process_that_dies_is_followed_by_another_one() -> None:
    analyser = analysis.Analyser()
    content = analysis.Content("a.py", Kind.PYTHON, LOAD.encode(), Settings())

    async def work() -> None:
        assert await analyser.run(signal.raise_signal, signal.SIGKILL) is None
        assert [one.code for one in await analyser.check(content)] == ["NLP101"]

    try:
        run(work())
    finally:
        analyser.close()


def test_a_document_that_ends_the_process_twice_is_not_said_to_be_clean() -> None:
    analyser = analysis.Analyser()
    content = analysis.Content("a.py", Kind.PYTHON, LOAD.encode() * 2_000, Settings())

    async def work() -> None:
        asked = asyncio.ensure_future(analyser.check(content))
        killed: set[int | None] = set()
        while len(killed) < 2:
            await asyncio.sleep(0.05)
            for process in multiprocessing.active_children():
                if process.pid not in killed:
                    await asyncio.sleep(0.3)  # it is at work
                    process.kill()
                    killed.add(process.pid)
        (found,) = await asked
        assert (found.code, found.start.row) == ("NLP900", 1)
        assert "has ended twice" in found.message

    try:
        run(work())
    finally:
        analyser.close()


def test_the_process_ends_when_the_server_is_killed() -> None:
    code = (
        "import asyncio, os, time\n"
        "from no_libpython_dlopen.config import Settings\n"
        "from no_libpython_dlopen.model.kind import Kind\n"
        "from no_libpython_dlopen.server import analysis\n"
        f"content = analysis.Content('a.py', Kind.PYTHON, {LOAD.encode()!r}, Settings())\n"
        "async def work():\n"
        "    analyser = analysis.Analyser()\n"
        "    [found] = await analyser.check(content)\n"
        "    sleeping = asyncio.ensure_future(analyser.run(time.sleep, 60))\n"
        "    await asyncio.sleep(0.2)\n"
        "    sleeping.cancel()\n"
        "    fix = await analyser.run(analysis.fix_all, content)\n"
        "    comment = await analyser.run(analysis.suppression, content, found)\n"
        "    print(found.code, fix.new, comment.new, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(work())\n"
    )
    # Its output is closed when the other process has ended, too.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert done.stderr == b""
    assert done.stdout.split() == [b"NLP101", b"pythonapi", b"#", b"noqa:", b"NLP101"]


def test_where_no_process_can_be_started_the_server_analyses_itself() -> None:
    import resource

    content = analysis.Content("a.py", Kind.PYTHON, LOAD.encode(), Settings())
    without = content._replace(data=b"x = 1\n")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def work() -> None:
        analyser = analysis.Analyser()
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, limits[1]))  # a pipe takes two
        try:
            [found] = await analyser.check(content)
            assert found.code == "NLP101"
            assert (await analyser.run(analysis.fix_all, content)).new == "pythonapi"
            assert await analyser.run(analysis.fix_all, without) is None
            assert "noqa" in (await analyser.run(analysis.suppression, content, found)).new
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            analyser.close()

    run(work())


def test_old_results_are_forgotten() -> None:
    analyser = analysis.Analyser()
    content = analysis.Content("a.py", Kind.PYTHON, b"", Settings())

    async def work() -> None:
        assert await analyser.check(content) == []
        for number in range(analysis.MOST_KNOWN):
            assert analyser.known_findings(content) == []
            await analyser.run(max, number, 0)
        assert analyser.known_findings(content) is None

    try:
        run(work())
    finally:
        analyser.close()


def test_an_analysis_that_is_of_no_use_is_stopped() -> None:
    analyser = analysis.Analyser()
    content = analysis.Content("a.py", Kind.PYTHON, LOAD.encode(), Settings())

    async def work() -> None:
        assert [one.code for one in await analyser.check(content)] == ["NLP101"]
        sleeping = asyncio.ensure_future(analyser.run(time.sleep, 60))
        await asyncio.sleep(0.2)
        sleeping.cancel()
        other = content._replace(data=b"\n" + content.data)
        start = time.monotonic()
        assert [one.start.row for one in await analyser.check(other)] == [3]
        assert time.monotonic() - start < 20
        assert analyser.known_findings(content) is not None

    try:
        run(work())
    finally:
        analyser.close()


@pytest.mark.parametrize("seed", range(40))
def test_moved_findings_are_at_the_same_text(seed: int) -> None:
    random = Random(seed)
    name = 'name = "libpython3.12.so"\n'
    lines = [LOAD, "x = 'é𝒳'\n", "# api\n", "y = 1\r\n", name]
    before = "".join(random.choices(lines, k=8)) + name + LOAD.replace('"libpython3.11.so"', "name")
    at, until = sorted(random.choices(range(len(before) + 1), k=2))
    after = before[:at] + random.choice(["", "\n", "z", "# a\n# b\n"]) + before[until:]
    view = View(TextSource("a.py", Kind.PYTHON, before.encode()), {0: "a"}, Settings())
    view.set_findings(api.check_bytes(before.encode(), "a.py"))
    source = TextSource("a.py", Kind.PYTHON, after.encode())
    for finding in move_findings(view, source):
        start, end = source.offset(finding.start), source.offset(finding.end)
        assert "ctypes" in source.text[start:end]
        assert finding.noqa_row == finding.start.row
        for item in finding.related:
            there = source.text[source.offset(item.start) : source.offset(item.end)]
            assert there == name.strip()
        if finding.fix is not None:
            assert fits(finding.fix.edits, after)


def test_across_modules_it_says_the_same_as_the_command(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as client:
            for index, title in enumerate(ACROSS_MODULES):
                folder = tmp_path / str(index)
                for name, marked in write_project(title, folder).items():
                    text = (folder / name).read_text(encoding="utf-8")
                    codes = [one.code for one in api.check_bytes(text.encode(), str(folder / name))]
                    shown = await client.codes(client.open(folder / name, text), codes)
                    assert [one.range.start.line + 1 for one in shown] == marked, (title, name)

    run(work())


def test_names_of_other_modules_are_followed_from_what_the_editor_holds(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "paths.py").write_text('LIBPYTHON = "libpython3.11.so"\nOTHER = "libm.so.6"\n')
    path = tmp_path / "app.py"
    path.write_text("")  # what is on disk has no load: the editor has not saved it
    text = "import ctypes\nfrom paths import {0}\napi = ctypes.PyDLL({0})\napi.PyErr_Clear()\n"

    async def work() -> None:
        async with editor(tmp_path) as client:
            uri = client.open(path, text.format("LIBPYTHON"))
            [one] = await client.codes(uri, ["NLP101"])
            assert one.range.start.line == 2
            client.change(uri, text.format("OTHER"), 2)
            await client.codes(uri, [])
            client.change(uri, text.format("LIBPYTHON"), 3)
            await client.codes(uri, ["NLP101"])

    run(work())
