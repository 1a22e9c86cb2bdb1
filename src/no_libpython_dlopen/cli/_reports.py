"""Writes the reports of a run where the arguments say: formats, files, colours, links."""

from __future__ import annotations

import os
import sys
from itertools import chain

from no_libpython_dlopen import report
from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.cli._session import Session
from no_libpython_dlopen.cli._streams import LostOutput
from no_libpython_dlopen.report.common.totals import count_of, fixes_made, statistics, summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, TextIO

    from no_libpython_dlopen.config import Settings
    from no_libpython_dlopen.engine.result import FileResult

STDOUT = "-"


def write_report(
    session: Session, results: Iterable[FileResult], out: TextIO | None = None
) -> None:
    """Write the report where the arguments say, else to ``out`` or standard output."""
    args = session.args
    name = session.settings.output_format
    more = _more_reports(args.output or ())
    if more:
        results = list(results)
    more.append((name, args.output_file or STDOUT))
    if len({path for _, path in more}) < len(more):
        raise UsageError("two reports cannot be written to the same file (--output, --output-file)")
    for name, path in reversed(more):
        if path == STDOUT:
            _write_report(session, results, name, out or sys.stdout)
            continue
        _write_file(session, results, name, path)


def _write_file(session: Session, results: Iterable[FileResult], name: str, path: str) -> None:
    """Write the report into a file. The files are checked, and fixed, even if it is full."""
    from no_libpython_dlopen.files.atomic_write import WriteRefused
    from no_libpython_dlopen.files.output_file import write_output

    failures: list[OSError] = []  # of what is checked, or of a pipe that is read no more

    def fill(file: IO[bytes]) -> None:
        sink = LostOutput(file.fileno())
        text = sink.as_text("utf-8")
        try:
            _write_report(session, results, name, text)
            text.flush()
        except OSError as error:
            failures.append(error)
            raise
        if sink.error is not None:
            raise sink.error

    try:
        write_output(path, fill, checked=session.args.paths)
    except WriteRefused as refused:
        if failures:
            raise failures[0] from None
        raise UsageError(f"{path}: {refused}") from None


def _more_reports(given: Iterable[str]) -> list[tuple[str, str]]:
    """Return the formats and files of ``--output``. Raises ``UsageError``."""
    reports = []
    for text in given:
        name, _, path = text.partition("=")
        if name not in report.formats() or not path:
            formats = ", ".join(report.formats())
            raise UsageError(f"--output {text}: must be FORMAT=FILE, with one of {formats}")
        reports.append((name, path))
    return reports


def _write_report(session: Session, results: Iterable[FileResult], name: str, out: TextIO) -> None:
    settings = session.settings
    iterator = iter(results)
    first = next((result for result in iterator if result.findings), None)
    if first is not None or name not in report.FOR_PEOPLE:
        found = iterator if first is None else chain((first,), iterator)
        report.write(name, found, out, _context(session, out, settings))
    if settings.show_fixes and not session.args.quiet and name in report.FOR_PEOPLE:
        out.writelines(f"{line}\n" for line in fixes_made(session.totals))
    if settings.statistics:
        beside = name in report.FOR_PEOPLE
        (out if beside else sys.stderr).writelines(
            f"{line}\n" for line in statistics(session.totals)
        )
    if name == "text" and not session.args.quiet:
        lines = summary(
            session.totals,
            session.files,
            unsafe=settings.unsafe_fixes,
            is_configured=not session.configuration.problems,
        )
        if session.outputs:
            lines.append(_output_line(session.outputs))
        if session.baseline and session.baseline.hidden:
            lines.append(
                f"{count_of(session.baseline.hidden, 'finding')} suppressed by the baseline."
            )
        out.writelines(f"{line}\n" for line in lines)


def _output_line(outputs: list[str]) -> str:
    """Return the line that says where copies are."""
    if len(outputs) == 1:
        return f"Wrote {report.one_line(outputs[0])}."
    folder = os.path.join(os.path.dirname(outputs[0]), "")
    return f"Wrote {len(outputs)} files to {report.one_line(folder)}."


def _context(session: Session, out: TextIO, settings: Settings) -> report.Context:
    width = 100
    if out.isatty() or os.environ.get("COLUMNS"):
        import shutil

        width = shutil.get_terminal_size().columns
    return report.Context(
        color=wants_color(out, off=bool(session.args.no_color)),
        width=width,
        unsafe=settings.unsafe_fixes,
        encoding=out.encoding or "utf-8",
        links=_wants_links(out),
    )


def _wants_links(out: TextIO) -> bool:
    """Return whether codes may be links: on a terminal that is not known to lack them."""
    forced = os.environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("", "0")
    return out.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "linux")


def wants_color(out: TextIO, *, off: bool = False) -> bool:
    """Return whether output may be coloured: no-color.org, force-color.org, a terminal."""
    if off or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return out.isatty() and os.environ.get("TERM") != "dumb"
