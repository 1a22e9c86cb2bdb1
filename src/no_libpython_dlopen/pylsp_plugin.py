"""A plugin of python-lsp-server: shows the findings in Python files among those of other linters.

python-lsp-server finds it by the entry point group ``pylsp`` and calls ``pylsp_lint`` for each
change of a document. Unlike ``nolibpy server`` it gets no build files from the editor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pluggy

from no_libpython_dlopen.config import Configuration
from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.rules import rule

if TYPE_CHECKING:
    from no_libpython_dlopen.model.finding import Location

hookimpl = pluggy.HookimplMarker("pylsp")
#: Severities of the language server protocol.
_WARNING, _INFORMATION = 2, 3


class Document(Protocol):
    """What is used of python-lsp-server's document: its path, its text and its lines."""

    path: str
    source: str
    lines: list[str]


@hookimpl
def pylsp_lint(document: Document) -> list[dict[str, Any]]:
    """Return the findings of a document as diagnostics of the protocol, in UTF-16 units."""
    settings = Configuration().for_file(document.path)
    if settings.excludes(document.path):
        return []
    data = document.source.encode("utf-8", "surrogatepass")
    lines = document.lines
    return [
        {
            "source": "nolibpy",
            "code": finding.code,
            "message": finding.message,
            "severity": _INFORMATION if rule(finding.code).severity == "warning" else _WARNING,
            "range": {
                "start": _position(finding.start, lines),
                "end": _position(finding.end, lines),
            },
        }
        for finding in check_bytes(data, document.path, settings)
    ]


def _position(location: Location, lines: list[str]) -> dict[str, int]:
    row, column = location.row - 1, location.column - 1
    before = lines[row][:column] if row < len(lines) else ""
    return {"line": row, "character": len(before.encode("utf-16-le", "surrogatepass")) // 2}
