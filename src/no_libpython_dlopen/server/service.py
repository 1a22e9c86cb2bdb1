"""Answers an editor over the language server protocol.

A change is looked at after a short pause, in a thread, and its findings are thrown away if
the document has changed again by then. Settings are read anew each time, so an edited
``pyproject.toml`` counts from the next keystroke on.
"""

from __future__ import annotations

import asyncio
import os
import re
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from no_libpython_dlopen import __version__, rules
from no_libpython_dlopen.model.finding import Edit, Finding, Location, Related
from no_libpython_dlopen.server import actions
from no_libpython_dlopen.server.view import View, view_of_document, view_of_notebook

NAME = "nolibpy"
#: Seconds after the last keystroke.
PAUSE = 0.15
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.{NAME}"
_CODE = re.compile(r"\bNLP\d{3}\b")


class Service(LanguageServer):
    """The server, with the last view of each document that is open."""

    def __init__(self) -> None:
        cells = types.NotebookDocumentFilterWithCells(
            cells=[types.NotebookCellLanguage(language="python")],
            notebook="jupyter-notebook",
        )
        super().__init__(
            NAME,
            __version__,
            notebook_document_sync=types.NotebookDocumentSyncOptions(notebook_selector=[cells]),
        )
        self.views: dict[str, View] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def units(self) -> str:
        """The encoding in whose units the editor counts columns."""
        encoding = self.workspace.position_encoding
        return str(getattr(encoding, "value", encoding) or "utf-16")

    def schedule_check(self, key: str, *, pause: float = 0.0) -> None:
        """Check a document or notebook soon; an earlier look at it that waits is dropped."""
        earlier = self._running.pop(key, None)
        if earlier is not None:
            earlier.cancel()
        self._running[key] = asyncio.ensure_future(self._look(key, pause))

    async def _look(self, key: str, pause: float) -> None:
        await asyncio.sleep(pause)
        view = self.current_view(key)
        if view is None:
            return
        await asyncio.get_running_loop().run_in_executor(None, view.check)
        for uri in view.uris.values():
            self.views[uri] = view
        self._publish(view)

    def current_view(self, key: str) -> View | None:
        """Return the view of what the editor holds now, not yet checked."""
        notebook = self.workspace.get_notebook_document(notebook_uri=key)
        if notebook is None:
            if unquote(key) not in map(unquote, self.workspace.text_documents):
                return None
            document = self.workspace.get_text_document(key)
            return view_of_document(key, path_of(key), document.language_id or "", document.source)
        cells = []
        for cell in notebook.cells:
            if cell.kind == types.NotebookCellKind.Code:
                text = self.workspace.get_text_document(cell.document)
                cells.append((cell.document, text.language_id or "python", text.source))
        return view_of_notebook(path_of(key), cells)

    def close(self, key: str) -> None:
        """Forget a document or notebook, and take back what was said of it."""
        running = self._running.pop(key, None)
        if running is not None:
            running.cancel()
        for uri in [uri for uri, view in self.views.items() if key in (uri, *view.uris.values())]:
            del self.views[uri]
            self._send(uri, [])

    def _publish(self, view: View) -> None:
        found: dict[str, list[types.Diagnostic]] = {uri: [] for uri in view.uris.values()}
        for finding in view.findings:
            uri, _, _ = view.to_document(finding.start, self.units)
            found[uri].append(self._diagnostic(finding, view))
        for uri, diagnostics in found.items():
            self._send(uri, diagnostics)

    def _send(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics)
        )

    def _diagnostic(self, finding: Finding, view: View) -> types.Diagnostic:
        rule = rules.rule(finding.code)
        harmless = rule.severity == "warning"
        return types.Diagnostic(
            range=self.range(finding.start, finding.end, view),
            message=finding.message,
            severity=types.DiagnosticSeverity.Information
            if harmless
            else types.DiagnosticSeverity.Warning,
            code=finding.code,
            code_description=types.CodeDescription(href=rule.url()),
            source=NAME,
            tags=[types.DiagnosticTag.Unnecessary] if harmless else None,
            related_information=[
                types.DiagnosticRelatedInformation(self._place(item, view), item.message)
                for item in finding.related
            ],
        )

    def _place(self, related: Related, view: View) -> types.Location:
        """Return a related place: in the document, or in a file that is perhaps not open."""
        if related.path:
            ends = (related.start, related.end)
            first, last = (types.Position(one.row - 1, one.column - 1) for one in ends)
            uri = from_fs_path(os.path.abspath(related.path)) or ""
            return types.Location(uri, types.Range(first, last))
        uri = view.to_document(related.start, self.units)[0]
        return types.Location(uri, self.range(related.start, related.end, view))

    def range(self, start: Location, end: Location, view: View) -> types.Range:
        """Return a range as the editor counts."""
        _, *first = view.to_document(start, self.units)
        _, *last = view.to_document(end, self.units)
        return types.Range(types.Position(*first), types.Position(*last))

    def changes(self, edits: tuple[Edit, ...], view: View) -> types.WorkspaceEdit:
        """Return edits of a source as those of its documents."""
        by_document: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            start, end = view.source.locate(edit.start), view.source.locate(edit.end)
            uri, _, _ = view.to_document(start, self.units)
            by_document.setdefault(uri, []).append(
                types.TextEdit(range=self.range(start, end, view), new_text=edit.new)
            )
        return types.WorkspaceEdit(changes=by_document)

    def span(self, uri: str, asked: types.Range, view: View) -> tuple[Location, Location]:
        """Return a range of the editor as places in the source."""
        start, end = (
            view.to_source(uri, position.line, position.character, self.units)
            for position in (asked.start, asked.end)
        )
        return start, end


