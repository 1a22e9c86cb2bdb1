"""A command that a script or a makefile runs, and a substitution in one of its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText

#: No path of a program is longer (PATH_MAX).
_LONGEST_NAME = 4_096


@dataclass(frozen=True, slots=True)
class Substitution:
    """What a command substitution runs: its commands' words.

    ``fallback`` is true where ``||`` chooses between two of them.
    """

    commands: tuple[tuple[TrackedText, ...], ...]
    fallback: bool = False


@dataclass(frozen=True)
class Command:
    """A command that runs: its words, what is assigned before it, what is exported to it.

    ``after`` is the operator before it on its line (``||`` say), empty for none; ``folder`` is
    where it runs, from where the script began.
    """

    words: tuple[TrackedText, ...]
    assigned: tuple[tuple[str, TrackedText], ...] = ()
    exported: tuple[tuple[str, TrackedText], ...] = ()
    after: str = ""
    folder: str = ""

    @cached_property
    def written_span(self) -> Span | None:
        """The span of its words, those left out that references insert."""
        segments = [segment for word in self.words for segment in word.segments if not segment.via]
        if not segments:
            return None
        return min(segment.start for segment in segments), max(segment.end for segment in segments)


def without_marks(word: str) -> str:
    """Return the beginning of a command's first word, as long as a path may be, without make's marks.

    >>> without_marks("@-gcc"), len(without_marks("gcc" * 2_000))
    ('gcc', 4096)
    """
    return word[:_LONGEST_NAME].lstrip("@-+")
