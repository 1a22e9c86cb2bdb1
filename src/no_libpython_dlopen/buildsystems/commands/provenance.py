"""Text that knows where it was written, however many variables brought it.

Make and the shell put a link line together from variables. A word of the result is
looked at like any other, but what has to be cut stands somewhere in the file: so each
piece of an expanded text keeps its offsets, and the references that it came through.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

Span = tuple[int, int]

#: What may stand between the pieces of a word: quotation, and the blanks of `-l python3`.
_QUOTATION = re.compile(r"(?:[\"'{}\s]|\\(?:\r\n|\n)?)*")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text written at ``[start, end)`` of the file.

    ``frames`` are the spans of the references that brought it, outermost first. Where
    the text is not the file's own, letter by letter, ``exact`` is false. ``note`` is
    what a piece of unknown text (one ``UNKNOWN_PART``) stands for.
    """

    text: str
    start: int
    end: int
    frames: tuple[Span, ...] = ()
    exact: bool = True
    note: object = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a word is written; ``whole`` if these characters make it and nothing else."""

    start: int
    end: int
    whole: bool


@dataclass(frozen=True)
class Traced:
    """A text made of pieces."""

    pieces: tuple[Piece, ...] = ()

    @staticmethod
    def of(text: str, start: int = 0) -> Traced:
        """Return a text as it stands in the file from ``start`` on."""
        return Traced((Piece(text, start, start + len(text)),) if text else ())

    @staticmethod
    def made(text: str, span: Span, note: object = None) -> Traced:
        """Return a text that something written at ``span`` stands for."""
        return Traced((Piece(text, *span, exact=False, note=note),) if text else ())

    @staticmethod
    def hole(span: Span, note: object = None) -> Traced:
        """Return the unknown text that something written at ``span`` stands for."""
        return Traced.made(UNKNOWN_PART, span, note)

    @cached_property
    def text(self) -> str:
        """The characters."""
        return "".join(piece.text for piece in self.pieces)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(piece.text) for piece in self.pieces)][: len(self.pieces)]

    def __len__(self) -> int:
        return len(self.text)

    def __add__(self, other: Traced) -> Traced:
        return Traced(self.pieces + other.pieces)

    def cut(self, start: int, end: int) -> Traced:
        """Return the part ``[start, end)`` of the text."""
        if start == 0 and end >= len(self.text):
            return self
        found = []
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self.pieces) and self._starts[index] < end:
            piece, at = self.pieces[index], self._starts[index]
            first, last = max(start - at, 0), min(end - at, len(piece.text))
            if first < last:
                found.append(_part(piece, first, last))
            index += 1
        return Traced(tuple(found))

    def brought(self, by: Span) -> Traced:
        """Return the text as a reference at ``by`` inserts it."""
        # Not dataclasses.replace, which is most of the time of a walk.
        return Traced(
            tuple(
                Piece(p.text, p.start, p.end, (by, *p.frames), p.exact, p.note) for p in self.pieces
            )
        )

    def words(self) -> list[Traced]:
        """Return the words between blanks."""
        return [self.cut(*match.span()) for match in _WORD.finditer(self.text)]

    def strip(self) -> Traced:
        """Return the text without the blanks around it."""
        text = self.text
        start = len(text) - len(text.lstrip())
        return self.cut(start, max(start, len(text.rstrip())))

    def notes(self) -> Iterator[object]:
        """Yield what the unknown pieces stand for."""
        for piece in self.pieces:
            if piece.note is not None:
                yield piece.note

    def references(self, source: str) -> Iterator[str]:
        """Yield how the references that brought the pieces are written."""
        for piece in self.pieces:
            yield from (source[start:end] for start, end in piece.frames)
            if not piece.exact:
                yield source[piece.start : piece.end]

    def origin(self, source: str) -> Origin | None:
        """Return where this text, a word, is written in the file; ``None`` for no text.

        That is in the innermost text that holds all of its pieces, where a piece from
        deeper is represented by its reference.
        """
        if not self.pieces:
            return None
        depth = 0
        first = self.pieces[0].frames
        while depth < len(first) and all(
            len(p.frames) > depth and p.frames[depth] == first[depth] for p in self.pieces
        ):
            depth += 1
        spans = [
            p.frames[depth] if len(p.frames) > depth else (p.start, p.end) for p in self.pieces
        ]
        whole = True
        for (_, end), (start, following) in itertools.pairwise(spans):
            if start >= end:
                whole = whole and bool(_QUOTATION.fullmatch(source, end, start))
            elif following != end:  # not the same reference again
                whole = False
        return Origin(min(s for s, _ in spans), max(e for _, e in spans), whole)


def _part(piece: Piece, first: int, last: int) -> Piece:
    if (first, last) == (0, len(piece.text)):
        return piece
    text = piece.text[first:last]
    if not piece.exact:
        return Piece(text, piece.start, piece.end, piece.frames, exact=False, note=piece.note)
    return Piece(text, piece.start + first, piece.start + last, piece.frames)


def joined(parts: Iterable[Traced]) -> Traced:
    """Return texts one after the other, with a blank between."""
    pieces: list[Piece] = []
    for part in parts:
        if pieces and part.pieces:
            last = pieces[-1]
            pieces.append(Piece(" ", last.end, last.end, last.frames, exact=False))
        pieces += part.pieces
    return Traced(tuple(pieces))


def appended(old: Traced, more: Traced) -> Traced:
    """Return a text with another behind it, a blank between, as ``+=`` makes it."""
    return joined([old, more]) if old.text else more
