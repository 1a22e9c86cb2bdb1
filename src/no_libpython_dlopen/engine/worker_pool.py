"""Spreads files over processes, and keeps their order.

The workers only compute: they read files and return results; this process walks,
writes and prints. While all of them are busy it prefilters files itself, so that in a clean
tree at most one process imports a parser. A worker that dies (a parser's stack, the system's
memory) costs the file that it was checking, not the run: files without a result are retried
one by one, in a fresh process after each crash.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.engine import check_file
from no_libpython_dlopen.files import byte_search

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from no_libpython_dlopen.engine.check_file import Batch, Task
    from no_libpython_dlopen.engine.result import FileResult
    from no_libpython_dlopen.engine.target import TargetFile

#: Files that are taken up at a time.
BATCH = 60
#: Batches that may wait for the first one's answer, so that a walk does not run away.
AHEAD = 64
#: Seconds between two looks for a worker that has died.
_TICK = 1.0
#: Batches for each worker that keep it busy while this process is long at one of its own.
_BUSY = 6


def map_batches(task: Task, targets: Iterable[TargetFile], workers: int) -> Iterator[Batch]:
    """Yield for each batch the number of files and their results, in order.

    ``workers`` counts this process.
    """
    iterator = iter(targets)
    pool = _Pool(max(workers - 1, 1))
    waiting: deque[_Waiting] = deque()
    try:
        for batch in iter(lambda: list(islice(iterator, BATCH)), []):
            if len(waiting) >= AHEAD:
                yield pool.results_of(task, waiting.popleft())
            clean, rest = 0, batch
            if pool.is_busy(sum(not one.done for one in waiting)):
                clean, rest = check_file.prefilter_batch(task, batch)
            waiting.append(_Waiting(clean, rest, pool.submit_batch(task, rest)))
            while waiting and waiting[0].done:
                yield pool.results_of(task, waiting.popleft())
        while waiting:
            yield pool.results_of(task, waiting.popleft())
    except BaseException:  # an interrupt, or a reader that has gone: nobody waits for the rest
        pool.abandon()
        raise
    finally:
        pool.close()


class _Pool:
    """The other processes; none where the system has no descriptors or processes left."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._executor: WorkerProcesses | None = None
        with suppress(OSError):
            self._executor = _executor(size)

    def is_busy(self, waiting: int) -> bool:
        """Return whether all have something to do, if so many batches wait for an answer."""
        return waiting >= _BUSY * self._size

    def submit_batch(self, task: Task, batch: list[TargetFile]) -> Future[Batch] | None:
        if not batch:
            return None
        try:
            if self._executor is not None:
                return self._submit(self._executor, task, batch)
        except OSError:
            self.close()
            self._executor = None
        done: Future[Batch] = Future()
        done.set_result(check_file.check_batch(task, batch))
        return done

    def _submit(
        self, executor: WorkerProcesses, task: Task, batch: list[TargetFile]
    ) -> Future[Batch]:
        try:
            return executor.submit(check_file.check_batch, task, batch)
        except BrokenProcessPool:
            executor.shutdown(wait=True)
            self._executor = _executor(self._size)
            return self._executor.submit(check_file.check_batch, task, batch)

    def results_of(self, task: Task, waiting: _Waiting) -> Batch:
        """Return a batch's results, with the files that kill a worker as unreadable."""
        if waiting.future is None:
            return waiting.clean, []
        try:
            executor, future = self._executor, waiting.future
            count, results = executor.result_of(future) if executor else future.result()
        except (BrokenProcessPool, CancelledError):
            count, results = _one_by_one(task, waiting.rest)
        return waiting.clean + count, results

    def abandon(self) -> None:
        """End the workers at once: nobody waits for their answers."""
        if self._executor is not None:
            self._executor.abandon()

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)


class WorkerProcesses(ProcessPoolExecutor):
    """Worker processes that may die at any moment, and can be abandoned.

    A worker that dies in the middle of an answer (Ctrl-C reaches all processes of a terminal,
    the kernel kills one where memory is short) leaves the executor's thread reading the rest of
    it, with a lock that the others wait for.
    """

    def result_of(self, future: Future[Batch]) -> Batch:
        """Wait for a result. Raises ``BrokenProcessPool`` where a worker dies meanwhile."""
        while not wait([future], _TICK).done:
            self.end_if_broken()
        return future.result()

    def end_if_broken(self) -> None:
        """End all workers where one has died, so that no future waits for its answer."""
        if not all(worker.is_alive() for worker in list((self._processes or {}).values())):
            self.abandon()

    def abandon(self) -> None:
        """Kill the workers, and close the pipe of their answers.

        The executor's thread sees the end of half an answer only if no process has the pipe open
        for writing any more, and this one has it open.
        """
        for worker in multiprocessing.active_children():
            worker.kill()
        answers = getattr(self, "_result_queue", None)
        if answers is not None:
            answers._writer.close()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> Literal[False]:
        if kind is not None:
            self.abandon()
        self.shutdown(wait=True)
        return False


class _Waiting(NamedTuple):
    """A batch that was taken up: how many of its files are clean, and who looks at the rest."""

    clean: int
    rest: list[TargetFile]
    future: Future[Batch] | None

    @property
    def done(self) -> bool:
        return self.future is None or self.future.done()


def leave_out_working_directory() -> None:
    """Have the interpreters that ``multiprocessing`` starts leave the working directory alone.

    It starts them with ``python -c``, which puts that directory first: a
    ``multiprocessing.py`` of the tree that is checked would be run in place of Python's. They
    get the paths of this process, with what they are to do.
    """
    if sys.version_info >= (3, 11):
        os.environ["PYTHONSAFEPATH"] = "1"
    else:  # pragma: no cover - of Python 3.10, which is not the one that is measured
        from multiprocessing import util

        options = util._args_from_interpreter_flags  # type: ignore[attr-defined]
        if "-I" not in options():
            util._args_from_interpreter_flags = lambda: [*options(), "-I"]  # type: ignore[attr-defined]


def _executor(workers: int) -> WorkerProcesses:
    # A fork is ready at once; nothing here runs threads before it.
    method = "fork" if sys.platform == "linux" else None
    leave_out_working_directory()
    context = multiprocessing.get_context(method)
    return WorkerProcesses(workers, context, initializer=_start_worker)


def _start_worker() -> None:
    """Let a signal, or the end of the main process, end a worker at once and silently.

    It holds nothing to be lost.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # as below nohup
            signal.signal(number, signal.SIG_DFL)
    end_with_parent()
    check_file.raise_gc_thresholds()
    byte_search.use_memmem()


def end_with_parent() -> None:
    """Have this process end when its parent ends, however: a pipe between them closes."""
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def leave_interrupts_to_parent() -> None:
    """Have Ctrl-C end this process by way of its parent.

    What starts a worker of a survey is here, since little is imported with it: where the survey
    is killed while its workers start, they end before they have imported the rest.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _one_by_one(task: Task, batch: list[TargetFile]) -> Batch:
    count = 0
    results: list[FileResult] = []
    left = deque(batch)
    while left:
        with _executor(1) as pool:
            try:
                while left:
                    target = left.popleft()
                    future = pool.submit(check_file.check_batch, task, [target])
                    number, more = pool.result_of(future)
                    count += number
                    results += more
            except (BrokenProcessPool, OSError) as error:
                reason = "the worker process crashed while analysing this file"
                if isinstance(error, OSError):
                    reason = f"no worker process could be started: {error.strerror or error}"
                count += 1
                results.append(check_file.unreadable_result(target, reason))
    return count, results
