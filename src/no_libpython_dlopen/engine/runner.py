"""Runs each discovered file through the pipeline: read, prefilter, check, fix.

A clean file costs a read and a search of its bytes. Everything that a file with
something in it needs is imported when the first such file comes.
"""

from __future__ import annotations

import gc
import os
from itertools import chain, islice

from no_libpython_dlopen.engine import prefilter
from no_libpython_dlopen.engine.discover import Found
from no_libpython_dlopen.engine.dispatch import BINARY_KINDS
from no_libpython_dlopen.engine.syntax_check import is_parsable
from no_libpython_dlopen.files import byte_search
from no_libpython_dlopen.files.safe_open import read_file
from no_libpython_dlopen.model.kind import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from no_libpython_dlopen.engine.result import FileResult
    from no_libpython_dlopen.model.facts import Fact
    from no_libpython_dlopen.model.source import Source


#: Fewer files than this are worth neither the start of processes, unless they are asked for,
#: nor that of one pass for all words.
POOL_THRESHOLD = byte_search.WORTHWHILE
#: In a run over no more files than this, what cannot matter is parsed as well, so that
#: a broken file is noticed where somebody looks at a few. In a tree this would take a hundred
#: times as long as the check.
FEW_FILES = 25
#: More processes only wait for each other; how many are asked for may be a stranger's word.
MOST_PER_PROCESSOR = 4
#: Kinds whose bytes do not say quickly that there is nothing in them.
_NOT_AT_ONCE = frozenset({Kind.NOTEBOOK, Kind.ARCHIVE})


class Task:
    """What to do with each file; small enough to be sent to a worker."""

    __slots__ = ("fix", "output_dir", "parse", "write")

    def __init__(
        self, *, fix: bool = False, write: bool = False, output_dir: str | None = None
    ) -> None:
        self.fix = fix
        self.write = write
        #: Where repaired binaries and archives go instead of into their own place.
        self.output_dir = output_dir
        #: Whether files are parsed even if nothing can be found in them (``syntax_check``).
        self.parse = False


class Run:
    """One run over many files. ``checked`` counts the files as results come.

    ``tell`` is called with the path of each file that is taken up, and with "" when
    another process has done some.
    """

    def __init__(
        self, task: Task, jobs: int = 0, tell: Callable[[str], None] | None = None
    ) -> None:
        self.checked = 0
        self._task = task
        self._jobs = jobs
        self._tell = tell

    def results(self, targets: Iterable[Found]) -> Iterator[FileResult]:
        """Yield what there is to say, in the order of ``targets``; nothing for clean files."""
        collect_rarely()
        iterator = iter(targets)
        first = list(islice(iterator, POOL_THRESHOLD))
        self._task.parse = len(first) <= FEW_FILES
        for count, results in self._batches(first, iterator):
            self.checked += count
            for result in results:
                if result.repair:
                    from no_libpython_dlopen.engine.fix_binary import mended

                    task = self._task
                    yield mended(result, write=task.write, output_dir=task.output_dir)
                else:
                    yield _written(result) if self._task.write else result

    def _batches(
        self, first: list[Found], rest: Iterator[Found]
    ) -> Iterator[tuple[int, list[FileResult]]]:
        """Yield the number of files and the results of each batch, in order."""
        many = len(first) == POOL_THRESHOLD
        if many:
            byte_search.use_memmem()
            scan = prefilter.compile_in_background()
        most = MOST_PER_PROCESSOR * processors()
        workers = min(self._jobs, most) or (processors() if many else 1)
        if workers == 1 or len(first) == 1:
            for found in chain(first, rest):
                if self._tell:
                    self._tell(found.path)
                yield look_at(self._task, [found])
            return
        from no_libpython_dlopen.engine import worker_pool

        if many:  # it has to be there before the other processes, so that they have it, too
            for found in rest:
                first.append(found)
                if scan.is_ready:
                    break
            scan.wait()
        for batch in worker_pool.map_batches(self._task, chain(first, rest), workers):
            if self._tell:
                self._tell("")
            yield batch


def collect_rarely() -> None:
    """Let this process, which is one run or a part of one, seldom look for cycles.

    Trees of syntax are large and hold none: looking through them for some, with Python's
    usual thresholds, takes as long as parsing them, and a tenth of libcst's import.
    """
    gc.set_threshold(50_000, 20, 20)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def look_at(task: Task, batch: list[Found]) -> tuple[int, list[FileResult]]:
    """Return the number of files in a batch, and the results of those that have any."""
    results = [look(found, task) for found in batch]
    count = sum(not found.problem and found.kind is not None for found in batch)
    return count, [result for result in results if result is not None]


def sift(batch: list[Found]) -> tuple[int, list[Found]]:
    """Return the number of files that need no parser to be passed, and the others. Never raises."""
    rest = [found for found in batch if not _is_clean(found)]
    return len(batch) - len(rest), rest


