"""Arguments as CMake sees them: lists, variable references, generator expressions.

A ``Word`` is one item of a list together with the place where it is written, so
that a link found at the end of a chain of variables is reported and edited where
its author wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import CMAKE_NESTING, CMAKE_REFERENCES, CMAKE_TEXT

#: Longer items name no library.
_MAX_NAME = 4096

REFERENCE = re.compile(r"\$\{([A-Za-z0-9_./+-]+)\}")
#: A text that is one reference, the variable's name perhaps computed.
_SOLE_REFERENCE = re.compile(r"\$(?:CACHE)?\{(.+)\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9_./+-]+")
#: A reference in the name of another: ``${${a}_LIBS}``.
NESTED = re.compile(r"\$\{[^{}]*\$\{")
#: How often a text without those is filled in.
_FILLED = 3
_ANY_REFERENCE = re.compile(r"\$(?:ENV|CACHE)?\{[^{}]*\}|@[A-Za-z0-9_]+@")
#: What makes more or less of a text than itself.
_SPECIAL = re.compile(r"[$;\s]|\ASHELL:|\A\Z")
_LIST_ITEM = re.compile(r"[^;]+")
_FLAG_WORD = re.compile(r"[^;\s]+")
_SPACED_FLAG = re.compile(r"(?:^|\s)-\S")


@dataclass(frozen=True, slots=True)
class Word:
    """One item and where it is written.

    ``text`` is the item with known variables filled in, unknown references as
    written. ``[start, end)`` is its place in the file; ``whole`` tells that it is
    all that its argument holds, so that the argument can go with it. ``fallback``
    tells that it was put into a variable in a branch beside its right counterpart.
    """

    text: str
    start: int
    end: int
    whole: bool
    argument: Argument = field(compare=False)  # the place tells them apart, and a hash of a
    command: Command = field(compare=False)  # command takes long
    file: Listfile
    fallback: bool = False

    def with_text(self, text: str) -> Word:
        """Return the word with another text; ``dataclasses.replace`` takes ten times as long."""
        return Word(
            text,
            self.start,
            self.end,
            self.whole,
            self.argument,
            self.command,
            self.file,
            self.fallback,
        )

    @property
    def spelled(self) -> str:
        """The item as its author wrote it."""
        return self.file.text[self.start : self.end]

    @property
    def pattern(self) -> str:
        """The item with a ``UNKNOWN_PART`` for each part that is not known."""
        text, count = self.text, int(len(self.text) <= _MAX_NAME)
        while count:
            text, count = _ANY_REFERENCE.subn(UNKNOWN_PART, text)
        return text


def opaque(name: str, argument: Argument, command: Command, file: Listfile) -> Word:
    """Return a word for an unknown value, which equals only itself."""
    text = f"{UNKNOWN_PART}{name}@{file.path}:{argument.start}"
    return Word(text, argument.start, argument.end, False, argument, command, file)


#: A text with the value of an opaque word in it, or a pattern of which files were taken away.
_OPAQUE = re.compile(rf"{UNKNOWN_PART}[^{UNKNOWN_PART}]*@")


def is_opaque(text: str) -> bool:
    """Return whether a part of a text is unknown that is not the ``*`` of a pattern of files."""
    return _OPAQUE.search(text) is not None


def without_files(word: Word) -> Word:
    """Return a pattern of files after some were taken away: what it begins with is unknown."""
    return word.with_text(f"{UNKNOWN_PART}@{word.text}") if UNKNOWN_PART in word.text else word


Words = tuple[Word, ...]
Lookup = Callable[[str], "Words | None"]
Decide = Callable[[str, "list[str]"], "bool | None"]


@dataclass(frozen=True, slots=True)
class Scope:
    """How to look up a variable, and what is true of a generator expression's condition."""

    lookup: Lookup
    decide: Decide

    def text(self, text: str) -> str:
        """Return ``text`` with every variable filled in that has one known value."""

        #: Variables that were filled in with a value that has their own name for what is unknown.
        own: set[str] = set()

        def value(match: re.Match[str]) -> str:
            words = None if match[1] in own else self.lookup(match[1])
            if words is not None and len(words) == 1:
                if match[0] in words[0].text:
                    found.add(match[1])
                return words[0].text
            return "" if words == () else match[0]

        if "${" not in text:
            return text
        least = _FILLED
        for done in range(CMAKE_REFERENCES):
            if NESTED.search(text):
                least = done + 2
            found: set[str] = set()
            filled = REFERENCE.sub(value, text)
            own |= found
            # A value that is not known may be written with the name of its own variable.
            if filled == text or done >= least:
                return text
            if len(filled) > CMAKE_TEXT:
                analysis.note_limit(CMAKE_TEXT)
                return text
            text = filled
        analysis.note_limit(CMAKE_REFERENCES)
        return text

    def words(self, argument: Argument, command: Command, file: Listfile) -> Iterator[Word]:
        """Yield the items of an argument, those of known variables in their place."""
        if argument.kind in ("open", "close"):
            return
        if argument.kind == "bracket":
            if argument.text:
                yield Word(
                    argument.text, argument.start, argument.end, True, argument, command, file
                )
            return
        text = argument.text
        if not _SPECIAL.search(text):
            start = argument.inner
            yield Word(text, start, start + len(text), True, argument, command, file)
            return
        spans = list(_items(text))
        for outer_start, outer_end in spans:
            for start, end, sole in self._leaves(text, outer_start, outer_end, 0):
                whole = sole and len(spans) == 1
                if text.startswith("SHELL:", start, end):
                    start += len("SHELL:")
                raw = text[start:end]
                name = self._variable(raw)
                known = self.lookup(name) if name else None
                filled = self.text(raw) if known is None else ""
                if not name and (name := self._variable(filled)):
                    known = self.lookup(name)
                if known is not None:
                    yield from known
                elif raw:
                    inner = argument.inner
                    yield Word(filled, inner + start, inner + end, whole, argument, command, file)

    def _variable(self, text: str) -> str:
        """Return the name of the variable whose value a text is, "" if it is not one's."""
        reference = _SOLE_REFERENCE.fullmatch(text)
        name = self.text(reference[1]) if reference else ""
        return name if _NAME.fullmatch(name) else ""

    def _leaves(
        self, text: str, start: int, end: int, depth: int
    ) -> Iterator[tuple[int, int, bool]]:
        """Yield the spans that a generator expression may expand to, with "there is no other"."""
        if not text.startswith("$<", start):
            yield start, end, True
            return
        expression = expression_at(text, start)
        if depth > CMAKE_NESTING:
            analysis.note_limit(CMAKE_NESTING)
            return
        if expression is None or expression.end != end:
            return  # not understood: links nothing that is known
        if text.startswith(("$<TARGET_FILE:", "$<TARGET_LINKER_", "$<TARGET_PROPERTY:"), start):
            yield start, end, True
            return
        spans: list[tuple[int, int]] = []
        for part in self._live_parameters(text, expression):
            spans.extend(
                (part[0] + item_start, part[0] + item_end)
                for item_start, item_end in _items(text[part[0] : part[1]])
            )
        for item_start, item_end in spans:
            for found in self._leaves(text, item_start, item_end, depth + 1):
                yield found[0], found[1], found[2] and len(spans) == 1

    def _live_parameters(self, text: str, expression: Expression) -> list[tuple[int, int]]:
        """Return the parameters that a generator expression may expand to."""
        head_start, head_end = expression.head
        name = text[head_start:head_end]
        parts = expression.parameters
        if name in _PASSING:
            return list(parts)
        if name in ("LINK_LIBRARY", "LINK_GROUP"):
            return list(parts[1:])
        if name == "IF" and len(parts) == 3:
            truth = self.condition(text[parts[0][0] : parts[0][1]])
            return [
                part
                for part, dead in ((parts[1], truth is False), (parts[2], truth is True))
                if not dead
            ]
        if name.startswith("$<") or name in ("0", "1"):
            return [] if self.condition(name) is False else list(parts)
        return []

    def condition(self, text: str, depth: int = 0) -> bool | None:
        """Return the truth of a generator expression's condition, ``None`` if it is not known."""
        text = text.strip()
        if text in ("0", "1"):
            return text == "1"
        expression = expression_at(text, 0) if depth < CMAKE_NESTING else None
        if expression is None or expression.end != len(text):
            return None
        name = text[slice(*expression.head)]
        parts = [text[start:end] for start, end in expression.parameters]
        if name == "NOT" and len(parts) == 1:
            return negation(self.condition(parts[0], depth + 1))
        if name in ("AND", "OR"):
            values = [self.condition(part, depth + 1) for part in parts]
            return all_of(values) if name == "AND" else any_of(values)
        return self.decide(name, [self.text(part) for part in parts])


