"""Text that knows where it was written, however many variables brought it.

Make and the shell put a link line together from variables. A word of the result is
looked at like any other, but what has to be deleted is somewhere in the file: so each
segment of an expanded text keeps its offsets, and the references that it came through.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

Span = tuple[int, int]

#: What may be between the segments of a word: quotation, and the blanks of `-l python3`.
_QUOTATION = re.compile(r"(?:[\"'{}\s]|\\(?:\r\n|\n)?)*")
_WORD = re.compile(r"\S+")


class Segment(NamedTuple):
    """A run of text written at ``[start, end)`` of the file.

    ``via`` are the spans of the references that brought it, outermost first. Where
    the text is not the file's own, letter by letter, ``exact`` is false. ``note`` is
    what a segment of unknown text (one ``UNKNOWN_PART``) represents.
    """

    text: str
    start: int
    end: int
    via: tuple[Span, ...] = ()
    exact: bool = True
    note: object = None


class Origin(NamedTuple):
    """Where a word is written; ``whole`` if these characters make it and nothing else."""

    span: Span
    whole: bool


class TrackedText:
    """A text made of segments, which does not change."""

    __slots__ = ("_offsets", "_text", "segments")

    def __init__(self, segments: tuple[Segment, ...] = ()) -> None:
        self.segments = segments
        # Not cached properties, whose lock takes longer than what they look up.
        self._text: str | None = segments[0].text if len(segments) == 1 else None
        self._offsets: list[int] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TrackedText) and self.segments == other.segments

    def __hash__(self) -> int:
        return hash(self.segments)

    def __repr__(self) -> str:
        return f"TrackedText({self.segments!r})"

    @staticmethod
    def of(text: str, start: int = 0) -> TrackedText:
        """Return a text of the file that starts at ``start``."""
        return TrackedText((Segment(text, start, start + len(text)),) if text else ())

    @staticmethod
    def generated(text: str, span: Span, note: object = None) -> TrackedText:
        """Return the text that something written at ``span`` generates."""
        return TrackedText((Segment(text, *span, exact=False, note=note),) if text else ())

    @staticmethod
    def unknown(span: Span, note: object = None) -> TrackedText:
        """Return the unknown text that something written at ``span`` generates."""
        return TrackedText.generated(UNKNOWN_PART, span, note)

    @property
    def text(self) -> str:
        """The characters."""
        if self._text is None:
            self._text = "".join([segment.text for segment in self.segments])
        return self._text

    @property
    def _starts(self) -> list[int]:
        if self._offsets is None:
            lengths = [len(segment.text) for segment in self.segments]
            self._offsets = [0, *accumulate(lengths)][: len(self.segments)]
        return self._offsets

    @property
    def span(self) -> Span:
        """From where its first segment is written to where its last one is."""
        return self.segments[0].start, self.segments[-1].end

    def __len__(self) -> int:
        return len(self.text)

    def __add__(self, other: TrackedText) -> TrackedText:
        return TrackedText(self.segments + other.segments)

    def part(self, start: int, end: int) -> TrackedText:
        """Return the part ``[start, end)`` of the text."""
        if start == 0 and end >= len(self.text):
            return self
        if len(self.segments) == 1:
            last = min(end, len(self.text))
            return TrackedText((_part(self.segments[0], start, last),) if start < last else ())
        found = []
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self.segments) and self._starts[index] < end:
            segment, at = self.segments[index], self._starts[index]
            first, last = max(start - at, 0), min(end - at, len(segment.text))
            if first < last:
                found.append(_part(segment, first, last))
            index += 1
        return TrackedText(tuple(found))

    def insert_at(self, by: Span) -> TrackedText:
        """Return the text as the reference at ``by`` inserts it."""
        # Not dataclasses.replace, which is most of the time of a walk.
        return TrackedText(
            tuple(
                Segment(p.text, p.start, p.end, (by, *p.via), p.exact, p.note)
                for p in self.segments
            )
        )

    def words(self) -> list[TrackedText]:
        """Return the words between blanks."""
        return [self.part(*match.span()) for match in _WORD.finditer(self.text)]

    def strip(self) -> TrackedText:
        """Return the text without the blanks around it."""
        text = self.text
        start = len(text) - len(text.lstrip())
        return self.part(start, max(start, len(text.rstrip())))

    def notes(self) -> Iterator[object]:
        """Yield the sources of the unknown segments."""
        for segment in self.segments:
            if segment.note is not None:
                yield segment.note

    def references(self, source: str) -> Iterator[str]:
        """Yield how the references that brought the segments are written."""
        for segment in self.segments:
            yield from (source[start:end] for start, end in segment.via)
            if not segment.exact:
                yield source[segment.start : segment.end]

    def origin(self, source: str) -> Origin | None:
        """Return the span of this text, a word, in the file; ``None`` for no text.

        That is in the innermost text that holds all of its segments, where a segment from
        deeper is represented by its reference.
        """
        if not self.segments:
            return None
        depth = 0
        first = self.segments[0].via
        while depth < len(first) and all(
            len(p.via) > depth and p.via[depth] == first[depth] for p in self.segments
        ):
            depth += 1
        spans = [p.via[depth] if len(p.via) > depth else (p.start, p.end) for p in self.segments]
        whole = True
        for (_, end), (start, following) in itertools.pairwise(spans):
            if start >= end:
                whole = whole and bool(_QUOTATION.fullmatch(source, end, start))
            elif following != end:  # not the same reference again
                whole = False
        return Origin((min(s for s, _ in spans), max(e for _, e in spans)), whole)


def _part(segment: Segment, first: int, last: int) -> Segment:
    if (first, last) == (0, len(segment.text)):
        return segment
    text = segment.text[first:last]
    if not segment.exact:
        return Segment(
            text, segment.start, segment.end, segment.via, exact=False, note=segment.note
        )
    return Segment(text, segment.start + first, segment.start + last, segment.via)


def concatenate(parts: Iterable[TrackedText]) -> TrackedText:
    """Return texts one after the other."""
    return TrackedText(tuple(segment for part in parts for segment in part.segments))


def join_texts(parts: Iterable[TrackedText]) -> TrackedText:
    """Return texts one after the other, with a blank between."""
    segments: list[Segment] = []
    for part in parts:
        if segments and part.segments:
            last = segments[-1]
            segments.append(Segment(" ", last.end, last.end, last.via, exact=False))
        segments += part.segments
    return TrackedText(tuple(segments))


def append_text(old: TrackedText, more: TrackedText) -> TrackedText:
    """Return a text with another behind it, a blank between, as ``+=`` makes it."""
    return join_texts([old, more]) if old.text else more
