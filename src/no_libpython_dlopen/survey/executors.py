"""Where the work is done: processes of this machine, or any ``concurrent.futures`` executor.

A pool of processes is broken as a whole when one of them dies (out of memory, a crash in
a library). It is then made anew, and what was under way is tried again, each package
alone: the one that kills its process again is the one that fails. Of a pool that somebody
else gave us, only the futures are used.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)

from no_libpython_dlopen.engine.worker_pool import (
    WorkerProcesses,
    leave_interrupts_to_parent,
    leave_out_working_directory,
)
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.survey.models import Item, Outcome, Plan, Status
from no_libpython_dlopen.survey.worker import examine

#: A package that takes longer has hung, whatever the reason.
LONGEST = 3600.0
_TICK = 0.5
#: The futures of a broken pool fail at once.
_PATIENCE = 30.0

Work = Callable[[Item, Plan], Outcome]


class InvalidExecutor(NolibpyError):
    """An executor that cannot be had; the text says why."""


class WorkersLost(NolibpyError):
    """The executor is gone, and with it what it was working on."""


class Workers:
    """An executor and how many packages it is given at a time; close it."""

    def __init__(self, executor: Executor, width: int, close: Callable[[], object]) -> None:
        self.executor = executor
        self.width = width
        self._close = close

    def renew(self) -> None:
        """Make a broken executor anew. Raises ``WorkersLost``."""
        raise WorkersLost("the executor is broken")

    def end_if_broken(self) -> None:
        """Have the futures fail where a worker has died in the middle of its answer."""

    def kill(self) -> bool:
        """End what is under way at once; tells whether that is possible."""
        return False

    def close(self) -> None:
        """Give the executor back; what is under way is given up."""
        self._close()


class Processes(Workers):
    """A pool of processes of our own."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._processes = self._make_executor()
        super().__init__(self._processes, jobs, self.kill)

    def _make_executor(self) -> WorkerProcesses:
        import multiprocessing

        # Not forked: there are threads here, of the progress bar and of the pool itself.
        leave_out_working_directory()
        context = multiprocessing.get_context("spawn")
        return WorkerProcesses(self._jobs, context, initializer=leave_interrupts_to_parent)

    def renew(self) -> None:
        """Start new processes."""
        self.kill()
        self.executor = self._processes = self._make_executor()

    def end_if_broken(self) -> None:
        """End all processes where one has died."""
        self._processes.end_if_broken()

    def kill(self) -> bool:
        """Kill the processes."""
        self._processes.abandon()
        self._processes.shutdown(wait=True, cancel_futures=True)
        return True


def default_width() -> int:
    """Return the number of packages that this machine checks at a time."""
    import os

    # They wait for the network more than they compute.
    return min(32, 2 * (os.cpu_count() or 1))


def outcomes(
    workers: Workers,
    items: Iterable[Item],
    plan: Plan,
    work: Work = examine,
    longest: float = LONGEST,
) -> Iterator[tuple[Item, Outcome]]:
    """Yield each item with what came of it, as it comes. Raises ``WorkersLost``."""
    run = _Run(workers, deque(items), plan, work, longest)
    while run.is_unfinished():
        yield from run.step()


class _Run:
    """What is left to do, and what is under way since when."""

    def __init__(
        self, workers: Workers, left: deque[Item], plan: Plan, work: Work, longest: float
    ) -> None:
        self._workers = workers
        self._left = left
        #: Were under way when a process died, so that each of them may be why.
        self._suspects: deque[Item] = deque()
        self._plan = plan
        self._work = work
        self._longest = longest
        self._running: dict[Future[Outcome], tuple[Item, float]] = {}

    def is_unfinished(self) -> bool:
        """Return whether anything is left to do."""
        return bool(self._left or self._suspects or self._running)

    def step(self) -> Iterator[tuple[Item, Outcome]]:
        """Submit what fits, wait a moment, and yield what has come."""
        alone = bool(self._suspects)
        try:
            self._submit(1 if alone else self._workers.width)
        except BrokenExecutor:
            yield from self._replace_executor([], alone=False)
            return
        done, _ = wait(self._running, timeout=_TICK, return_when=FIRST_COMPLETED)
        if not done:
            self._workers.end_if_broken()
        broken: list[tuple[Item, float]] = []
        yield from self._results(done, broken)
        if broken:
            yield from self._replace_executor(broken, alone=alone)
        else:
            if alone and done:
                self._suspects.popleft()
            yield from self._end_overdue(alone=alone)

    def _submit(self, width: int) -> None:
        """Submit up to ``width`` items; a suspect stays in its queue until it is done."""
        queue = self._suspects or self._left
        while queue and len(self._running) < width:
            future = self._workers.executor.submit(self._work, queue[0], self._plan)
            self._running[future] = queue[0], time.monotonic()
            if queue is self._left:
                queue.popleft()

    def _results(
        self, done: Iterable[Future[Outcome]], broken: list[tuple[Item, float]]
    ) -> Iterator[tuple[Item, Outcome]]:
        for future in done:
            item, since = self._running.pop(future)
            try:
                yield item, future.result()
            except BrokenExecutor:
                broken.append((item, since))
            except CancelledError:
                raise WorkersLost("the executor cancelled its work") from None
            except Exception as raised:  # noqa: BLE001  whatever a cluster raises
                cause = getattr(raised, "cause", None)  # in Ray's, the worker's own
                error = cause if isinstance(cause, Exception) else raised
                reason = str(error).partition("\n")[0]
                yield item, _failure(f"the worker failed: {type(error).__name__}: {reason}", since)

    def _replace_executor(
        self, broken: list[tuple[Item, float]], *, alone: bool
    ) -> Iterator[tuple[Item, Outcome]]:
        """Replace the executor: what broke it alone has failed, all else is tried again."""
        done, _ = wait(self._running, timeout=_PATIENCE)
        yield from self._results(done, broken)
        broken += self._running.values()
        self._running.clear()
        self._workers.renew()
        if alone:
            item = self._suspects.popleft()
            yield (item, _failure("its worker process died, perhaps out of memory", broken[0][1]))
        else:
            self._suspects.extend(item for item, _ in broken)

    def _end_overdue(self, *, alone: bool) -> Iterator[tuple[Item, Outcome]]:
        now = time.monotonic()
        late = [
            future
            for future, (_, since) in self._running.items()
            if now - since > self._longest and not future.done()
        ]
        if not late:
            return
        ended = [self._running.pop(future) for future in late]
        if self._workers.kill():
            if alone:
                self._suspects.popleft()
            self._left.extendleft(item for item, _ in self._running.values())
            self._running.clear()
            self._workers.renew()
        for future in late:
            future.cancel()
        for item, since in ended:
            yield item, _failure(f"took longer than {self._longest:.0f} seconds", since)


def _failure(reason: str, since: float) -> Outcome:
    return Outcome(Status.FAILED, reason=reason, seconds=round(time.monotonic() - since, 3))