#: Generator expressions that expand to their content when the module itself is linked.
_PASSING = frozenset(
    {
        "BUILD_INTERFACE",
        "BUILD_LOCAL_INTERFACE",
        "LINK_ONLY",
        "GENEX_EVAL",
        "TARGET_NAME",
        "TARGET_NAME_IF_EXISTS",
        "REMOVE_DUPLICATES",
    }
)


class Expression(NamedTuple):
    """``$<head:parameter,parameter>``: the spans of its parts and where it ends."""

    head: tuple[int, int]
    parameters: tuple[tuple[int, int], ...]
    end: int


def expression_at(text: str, start: int) -> Expression | None:
    """Return the generator expression that starts at ``start``; ``None`` if it is not closed."""
    if not text.startswith("$<", start):
        return None
    depth = 0
    colon = -1
    commas: list[int] = []
    for match in _EXPRESSION_MARK.finditer(text, start + 2):
        mark = match[0]
        if mark == "$<":
            depth += 1
        elif mark == ">":
            if depth == 0:
                stop = match.start()
                if colon < 0:
                    return Expression((start + 2, stop), (), match.end())
                edges = [colon, *commas, stop]
                parameters = tuple((a + 1, b) for a, b in pairwise(edges))
                return Expression((start + 2, colon), parameters, match.end())
            depth -= 1
        elif depth == 0 and mark == ":" and colon < 0:
            colon = match.start()
        elif depth == 0 and mark == "," and colon >= 0:
            commas.append(match.start())
    return None


_EXPRESSION_MARK = re.compile(r"\$<|>|:|,")


def _items(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of a list's items; white space separates too where flags are listed.

    Separators inside a generator expression belong to it.
    """
    pattern = _FLAG_WORD if _SPACED_FLAG.search(text) else _LIST_ITEM
    if "$<" not in text:
        for match in pattern.finditer(text):
            yield _strip(text, match.start(), match.end())
        return
    position = 0
    while position < len(text):
        found = pattern.search(text, position)
        if found is None:
            return
        start, end = found.span()
        opened = text.find("$<", start, end)
        while opened >= 0:
            expression = expression_at(text, opened)
            if expression is None:
                end = len(text)
                break
            if expression.end >= end:
                tail = pattern.match(text, expression.end)
                end = tail.end() if tail else expression.end
            opened = text.find("$<", expression.end, end)
        yield _strip(text, start, end)
        position = end


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space at its ends."""
    item = text[start:end]
    return start + len(item) - len(item.lstrip()), end - len(item) + len(item.rstrip())
