"""Fix code, build files and wheels that load or link libpython.

Only safe fixes are applied unless --unsafe-fixes is given. A file is replaced atomically,
and never if it has changed since it was read.

Exit status: 0 if no findings are left, 1 if there are some (with --diff: if files would be
changed), 2 for a usage, configuration or input error.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import PROGRAM, UsageError, _options, print_error
from no_libpython_dlopen.cli._reports import wants_color, write_report
from no_libpython_dlopen.cli._session import STDIN, Session
from no_libpython_dlopen.engine.check_file import Task
from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.files.output_file import require_inside
from no_libpython_dlopen.files.safe_open import MAX_TEXT

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.engine.result import FileResult


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy fix``."""
    _options.add_common(parser)
    parser.add_argument(
        "--output-dir",
        metavar="DIR",
        help="Write repaired binaries and wheels to this directory and change nothing elsewhere: "
        "code and build files are only checked",
    )
    from no_libpython_dlopen.cli import _packages

    installed = parser.add_argument_group(
        "installed files",
        "The original of a fixed file in site-packages is kept in .nolibpy-backup there, and\n"
        "the file's line in RECORD is updated.",
    )
    _packages.add_environment(installed)
    installed.add_argument(
        "--undo",
        action="store_true",
        default=None,
        help="Restore what was fixed at or below the paths, or in the environment",
    )
    installed.add_argument(
        "--include-managed",
        action="store_true",
        default=None,
        help="Also fix files that dpkg, rpm, pacman, apk or conda installed",
    )


def parse_simple(argv: list[str]) -> Namespace | None:
    """Return the arguments if they are so plain that argparse need not be imported."""
    return _options.parse_simple(argv)


def run(args: Namespace) -> int:
    """Fix the paths and return the exit status."""
    configuration = _options.configuration(args)
    output_dir = getattr(args, "output_dir", None)
    if getattr(args, "undo", None):
        if output_dir is not None:
            raise UsageError("--undo and --output-dir cannot be used together")
        return _undo(args)
    from_stdin = STDIN in args.paths
    if output_dir is not None:
        if os.path.lexists(output_dir) and not os.path.isdir(output_dir):
            raise UsageError(f"--output-dir: {output_dir} is not a directory")
        if from_stdin:
            raise UsageError("--output-dir: the fixed standard input is written to standard output")
        try:
            require_inside(os.path.join(output_dir, ""), args.paths)
        except WriteRefused as refused:
            raise UsageError(f"{output_dir}: {refused}") from None
    write = not args.diff and not from_stdin
    task = Task(
        fix=True,
        write=write,
        output_dir=output_dir,
        root=_options.root(args),
        managed=bool(getattr(args, "include_managed", None)),
    )
    session = Session(args, configuration, task)
    if args.show_files:
        return session.show_files()
    if from_stdin and not args.diff:
        return _filter(session)
    results = _print_notes(session.results())
    if output_dir is not None:
        results = _note_unfixed(session, results)
    if args.diff:
        return _diff(session, results)
    if hasattr(args, "written"):
        results = _note_states(results, args.written)
    write_report(session, results)
    return max(session.print_notes(), session.status())


def _undo(args: Namespace) -> int:
    """Restore what was fixed, and return the exit status."""
    from no_libpython_dlopen.cli import _packages
    from no_libpython_dlopen.engine.installed.installed_files import undo
    from no_libpython_dlopen.engine.installed.sites import is_in_unpacked_wheel
    from no_libpython_dlopen.report import one_line
    from no_libpython_dlopen.report.common.totals import count_of

    paths = [*args.paths]
    prefixes = []
    for python in getattr(args, "environment", None) or ():
        prefix, sites = _packages.installed_places(python)
        paths += sites
        prefixes.append(prefix)
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise UsageError(f"{missing[0]}: no such file or directory")
    done, problems = undo(paths, prefixes)
    for path, problem in problems:
        print_error(f"{path}: {problem}")
    if not done and not problems:
        reason = "originals are kept in site-packages, as long as the package is installed"
        if any(map(is_in_unpacked_wheel, paths)):
            reason = "an unpacked wheel has no backup: unpack the wheel again"
        raise UsageError(f"{', '.join(paths)}: there is no fix to undo ({reason})")
    if not args.quiet:
        for path in done:
            print(one_line(path))
        print(f"Restored {count_of(len(done), 'file')}.")
    return 2 if problems else 0


