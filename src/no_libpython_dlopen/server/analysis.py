"""Analyses documents in a process of its own, so that an answer to the editor never waits.

The process is told by a signal that an analysis is of no use any more. Results are kept by
content: undoing a change costs nothing. Where no process can be started, the analysis
runs in a thread of the server.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.worker_pool import leave_out_working_directory
from no_libpython_dlopen.model.facts import Unread
from no_libpython_dlopen.model.finding import START, Edit, Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.server.view import View, difference, source_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_DIED = "the process that analyses this document has ended twice: run `nolibpy check` on the file"
#: Results that are kept.
MOST_KNOWN = 64
_STOP = getattr(signal, "SIGUSR1", None)


class Content(NamedTuple):
    """What an analysis depends on, other files of the project aside."""

    path: str
    kind: Kind
    data: bytes
    settings: Settings


def content_of(view: View) -> Content:
    """Return the key of a view's findings: all that they depend on."""
    return Content(view.source.path, view.kind, view.source.data, view.settings)


def check(content: Content) -> list[Finding]:
    """Return the findings of a document."""
    from no_libpython_dlopen.engine.check_source import check_source

    return check_source(source_of(content.path, content.kind, content.data), content.settings)


def fix_all(content: Content) -> Edit | None:
    """Return the edit that makes all safe fixes, if there are any."""
    from no_libpython_dlopen.engine.fix_text import fix_text

    source = source_of(content.path, content.kind, content.data)
    result = fix_text(source, content.settings, unsafe=False)
    if result.source is None or result.before is None:
        return None
    return difference(source.text, result.source.text)


def suppression(content: Content, finding: Finding) -> Edit | None:
    """Return the edit that puts a comment on a finding, if one can stand there."""
    from no_libpython_dlopen.engine.add_suppressions import suppress
    from no_libpython_dlopen.engine.check_source import check_source

    source = source_of(content.path, content.kind, content.data)
    following = suppress(finding, source, content.settings, check_source(source, content.settings))
    return difference(source.text, following.text) if following else None


class Analyser:
    """Runs the functions above elsewhere, one at a time."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Any] = {}
        self._thread = ThreadPoolExecutor(1)
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._is_closed = False
        #: What the process works at.
        self._current: object = None

    def start(self) -> None:
        """Start the process, so that the first document does not wait for it."""
        self._thread.submit(self._ensure_process)

    def known_findings(self, content: Content) -> list[Finding] | None:
        """Return the findings of a document if they are known already."""
        found: list[Finding] | None = self._known.get((check, content))
        return found

    def forget(self) -> None:
        """Forget all findings: other files have changed."""
        self._known.clear()

    async def check(self, content: Content) -> list[Finding]:
        """Return the findings of a document; NLP900 where it ends the process again and again."""
        for _ in range(2):  # a process that has died is followed by another one
            found: list[Finding] | None = await self.run(check, content)
            if found is not None:
                return found
        from no_libpython_dlopen.engine.check_source import apply_rules

        return apply_rules([Unread(_DIED, START)], content.path)

    async def run(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Return the result of a function of this module, which is stopped if this is cancelled."""
        key = (function, *arguments)
        if key not in self._known:
            answer = await self._run(function, arguments)
            if answer is None and function is check:
                return None
            self._known[key] = answer
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return self._known[key]

    async def _run(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> Any:
        task = object()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._ask, task, function, arguments)
        except asyncio.CancelledError:
            self._stop(task)
            raise

    def close(self) -> None:
        """End the process."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()

    def _ask(
        self, task: object, function: Callable[..., Any], arguments: tuple[object, ...]
    ) -> Any:
        pipe = self._ensure_process()
        if pipe is not None:
            try:
                with self._lock:
                    self._current = task
                    pipe.send((function, arguments))
                answer = pipe.recv()
                with self._lock:
                    self._current = None
                return answer
            except (OSError, EOFError):  # it died of this document, or was killed
                with self._lock:
                    self._process = self._pipe = self._current = None
                return None
        return None if self._is_closed else function(*arguments)

    def _stop(self, task: object) -> None:
        """Have the process stop, if it is at this task; its answer is for nobody."""
        with self._lock:
            process = self._process
            if self._current is task and process and process.pid and _STOP is not None:
                os.kill(process.pid, _STOP)

    def _ensure_process(self) -> Connection | None:
        with self._lock:
            if self._pipe is None and not self._is_closed:
                leave_out_working_directory()
                context = multiprocessing.get_context("spawn")
                try:
                    ours, theirs = context.Pipe()
                    process = context.Process(target=_serve, args=(theirs,), daemon=True)
                    process.start()
                    theirs.close()
                    self._pipe, self._process = ours, process
                except OSError:
                    pass
            return self._pipe


class _Stopped(BaseException):
    """Raised by the signal; no handler of exceptions is for it."""


_is_busy = False


def _stop_analysis(*_: object) -> None:
    if _is_busy:
        raise _Stopped


def _serve(pipe: Connection) -> None:
    """Answer until the other end is closed: the server has ended, however it did."""
    global _is_busy  # noqa: PLW0603  a signal has nothing else to look at
    from no_libpython_dlopen.engine import check_source  # noqa: F401  imported before it is asked
    from no_libpython_dlopen.python import reader  # noqa: F401

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _STOP is not None:
        signal.signal(_STOP, _stop_analysis)
    while True:
        try:
            function, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        answer = None
        try:
            _is_busy = True
            answer = function(*arguments)
        except _Stopped:
            pass
        finally:
            _is_busy = False
        pipe.send(answer)
