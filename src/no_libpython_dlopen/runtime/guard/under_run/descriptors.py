"""Descriptors of the guard that no file of the program may get.

The dynamic loader keeps its log open under one number, and writes to that number even if the
program closed it and has a file of its own there; ``faulthandler`` does the same. The kernel
gives the lowest free number, and none from the soft limit of files on (``getrlimit(2)``). So
the limit is raised while such a file is opened: where that can be had, its number is one that the
program never gets. Elsewhere it is a high one, which is taken again after the program closed it.
"""

from __future__ import annotations

import os
from _thread import _local

from no_libpython_dlopen.runtime.guard.own_imports import OWN_IMPORTS

#: Numbers that the start of an interpreter needs beyond those that are taken.
_SPARE = 32
#: Limits up to this are taken in full: that costs a millisecond for each thousand.
_FULL = 4096
#: Numbers that are taken of a higher limit, or of one that cannot be raised.
_PART = 1024

#: A program may put its own functions in their place.
_open, _close, _stat, _fstat = os.open, os.close, os.stat, os.fstat


class RaisedLimit:
    """A block in which numbers from ``first`` on can be had, above the soft limit if possible.

    ``restored`` is the limit of before, -1 where it was not raised.
    """

    def __init__(self) -> None:
        self.first = _PART - _SPARE
        self.restored = -1
        self._hard = -1

    def __enter__(self) -> RaisedLimit:
        try:
            import resource
        except ImportError:  # pragma: no cover - as on Windows
            return self
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self
        if soft <= _FULL:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft + _SPARE, hard))
            except (ValueError, OSError):  # above the hard limit
                pass
            else:
                self.first, self.restored, self._hard = soft, soft, hard
                return self
        self.first = max(min(soft, _PART) - _SPARE, 3)
        return self

    def __exit__(self, *_: object) -> None:
        if self.restored >= 0:
            restore_limit(self.restored, self._hard)


def restore_limit(soft: int, hard: int | None = None) -> None:
    """Set the soft limit of files. Raises ``OSError`` and ``ValueError``."""
    import resource

    if hard is None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class LowDescriptors:
    """A block in which all low numbers of files are taken and reach a program that is executed.

    Its value is the variables for ``release``, which that program calls.
    """

    def __init__(self) -> None:
        self._filled: list[int] = []
        self._opened: list[int] = []
        self._limit = RaisedLimit()

    def __enter__(self) -> dict[str, str]:
        self._limit.__enter__()
        end = self._limit.first
        null = os.open(os.devnull, os.O_RDONLY)
        if null < end:
            os.set_inheritable(null, True)
            self._filled.append(null)
        listed = set(os.listdir("/proc/self/fd"))
        for number in range(end):
            if str(number) not in listed or not _identity(number):
                os.dup2(null, number)
                self._filled.append(number)
            elif not os.get_inheritable(number):  # it would leave a gap
                os.set_inheritable(number, True)
                self._opened.append(number)
        if null >= end:
            os.close(null)
        taken = _ranges(sorted([*self._filled, *self._opened]))
        return {"TAKEN": taken, "LIMIT": str(self._limit.restored)}

    def __exit__(self, *_: object) -> None:
        for number in self._filled:
            os.close(number)
        for number in self._opened:
            os.set_inheritable(number, False)
        self._limit.__exit__()


def release(taken: str, limit: str) -> list[int]:
    """Undo what ``LowDescriptors`` did, in the program; return the standard streams closed."""
    closed: list[int] = []
    for part in filter(None, taken.split(",")):
        first, last = map(int, part.split("-"))
        os.closerange(first, last + 1)
        closed += range(first, min(last, 2) + 1)
    if limit and limit != "-1":
        restore_limit(int(limit))
    return closed


