"""A real client of the protocol, which starts the command and talks to it over its pipes."""

from __future__ import annotations

import ast
import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 20.0


class Editor(LanguageClient):
    """Keeps the newest diagnostics of each document."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.said: dict[str, list[types.Diagnostic]] = {}
        self.versions: dict[str, int | None] = {}
        self.messages: list[str] = []
        #: How often diagnostics of a document were sent.
        self.times: Counter[str] = Counter()
        self._news = asyncio.Condition()
        self.capabilities: types.ServerCapabilities

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def _registered(_: types.RegistrationParams) -> None:
            pass

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def _shown(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)

        #: The edits that the server has sent.
        self.sent: list[types.WorkspaceEdit] = []

        @self.feature(types.WORKSPACE_APPLY_EDIT)
        def _applied(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            self.sent.append(params.edit)
            return types.ApplyWorkspaceEditResult(applied=True)

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def _published(params: types.PublishDiagnosticsParams) -> None:
            async with self._news:
                self.times[params.uri] += 1
                self.said[params.uri] = list(params.diagnostics)
                self.versions[params.uri] = params.version
                self._news.notify_all()

    async def codes(self, uri: str, expected: list[str]) -> list[types.Diagnostic]:
        """Wait until a document has diagnostics of these codes, and return them."""

        def there() -> bool:
            return [item.code for item in self.said.get(uri, [])] == expected and uri in self.said

        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(there), PATIENCE)
            except asyncio.TimeoutError:
                raise AssertionError(f"{uri}: {self.said.get(uri)}") from None
        return self.said[uri]

    def open(self, path: Path, text: str, language: str = "python") -> str:
        uri = path.as_uri()
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    def change(self, uri: str, text: str, version: int) -> None:
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(version=version, uri=uri),
                content_changes=[types.TextDocumentContentChangeWholeDocument(text=text)],
            )
        )

    def save(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.text_document_did_close(types.DidCloseTextDocumentParams(document))

    async def told(self, uri: str, times: int) -> None:
        """Wait until diagnostics of a document were sent a number of times."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: self.times[uri] >= times), PATIENCE)

    async def pull(self, uri: str, known: str | None = None) -> types.DocumentDiagnosticReport:
        document = types.TextDocumentIdentifier(uri)
        return await self.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document, previous_result_id=known)
        )

    def tell_of_change(self, path: Path) -> None:
        event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
        self.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    async def actions(
        self, uri: str, where: types.Range, only: list[str] | None = None
    ) -> list[types.CodeAction]:
        context = types.CodeActionContext(diagnostics=[], only=only)
        answer = await self.text_document_code_action_async(
            types.CodeActionParams(types.TextDocumentIdentifier(uri), where, context)
        )
        return [_as_action(item) for item in answer or []]

    async def choose(self, action: types.CodeAction) -> types.CodeAction:
        """Run the command of an action, and return it with the edit that the server sends."""
        command = action.command
        assert command is not None
        assert action.edit is None
        sent = len(self.sent)
        await self.workspace_execute_command_async(
            types.ExecuteCommandParams(command.command, command.arguments)
        )
        (action.edit,) = self.sent[sent:] or [None]
        return action

    async def hover(self, uri: str, row: int, column: int) -> str:
        answer = await self.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(row, column))
        )
        if answer is None:
            return ""
        assert isinstance(answer.contents, types.MarkupContent)
        return answer.contents.value


def _as_action(item: types.CodeAction | types.Command) -> types.CodeAction:
    """Return an action; lsprotocol takes one with a command for a command, and writes it in there."""
    if isinstance(item, types.CodeAction):
        return item
    command = types.Command(**ast.literal_eval(item.command))
    return types.CodeAction(item.title, command=command)


@asynccontextmanager
async def editor(
    folder: Path,
    *encodings: str,
    pulls: bool = False,
    resolves: bool = False,
    applies: bool = True,
    watches: bool = False,
) -> AsyncIterator[Editor]:
    """Start the server for a folder, and end it as an editor does."""
    client = Editor()
    await client.start_io(sys.executable, "-m", "no_libpython_dlopen", "server", "--stdio")
    general = types.GeneralClientCapabilities(
        position_encodings=[types.PositionEncodingKind(name) for name in encodings]
    )
    answer = await client.initialize_async(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(
                general=general,
                text_document=types.TextDocumentClientCapabilities(
                    diagnostic=types.DiagnosticClientCapabilities() if pulls else None,
                    code_action=types.CodeActionClientCapabilities(
                        resolve_support=types.ClientCodeActionResolveOptions(["edit"])
                        if resolves
                        else None
                    ),
                ),
                workspace=types.WorkspaceClientCapabilities(
                    apply_edit=applies,
                    did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                        dynamic_registration=watches
                    ),
                ),
                notebook_document=types.NotebookDocumentClientCapabilities(
                    types.NotebookDocumentSyncClientCapabilities()
                ),
            ),
            root_uri=folder.as_uri(),
        )
    )
    client.capabilities = answer.capabilities
    client.initialized(types.InitializedParams())
    try:
        yield client
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()


def applied(text: str, edits: list[types.TextEdit], encoding: str = "utf-16-le") -> str:
    """Return a text with edits made, as an editor that counts in an encoding's units does."""
    size = {"utf-16-le": 2, "utf-8": 1, "utf-32-le": 4}[encoding]
    lines = text.splitlines(keepends=True) or [""]

    def offset(at: types.Position) -> int:
        if at.line >= len(lines):
            return len(text)
        before = lines[at.line].encode(encoding)[: at.character * size].decode(encoding)
        return sum(map(len, lines[: at.line])) + len(before)

    for edit in sorted(edits, key=lambda edit: offset(edit.range.start), reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text
