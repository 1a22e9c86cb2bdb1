"""``# noqa: NLP401`` and the other comments that suppress a finding count at run time as well."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
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

        text = "".join(linecache.getlines(where.filename, where.namespace))
        return any(word in text.lower() for word in _WORDS) and _has_comment(code, where, text)
    except Exception:  # noqa: BLE001 - whatever the file or its loader is, the finding stands
        return False


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
