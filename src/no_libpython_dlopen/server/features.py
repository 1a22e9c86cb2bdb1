"""What the server answers to: each message of the protocol, and who handles it."""

from __future__ import annotations

import re
from typing import Any

from lsprotocol import types

from no_libpython_dlopen import rules
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.server import actions
from no_libpython_dlopen.server.service import NAME, PAUSE, Service

_CODE = re.compile(r"\bNLP\d{3}\b")


def service() -> Service:
    """Return the server with all its answers."""
    server = Service()
    _answer_to_documents(server)
    _answer_to_notebooks(server)
    _answer_to_actions(server)

    @server.feature(types.INITIALIZED)
    async def _after_initialization(_: types.InitializedParams) -> None:
        server.analyser.start()
        server.watch_configuration()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def _check_all_again(_: types.DidChangeWatchedFilesParams) -> None:
        server.take_changes_of_files()

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier=NAME
        ),
    )
    async def _diagnostics(
        params: types.DocumentDiagnosticParams,
    ) -> types.DocumentDiagnosticReport:
        return await diagnostics(server, params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _hover(params: types.HoverParams) -> types.Hover | None:
        return hover(server, params)

    return server


def _answer_to_actions(server: Service) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, actions.FIX_ALL],
            resolve_provider=True,
        ),
    )
    async def _actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await actions.code_actions(server, params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def _resolve_action(action: types.CodeAction) -> types.CodeAction:
        resolved = await actions.resolve(server, action)
        if resolved.edit is None:
            actions.say_why_nothing_changes(server, action)
        return resolved

    @server.command(actions.COMMAND)
    async def _apply_action(to_do: dict[str, Any]) -> None:
        await actions.execute(server, to_do)


def _answer_to_documents(server: Service) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def _after_open(params: types.DidOpenTextDocumentParams) -> None:
        server.take_change(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def _after_change(params: types.DidChangeTextDocumentParams) -> None:
        server.take_change(params.text_document.uri, pause=PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def _after_save(_: types.DidSaveTextDocumentParams) -> None:
        server.take_changes_of_files()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def _after_close(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)


def _answer_to_notebooks(server: Service) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def _after_open(params: types.DidOpenNotebookDocumentParams) -> None:
        server.take_change(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def _after_change(params: types.DidChangeNotebookDocumentParams) -> None:
        server.take_change(params.notebook_document.uri, pause=PAUSE)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def _after_close(params: types.DidCloseNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            server.close(cell.uri)


async def diagnostics(
    server: Service, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Return the diagnostics of a document: the newest ones, or those known now if news follow."""
    uri = params.text_document.uri
    if not server.refreshes:
        await server.wait_for_analysis(uri)
    items = server.diagnostics_at(uri)
    name = f"{hash(repr(items)):x}"
    if name == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
    return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=name)


def hover(server: Service, params: types.HoverParams) -> types.Hover | None:
    """Return the page of the rule of a finding, or of a code in a comment."""
    uri = params.text_document.uri
    view = server.view_of(uri)
    if view is None:
        return None
    here = types.Range(params.position, params.position)
    start, _ = server.span(uri, here, view)
    for finding in view.findings_in(start, start):
        return _page(finding.code, finding.message, server.range(finding.start, finding.end, view))
    for match in _CODE.finditer(view.line(start.row)):
        if match.start() <= start.column - 1 <= match.end() and match[0] in rules.codes():
            first = Location(start.row, match.start() + 1)
            last = Location(start.row, match.end() + 1)
            return _page(match[0], "", server.range(first, last, view))
    return None


def _page(code: str, message: str, where: types.Range) -> types.Hover:
    rule = rules.rule(code)
    said = f"{message}\n\n---\n\n" if message else ""
    text = f"{said}**[{rule.code} {rule.name}]({rule.url()})**\n\n{rule.page()}"
    return types.Hover(types.MarkupContent(kind=types.MarkupKind.Markdown, value=text), range=where)
