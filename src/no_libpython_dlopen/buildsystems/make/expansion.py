"""Expands make's variables and functions, for text whose origin stays known.

GNU make's manual, *How to Use Variables* and *Functions for Transforming Text*. The
functions are those that put link lines together or decide conditions; what others
return is unknown, and so is a variable that refers to itself. All is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.buildsystems.commands.provenance import (
    Span,
    TrackedText,
    concatenate,
    join_texts,
)
from no_libpython_dlopen.buildsystems.make import text_functions
from no_libpython_dlopen.buildsystems.shell.interpreter import Shell
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import MAKE_DEPTH, MAKE_LOOP, MAKE_REFERENCES, MAKE_TEXT

_PLAIN = re.compile(r"[^$]+")
#: The same in a template, where configure puts something in place of `@CC@`.
_PLAIN_IN_TEMPLATE = re.compile(r"(?:[^$@]|@(?!\w+@))[^$@]*(?:@(?!\w+@)[^$@]*)*")
_PLACEHOLDER = re.compile(r"@\w+@")
_CLOSING = {"(": ")", "{": "}"}
_FUNCTION = re.compile(r"([a-z][a-z-]*)[ \t]")
_SUBSTITUTED = re.compile(r"([^:=#\s]+):([^=]*)=(.*)", re.DOTALL)


class Variable:
    """A variable; ``simple`` if its value was expanded when it was assigned.

    What ``+=`` adds is put together when somebody asks for the value.
    """

    __slots__ = ("_parts", "simple")

    def __init__(self, value: TrackedText, simple: bool) -> None:
        self._parts = [value] if len(value) else []
        self.simple = simple

    def append(self, more: TrackedText) -> None:
        """Put more behind the value, a blank between."""
        self._parts.append(more)

    @property
    def value(self) -> TrackedText:
        """The text."""
        if len(self._parts) != 1:
            self._parts = [join_texts(self._parts)]
        return self._parts[0]


@dataclass(slots=True)
class Expander:
    """Expands with the variables of one run."""

    platform: Platform
    shell: Shell
    variables: dict[str, Variable] = field(default_factory=dict)
    #: Whether configure makes the makefile of the text.
    is_template: bool = False
    steps: int = 0
    #: The variables that are being expanded.
    busy: set[str] = field(default_factory=set)
    #: Values in which no automatic variable is, until something is assigned again: by the names
    #: of those that were known.
    cache: dict[frozenset[str], dict[str, TrackedText]] = field(default_factory=dict)
    #: How often an automatic variable was looked up.
    local_uses: int = 0
    #: What ``eval`` was given, until somebody reads it.
    evaluated: list[TrackedText] = field(default_factory=list)

    def expand(
        self, text: TrackedText, local: Mapping[str, TrackedText] | None = None, depth: int = 0
    ) -> TrackedText:
        """Return a text with its references expanded; ``local`` are automatic variables."""
        string = text.text
        if "$" not in string and not (self.is_template and "@" in string):
            return text
        written = _PLAIN_IN_TEMPLATE if self.is_template else _PLAIN
        local = local or {}
        result: list[TrackedText] = []
        size = at = 0
        while at < len(string):
            if size > MAKE_TEXT:
                analysis.note_limit(MAKE_TEXT)
                break
            plain = written.match(string, at)
            if plain:
                part, at = text.part(at, plain.end()), plain.end()
            elif string[at] == "@" and (placeholder := _PLACEHOLDER.match(string, at)):
                part = TrackedText.unknown(text.part(at, placeholder.end()).span)
                at = placeholder.end()
            else:
                end = reference_end(string, at)
                part = self.expand_reference(text, at, end, local, depth)
                at = end
            size += len(part)
            result.append(part)
            self.shell.paths.budget.spend(4)
        return concatenate(result)

    def expand_reference(
        self, text: TrackedText, start: int, end: int, local: Mapping[str, TrackedText], depth: int
    ) -> TrackedText:
        """Return the value of the reference at ``[start, end)``."""
        string = text.text
        here = text.part(start, end)
        if end - start == 1:
            return here
        if string[start + 1] == "$":
            return text.part(start, start + 1)
        span = here.span
        self.steps += 1
        if self.steps > MAKE_REFERENCES:
            raise LimitReached(MAKE_REFERENCES)
        if depth > MAKE_DEPTH:
            analysis.note_limit(MAKE_DEPTH)
            return TrackedText.unknown(span)
        if string[start + 1] in "({":
            inner = text.part(start + 2, end - 1)
        else:
            inner = text.part(start + 1, end)
        return self.expand_inner(inner, span, local, depth + 1).insert_at(span)

    def expand_inner(
        self, inner: TrackedText, span: Span, local: Mapping[str, TrackedText], depth: int
    ) -> TrackedText:
        """Return the value of ``$(inner)``."""
        function = _FUNCTION.match(inner.text)
        if function and function[1] in FUNCTIONS:
            rest = inner.part(function.end(), len(inner))
            return self.call(function[1], rest, span, local, depth)
        name = self.expand(inner, local, depth).text
        changed = _SUBSTITUTED.fullmatch(name)
        if changed and UNKNOWN_PART not in changed[2] + changed[3]:
            before, after = changed[2], changed[3]
            if "%" not in before:
                before, after = f"%{before}", f"%{after}"
            words = self.variable(changed[1], span, local, depth).words()
            return join_texts(text_functions.patsubst(word, before, after) for word in words)
        return self.variable(name, span, local, depth)

    def variable(
        self, name: str, span: Span, local: Mapping[str, TrackedText], depth: int
    ) -> TrackedText:
        """Return a variable's value."""
        if name in local:
            self.local_uses += 1
            return local[name]
        found = self.variables.get(name)
        if found is None:
            known = platform_conditions.environment(name, self.platform)
            return (
                TrackedText.unknown(span) if known is None else TrackedText.generated(known, span)
            )
        if found.simple:
            return found.value
        if name in self.busy:  # make ends with an error here
            return TrackedText.unknown(span)
        cache = self.cache.setdefault(frozenset(local), {})
        if name in cache:
            return cache[name]
        uses = self.local_uses
        self.busy.add(name)
        try:
            value = self.expand(found.value, local, depth)
        finally:
            self.busy.discard(name)
        if self.local_uses == uses and depth <= MAKE_DEPTH // 2:  # else it is cut short, perhaps
            cache[name] = value
        return value

    def append(self, name: str, more: TrackedText) -> None:
        """Give a variable more of a value."""
        self.cache.clear()
        self.shell.paths.assumptions.forget(name)
        self.variables[name].append(more)

    def assign(self, name: str, variable: Variable) -> None:
        """Give a variable another value."""
        self.cache.clear()
        self.shell.paths.assumptions.forget(name)
        self.variables[name] = variable

    def call(
        self, name: str, rest: TrackedText, span: Span, local: Mapping[str, TrackedText], depth: int
    ) -> TrackedText:
        """Return the value of a function."""
        limit = FUNCTIONS[name]
        raw = arguments(rest, limit)
        if name in ("foreach", "call", "if", "or", "and"):
            return self.call_lazily(name, raw, span, local, depth)
        given = [self.expand(each, local, depth) for each in raw]
        if name == "eval":
            self.evaluated += given
            return TrackedText()
        if name == "shell":
            return self.shell.substitution(given[0], span)
        if len(given) < max(1, limit) and name != "wildcard":
            return TrackedText.unknown(span)
        call = text_functions.CALLS.get(name)
        return TrackedText.unknown(span) if call is None else call(given, span)

    def call_lazily(
        self,
        name: str,
        raw: list[TrackedText],
        span: Span,
        local: Mapping[str, TrackedText],
        depth: int,
    ) -> TrackedText:
        """Return the value of a function that expands only some of its arguments."""
        if name == "foreach" and len(raw) == 3:
            variable = self.expand(raw[0], local, depth).text.strip()
            words = self.expand(raw[1], local, depth).words()
            if len(words) > MAKE_LOOP:
                analysis.note_limit(MAKE_LOOP)
                words = words[:MAKE_LOOP]
            return join_texts(
                self.expand(raw[2], {**local, variable: word}, depth) for word in words
            )
        if name == "call":
            called = self.expand(raw[0], local, depth).text.strip()
            given = {str(index): self.expand(each, local, depth) for index, each in enumerate(raw)}
            return self.variable(called, span, {**local, **given}, depth)
        if name == "if" and len(raw) >= 2:
            condition = self.expand(raw[0].strip(), local, depth).text.strip()
            if UNKNOWN_PART in condition:  # either side may count
                return join_texts(self.expand(each, local, depth) for each in raw[1:3])
            chosen = raw[1:2] if condition else raw[2:3]
            return self.expand(chosen[0], local, depth) if chosen else TrackedText()
        values = [self.expand(each.strip(), local, depth) for each in raw]
        if name == "or":
            return next((value for value in values if value.text), TrackedText())
        if name == "and":
            return values[-1] if values and all(value.text for value in values) else TrackedText()
        return TrackedText.unknown(span)


