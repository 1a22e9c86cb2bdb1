"""What check and fix do alike: find the files, run, and give the exit status."""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen import report
from no_libpython_dlopen.cli import ERROR, PROGRAM, UsageError, print_error
from no_libpython_dlopen.config import Configuration, short_path
from no_libpython_dlopen.engine.check_file import Task, check_text, unreadable_result
from no_libpython_dlopen.engine.discover import UNSUPPORTED, discover, missing_in_image
from no_libpython_dlopen.engine.runner import Run
from no_libpython_dlopen.engine.syntax_check import is_parsable
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.files.given_paths import LEADS_OUT, GivenPaths
from no_libpython_dlopen.files.safe_open import MAX_TEXT
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.report.common.totals import Totals, count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from no_libpython_dlopen.cli._baseline import Baseline
    from no_libpython_dlopen.cli._progress import Progress
    from no_libpython_dlopen.engine.result import FileResult

STDIN = "-"
PACKAGE_PREFIX = "pypi:"


def targets_of(
    argument: str, configuration: Configuration, args: Namespace, given: GivenPaths | None = None
) -> Iterator[TargetFile]:
    """Yield the files that an argument means: one, those below a folder, or a package's wheels.

    The one place that says so. Only the prefix makes it a package, and only where no path
    has that name: what does not exist is never looked up.
    """
    if argument.startswith(PACKAGE_PREFIX) and not os.path.lexists(argument):
        from no_libpython_dlopen.cli import _packages

        return _packages.targets_of(argument.removeprefix(PACKAGE_PREFIX), configuration, args)
    return discover(argument, configuration, given)