def _is_clean(found: Found) -> bool:
    """Tell whether a file is passed on its bytes; what cannot be read is not clean."""
    kind = found.kind
    if found.problem or kind in _NOT_AT_ONCE or kind is None:
        return False
    try:
        if kind in BINARY_KINDS:
            from no_libpython_dlopen.binary import reader

            return not any(True for _ in reader.read(found.path, kind))
        return not prefilter.prefilter(kind, read_file(found.path)).may_contain_finding
    except Exception:  # noqa: BLE001  whoever looks at it says what is wrong
        return False


def _written(result: FileResult) -> FileResult:
    """Write a fixed file. Return its result, or, where it cannot be written, why not."""
    if result.before is None or result.source is None:
        return result
    from no_libpython_dlopen.files import atomic_write as write

    try:
        write.replace_content(result.path, result.before.data, result.source.data)
    except write.WriteRefused as error:
        from no_libpython_dlopen.engine.check_source import judged
        from no_libpython_dlopen.engine.result import FileResult
        from no_libpython_dlopen.model.facts import Unread

        findings = (*judged([Unread(str(error))], result.path), *result.applied)
        return FileResult(result.path, findings, result.before)
    return result


def look(found: Found, task: Task) -> FileResult | None:
    """Return the result of one file, ``None`` for a clean one. Never raises an ``Exception``."""
    if found.problem:
        return unread(found, found.problem)
    if found.kind is None:
        return None
    try:
        if found.kind in BINARY_KINDS:
            return _look_at_binary(found, found.kind, task)
        return _look_at_text(found, found.kind, task)
    except OSError as error:
        return unread(found, f"cannot be read: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001  the other files must still be checked
        from no_libpython_dlopen.engine.check_source import internal_error

        return unread(found, internal_error(error))


def unread(found: Found, reason: str) -> FileResult:
    """Return the result of a file that cannot be read."""
    from no_libpython_dlopen.model.facts import Unread

    return _result(found, [Unread(reason)])


def _result(found: Found, facts: Iterable[Fact]) -> FileResult:
    from no_libpython_dlopen.engine.check_source import judged
    from no_libpython_dlopen.engine.result import FileResult

    findings = judged(facts, found.path)
    settings = found.settings
    return FileResult(
        found.path,
        tuple(item for item in findings if settings.selects_in(item.code, found.path)),
    )


def _look_at_text(found: Found, kind: Kind, task: Task) -> FileResult | None:
    data = read_file(found.path)
    prefiltered = prefilter.prefilter(kind, data)
    broken = task.parse and not is_parsable(kind, data)
    if not (broken or prefiltered.may_contain_finding):
        return None
    from no_libpython_dlopen.engine.dispatch import source_of

    return look_at_source(
        source_of(found.path, kind, data, prefiltered), found, task, broken=broken
    )


def look_at_source(
    source: Source, found: Found, task: Task, *, broken: bool = False
) -> FileResult | None:
    """Return the result of a text, fixed in memory if the task says so.

    A ``broken`` one, which this interpreter cannot parse, is looked at in any case.
    """
    if task.fix and not found.settings.flawed and not broken:
        from no_libpython_dlopen.engine.fix_text import repaired

        result = repaired(source, found.settings, unsafe=found.settings.unsafe_fixes)
        return result if result.findings or result.before else None
    from no_libpython_dlopen.engine.check_source import examine
    from no_libpython_dlopen.engine.result import FileResult

    findings = examine(source, found.settings, always=broken)
    return FileResult(found.path, tuple(findings), source) if findings else None


def _facts_of_binary(found: Found, kind: Kind) -> list[Fact]:
    from no_libpython_dlopen.binary import reader

    try:
        if found.remote is not None:
            from no_libpython_dlopen.package_index import reader as index

            return list(index.read(*found.remote).facts)
        return list(reader.read(found.path, kind))
    except Exception as error:
        from no_libpython_dlopen.model.facts import Unread
        from no_libpython_dlopen.model.source import Unreadable

        if isinstance(error, Unreadable):
            return [Unread(error.reason, error.location)]
        raise


def _look_at_binary(found: Found, kind: Kind, task: Task) -> FileResult | None:
    facts = _facts_of_binary(found, kind)
    if not facts and task.output_dir is None:
        return None
    result = _result(found, facts)
    if task.fix and found.remote is None and not found.settings.flawed:
        unsafe = found.settings.unsafe_fixes
        fixes = [item.fix.applicability.value for item in result.findings if item.fix]
        copied = task.output_dir is not None and task.write and kind is Kind.ARCHIVE
        if "safe" in fixes or (unsafe and fixes) or (copied and not result.unreadable):
            result.repair = "unsafe" if unsafe else "safe"
    return result if result.findings or result.repair else None
