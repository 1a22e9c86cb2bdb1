"""``# noqa: NLP401`` and the other comments that suppress a finding count at run time as well."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from no_libpython_dlopen.runtime.guard.source_location import SourceLocation

_WORDS = ("noqa", "nolibpy")


def is_suppressed(code: str, where: SourceLocation) -> bool:
    """Return whether a comment in the program's source suppresses a finding at a place.

    The grammar of these comments is imported where the file has one of its words.
    """
    if where.row < 1:
        return False
    try:
        import linecache

        text = "".join(linecache.getlines(where.filename, _loader_names(where.namespace)))
        return any(word in text.lower() for word in _WORDS) and _has_comment(code, where, text)
    except Exception:  # noqa: BLE001 - whatever the file or its loader is, the finding stands
        return False


def _loader_names(namespace: dict[str, Any]) -> dict[str, Any] | None:
    """Return the globals by which ``linecache`` asks a module's loader for the source.

    Since 3.15 it warns of those that have no ``__spec__``: of the program, but because of us.
    """
    has_loader = getattr(namespace.get("__spec__"), "loader", None) is not None
    return namespace if has_loader or sys.version_info < (3, 15) else None


def _has_comment(code: str, where: SourceLocation, text: str) -> bool:
    from no_libpython_dlopen.model.finding import Finding, Location
    from no_libpython_dlopen.model.kind import Kind
    from no_libpython_dlopen.model.source import Source
    from no_libpython_dlopen.suppressions.directives import drop_suppressed, suppressions

    start = Location(where.row, 1)
    finding = Finding(code, "", where.filename, start, start, noqa_row=where.row)
    # The text is decoded already, whatever encoding it declares; comments of ours are ASCII.
    source = Source(where.filename, Kind.PYTHON, text.encode("ascii", "replace"))
    return not drop_suppressed([finding], suppressions(source))
