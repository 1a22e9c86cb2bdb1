"""Spreads files over processes, and keeps their order.

The workers only compute: they read files and return results; this process walks,
writes and prints. A worker that dies (a parser's stack, the system's memory) costs the
file it was looking at, not the run: what was not answered is looked at again, file by
file, in a process that another one follows when it dies.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from no_libpython_dlopen import needles
from no_libpython_dlopen.engine import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.engine.discover import Found
    from no_libpython_dlopen.engine.result import FileResult

    Batch = tuple[int, list[FileResult]]

#: Files that a worker is given at a time.
BATCH = 100
#: Batches a worker that may wait for it, so that a walk does not run away.
AHEAD = 16


def map_batches(task: run.Task, targets: Iterable[Found], workers: int) -> Iterator[Batch]:
    """Yield for each batch the number of files and their results, in order."""
    iterator = iter(targets)
    pool = _pool(workers)
    waiting: deque[tuple[list[Found], Future[Batch]]] = deque()
    try:
        while batch := list(islice(iterator, BATCH)):
            if len(waiting) >= workers * AHEAD:
                yield _answer(task, *waiting.popleft())
            try:
                future = pool.submit(run.look_at, task, batch)
            except BrokenProcessPool:
                pool.shutdown(wait=True)
                pool = _pool(workers)
                future = pool.submit(run.look_at, task, batch)
            waiting.append((batch, future))
            while waiting and waiting[0][1].done():
                yield _answer(task, *waiting.popleft())
        while waiting:
            yield _answer(task, *waiting.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor:
    # A fork is ready at once; nothing here runs threads before it.
    method = "fork" if sys.platform == "linux" else None
    context = multiprocessing.get_context(method)
    return ProcessPoolExecutor(workers, context, initializer=_begin)


def _begin() -> None:
    """Let Ctrl-C end a worker at once and silently; it holds nothing to be lost."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    needles.hurry()


def _answer(task: run.Task, batch: list[Found], future: Future[Batch]) -> Batch:
    """Return a batch's results, with the files that kill a worker as unreadable."""
    try:
        return future.result()
    except BrokenProcessPool:
        pass
    count = 0
    results: list[FileResult] = []
    left = deque(batch)
    while left:
        with _pool(1) as pool:
            while left:
                found = left.popleft()
                try:
                    number, more = pool.submit(run.look_at, task, [found]).result()
                except BrokenProcessPool:
                    count += 1
                    results.append(run.unread(found, "the analysis ended the process it ran in"))
                    break
                count += number
                results += more
    return count, results
