"""Searches bytes for words: what all prefilters are made of.

``word in data`` runs at some 1 to 2.5 GB/s, the C library's ``memmem`` at twice that. It is
worth its own import (``ctypes``) in a run over many files only, so such a run asks for it.
A regular expression over alternatives is ten times slower, and threads gain nothing.

Hyperscan looks for all words at once, four times faster than ``memmem`` for one after the
other. It is the extra ``fast``: six megabytes and 30 ms, repaid after a thousand files.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import Thread

_search: Callable[[bytes, bytes], object] = bytes.__contains__


def any_in(data: bytes, words: Iterable[bytes]) -> bool:
    """Tell whether one of the words stands in ``data``."""
    for word in words:  # noqa: SIM110  no generator: this is asked for every file of a tree
        if _search(data, word):
            return True
    return False


def hurry() -> None:
    """Search with glibc's ``memmem`` from now on; without one, nothing changes.

    Other C libraries' are no faster than Python's own search.
    """
    global _search  # noqa: PLW0603  this process is one run, or a worker of one
    if "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", ()):
        return
    try:
        import ctypes

        memmem = ctypes.PyDLL(None).memmem
    except (ImportError, OSError, AttributeError):
        return
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)

    def search(data: bytes, word: bytes) -> object:
        return memmem(data, len(data), word, len(word))

    _search = search


class Group:
    """What a pattern says: one of some words, or a regular expression that both engines read.

    Its zero-width assertions are left out of a scan, which only lets more pass.
    """

    __slots__ = ("caseless", "pattern")

    def __init__(self, pattern: bytes, *, caseless: bool = False) -> None:
        self.pattern = pattern
        self.caseless = caseless

    @classmethod
    def of(cls, words: Iterable[bytes], *, caseless: bool = False) -> Group:
        """Return the group that holds where one of the words stands."""
        special = b"\\.^$*+?{}[]|()"
        escape = {byte: f"\\{byte:c}" for byte in special}
        texts = (word.decode("latin-1").translate(escape) for word in words)
        return cls("|".join(texts).encode("latin-1"), caseless=caseless)


class Scan:
    """Alternatives, each of groups: data in which none holds with all of its groups is dropped.

    The groups say again what the single searches ask for, so nothing else is dropped.
    """

    def __init__(self, *alternatives: tuple[Group, ...]) -> None:
        self._alternatives = alternatives
        self._asked = 0
        self._holds: Callable[[bytes], bool] | None = None
        self._start: Thread | None = None

    def drops(self, data: bytes) -> bool:
        """Tell whether no alternative holds. ``False`` before it pays, or without Hyperscan."""
        if self._holds is None:
            self._asked += 1
            if self._asked <= PAYS and self._start is None:
                return False
            self.wait()
        return self._holds is not None and not self._holds(data)

    def begin(self) -> None:
        """Start Hyperscan, for many questions, beside what this thread does next.

        It compiles for as long as some thousand files take to be found, in C, without the
        interpreter's lock.
        """
        if self._holds is not None or self._start is not None:
            return
        compiled = _scanner(self._alternatives)
        if compiled is None:
            self._holds = _anything
            return

        def compile_it() -> None:
            try:
                self._holds = compiled()
            finally:
                self._holds = self._holds or _anything

        from threading import Thread

        start = Thread(target=compile_it)
        try:
            start.start()
        except RuntimeError:  # no more threads may run here
            compile_it()
        else:
            self._start = start

    @property
    def ready(self) -> bool:
        """Whether it can be asked without being waited for."""
        return self._holds is not None

    def wait(self) -> None:
        """Return when it is ready, and when no thread of its own runs any more."""
        self.begin()
        start = self._start
        if start is not None:
            start.join()
            self._start = None


#: After so many questions there will be enough more to repay Hyperscan's start.
PAYS = 800
#: Hyperscan counts bytes in 32 bits.
_FAR = 1 << 31


def _anything(_: bytes) -> bool:
    return True


def _scanner(
    alternatives: tuple[tuple[Group, ...], ...],
) -> Callable[[], Callable[[bytes], bool] | None] | None:
    """Return what compiles the search for all groups in one pass, ``None`` without Hyperscan.

    That gives ``None`` where Hyperscan does not know the processor.
    """
    try:
        import hyperscan
    except ImportError:
        return None
    import re

    groups = [group for alternative in alternatives for group in alternative]
    numbers = iter(range(len(groups)))
    combined = "|".join(
        "({})".format("&".join(str(next(numbers)) for _ in alternative))
        for alternative in alternatives
    )
    once, part = hyperscan.HS_FLAG_SINGLEMATCH, hyperscan.HS_FLAG_QUIET
    flags = [once | part | hyperscan.HS_FLAG_CASELESS * group.caseless for group in groups]
    assertion = re.compile(rb"\\b|\(\?<?[=!][^()]*\)")
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    scan = database.scan

    def holds(data: bytes) -> bool:
        if len(data) >= _FAR:
            return True
        try:
            scan(data, _stop)
        except hyperscan.error:  # it was stopped, or could not go on: look closer
            return True
        return False

    def compiled() -> Callable[[bytes], bool] | None:
        try:
            database.compile(
                expressions=[
                    *(assertion.sub(b"", one.pattern) for one in groups),
                    combined.encode(),
                ],
                ids=list(range(len(groups) + 1)),
                flags=[*flags, once | hyperscan.HS_FLAG_COMBINATION],
            )
        except hyperscan.error:
            return None
        return holds

    return compiled


def _stop(*_: object) -> bool:
    return True
