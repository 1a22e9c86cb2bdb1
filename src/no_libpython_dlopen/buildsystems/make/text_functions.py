"""The functions of make that make texts of texts: what ``patsubst`` and its like return."""

from __future__ import annotations

from collections.abc import Callable

from no_libpython_dlopen.buildsystems.commands.provenance import (
    Segment,
    Span,
    TrackedText,
    join_texts,
)
from no_libpython_dlopen.buildsystems.common.source_files import FilePattern
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.platforms import names_foreign


def _replacement(word: TrackedText, text: str) -> TrackedText:
    """Return the text that an item became, at the place of the item in the file."""
    if not word.segments:
        return TrackedText()
    notes = list(word.notes())
    if len(notes) == 1 and len(word.segments) == 1:
        return TrackedText.generated(text, (word.segments[0].start, word.segments[0].end), notes[0])
    via = word.segments[0].via
    if any(segment.via is not via for segment in word.segments):
        via = None
    return TrackedText((Segment(text, *word.span, via, exact=False),)) if text else TrackedText()


def patsubst(word: TrackedText, before: str, after: str) -> TrackedText:
    """Return a word with the pattern ``before`` replaced, itself where that does not match."""
    head, percent, tail = before.partition("%")
    text = word.text
    if percent:
        fits = len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)
        if not fits:
            return word
        stem = text[len(head) : len(text) - len(tail) if tail else len(text)]
        return _replacement(word, after.replace("%", stem, 1))
    return _replacement(word, after) if text == before else word


def _fits(word: str, patterns: list[str]) -> bool | None:
    """Return whether a word fits one of some patterns with ``%``."""
    unknown = False
    for pattern in patterns:
        head, percent, tail = pattern.partition("%")
        if UNKNOWN_PART in pattern:
            unknown = True
        elif not percent:
            if word == pattern:
                return True
        elif word.startswith(head) and word.endswith(tail):
            return True
    return None if unknown or UNKNOWN_PART in word else False


def _filter(given: list[TrackedText], keep: bool) -> TrackedText:
    patterns = given[0].text.split()
    wanted = (True, None) if keep else (False, None)
    outcomes = ((word, _fits(word.text, patterns)) for word in given[1].words())
    return join_texts(
        _without_files(word) if fits is None else word for word, fits in outcomes if fits in wanted
    )


def _without_files(word: TrackedText) -> TrackedText:
    """Return a pattern of files after some were taken away, of which none is known."""
    return TrackedText(
        tuple(
            segment._replace(note=None) if isinstance(segment.note, FilePattern) else segment
            for segment in word.segments
        )
    )


def _find_string(given: list[TrackedText], span: Span) -> TrackedText:
    wanted, text = given[0].text.strip(), given[1].text
    if UNKNOWN_PART in wanted:
        return TrackedText.unknown(span)
    if wanted in text.replace(UNKNOWN_PART, ""):
        return TrackedText.generated(wanted, span)
    if UNKNOWN_PART in text and not names_foreign(wanted):
        return TrackedText.unknown(span)
    return TrackedText()


def _files(pattern: TrackedText, span: Span) -> TrackedText:
    """Return the names of the files that match a pattern; what ``*`` stands for is unknown."""
    text = pattern.text.replace("*", UNKNOWN_PART)
    if UNKNOWN_PART in pattern.text and text.rpartition("/")[2].startswith("libpython3"):
        return _replacement(pattern, text)
    if UNKNOWN_PART in pattern.text or not set("?[").isdisjoint(text):
        return TrackedText.unknown(span)
    if text == pattern.text:
        return pattern
    (made,) = _replacement(pattern, text).segments
    return TrackedText((made._replace(note=FilePattern(text)),))


def _subst(given: list[TrackedText]) -> TrackedText:
    before, after = given[0].text, given[1].text
    if not before or before not in given[2].text:
        return given[2]
    return join_texts(
        _replacement(word, word.text.replace(before, after)) if before in word.text else word
        for word in given[2].words()
    )


def _each(change: Callable[[str], str]) -> Callable[[list[TrackedText], Span], TrackedText]:
    def call(given: list[TrackedText], _: Span) -> TrackedText:
        return join_texts(_replacement(word, change(word.text)) for word in given[0].words())

    return call


CALLS: dict[str, Callable[[list[TrackedText], Span], TrackedText]] = {
    "strip": lambda given, _: join_texts(given[0].words()),
    "sort": lambda given, _: join_texts(given[0].words()),
    "wildcard": lambda given, span: join_texts(_files(each, span) for each in given[0].words()),
    "abspath": lambda given, _: given[0],
    "realpath": lambda given, _: given[0],
    "dir": _each(lambda word: word.rpartition("/")[0] + "/" if "/" in word else "./"),
    "notdir": _each(lambda word: word.rpartition("/")[2]),
    "basename": _each(lambda word: word.rpartition(".")[0] or word),
    "suffix": _each(lambda word: word[word.rindex(".") :] if "." in word else ""),
    "firstword": lambda given, _: join_texts(given[0].words()[:1]),
    "lastword": lambda given, _: join_texts(given[0].words()[-1:]),
    "addprefix": lambda given, _: join_texts(
        _replacement(word, given[0].text + word.text) for word in given[1].words()
    ),
    "addsuffix": lambda given, _: join_texts(
        TrackedText((*word.segments, *given[0].segments)) for word in given[1].words()
    ),
    "filter": lambda given, _: _filter(given, keep=True),
    "filter-out": lambda given, _: _filter(given, keep=False),
    "findstring": _find_string,
    "subst": lambda given, _: _subst(given),
    "patsubst": lambda given, _: join_texts(
        patsubst(word, given[0].text.strip(), given[1].text.strip()) for word in given[2].words()
    ),
}
