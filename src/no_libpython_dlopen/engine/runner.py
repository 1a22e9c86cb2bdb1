"""Runs each discovered file through the pipeline: read, prefilter, check, fix.

A clean file costs a read and a search of its bytes. Everything that a file with
something in it needs is imported when the first such file comes.
"""

from __future__ import annotations

import os
from itertools import chain, islice

from no_libpython_dlopen.engine.check_file import (
    Task,
    check_batch,
    raise_gc_thresholds,
    refused_result,
    root_of,
)
from no_libpython_dlopen.engine.dispatch import BINARY_KINDS
from no_libpython_dlopen.engine.prefilter import PYTHON_SCAN
from no_libpython_dlopen.files import byte_search, file_tree
from no_libpython_dlopen.model.kind import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from no_libpython_dlopen.engine.check_file import Batch
    from no_libpython_dlopen.engine.installed.installed_files import InstalledFiles
    from no_libpython_dlopen.engine.result import FileResult
    from no_libpython_dlopen.engine.target import TargetFile
    from no_libpython_dlopen.files.atomic_write import OtherNames

#: Fewer files than this are worth neither the start of processes, unless they are asked for,
#: nor that of one pass for all words.
POOL_THRESHOLD = byte_search.WORTHWHILE
#: More processes only wait for each other; how many are asked for may be a stranger's word.
MOST_PER_PROCESSOR = 4


class Run:
    """One run over many files. ``checked`` counts the files as results come.

    ``show`` is called with the path of each file that is taken up, and with "" when
    another process has done some.
    """

    def __init__(
        self, task: Task, jobs: int = 0, show: Callable[[str], None] | None = None
    ) -> None:
        self.checked = 0
        self._task = task
        self._jobs = jobs
        self._show_progress = show
        self._installed: InstalledFiles | None = None
        self._names: OtherNames | None = None
        #: What was written to the output directory, with the path of each original.
        self._outputs: dict[str, str] = {}

    def results(self, targets: Iterable[TargetFile]) -> Iterator[FileResult]:
        """Yield the results of files that are not clean, in the order of ``targets``.

        Those of binaries behind links follow at the end.
        """
        raise_gc_thresholds()
        with file_tree.Snapshot(is_wanted=not self._task.writes):
            yield from self._results(targets)

    def _results(self, targets: Iterable[TargetFile]) -> Iterator[FileResult]:
        iterator = iter(targets)
        first = list(islice(iterator, POOL_THRESHOLD))
        reported: set[str] = set()
        links: dict[str, FileResult] = {}
        for count, results in self._batches(first, iterator):
            self.checked += count
            for result in results:
                place, is_link = _binary_of(result)
                if is_link:
                    links.setdefault(place, result)
                    continue
                if place:
                    reported.add(place)
                yield self._write(result)
        # A binary is reported once: by its own name, or else by the first link that leads to it.
        for place, result in links.items():
            if place not in reported:
                yield self._write(result)

    def _write(self, result: FileResult) -> FileResult:
        """Write the fixed form of a file, or say what that would be, and return the result."""
        task = self._task
        if not (result.repair or (task.write and result.before is not None)):
            return result
        with self._other_names().watch(result.path):
            return self._apply(result)

    def _apply(self, result: FileResult) -> FileResult:
        task = self._task
        if result.repair:
            from no_libpython_dlopen.engine.fix_binary import fix_binary

            return fix_binary(
                result,
                write=task.write,
                output_dir=task.output_dir,
                outputs=self._outputs,
                installed=self._installed_files(),
                root=root_of(task),
            )
        return _write(result, self._installed_files())

    @property
    def outputs(self) -> list[str]:
        """The paths that were written to the task's ``output_dir`` so far."""
        folder = self._task.output_dir
        if folder is None:
            return []
        return [os.path.join(folder, os.path.basename(path)) for path in self._outputs]

    def _installed_files(self) -> InstalledFiles:
        if self._installed is None:
            from no_libpython_dlopen.engine.installed.installed_files import InstalledFiles

            self._installed = InstalledFiles(managed=self._task.managed)
        return self._installed

    def _other_names(self) -> OtherNames:
        if self._names is None:
            from no_libpython_dlopen.files.atomic_write import OtherNames

            self._names = OtherNames()
        return self._names

    def notes(self) -> list[str]:
        """Return the notes to show after all results have been taken."""
        installed = self._installed.notes() if self._installed else []
        return installed + (self._names.notes() if self._names else [])

    def _batches(self, first: list[TargetFile], rest: Iterator[TargetFile]) -> Iterator[Batch]:
        """Yield the number of files and the results of each batch, in order."""
        many = len(first) == POOL_THRESHOLD
        if many:
            byte_search.use_memmem()
            PYTHON_SCAN.compile_in_background()
        most = MOST_PER_PROCESSOR * processors()
        workers = min(self._jobs, most) or (processors() if many else 1)
        if workers == 1 or len(first) == 1:
            for target in chain(first, rest):
                if self._show_progress:
                    self._show_progress(target.path)
                yield check_batch(self._task, [target])
            return
        from no_libpython_dlopen.engine import worker_pool

        if many:  # it has to be there before the other processes, so that they have it, too
            for target in rest:
                first.append(target)
                if PYTHON_SCAN.matches is not None:
                    break
            PYTHON_SCAN.wait()
        for batch in worker_pool.map_batches(self._task, chain(first, rest), workers):
            if self._show_progress:
                self._show_progress("")
            yield batch


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _binary_of(result: FileResult) -> tuple[str, bool]:
    """Return the real place of a binary or of a file in an archive, and whether a link led there.

    The place is empty for a text: of two names each may have settings of its own.
    """
    path, mark, member = result.path.partition("!")
    if kind_of(path) not in BINARY_KINDS:
        return "", False
    return os.path.realpath(path) + mark + member, os.path.islink(path)


def _write(result: FileResult, installed: InstalledFiles) -> FileResult:
    """Write a fixed file. Return its result, or, where it cannot be written, why not."""
    if result.before is None or result.source is None:
        return result
    from no_libpython_dlopen.files.atomic_write import WriteRefused, replace_content

    try:
        with installed.change(result.path) as prepare:
            old, new = result.before.data, result.source.data
            replace_content(result.path, old, new, given=result.given, prepare=prepare)
    except WriteRefused as error:
        return refused_result(result, error)
    return result
