"""For people: a code frame with the range marked, what led to it, and the fix as a diff.

Plain text where colour is off, so that a pipe costs no import; on a terminal the same
pieces are styled by rich, as ``Text`` objects, which take nothing in them for markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from no_libpython_dlopen import rules
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Applicability, Finding, Fix
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report import Context, escape_controls
from no_libpython_dlopen.report.common import paths
from no_libpython_dlopen.report.common.code_frame import Line, Page, frame, gutter_of
from no_libpython_dlopen.report.common.fix_diff import fix_diff

_STYLES = {
    "gutter": "bright_blue",
    "mark": "bold red",
    "aside": "cyan",
    "path": "bold",
    "code": "bold red",
    "label": "bold bright_blue",
    "safe": "green",
    "unsafe": "yellow",
    "removed": "red",
    "added": "green",
}


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:
    """Write the findings as they come, an empty line after each."""
    show = _styled(out) if context.color else _plain_style(out)
    for result in results:
        for finding in result.findings:
            has_place = result.written or not finding.is_unreadable
            for line in _lines(finding, result.source if has_place else None, context):
                show(line)
            show([])


def _lines(finding: Finding, source: Source | None, context: Context) -> Iterator[Line]:
    yield [
        (escape_controls(finding.path), "path"),
        (f":{paths.row_and_column(finding.start, source)}: ", ""),
        (finding.code, f"code link {rules.rule(finding.code).url()}" if context.links else "code"),
        (escape_controls(f" {finding.message}"), ""),
    ]
    note = escape_controls(f"resolves to {finding.resolved}") if finding.resolved else ""
    if source is not None and not _is_text(source):
        source = None
    if source is not None:
        yield from frame(finding, source, note, context.width, context.encoding)
    elif note and f"`{finding.resolved}`" not in finding.message:
        yield _aside("note", note)
    for related in finding.related:
        if related.path:
            place = f"{related.path}:{related.start.row}:{related.start.column}"
            yield _aside("see", escape_controls(f"{place}: {related.message}"))
    if finding.fix:
        yield _heading(finding.fix)
        if source is not None:
            paper = Page(context.width, gutter_of(finding, source), context.encoding)
            yield from fix_diff(finding.fix, source, paper)
        for caveat in finding.fix.caveats:
            yield _aside("note", escape_controls(caveat))
        if finding.fix.alternative:
            yield _heading(finding.fix.alternative)
    elif finding.no_fix_reason:
        yield _aside("no fix", escape_controls(finding.no_fix_reason))


def _is_text(source: Source) -> bool:
    """Return whether there are rows to show; a file that is no text has none."""
    from no_libpython_dlopen.model.source import Unreadable

    try:
        return bool(source.text)
    except Unreadable:
        return False


def _heading(fix: Fix) -> Line:
    kind = fix.applicability.value
    option = "" if fix.applicability is Applicability.SAFE else " (--unsafe-fixes)"
    return [
        ("  = ", "gutter"),
        (f"{kind} fix", kind),
        (escape_controls(f": {fix.message}{option}"), ""),
    ]


def _aside(label: str, text: str) -> Line:
    return [("  = ", "gutter"), (label, "label"), (f": {text}", "")]


class _plain_style:  # noqa: N801  a function that remembers where it writes
    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, line: Line) -> None:
        self._out.write("".join(text for text, _ in line) + "\n")


class _styled:  # noqa: N801  a function that remembers where it writes
    def __init__(self, out: TextIO) -> None:
        from rich.console import Console

        self._console = Console(
            file=out,
            force_terminal=True,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def __call__(self, line: Line) -> None:
        from rich.text import Text

        self._console.print(Text.assemble(*((text, _style(kind)) for text, kind in line)))


def _style(kind: str) -> str:
    """Return a kind's style; an address of a link follows the name of the kind."""
    name, space, link = kind.partition(" ")
    return _STYLES.get(name, "") + space + link
