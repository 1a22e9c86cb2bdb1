"""Finds the words of a command that name libpython: flags, paths, and what asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands.provenance import Reference, Segment, TrackedText
from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind
from no_libpython_dlopen.buildsystems.shell.command import Substitution
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.link_references import (
    asks_for_embedding,
    is_embedding_package,
    names_python_config,
    prints_libpython,
    prints_library_name,
    prints_link_flag,
)

_PKG_CONFIG = re.compile(r"(?:.*/)?(?:[\w-]*-)?pkg-?conf(?:ig)?")
PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)(?:3(?:\.\d+)?t?)?")
#: `-lpython` with a version that is known only by running a command.
_UNKNOWN_VERSION = re.compile(
    rf"(?<![^,])-l\s*python{UNKNOWN_PART}+[tdmu]{{0,3}}{UNKNOWN_PART}?(?![^,])"
)
#: Options whose value is the next word, the name of a library.
_VALUED = (*libpython_names.LIBRARY_OPTIONS, "-framework")
_VARIABLE = re.compile(r"\$\((?P<a>\w+)\)|\$\{(?P<b>\w+)\}|@(?P<c>\w+)@")
#: Variables whose names say that they are for embedding.
_EMBEDDING = re.compile(r"PYTHON3?_EMBED_(?:LIBS?|LDFLAGS|LDADD)")
_TWO = re.compile(r"python2|PYTHON2|py2|PY2|2\.7|27")


#: A flag for the linker in code that prints some.
_LINKER_FLAG = re.compile(r"[\"' ]-[lLW]")


class Mention(NamedTuple):
    """A word that refers to libpython."""

    word: TrackedText
    kind: ReferenceKind
    #: Whether nothing else is known to be in the word.
    is_whole: bool = True


def mentions(
    words: Iterable[TrackedText], source: str, configured: frozenset[str] | None = None
) -> Iterator[Mention]:
    """Yield the references to libpython in a link line, or in a variable for one.

    ``configured`` are the variables that configure sets to it; ``None`` if it does not fill in the
    text.
    """
    handed = list(_handed_words(words))
    skip = False
    for index, (text, word) in enumerate(handed):
        if skip:
            skip = False
            continue
        if text in _VALUED and index + 1 < len(handed):
            following, value = handed[index + 1]
            if text == "-framework":
                skip = found = following in libpython_names.FRAMEWORKS
            else:
                skip, found = True, _flag_in(f"-l{following}", value, source) is not None
            if found:
                yield Mention(_both(word, value), ReferenceKind.FLAG)
            if skip:
                continue
        if configured is not None:
            yield from _configured_mention(word, source, configured)
        part = _flag_in(text, word, source)
        if part and not (index and _is_value(handed[index - 1], handed[index])):
            yield Mention(word.part(*part) if text == word.text else word, ReferenceKind.FLAG)
            continue
        for note in word.notes():
            if isinstance(note, Substitution):
                yield from _embedding_settings(note, word)


def _is_value(option: tuple[str, TrackedText], value: tuple[str, TrackedText]) -> bool:
    """Return whether a word is the value of an option before it, of which nothing is linked."""
    texts = [
        f"-Wl,{text}" if word.text.startswith("-Xlinker") else text
        for text, word in (option, value)
    ]
    return libpython_names.is_value(*texts)


def _configured_mention(
    word: TrackedText, source: str, configured: frozenset[str]
) -> Iterator[Mention]:
    """Yield the reference to a variable that configure or make's caller sets to libpython."""
    for segment in word.segments:
        places = [Reference((segment.start, segment.end), segment.via)]
        while places[-1].outer is not None:
            places.append(places[-1].outer)
        for place in reversed(places):
            match = _VARIABLE.fullmatch(source, *place.span)
            name = match and (match["a"] or match["b"] or match["c"])
            if name and (_EMBEDDING.fullmatch(name) or name in configured):
                segment = Segment(segment.text, *place.span, place.outer, exact=False)
                yield Mention(TrackedText((segment,)), ReferenceKind.CONFIGURE)
                return


def _both(first: TrackedText, second: TrackedText) -> TrackedText:
    return TrackedText(first.segments + second.segments)


def _handed_words(words: Iterable[TrackedText]) -> Iterator[tuple[str, TrackedText]]:
    """Yield the linker's arguments, each with its words: ``-Xlinker`` passes on the next one."""
    option: TrackedText | None = None
    for word in words:
        if word.text == "-Xlinker":
            option = word
            continue
        yield word.text, word if option is None else _both(option, word)
        option = None


def _flag_in(text: str, word: TrackedText, source: str) -> tuple[int, int] | None:
    """Return which part of the text of a word links libpython, if one does."""
    part = libpython_names.linked_part(text)
    is_known = part is not None or UNKNOWN_PART not in text
    unknown = None if is_known else _UNKNOWN_VERSION.search(text)
    if unknown is None or any(_TWO.search(name) for name in _explanations(word, source)):
        return part
    return unknown.span()


def _explanations(word: TrackedText, source: str) -> Iterator[str]:
    """Yield the sources of a word's unknown parts."""
    yield from word.references(source)
    for note in word.notes():
        if isinstance(note, Substitution):
            for command in note.commands:
                yield from (each.text for each in command[:1])


def _embedding_settings(note: Substitution, word: TrackedText) -> Iterator[Mention]:
    """Yield the references of a substitution to the settings for embedding programs."""
    for command in note.commands:
        texts = [each.text for each in command]
        if not texts:
            continue
        is_unknown = UNKNOWN_PART in texts[0]
        if asks_for_embedding(texts):
            if is_unknown or names_python_config(texts[0]):
                yield Mention(command[texts.index("--embed")], ReferenceKind.CONFIG)
        elif "--libs" in texts or any(text.startswith("--libs-only-l") for text in texts):
            for each in command[1:] if is_unknown or _PKG_CONFIG.fullmatch(texts[0]) else ():
                if is_embedding_package(each.text):
                    yield Mention(each, ReferenceKind.PACKAGE)
        elif is_unknown or PYTHON.fullmatch(texts[0]):
            yield from _printed_mention(" ".join(texts[1:]), word)


def _printed_mention(code: str, word: TrackedText) -> Iterator[Mention]:
    """Yield the reference to libpython that code prints into a word."""
    if prints_libpython(code):
        yield Mention(word, ReferenceKind.SYSCONFIG)
    elif prints_link_flag(code):
        prints_one = len(_LINKER_FLAG.findall(code)) == code.count("print") == 1
        yield Mention(word, ReferenceKind.FLAG, prints_one)
    elif word.text == f"-l{UNKNOWN_PART}" and prints_library_name(code):
        yield Mention(word, ReferenceKind.FLAG)
