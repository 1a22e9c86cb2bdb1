"""What an editor can offer to do about the findings of a document.

Only what is known already is offered with its edits. A comment that suppresses a finding,
and all safe fixes together, have to be tried on the text first: that is done when somebody
chooses them, or at once for an editor that cannot ask again.
"""

from __future__ import annotations

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
_SUPPRESS = "suppress"


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
        offered.append(
            types.CodeAction(
                title="Apply all safe fixes of nolibpy",
                kind=FIX_ALL,
                data={"do": "fix", "uri": uri},
            )
        )
    if server.resolves_actions:
        return offered
    resolved = [await resolve(server, action) for action in offered]
    return [action for action in resolved if action.edit is not None]


def _actions_of(
    finding: Finding, index: int, uri: str, server: Service, view: View
) -> Iterator[types.CodeAction]:
    """Yield what can be done about one finding."""
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
            data={"do": _SUPPRESS, "uri": uri, "index": index},
        )


async def resolve(server: Service, action: types.CodeAction) -> types.CodeAction:
    """Return an action with its edit."""
    data: Any = action.data
    view = server.view_of(data["uri"]) if isinstance(data, dict) else None
    if action.edit is not None or view is None:
        return action
    content = analysis.content_of(view)
    edit: Edit | None = None
    if data["do"] == _SUPPRESS:
        findings = await server.analyser.check(content)
        if data["index"] < len(findings):
            edit = await server.analyser.run(analysis.suppression, content, findings[data["index"]])
    else:
        edit = await server.analyser.run(analysis.fix_all, content)
    if edit is not None:
        action.edit = server.changes((edit,), view)
    return action


def reason_without_edit(server: Service, action: types.CodeAction) -> str:
    """Return the sentence that says why an action that was chosen changes nothing."""
    data: Any = action.data
    view = server.view_of(data["uri"]) if isinstance(data, dict) else None
    if view is None:
        return "The document was closed or has no findings any more."
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
    if not isinstance(only, (list, tuple)):
        return True
    asked = [str(getattr(item, "value", item)) for item in only]
    return any(not item or kind == item or kind.startswith(f"{item}.") for item in asked)
