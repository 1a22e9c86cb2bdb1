"""Answers an editor over the language server protocol.

A clean text is told by its bytes, and known contents are at hand. Of any other change the
findings of the text before are shown at once, where they are now; the text itself is
analysed after a short pause, in another process, and that is stopped when the next change
comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from no_libpython_dlopen import __version__, rules
from no_libpython_dlopen.config import FILE_NAMES
from no_libpython_dlopen.model.finding import Edit, Finding, Location, Related
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.server.analysis import Analyser, content_of
from no_libpython_dlopen.server.configuration import Configurations
from no_libpython_dlopen.server.messages import Protocol
from no_libpython_dlopen.server.view import (
    View,
    kind_of_document,
    move_findings,
    notebook_data,
    source_of,
)

NAME = "nolibpy"
#: Seconds after the last keystroke.
PAUSE = 0.15
#: Seconds between two changes that are taken, if many findings have to be moved and sent each time.
#: Changes that come between are left out.
STEP = 0.03
FEW_FINDINGS = 20
#: Characters of the longest path that a system opens; of a longer one each folder would be asked.
_LONGEST_PATH = 4096


class Service(LanguageServer):
    """The server, with the last view of each document that is open."""

    def __init__(self) -> None:
        cells = types.NotebookDocumentFilterWithCells(
            cells=[types.NotebookCellLanguage(language="python")], notebook="jupyter-notebook"
        )
        super().__init__(
            NAME,
            __version__,
            protocol_cls=Protocol,
            notebook_document_sync=types.NotebookDocumentSyncOptions(notebook_selector=[cells]),
        )
        self.views: dict[str, View] = {}
        self.analyser = Analyser()
        self.configurations = Configurations()
        self._running: dict[str, asyncio.Task[None]] = {}
        #: When a change of many findings was last taken, and the one that was put off since.
        self._taken: dict[str, float] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}
        #: The next look at all documents, if one is due, and the earliest time for another one.
        self._recheck: asyncio.TimerHandle | None = None
        self._next_recheck = 0.0
        #: Documents, and configuration files, that have diagnostics.
        self._mistakes: dict[str, list[types.Diagnostic]] = {}

    @property
    def units(self) -> str:
        """The encoding in whose units the editor counts columns."""
        encoding = self.workspace.position_encoding
        return str(getattr(encoding, "value", encoding) or "utf-16")

    @property
    def is_asked(self) -> bool:
        """Whether the editor asks for diagnostics, and none are sent by ourselves."""
        document = self.client_capabilities.text_document
        return document is not None and document.diagnostic is not None

    @property
    def refreshes(self) -> bool:
        """Whether the editor asks again when it is told that there is news."""
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)

    @property
    def resolves_actions(self) -> bool:
        """Whether the editor asks for the edit of an action that was chosen."""
        document = self.client_capabilities.text_document
        support = (
            document.code_action.resolve_support if document and document.code_action else None
        )
        return support is not None and "edit" in support.properties

    @property
    def applies_edits(self) -> bool:
        """Whether the editor applies an edit that the server sends."""
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.apply_edit)

    def take_change(self, key: str, *, pause: float = 0.0) -> None:
        """Show what is known of a document or notebook, and have it analysed after a pause.

        Of changes in quick succession only the last is taken.
        """
        self._cancel(key)
        loop = asyncio.get_running_loop()
        left = self._taken.get(key, 0.0) + STEP - loop.time()
        if left > 0:
            self._due[key] = loop.call_later(left, self._take, key, PAUSE)
        else:
            self._take(key, pause)

    def _take(self, key: str, pause: float) -> None:
        self._cancel(key)
        document = self.workspace.text_documents.get(key) if _is_configuration(key) else None
        if document is not None:
            self.configurations.take_text(path_of(key), document.source)
        view = self.current_view(key)
        if view is None:
            if document is not None:
                self.configurations.settings(path_of(key))
                self._publish_mistakes()
            return
        earlier = next((self.views[uri] for uri in view.uris.values() if uri in self.views), None)
        known = [] if view.is_clean() else self.analyser.known_findings(content_of(view))
        if known is not None:
            view.set_findings(known)
        elif earlier is not None and earlier.is_notebook == view.is_notebook:
            view.findings = list(move_findings(earlier, view.source))
        for uri in view.uris.values():
            self.views[uri] = view
        if known is not None or earlier is not None:
            self._publish(view)
        self._publish_mistakes()
        if not view.is_checked:
            self._running[key] = asyncio.ensure_future(self._check(view, pause))
        self._taken.pop(key, None)
        if len(view.findings) > FEW_FINDINGS:
            self._taken[key] = asyncio.get_running_loop().time()

    def view_of(self, uri: str) -> View | None:
        """Return the view of what a document holds now, ``None`` where it is not checked."""
        key = self._key(uri)
        if key in self._due:
            self._take(key, PAUSE)
        return self.views.get(uri)

    def _key(self, uri: str) -> str:
        """Return the notebook of a cell; any other document is its own key."""
        notebook = self.workspace.get_notebook_document(cell_uri=uri)
        return notebook.uri if notebook else uri

    async def _check(self, view: View, pause: float) -> None:
        await asyncio.sleep(pause)
        shown = view.findings
        await self.complete(view)
        if not self.is_asked:
            self._publish(view)
        elif self.refreshes and shown != view.findings:
            await self.workspace_diagnostic_refresh_async(None)

    async def wait_for_analysis(self, uri: str) -> None:
        """Wait until a document is analysed, or changed again."""
        self.view_of(uri)
        running = self._running.get(self._key(uri))
        if running is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(running)

    async def complete(self, view: View) -> None:
        """Analyse a view if that is not done yet."""
        if not view.is_checked:
            view.set_findings(await self.analyser.check(content_of(view)))

    def take_changes_of_files(self) -> None:
        """Check all documents again: settings or other modules have changed.

        Many changes at once, as of a checkout, lead to few checks.
        """
        self.configurations.forget()
        self.analyser.forget()
        if self._recheck is None:
            loop = asyncio.get_running_loop()
            self._recheck = loop.call_at(max(self._next_recheck, loop.time()), self._check_all)

    def _check_all(self) -> None:
        started = time.monotonic()
        self._recheck = None
        configurations = filter(_is_configuration, self.workspace.text_documents)
        for uri in dict.fromkeys([*self.views, *configurations]):
            self.take_change(self._key(uri))
        took = time.monotonic() - started
        self._next_recheck = asyncio.get_running_loop().time() + max(PAUSE, 2 * took)

    def current_view(self, key: str) -> View | None:
        """Return the view of what the editor holds now, not yet checked."""
        path = path_of(key)
        notebook = self.workspace.get_notebook_document(notebook_uri=key)
        if notebook is None:
            if unquote(key) not in map(unquote, self.workspace.text_documents):
                return None
            document = self.workspace.get_text_document(key)
            kind = kind_of_document(path, document.language_id or "")
            if kind is None:
                return None
            # Half a surrogate pair, which an edit may leave, has a stand-in of the same length.
            source = source_of(path, kind, document.source.encode("utf-8", "replace"))
            return View(source, {0: key}, self.configurations.settings(path), document.version)
        cells = []
        for cell in notebook.cells:
            if cell.kind == types.NotebookCellKind.Code:
                text = self.workspace.get_text_document(cell.document)
                cells.append((cell.document, text.language_id or "python", text.source))
        uris = {number: uri for number, (uri, _, _) in enumerate(cells, start=1)}
        settings = self.configurations.settings(path)
        return View(source_of(path, Kind.NOTEBOOK, notebook_data(cells)), uris, settings)

    def close(self, key: str) -> None:
        """Forget a document or notebook, and take back what was said of it."""
        self._cancel(key)
        self._taken.pop(key, None)
        for uri in [uri for uri, view in self.views.items() if key in (uri, *view.uris.values())]:
            del self.views[uri]
            self._send(uri, [])
        if _is_configuration(key):  # its mistakes are shown for as long as it governs what is open
            if self._mistakes.pop(key, None):
                self._send(key, [])
            self.configurations.close(path_of(key))
            self.configurations.forget()
            self._check_all()

    def _cancel(self, key: str) -> None:
        for waiting in (self._running.pop(key, None), self._due.pop(key, None)):
            if waiting is not None:
                waiting.cancel()

    def diagnostics_at(self, uri: str) -> list[types.Diagnostic]:
        """Return the diagnostics of a document, which may be a configuration file."""
        view = self.view_of(uri)
        return self.diagnostics_of(view)[uri] if view else self._mistakes.get(uri, [])

    def diagnostics_of(self, view: View) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of a view's documents."""
        found = {uri: [*self._mistakes.get(uri, ())] for uri in view.uris.values()}
        for finding in view.findings:
            uri, _, _ = view.to_document(finding.start, self.units)
            found[uri].append(self.diagnostic(finding, view))
        return found

    def _publish(self, view: View) -> None:
        if not self.is_asked:
            for uri, diagnostics in self.diagnostics_of(view).items():
                self._send(uri, diagnostics, view.version)

    def _publish_mistakes(self) -> None:
        """Show what is wrong in configuration files, open or not."""
        mistakes = {
            from_fs_path(file) or "": found
            for file, found in self.configurations.mistakes().items()
        }
        for uri in {**self._mistakes, **mistakes}:  # a file may have gone
            diagnostics = mistakes.get(uri, [])
            if diagnostics == self._mistakes.get(uri, []):
                continue
            self._mistakes[uri] = diagnostics
            view = self.views.get(uri)
            if self.is_asked and uri in self.workspace.text_documents:
                if self.refreshes:
                    self.workspace_diagnostic_refresh(None)
            elif view is not None:
                self._publish(view)
            else:
                self._send(uri, diagnostics)

    def _send(
        self, uri: str, diagnostics: list[types.Diagnostic], version: int | None = None
    ) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics, version=version)
        )

    def diagnostic(self, finding: Finding, view: View) -> types.Diagnostic:
        """Return a finding as the editor shows it."""
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

    def watch_configuration(self) -> None:
        """Have the editor tell when a configuration file changes, if it can."""
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if not watching or not watching.dynamic_registration:
            return
        self.configurations.keep = True
        patterns = [types.FileSystemWatcher(glob_pattern=f"**/{name}") for name in FILE_NAMES]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=patterns)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = types.Registration(id=NAME, method=method, register_options=options)
        self.client_register_capability(types.RegistrationParams([registration]))

    def shutdown(self) -> None:
        """End the other process, too."""
        self.analyser.close()
        with contextlib.suppress(ValueError, OSError):
            super().shutdown()  # type: ignore[no-untyped-call]


def path_of(uri: str) -> str:
    """Return the path of a document; its name where it is not, or cannot be, in the file system."""
    path = to_fs_path(uri) or unquote(uri.rpartition(":")[2])
    return path if len(path) <= _LONGEST_PATH else os.path.basename(path)[-_LONGEST_PATH:]


def _is_configuration(uri: str) -> bool:
    return os.path.basename(path_of(uri)) in FILE_NAMES