def _print_notes(results: Iterable[FileResult]) -> Iterator[FileResult]:
    """Yield the results; what a repair did besides goes to standard error."""
    from no_libpython_dlopen.report import one_line

    for result in results:
        for note in result.notes:
            print(one_line(f"{PROGRAM}: note: {result.path}: {note}"), file=sys.stderr)
        yield result


def _note_states(
    results: Iterable[FileResult], written: dict[str, tuple[int, int] | None]
) -> Iterator[FileResult]:
    """Yield the results; ``--watch`` does not take what was written for somebody's change."""
    from no_libpython_dlopen.cli._watch import state_of

    for result in results:
        if result.before is not None or result.applied:
            place = os.path.realpath(result.path)
            written[place] = state_of(place)
        yield result


def _note_unfixed(session: Session, results: Iterable[FileResult]) -> Iterator[FileResult]:
    """Yield the results; a note says how many texts have a fix that ``--output-dir`` prevents.

    Another says how many modules were copied without the package that they are part of.
    """
    from no_libpython_dlopen.engine.installed.sites import is_in_package
    from no_libpython_dlopen.report.common.totals import count_of

    unsafe = session.settings.unsafe_fixes
    unfixed = alone = 0
    for result in results:
        alone += bool(result.applied) and is_in_package(result.path)
        fixes = [item.fix.choose(unsafe=unsafe) for item in result.findings if item.fix]
        unfixed += any(fix is not None and fix.edits for fix in fixes)
        yield result
    if unfixed:
        files = count_of(unfixed, "file")
        session.notes.append(f"{files} not fixed: --output-dir is for binaries and wheels")
    if alone:
        files = count_of(alone, "file")
        session.notes.append(
            f"{files} copied without the package around: without --output-dir, `RECORD` is renewed, too"
        )


def _diff(session: Session, results: Iterable[FileResult]) -> int:
    """Print the changes as one diff, and on standard error what cannot be read."""
    from no_libpython_dlopen.report import concise, one_line
    from no_libpython_dlopen.report.common.totals import count_of
    from no_libpython_dlopen.report.common.unified_diff import diff, style_line

    terminal = sys.stdout.isatty()
    color = wants_color(sys.stdout, off=bool(session.args.no_color))
    for result in results:
        if result.before is not None and result.source is not None:
            for line in diff(result.path, result.before.file_text, result.source.file_text):
                shown = one_line(line) if terminal or color else line
                sys.stdout.write(f"{style_line(shown) if color else shown}\n")
        for finding in result.findings:
            if finding.is_unreadable:
                print(concise.line(finding), file=sys.stderr)
    totals = session.totals
    unsafe = 0 if session.settings.unsafe_fixes else totals.unsafe
    if (totals.fixed or totals.findings) and not session.args.quiet:
        where = count_of(totals.fixed_files, "file")
        told = f"{count_of(totals.fixed, 'finding')} in {where}" if totals.fixed else "nothing"
        more = f"; {unsafe} more with `--unsafe-fixes`" if unsafe and totals.fixed else ""
        if unsafe and not totals.fixed:
            be = "is" if unsafe == 1 else "are"
            more = f"; {count_of(unsafe, 'finding')} {be} fixable with `--unsafe-fixes`"
        elif not totals.fixed:
            have = "has" if totals.findings == 1 else "have"
            more = f"; {count_of(totals.findings, 'finding')} {have} no fix"
        print(f"Would fix {told}{more}.", file=sys.stderr)
    changed = 1 if totals.fixed_files and not session.settings.exit_zero else 0
    return max(session.print_notes(), 2 if totals.unreadable or totals.unwritten else changed)


def _filter(session: Session) -> int:
    """Write the fixed standard input to standard output, the report to standard error."""
    results = list(session.results())
    sys.stdout.buffer.write(session.stdin_data)
    if len(session.stdin_data) > MAX_TEXT:  # it was not read to its end
        shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    write_report(session, results, out=sys.stderr)
    return max(session.print_notes(), session.status())
