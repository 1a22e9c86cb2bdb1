"""Spreads files over processes where that pays, and keeps their order.

A pool costs some 30 ms to start, so small runs stay in this process. The workers only
compute: they read files and return results, and this process writes and prints.
"""

from __future__ import annotations

import os
import sys
from itertools import chain, islice

from no_libpython_dlopen.engine import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.engine.discover import Found
    from no_libpython_dlopen.engine.result import FileResult

    Batch = tuple[int, list[FileResult]]

#: Fewer files than this are not worth a pool.
THRESHOLD = 500
BATCH = 100


def map_batches(task: run.Task, targets: Iterable[Found], jobs: int = 0) -> Iterator[Batch]:
    """Yield for each batch the number of files and their results, in order.

    ``jobs`` is the number of processes, 0 for one a processor.
    """
    iterator = iter(targets)
    first = list(islice(iterator, THRESHOLD))
    workers = jobs or _processors()
    if workers == 1 or (not jobs and len(first) < THRESHOLD):
        for found in chain(first, iterator):
            yield look_at(task, [found])
        return
    yield from _pooled(task, _batches(first, iterator), workers)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _batches(first: list[Found], rest: Iterator[Found]) -> Iterator[list[Found]]:
    for start in range(0, len(first), BATCH):
        yield first[start : start + BATCH]
    while batch := list(islice(rest, BATCH)):
        yield batch


def look_at(task: run.Task, batch: list[Found]) -> Batch:
    """Return the number of files in a batch and the results of those with any."""
    results = [run.look(found, task) for found in batch]
    count = sum(not found.problem and found.kind is not None for found in batch)
    return count, [result for result in results if result is not None]


def _pooled(task: run.Task, batches: Iterator[list[Found]], workers: int) -> Iterator[Batch]:
    import multiprocessing
    from collections import deque
    from concurrent.futures import Future, ProcessPoolExecutor

    method = "fork" if sys.platform == "linux" else None
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context(method), initializer=_die_on_interrupt
    )
    waiting: deque[Future[Batch]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(look_at, task, batch))
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _die_on_interrupt() -> None:
    """Let Ctrl-C end a worker at once and silently; it holds nothing to be lost."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