def _ranges(numbers: list[int]) -> str:
    """Return ascending numbers as a short text.

    >>> _ranges([0, 1, 2, 9]), _ranges([])
    ('0-2,9-9', '')
    """
    starts = [n for n, before in zip(numbers, [-2, *numbers], strict=False) if n != before + 1]
    ends = [n for n, after in zip(numbers, [*numbers[1:], -2], strict=False) if n + 1 != after]
    return ",".join(f"{start}-{end}" for start, end in zip(starts, ends, strict=True))


class KeptDescriptor:
    """The ``number`` under which somebody else keeps the file ``path`` open and writes to it."""

    def __init__(self, path: str, number: int) -> None:
        self.path = path
        self.number = number
        self._file = _identity(number)

    @classmethod
    def find(cls, path: str) -> KeptDescriptor | None:
        """Return the descriptor by which this process has a file open, ``None`` without one."""
        try:
            identity = _stat(path)[1:3]
            numbers = sorted(map(int, os.listdir("/proc/self/fd")), reverse=True)
        except OSError:
            return None
        found = [number for number in numbers if _identity(number) == identity]
        if not found:
            return None
        os.set_inheritable(found[0], False)
        return cls(path, found[0])

    @classmethod
    def move(cls, path: str, descriptor: int) -> KeptDescriptor:
        """Give an open file a number that the program does not get. Raises ``OSError``."""
        number = _put_above(descriptor, 0)
        if number < 0:
            return cls(path, descriptor)
        _close(descriptor)
        return cls(path, number)

    def is_open(self) -> bool:
        """Return whether the number is still that of the file."""
        return _identity(self.number) == self._file

    def keep(self) -> bool:
        """Take the number again if the program closed it; return whether it had not.

        A number that is the program's by now is left to it. Raises ``OSError``.
        """
        now = _identity(self.number)
        if not now:
            self._take_again()
        return now == self._file

    def _take_again(self) -> None:
        """Open the file under the number, the null device where the file cannot be had any more."""
        try:
            file = _open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError:  # the parent has ended, or there is no right to write there
            file = _open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        taken = file
        if file != self.number:
            with OWN_IMPORTS:
                taken = _put_above(file, self.number)
            _close(file)
        if taken == self.number:
            self._file = _identity(taken)
        elif taken >= 0:  # another thread was faster
            _close(taken)


class _Thread(_local):
    """``keeps`` while files are taken again: to open one is itself an event to take them at."""

    keeps = False


class KeptDescriptors:
    """The kept descriptors of a process: of the loader's ``log``, and that of ``faulthandler``."""

    def __init__(self, log: str) -> None:
        found = KeptDescriptor.find(log) if log else None
        self.log = log
        self.files = [found] if found else []
        #: That of the first file: who closes it closes all, and one question is what may be asked
        #: whenever the program opens a file.
        self.number = found.number if found else -1
        self._is_log_whole = True
        self._thread = _Thread()

    def replace(self, old: KeptDescriptor | None, new: KeptDescriptor) -> None:
        """Keep another file in place of ``old``, which is closed."""
        if old is not None:
            self.files.remove(old)
            _close(old.number)
        self.files.append(new)
        self.number = self.files[0].number

    def keep(self) -> bool:
        """Take again what the program closed; return whether the log was open all the time."""
        if self._thread.keeps:
            return self._is_log_whole
        self._thread.keeps = True
        try:
            for file in self.files:
                try:
                    is_kept = file.keep()
                except Exception:  # noqa: BLE001 - no descriptor is free, the program is torn down
                    is_kept = False
                if not is_kept and file.path == self.log:
                    self._is_log_whole = False
        finally:
            self._thread.keeps = False
        return self._is_log_whole


def _put_above(descriptor: int, number: int) -> int:
    """Return a copy under the first free number from ``number`` on that can be had, -1 if none."""
    import fcntl

    with RaisedLimit() as limit:
        try:
            return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, number or limit.first)
        except OSError:
            return -1


def _identity(number: int) -> tuple[int, ...]:
    """Return the device and inode of a descriptor's file, nothing if it is closed."""
    try:
        return _fstat(number)[1:3]
    except OSError:
        return ()
