"""Text that knows where it was written, however many variables brought it.

Make and the shell put a link line together from variables. A word of the result is
looked at like any other, but what has to be deleted is somewhere in the file: so each
segment of an expanded text keeps its offsets, and the references that it came through.

A text that is put together keeps its parts: a variable that is assigned itself and more, again
and again, is laid out once, where a command uses it.
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
#: A text of so many segments is laid out at once.
_FEW = 8


class Reference:
    """A reference at ``span`` that inserts a text; ``outer`` is the one that inserts its own text.

    ``depth`` is their number. Segments share the references that brought several of them.
    """

    __slots__ = ("depth", "outer", "span")

    def __init__(self, span: Span, outer: Reference | None) -> None:
        self.span = span
        self.outer = outer
        self.depth: int = outer.depth + 1 if outer else 1


class Segment(NamedTuple):
    """A run of text written at ``[start, end)`` of the file.

    ``via`` is the innermost of the references that brought it. Where the text is not the
    file's own, letter by letter, ``exact`` is false. ``note`` is what a segment of unknown text
    (one ``UNKNOWN_PART``) represents.
    """

    text: str
    start: int
    end: int
    via: Reference | None = None
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

    @property
    def count(self) -> int:
        """How many segments there are."""
        return len(self.segments)

    def __len__(self) -> int:
        return len(self.text)

    def part(self, start: int, end: int) -> TrackedText:
        """Return the part ``[start, end)`` of the text."""
        if start == 0 and end >= len(self.text):
            return self
        segments = self.segments
        if len(segments) == 1:
            last = min(end, len(self.text))
            return TrackedText((_part(segments[0], start, last),) if start < last else ())
        found = []
        starts = self._starts
        index = max(0, bisect_right(starts, start) - 1)
        while index < len(segments) and starts[index] < end:
            segment, at = segments[index], starts[index]
            first, last = max(start - at, 0), min(end - at, len(segment.text))
            if first < last:
                found.append(_part(segment, first, last))
            index += 1
        return TrackedText(tuple(found))

    def insert_at(self, by: Span) -> TrackedText:
        """Return the text as the reference at ``by`` inserts it."""
        if isinstance(self, _Joined) or len(self.segments) > _FEW:
            return _Joined([(self, by)])
        outer = Reference(by, None)
        return TrackedText(tuple([_segment_in(p, outer, {}) for p in self.segments]))

    def words(self) -> list[TrackedText]:
        """Return the words between blanks."""
        return [self.part(*match.span()) for match in _WORD.finditer(self.text)]

    def strip(self) -> TrackedText:
        """Return the text without the blanks around it."""
        text = self.text
        start = len(text) - len(text.lstrip())
        return self.part(start, max(start, len(text.rstrip())))

    def notes(self) -> tuple[object, ...]:
        """Return the sources of the unknown segments."""
        return tuple([p.note for p in self.segments if p.note is not None])

    def references(self, source: str, seen: set[Reference] | None = None) -> Iterator[str]:
        """Yield the source of the references that the segments came through, but those ``seen``."""
        seen = set() if seen is None else seen
        for segment in self.segments:
            via = segment.via
            while via is not None and via not in seen:
                seen.add(via)
                yield source[slice(*via.span)]
                via = via.outer
            if not segment.exact:
                yield source[segment.start : segment.end]

    def origin(self, source: str) -> Origin | None:
        """Return the span of this text, a word, in the file; ``None`` for no text.

        That is in the innermost text that holds all of its segments, where a segment from
        deeper is represented by its reference.
        """
        if not self.segments:
            return None
        shared = self.segments[0].via
        for segment in self.segments:
            shared = _common_reference(shared, segment.via)
        depth = shared.depth if shared else 0
        known: dict[Reference, Span] = {}
        spans = [
            _span_at(p.via, depth + 1, known) if p.via and p.via.depth > depth else (p.start, p.end)
            for p in self.segments
        ]
        whole = True
        for (_, end), (start, following) in itertools.pairwise(spans):
            if start >= end:
                whole = whole and bool(_QUOTATION.fullmatch(source, end, start))
            elif following != end:  # not the same reference again
                whole = False
        return Origin((min(s for s, _ in spans), max(e for _, e in spans)), whole)


class _Joined(TrackedText):
    """A text made of others, each inserted by the reference with it, if there is one.

    Its length, notes and number of segments are known before the segments are laid out, once.
    """

    __slots__ = ("_known_notes", "_length", "_parts", "_segment_count", "_segments")

    def __init__(self, parts: list[tuple[TrackedText, Span | None]]) -> None:
        self._parts = tuple(parts)
        self._segments: tuple[Segment, ...] | None = None
        self._text = self._offsets = None
        self._length = sum([len(part) for part, _ in parts])
        self._segment_count = sum([part.count for part, _ in parts])
        notes = [found for part, _ in parts if (found := part.notes())]
        self._known_notes = notes[0] if len(notes) == 1 else tuple(itertools.chain(*notes))

    @property
    def segments(self) -> tuple[Segment, ...]:  # type: ignore[override]
        """The segments, in the order of the text."""
        if self._segments is None:
            self._segments = tuple(self._lay_out())
            self._parts = ()
        return self._segments

    @property
    def count(self) -> int:
        """How many segments there are."""
        return self._segment_count

    def __len__(self) -> int:
        return self._length

    def notes(self) -> tuple[object, ...]:
        """Return the sources of the unknown segments."""
        return self._known_notes

    def _lay_out(self) -> list[Segment]:
        found: list[Segment] = []
        known: dict[tuple[Reference, Reference], Reference] = {}
        waiting: list[tuple[TrackedText, Reference | None]] = [(self, None)]
        while waiting:
            text, outer = waiting.pop()
            if isinstance(text, _Joined) and text._segments is None:
                waiting += [
                    (part, outer if by is None else Reference(by, outer))
                    for part, by in reversed(text._parts)
                ]
            elif outer is None:
                found += text.segments
            else:
                found += [_segment_in(p, outer, known) for p in text.segments]
        return found


def _segment_in(
    segment: Segment, outer: Reference, known: dict[tuple[Reference, Reference], Reference]
) -> Segment:
    """Return a segment of a text that ``outer`` inserts; references made before are ``known``."""
    text, start, end, at, exact, note = segment
    inner: list[Reference] = []
    while at is not None and (at, outer) not in known:
        inner.append(at)
        at = at.outer
    made = outer if at is None else known[at, outer]
    for each in reversed(inner):
        made = known[each, outer] = Reference(each.span, made)
    return Segment(text, start, end, made, exact, note)


def _common_reference(one: Reference | None, other: Reference | None) -> Reference | None:
    """Return the innermost reference through which both of two texts came."""
    while one is not None and (other is None or one.depth > other.depth):
        one = one.outer
    while other is not None and (one is None or other.depth > one.depth):
        other = other.outer
    found = one
    while one is not None and other is not None and one is not other:
        if one.span != other.span:
            found = one.outer
        one, other = one.outer, other.outer
    return found


def _span_at(via: Reference, depth: int, known: dict[Reference, Span]) -> Span:
    """Return the span of the reference of a depth through which another one came."""
    passed: list[Reference] = []
    at = via
    while at.depth > depth and at not in known and at.outer is not None:
        passed.append(at)
        at = at.outer
    span = known.get(at, at.span)
    known.update(dict.fromkeys(passed, span))
    return span


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
    several = [part for part in parts if part.count]
    if len(several) == 1:
        return several[0]
    if sum([part.count for part in several]) <= _FEW:
        return TrackedText(tuple([each for part in several for each in part.segments]))
    return _Joined([(part, None) for part in several])


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
    return join_texts([old, more]) if old.count else more