#: The functions that are known, and how many arguments each takes (0: any number).
FUNCTIONS = {
    **dict.fromkeys(("shell", "strip", "wildcard", "sort", "dir", "notdir", "suffix"), 1),
    **dict.fromkeys(("basename", "firstword", "lastword", "abspath", "realpath", "words"), 1),
    **dict.fromkeys(("value", "origin", "flavor", "eval", "error", "warning", "info"), 1),
    **dict.fromkeys(("addprefix", "addsuffix", "filter", "filter-out", "findstring"), 2),
    **dict.fromkeys(("join", "word", "file"), 2),
    **dict.fromkeys(("subst", "patsubst", "wordlist", "foreach", "if", "let"), 3),
    **dict.fromkeys(("call", "or", "and", "intcmp"), 0),
}


def reference_end(string: str, at: int) -> int:
    """Return the end of the reference that the dollar sign at ``at`` begins.

    One that is not closed ends with the text.
    """
    opening = string[at + 1 : at + 2]
    if not opening:
        return at + 1
    if opening not in _CLOSING:
        return at + 2
    closing = _CLOSING[opening]
    if string.find(closing, at + 2) < 0:
        return len(string)
    depth = 0
    brackets = re.compile(rf"[{re.escape(opening + closing)}]").finditer(string, at + 1)
    for match in analysis.watch(brackets):
        depth += 1 if match[0] == opening else -1
        if depth == 0:
            return match.end()
    return len(string)  # make refuses such a text where it is used


def arguments(text: TrackedText, limit: int) -> list[TrackedText]:
    """Return a function's arguments; the last of ``limit`` keeps its commas."""
    string = text.text
    found: list[TrackedText] = []
    depth = start = 0
    for match in re.compile(r"[(){},]").finditer(string):
        if match[0] in "({":
            depth += 1
        elif match[0] in ")}":
            depth -= 1
        elif depth == 0 and (not limit or len(found) < limit - 1):
            found.append(text.part(start, match.start()))
            start = match.end()
    return [*found, text.part(start, len(string))]
