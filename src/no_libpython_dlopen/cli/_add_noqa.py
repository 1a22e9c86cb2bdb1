"""``check --add-noqa``: put comments on all findings, so that only new ones are reported."""

from __future__ import annotations

from no_libpython_dlopen.cli import UsageError, print_error
from no_libpython_dlopen.cli._session import STDIN, Session
from no_libpython_dlopen.engine import add_suppressions
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.files import atomic_write
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report.common.paths import split_archive
from no_libpython_dlopen.report.common.totals import count_of
from no_libpython_dlopen.report.concise import line


def run(session: Session) -> int:
    """Write the comments; return 0, 1 if findings are left, 2 if a file cannot be written."""
    if STDIN in session.args.paths:
        raise UsageError("--add-noqa cannot be used with standard input (-)")
    names = atomic_write.OtherNames()
    added = files = left = 0
    status = 0
    for result in session.results():
        number = 0
        without = [
            finding for finding in result.findings if finding.code not in add_suppressions.NEVER
        ]
        text = None if split_archive(result.path)[1] else result.source
        settings = session.configuration.for_file(result.path)
        if text is not None and without and not settings.flawed:
            following, number, rest = add_suppressions.add_suppressions(text, settings)
            try:
                _write(result, text, following, names)
            except atomic_write.WriteRefused as error:
                status = print_error(f"{result.path}: {error}")
                left += len(without)
                continue
            without = rest if number else without
        added += number
        files += number > 0
        left += len(without)
        for finding in result.findings:
            if finding.is_unreadable:
                status = print_error(f"{result.path}: {finding.message}")
        if without:
            why = add_suppressions.reason_without_comment(text)
            if settings.flawed:
                why = "the configuration has errors"
            for finding in without:
                print(f"{line(finding, result.source)}\n  = no comment added: {why}")
    if not session.args.quiet:
        print(f"Suppressed {count_of(added, 'finding')} in {count_of(files, 'file')}.")
    session.notes += names.notes()
    return max(session.print_notes(), status, 1 if left and not session.settings.exit_zero else 0)


def _write(
    result: FileResult, before: Source, after: Source, names: atomic_write.OtherNames
) -> None:
    """Write a file with its comments, if it got any. Raises ``WriteRefused``."""
    if after is before:
        return
    with names.watch(result.path):
        atomic_write.replace_content(result.path, before.data, after.data, given=result.given)
