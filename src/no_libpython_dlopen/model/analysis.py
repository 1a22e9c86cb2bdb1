"""The analysis of one file that is running: its clock, and the limits that it reached.

All readers share it, those of Python inside of a shell script included. It is a context
variable, so that the functions which meet a limit, often far below a reader, need not hand
it on to each other; without a running analysis nothing is measured and nothing noted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from no_libpython_dlopen.model.limits import (
    OTHER_FILES_MILLISECONDS,
    TIME_BYTES,
    TIME_MILLISECONDS,
    TIME_MOST_BYTES,
    TIME_SHARE_BEYOND,
    TIME_SHARES,
    Limit,
)
from no_libpython_dlopen.model.source import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import TypeVar

    Item = TypeVar("Item")

_SECOND = 1000
#: Seconds left for finding the comments of a file whose analysis used up all its time.
_COMMENTS = 0.15
#: Tokens or lines between two looks at the clock.
_ITEMS_A_LOOK = 4096
#: Characters between two looks at the clock, and how many are searched again.
_PART, _OVERLAP = 1 << 18, 1 << 10
#: Why nothing is edited in a file of which a part is unknown.
PARTLY_READ = "the file could not be analysed completely"


class LimitReached(Unreadable):
    """An analysis ends here, since it reached a limit. What was found so far counts."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(_reason([limit]))
        self.limit = limit

    def __reduce__(self) -> tuple[type[LimitReached], tuple[Limit]]:  # type: ignore[override]
        return (LimitReached, (self.limit,))


class Analysis:
    """What is known of the analysis of one file.

    ``deadline`` is in seconds of this thread's processor time, not of a clock on the wall:
    on a busy machine the same files must be reported. ``others`` are the seconds left for the
    other files of a project, unless the time ``is_shared`` with them. A file of ``size`` bytes
    has the time of each of its ``shares``, less than one if it is so large that a program wrote it.
    """

    __slots__ = ("clock", "deadline", "is_shared", "others", "reached", "shares")

    def __init__(self, size: int = 0) -> None:
        is_written = 0 < size <= TIME_MOST_BYTES
        beyond = TIME_SHARE_BEYOND if size else 1
        self.shares = min(-(-size // TIME_BYTES), TIME_SHARES) if is_written else beyond
        self.reached: dict[Limit, None] = {}
        self.others = OTHER_FILES_MILLISECONDS / _SECOND
        self.restart()

    def restart(self, clock: Limit = TIME_MILLISECONDS, *, is_shared: bool = False) -> None:
        """Give the file a whole time again."""
        self.clock = clock
        self.is_shared = is_shared
        self.deadline = time.thread_time() + clock * self.shares / _SECOND

    def leave_time(self) -> None:
        """Leave some time for what follows the reading: the comments that suppress findings."""
        self.deadline = max(self.deadline, time.thread_time() + _COMMENTS)

    @property
    def reason(self) -> str:
        """Why the file was not analysed to its end, empty if it was."""
        return _reason(self.reached) if self.reached else ""


def _reason(limits: list[Limit] | dict[Limit, None]) -> str:
    return "analysed only in part: more than " + " and ".join(map(str, limits))


_running: ContextVar[Analysis | None] = ContextVar("running", default=None)


@contextmanager
def begin(size: int = 0) -> Iterator[Analysis]:
    """Begin the analysis of a file of ``size`` bytes."""
    analysis = Analysis(size)
    token = _running.set(analysis)
    try:
        yield analysis
    finally:
        _running.reset(token)


def restart(clock: Limit = TIME_MILLISECONDS, *, is_shared: bool = False) -> None:
    """Give the file a whole time again, to be analysed in another way."""
    analysis = _running.get()
    if analysis is not None:
        analysis.restart(clock, is_shared=is_shared)


def note_limit(limit: Limit) -> None:
    """Note that a limit cut off something in which there could be a finding."""
    analysis = _running.get()
    if analysis is not None and not limit.is_silent:
        analysis.reached[limit] = None


@contextmanager
def note_apart() -> Iterator[dict[Limit, None]]:
    """Note limits in a collection of its own, for a part whose result is kept for several files."""
    apart: dict[Limit, None] = {}
    analysis = _running.get()
    if analysis is None:
        yield apart
        return
    outer, analysis.reached = analysis.reached, apart
    try:
        yield apart
    finally:
        analysis.reached = outer


def is_cut() -> bool:
    """Return whether the running analysis has reached a limit."""
    analysis = _running.get()
    return analysis is not None and bool(analysis.reached)


def check_time(ahead: float = 0.0) -> None:
    """Raise ``LimitReached`` where the time of the running analysis is over.

    So it is for what cannot be interrupted if that takes more seconds than are left: ``ahead``.
    """
    analysis = _running.get()
    if analysis is not None and time.thread_time() + ahead > analysis.deadline:
        raise LimitReached(analysis.clock)


def search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return a match of a pattern in a text, of which there may be many megabytes.

    The time is checked between parts of it, which overlap by more than a match is long. Where a
    part ends, a text may seem to end: what is found there may be too much, but never too little.
    """
    for start in range(0, len(text) + 1, _PART):
        if start:
            check_time()
        found = pattern.search(text, start, start + _PART + _OVERLAP)
        if found is not None:
            return found
    return None


def watch(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the tokens or lines of a file, of which there may be millions.

    Raises ``LimitReached`` where the time of the running analysis is over.
    """
    for number, item in enumerate(items):
        if not number % _ITEMS_A_LOOK:
            check_time()
        yield item


@contextmanager
def until_limit() -> Iterator[None]:
    """Run up to a limit, which is noted; what was found before it stays."""
    try:
        yield
    except LimitReached as error:
        note_limit(error.limit)


@contextmanager
def other_file() -> Iterator[None]:
    """Have the time that other files of the project take not count for this one."""
    analysis = _running.get()
    if analysis is None or analysis.is_shared or analysis.clock is OTHER_FILES_MILLISECONDS:
        yield
        return
    begun, deadline = time.thread_time(), analysis.deadline
    analysis.deadline = begun + analysis.others
    analysis.clock = OTHER_FILES_MILLISECONDS
    try:
        yield
    finally:
        taken = time.thread_time() - begun
        analysis.others = max(analysis.others - taken, 0.0)
        analysis.deadline = deadline + taken
        analysis.clock = TIME_MILLISECONDS
