"""What an editor can offer to do about the findings of a document.

Only what is known already is offered with its edits. A comment that suppresses a finding,
and all safe fixes together, have to be tried on the text first: that is done when somebody
chooses them. An editor asks for the edit then, or runs a command that has the server send it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from no_libpython_dlopen.engine.add_suppressions import NEVER, reason_without_comment
from no_libpython_dlopen.model.finding import Applicability, Edit, Finding
from no_libpython_dlopen.server import analysis

if TYPE_CHECKING:
    from no_libpython_dlopen.server.service import Service
    from no_libpython_dlopen.server.view import View

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.nolibpy"
#: The command that carries out an action, for an editor that does not ask for its edit.
COMMAND = "nolibpy.applyAction"
_FIX_ALL, _SUPPRESS = "fix", "suppress"


@dataclass(frozen=True, slots=True)
class Action:
    """A change: its title, its edits, and whether it may be made without asking."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


def fixes_of(finding: Finding) -> Iterator[Action]:
    """Yield the actions that make the fix of a finding, and its simpler alternative."""
    for fix in (finding.fix, finding.fix.alternative if finding.fix else None):
        if fix is not None and fix.edits:
            safe = fix.applicability is Applicability.SAFE
            title = f"{fix.message[:1].upper()}{fix.message[1:]} ({finding.code})"
            if not safe:
                why = f": {fix.caveats[0]}" if fix.caveats else ""
                title += f" – unsafe{why}"
            yield Action(title, fix.edits, preferred=safe)


async def code_actions(server: Service, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the code actions for the findings in a range, and for all of them."""
    uri = params.text_document.uri
    view = server.view_of(uri)
    if view is None or not view.findings:
        return []
    only = params.context.only
    offered: list[types.CodeAction] = []
    if _is_requested(types.CodeActionKind.QuickFix.value, only):
        start, end = server.span(uri, params.range, view)
        for index, finding in enumerate(view.findings):
            if finding.start <= end and start <= finding.end:
                offered += _actions_of(finding, index, uri, server, view)
    if 0 in view.uris and _is_requested(FIX_ALL, only) and _has_safe_fix(view):
        title = "Apply all safe fixes of nolibpy"
        offered.append(types.CodeAction(title, kind=FIX_ALL, data=_to_do(_FIX_ALL, uri, view)))
    if server.resolves_actions:
        return offered
    asked = _kinds(only)
    if asked and all(kind.startswith(types.CodeActionKind.Source.value) for kind in asked):
        offered = [await resolve(server, action) for action in offered]  # as it is saved
    elif server.applies_edits:
        return [_with_command(action) for action in offered]
    return [action for action in offered if action.edit is not None]


def _to_do(what: str, uri: str, view: View, index: int = 0) -> dict[str, object]:
    """Return the request that ``resolve`` carries out, for the text that is there now."""
    return {"do": what, "uri": uri, "index": index, "text": zlib.crc32(view.source.data)}


def _with_command(action: types.CodeAction) -> types.CodeAction:
    """Return an action that an editor can make without asking for its edit."""
    if action.edit is None:
        action.command = types.Command(action.title, COMMAND, arguments=[action.data])
        action.data = None
    return action


def _actions_of(
    finding: Finding, index: int, uri: str, server: Service, view: View
) -> Iterator[types.CodeAction]:
    """Yield the code actions for one finding."""
    about = [server.diagnostic(finding, view)]
    for action in fixes_of(finding):
        yield types.CodeAction(
            title=action.title,
            kind=types.CodeActionKind.QuickFix,
            is_preferred=action.preferred or None,
            edit=server.changes(action.edits, view),
            diagnostics=about,
        )
    if finding.code not in NEVER:
        yield types.CodeAction(
            title=f"Suppress {finding.code} here",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=about,
            data=_to_do(_SUPPRESS, uri, view, index),
        )


async def resolve(server: Service, action: types.CodeAction) -> types.CodeAction:
    """Return an action with its edit; without one where it can change nothing."""
    view = _view_for(server, action.data)
    if action.edit is not None or view is None:
        return action
    data: Any = action.data
    content = analysis.content_of(view)
    edit: Edit | None = None
    if data["do"] == _SUPPRESS:
        findings = await server.analyser.check(content)
        if data["index"] < len(findings):
            edit = await server.analyser.run(analysis.suppression, content, findings[data["index"]])
    else:
        edit = await server.analyser.run(analysis.fix_all, content)
    if edit is not None and _view_for(server, data) is not None:
        action.edit = server.changes((edit,), view)
    return action


async def execute(server: Service, data: object) -> None:
    """Carry out an action that was offered with ``COMMAND``: send its edit to the editor."""
    action = await resolve(server, types.CodeAction("", data=data))
    if action.edit is not None:
        params = types.ApplyWorkspaceEditParams(action.edit)
        await server.workspace_apply_edit_async(params)
    else:
        say_why_nothing_changes(server, action)


def say_why_nothing_changes(server: Service, action: types.CodeAction) -> None:
    """Show why an action that was chosen changes nothing."""
    why = _reason_without_edit(server, action.data)
    server.window_show_message(types.ShowMessageParams(types.MessageType.Info, why))


def _view_for(server: Service, data: Any) -> View | None:
    """Return the view of the text for which an action was offered, if it is still that text."""
    view = server.view_of(str(data.get("uri"))) if isinstance(data, dict) else None
    return view if view and data.get("text") == zlib.crc32(view.source.data) else None


def _reason_without_edit(server: Service, data: Any) -> str:
    view = _view_for(server, data)
    if view is None:
        return "The document has been changed or closed since this action was offered."
    if data["do"] == _SUPPRESS:
        return f"No comment was added: {reason_without_comment(view.source)}."
    return "No safe fix could be applied."


def _has_safe_fix(view: View) -> bool:
    return any(
        finding.fix is not None and finding.fix.choose(unsafe=False) is not None
        for finding in view.findings
    )


def _is_requested(kind: str, only: object) -> bool:
    """Return whether a kind of action was asked for; a kind stands for those below it."""
    asked = _kinds(only)
    return asked is None or any(
        not item or kind == item or kind.startswith(f"{item}.") for item in asked
    )


def _kinds(only: object) -> list[str] | None:
    """Return the kinds of actions that were asked for, ``None`` for all."""
    if not isinstance(only, (list, tuple)):
        return None
    return [str(getattr(item, "value", item)) for item in only]