def path_of(uri: str) -> str:
    """Return the path of a document; its name where it is not in the file system."""
    return to_fs_path(uri) or unquote(uri.rpartition(":")[2])


def service() -> Service:
    """Return the server with all its answers."""
    server = Service()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def _opened(params: types.DidOpenTextDocumentParams) -> None:
        server.schedule_check(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def _changed(params: types.DidChangeTextDocumentParams) -> None:
        server.schedule_check(params.text_document.uri, pause=PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def _saved(params: types.DidSaveTextDocumentParams) -> None:
        server.schedule_check(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def _closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def _notebook_opened(params: types.DidOpenNotebookDocumentParams) -> None:
        server.schedule_check(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def _notebook_changed(params: types.DidChangeNotebookDocumentParams) -> None:
        server.schedule_check(params.notebook_document.uri, pause=PAUSE)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def _notebook_closed(params: types.DidCloseNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            server.close(cell.uri)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    def _actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return code_actions(server, params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _hover(params: types.HoverParams) -> types.Hover | None:
        return hover(server, params)

    return server


def _current_view(server: Service, uri: str) -> View | None:
    """Return the checked view of a document as the editor holds it now."""
    view = server.views.get(uri)
    known = view.source.text if view else ""
    if view is not None and len(view.uris) == 1 and 0 in view.uris:
        now = server.current_view(uri)
        if now is not None and now.source.text != known:
            now.check()
            server.views[uri] = view = now
    return view


def code_actions(server: Service, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the code actions for the findings in a range, and for the whole document."""
    uri = params.text_document.uri
    view = _current_view(server, uri)
    if view is None or not view.findings:
        return []
    only = params.context.only
    offered = []
    if _is_requested(types.CodeActionKind.QuickFix.value, only):
        for finding in view.findings_in(*server.span(uri, params.range, view)):
            for action in (*actions.fixes_of(finding), actions.suppression_of(finding, view)):
                if action is not None:
                    made = _action(action, types.CodeActionKind.QuickFix, server, view)
                    made.diagnostics = [server._diagnostic(finding, view)]
                    offered.append(made)
    if 0 in view.uris and _is_requested(FIX_ALL, only):
        action = actions.fix_all(view)
        if action is not None:
            offered.append(_action(action, FIX_ALL, server, view))
    return offered


def _is_requested(kind: str, only: object) -> bool:
    """Return whether a kind of action was asked for; a kind stands for those below it."""
    if not isinstance(only, (list, tuple)):
        return True
    asked = [str(getattr(item, "value", item)) for item in only]
    return any(not item or kind == item or kind.startswith(f"{item}.") for item in asked)


def _action(
    action: actions.Action, kind: types.CodeActionKind | str, server: Service, view: View
) -> types.CodeAction:
    return types.CodeAction(
        title=action.title,
        kind=kind,
        is_preferred=action.preferred or None,
        edit=server.changes(action.edits, view),
    )


def hover(server: Service, params: types.HoverParams) -> types.Hover | None:
    """Return the page of the rule of a finding, or of a code in a comment."""
    uri = params.text_document.uri
    view = _current_view(server, uri)
    if view is None:
        return None
    here = types.Range(params.position, params.position)
    start, _ = server.span(uri, here, view)
    for finding in view.findings_in(start, start):
        return _page(finding.code, finding.message, server.range(finding.start, finding.end, view))
    for match in _CODE.finditer(view.source.line(start.row)):
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