class Session:
    """One call of check or fix."""

    def __init__(self, args: Namespace, configuration: Configuration, task: Task) -> None:
        self.args = args
        self.configuration = configuration
        #: What holds for the run as a whole: the settings of where it was started.
        self.settings = configuration.for_folder(os.getcwd())
        self.totals = Totals()
        #: Remarks of the command, shown at the end.
        self.notes: list[str] = []
        self._task = task
        self._progress = self._progress_of_terminal()
        self._run = Run(task, self.settings.jobs, self._show_progress if self._progress else None)
        self._checked_stdin = 0
        #: Links that lead out of the paths that were given.
        self._links: list[str] = []
        #: What was asked for: paths that do not exist, and folders without a file to check.
        self._missing: list[str] = []
        self._empty: list[str] = []
        #: Files that were given by name, and are of no type that is checked.
        self._unsupported: list[str] = []
        #: How many files were found for which every rule is off.
        self._switched_off = 0
        #: How many directories and files were found that cannot be opened.
        self._unopened = 0
        #: How many files of each kind were found.
        self.kinds: dict[Kind, int] = {}
        self.baseline: Baseline | None = None
        if self.settings.baseline and not getattr(args, "write_baseline", None):
            from no_libpython_dlopen.cli import _baseline

            path = os.path.join(self.settings.folder, self.settings.baseline)
            self.baseline = _baseline.read(short_path(path))

    def _progress_of_terminal(self) -> Progress | None:
        if self.args.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return None
        from no_libpython_dlopen.cli._progress import Progress

        return Progress(sys.stderr)

    def _show_progress(self, path: str) -> None:
        if self._progress:
            self._progress.show(self._run.checked, path)

    def targets(self) -> Iterator[TargetFile]:
        """Yield the files to look at, every file once."""
        seen: set[str] = set()
        several = len(self.args.paths) != 1 or self.args.more_than_paths
        for found in self._find_targets():
            if several:
                absolute = os.path.abspath(found.path)
                if absolute in seen:
                    continue
                seen.add(absolute)
            if self._is_condensed(found):
                continue
            if found.kind is not None and not found.settings.selects_any_in(found.path):
                self._switched_off += 1
                continue
            if self.baseline:
                self.baseline.note_file(found.path, found.settings)
            if found.kind is not None:
                self.kinds[found.kind] = self.kinds.get(found.kind, 0) + 1
            elif found.leads_out:
                self._links.append(found.path)
            else:
                self._unopened += 1
            yield found

    def _is_condensed(self, found: TargetFile) -> bool:
        """Return whether a line at the end is enough for a file, as for most of `nolibpy fix *`.

        The first such file is reported as others are, and programs get all of them.
        """
        if found.problem is not UNSUPPORTED or not found.settings.selects_in("NLP900", found.path):
            return False
        more = (text.partition("=")[0] for text in self.args.output or ())
        if not report.FOR_PEOPLE.issuperset((self.settings.output_format, *more)):
            return False
        self._unsupported.append(found.path)
        return len(self._unsupported) > 1

    def _find_targets(self) -> Iterator[TargetFile]:
        given = GivenPaths(self.args.paths)
        for argument in dict.fromkeys(self.args.paths):
            number = 0
            for found in targets_of(argument, self.configuration, self.args, given):
                number += 1
                if found.problem and found.path == argument and not os.path.lexists(argument):
                    shown = argument or "''"
                    self._missing.append(f"{shown}: {found.problem}{self._package_hint(argument)}")
                else:
                    yield found
            if not number and os.path.isdir(argument):
                self._empty.append(argument)
        if self.args.more_than_paths:
            from no_libpython_dlopen.cli import _packages

            yield from _packages.more_targets(self.configuration, self.args)

    def _package_hint(self, argument: str) -> str:
        """Return the end of a message on a path that is missing, if a package was perhaps meant."""
        from no_libpython_dlopen.cli import _packages

        if "://" in argument:
            return "; URLs are not fetched: download the file"
        if not hasattr(self.args, "package") or not _packages.may_be_package(argument):
            return ""  # `fix` reads no index
        return f"; for a package on the index, write `{PACKAGE_PREFIX}{argument}`"

    def results(self) -> Iterator[FileResult]:
        """Yield the results of all files, or of standard input, counted."""
        if STDIN in self.args.paths:
            results = self._stdin()
        else:
            results = self._run.results(self.targets())
        if self._progress:
            results = self._progress.results(results)
        if self.baseline:
            results = self.baseline.without_known(results)
        return self.totals.count(results)

    def _stdin(self) -> Iterator[FileResult]:
        if len(self.args.paths) > 1:
            raise UsageError("standard input (-) cannot be checked together with paths")
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        from no_libpython_dlopen.engine.api import text_kind
        from no_libpython_dlopen.engine.dispatch import source_of
        from no_libpython_dlopen.model.content_kind import (
            PATH_CONFIGURATION_HEAD,
            may_be_path_configuration,
        )

        path = self.args.stdin_filename or STDIN
        settings = self.configuration.for_file(path if path != STDIN else "stdin.py")
        try:
            data = sys.stdin.buffer.read(MAX_TEXT + 1)
        except OSError as error:
            raise UsageError(f"standard input: {error.strerror or error}") from None
        kind = text_kind(path, data)
        head = data[:PATH_CONFIGURATION_HEAD]
        if kind is Kind.PATH_CONFIGURATION and not may_be_path_configuration(head):
            self.stdin_data = data
            return
        found = TargetFile(path, kind, settings)
        if not settings.selects_any_in(path):
            self._switched_off = 1
            self.stdin_data = data
            return
        source = source_of(path, kind, data)
        self._checked_stdin = 1
        self.kinds[kind] = 1
        if len(source.data) > MAX_TEXT:
            self.stdin_data = source.data
            yield unreadable_result(found, f"it is larger than {MAX_TEXT >> 20} MiB")
            return
        broken = not is_parsable(kind, source.data)
        result = check_text(source, found, self._task, broken=broken)
        self.stdin_data = result.source.data if result and result.source else source.data
        if result is not None:
            yield result

    def show_files(self) -> int:
        """Print the files that would be looked at, and return the exit status."""
        status = 0
        for found in self.targets():
            if found.problem:
                status = print_error(f"{found.path}: {found.problem}")
            elif found.kind is not None:
                print(report.one_line(found.path))
        return max(status, self.print_notes())

    @property
    def files(self) -> int:
        """How many files were analysed."""
        found = self._run.checked + self._checked_stdin
        return found - self.totals.unanalysed + self._unopened

    @property
    def outputs(self) -> list[str]:
        """The repaired copies that were written beside the originals (``--output-dir``)."""
        return self._run.outputs

    def print_notes(self) -> int:
        """Print what is wrong with paths and configuration, and what was left out.

        Returns the exit status that this amounts to.
        """
        status = self._print_paths_without_files()
        notes = [*self.configuration.notes, *self.notes, *self._run.notes()]
        if self._links:
            more = f" (and {len(self._links) - 1} more)" if len(self._links) > 1 else ""
            notes.append(f"{self._links[0]}{more}: {LEADS_OUT}, skipped; name it to check it")
        if self.baseline and self.baseline.stale:
            stale = count_of(self.baseline.stale, "finding")
            path = self.baseline.path
            notes.append(f"{path}: {stale} no longer found; use `--write-baseline` to update it")
        if not self._task.root and Kind.BINARY in self.kinds:
            from no_libpython_dlopen.binary.system_root import looks_like_root

            notes += [
                f"{path}: `--root {path}` also follows libraries in its `/usr/lib`"
                for path in filter(looks_like_root, self.args.paths)
            ]
        for note in notes:
            if not self.args.quiet:
                told = report.one_line(note)
                print(f"{PROGRAM}: note: {told}", file=sys.stderr)
        if self.args.verbose:
            kinds = sorted((-number, kind.value) for kind, number in self.kinds.items())
            told = ", ".join(f"{-number} {kind}" for number, kind in kinds)
            files = count_of(sum(self.kinds.values()), "file")
            print(f"{PROGRAM}: note: checked {files}: {told or 'none'}", file=sys.stderr)
            if self._switched_off and self.kinds:
                files = count_of(self._switched_off, "file")
                print(f"{PROGRAM}: note: all rules are disabled for {files}", file=sys.stderr)
        for problem in self.configuration.problems:
            status = print_error(problem)
        return status

    def _print_paths_without_files(self) -> int:
        """Print which paths led to no file, and return the exit status.

        A folder or environment that was named leads to none by mistake, unless exclusions are
        forced: so pre-commit passes what it has not looked at. Of a package a note has said it.
        """
        status = 0
        for told in self._missing:
            status = print_error(told)
        if more := self._unsupported[1:]:
            names = ", ".join(more[:3]) + (f" and {len(more) - 3} more" if len(more) > 3 else "")
            status = print_error(
                f"unsupported file types, not checked either: {names}; "
                "directories are searched for supported files only"
            )
        given = self.args.paths_are_given and not self.settings.force_exclude
        for folder in self._empty if given else ():
            told = f"{report.one_line(folder)}: no files to check{_reason_for_none(folder)}"
            print(f"{PROGRAM}: warning: {told}", file=sys.stderr)
            status = ERROR
        if self.kinds or status or self._unopened:
            return status
        why = "no files to check"
        if self._switched_off:
            files = count_of(self._switched_off, "file")
            why = f"nothing was checked: all rules are disabled for {files}"
        elif getattr(self.args, "environment", None) and not self.settings.force_exclude:
            status = ERROR
        if status or not self.args.quiet:
            print(f"{PROGRAM}: warning: {why}", file=sys.stderr)
        return status

    def status(self) -> int:
        """Return the exit status of what was found."""
        if self.totals.unreadable or self.totals.unwritten:
            return ERROR
        return 1 if self.totals.findings and not self.settings.exit_zero else 0


def _reason_for_none(folder: str) -> str:
    """Return the end of a message on a directory without files, if an archive was perhaps meant."""
    if kind_of(folder.rstrip(os.sep)) is Kind.ARCHIVE:
        return ": it is a directory"
    missing = missing_in_image(folder)
    return f": it is an OCI layout without {' and '.join(missing)}" if missing else ""
