"""Searches bytes for words and patterns: what all prefilters are made of.

``word in data`` runs at some 1 to 2.5 GB/s, the C library's ``memmem`` at twice that: without
Hyperscan a large tree takes a quarter less processor time by it. It is worth its own import
(``ctypes``) in a run over many files only, so such a run asks for it. A regular expression
over alternatives is ten times slower, and threads gain nothing.

Hyperscan looks for all patterns at once, four times faster than ``memmem`` for one after the
other. It is the extra ``fast``: six megabytes and 30 ms, repaid after a thousand files.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from threading import Thread

#: After so many files there will be enough more to repay Hyperscan's start.
WORTHWHILE = 800

#: The longest match that ``matches_near`` is asked for, in bytes.
REACH = 40

_search: Callable[[bytes, bytes], object] = bytes.__contains__


def contains_any(data: bytes, words: Iterable[bytes]) -> bool:
    """Return whether ``data`` contains one of the words."""
    for word in words:  # noqa: SIM110  no generator: this is asked for every file of a tree
        if _search(data, word):
            return True
    return False


def matches_near(pattern: bytes, data: bytes, lowered: bytes, words: Sequence[bytes]) -> bool:
    """Return whether a pattern matches, none of whose matches is longer than ``REACH``.

    Each match has one of the words in it in ``lowered``, which is ``data`` in lower case.
    """
    reach = REACH + max(map(len, words))
    searched = set[int]()
    for word in words:
        at = lowered.find(word)
        while at >= 0:
            # Right behind another word, as in "python", the same bytes have been searched.
            if at - len(word) not in searched and matches(
                pattern, data, max(at - reach, 0), at + reach
            ):
                return True
            searched.add(at)
            at = lowered.find(word, at + REACH // 2)
    return False


def use_memmem() -> None:
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


def matches(pattern: bytes, data: bytes, start: int = 0, end: int = sys.maxsize) -> bool:
    """Return whether a regular expression matches somewhere between two offsets.

    ``re`` takes longer to be imported than ten clean files to be checked, so it waits.
    """
    import re

    return re.compile(pattern).search(data, start, end) is not None


def all_matches(pattern: bytes, data: bytes) -> frozenset[bytes]:
    """Return the texts that the group of a regular expression matches, each once."""
    import re

    return frozenset(re.findall(pattern, data))


def one_of(words: Iterable[bytes]) -> bytes:
    """Return the pattern that matches where one of the words is; some have parentheses."""
    return b"|".join(words).replace(b"(", rb"\(")


class PatternScan:
    """Looks for many patterns in one pass, once Hyperscan has compiled them.

    Of each alternative all patterns have to match. They say again what the single searches
    ask for, so nothing else is rejected. Zero-width assertions are left out, which only lets
    more pass.
    """

    def __init__(self, *alternatives: tuple[bytes, ...]) -> None:
        self._alternatives = alternatives
        self._asked = 0
        #: The search, once it is compiled.
        self.matches: Callable[[bytes], bool] | None = None
        self._thread: Thread | None = None

    def rejects(self, data: bytes) -> bool:
        """Return whether no alternative matches; ``False`` before the scan is worthwhile."""
        if self.matches is None:
            self._asked += 1
            if self._asked <= WORTHWHILE and self._thread is None:
                return False
            self.wait()
        return self.matches is not None and not self.matches(data)

    def compile_in_background(self) -> None:
        """Compile the patterns beside what this thread does next.

        That takes as long as some thousand files take to be found, in C, without the
        interpreter's lock.
        """
        if self.matches is not None or self._thread is not None:
            return
        from threading import Thread

        self._thread = Thread(target=self._compile)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads may run here
            self._thread = None
            self._compile()

    def _compile(self) -> None:
        self.matches = _compile(self._alternatives)

    def wait(self) -> None:
        """Return when it is ready, and when no thread of its own runs any more."""
        self.compile_in_background()
        if self._thread is not None:
            self._thread.join()
            self._thread = None


def _compile(alternatives: tuple[tuple[bytes, ...], ...]) -> Callable[[bytes], bool]:
    """Return the search for all patterns in one pass, or one that accepts all."""
    import re

    try:
        import hyperscan
    except ImportError:
        return _accept
    assertion = re.compile(rb"\\b|\(\?<?[=!][^()]*\)")
    patterns = [assertion.sub(b"", one) for several in alternatives for one in several]
    numbers = iter(range(len(patterns)))
    combined = "|".join(f"({'&'.join(str(next(numbers)) for _ in one)})" for one in alternatives)
    once, part = hyperscan.HS_FLAG_SINGLEMATCH, hyperscan.HS_FLAG_QUIET
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[*patterns, combined.encode()],
            ids=list(range(len(patterns) + 1)),
            flags=[*[once | part] * len(patterns), once | hyperscan.HS_FLAG_COMBINATION],
        )
    except hyperscan.error:  # it does not know the processor
        return _accept

    def matches(data: bytes) -> bool:
        try:
            database.scan(data, _accept)
        except hyperscan.error:  # it was stopped, or could not go on
            return True
        return False

    return matches


def _accept(*_: object) -> bool:
    """Return that there is a match: to end a search at it, or where none can be searched for."""
    return True
