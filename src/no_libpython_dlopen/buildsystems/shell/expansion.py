"""Expands the words of shell text, as far as variables and the platform are known.

What a variable holds is put in its place and, outside of quotation, split at blanks;
what is not known becomes an ``UNKNOWN_PART``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.buildsystems.commands.packaging_command import READ_VARIABLES
from no_libpython_dlopen.buildsystems.commands.path_exploration import PathSelector
from no_libpython_dlopen.buildsystems.commands.provenance import (
    Span,
    TrackedText,
    concatenate,
    join_texts,
)
from no_libpython_dlopen.buildsystems.shell.word_parts import Part, parts
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import SHELL_VALUE

_DEFAULT = re.compile(r":?[-=](?P<value>[^$`\"'\\]*)")

Value = tuple[TrackedText, ...]
Variables = dict[str, Value]


@dataclass(slots=True)
class Expansion(ABC):
    """The variables of one run, and the expansion of words with them.

    ``exports`` are the variables that programs see. If it ``exports_all`` (``set -a``), each
    variable that is assigned becomes one of these.
    """

    platform: Platform
    paths: PathSelector
    variables: Variables = field(default_factory=dict)
    exports: set[str] = field(default_factory=set)
    exports_all: bool = False

    @abstractmethod
    def substitution(self, inner: TrackedText, span: Span) -> TrackedText:
        """Return the output of a command substitution that is written at ``span``."""

    def exported_variables(self) -> tuple[tuple[str, TrackedText], ...]:
        """Return the variables that programs see and that matter, so far as they are known."""
        return tuple(
            (name, self.variables[name][0])
            for name in sorted(READ_VARIABLES & self.exports)
            if self.variables.get(name)
        )

    def set(self, name: str, value: Value, *, add: bool) -> None:
        """Assign a variable."""
        if add and name in self.variables:
            old = self.variables[name]
            single = len(old) == len(value) == 1
            value = (concatenate((old[0], value[0])),) if single else (*old, *value)
        if sum(map(len, value)) > SHELL_VALUE:
            analysis.note_limit(SHELL_VALUE)
            value = tuple(
                TrackedText.unknown((p.start, p.end)) for v in value for p in v.segments[:1]
            )
        self.variables[name] = value
        if self.exports_all:
            self.exports.add(name)
        self.paths.assumptions.forget(name)

    def fields(self, text: TrackedText, start: int, end: int) -> list[TrackedText]:
        """Return the fields that a word becomes."""
        found: list[list[TrackedText]] = []
        current: list[TrackedText] | None = None  # the field that the next part belongs to
        for part in parts(text.text, start, end):
            for index, (value, split) in enumerate(self.part(text, part)):
                if index:
                    current = None
                self.paths.budget.spend(value.count + len(value) // 8 if split else 1)
                words = value.words() if split else [value]
                if split and value.text[:1].isspace():
                    current = None
                for number, word in enumerate(words):
                    if number or current is None:
                        current = []
                        found.append(current)
                    current.append(word)
                if split and words and value.text[-1:].isspace():
                    current = None
        return list(map(concatenate, found))

    def value(self, text: TrackedText, start: int, end: int) -> TrackedText:
        """Return the value of a word where it is not split, as in an assignment."""
        found: list[TrackedText] = []
        for part in parts(text.text, start, end):
            values = [value for value, _ in self.part(text, part)]
            found.append(values[0] if len(values) == 1 else join_texts(values))
        return concatenate(found)

    def part(self, text: TrackedText, part: Part) -> Iterator[tuple[TrackedText, bool]]:
        """Yield the values of a word's part, and whether each is split at blanks."""
        here = text.part(part.start, part.end)
        self.paths.budget.spend(len(here.segments) + 2)
        if part.kind == "text":
            yield here, False
            return
        span = _span(here)
        if part.kind == "command":
            value = self.substitution(text.part(*part.inner), span)
            yield value, not part.quoted
        elif part.kind == "variable":
            for value in self.variable(part, span):
                yield value.insert_at(span), not part.quoted
        else:
            yield TrackedText.unknown(span), False

    def variable(self, part: Part, span: Span) -> Value:
        """Return a variable's values."""
        values = self.variables.get(part.name)
        if values is None:
            known = platform_conditions.environment(part.name, self.platform)
            if known is not None:
                return (TrackedText.generated(known, span),)
            return (TrackedText.unknown(span),)
        if part.rest in ("", "[0]"):
            return values[:1] or (TrackedText(),)
        if part.rest in ("[@]", "[*]"):
            return values
        if _DEFAULT.fullmatch(part.rest):
            return values[:1]
        return (
            (TrackedText.unknown(span, *list(values[0].notes())[:1]),)
            if values
            else (TrackedText.unknown(span),)
        )


def _span(text: TrackedText) -> Span:
    """Return the span of a reference: in the file, or within what inserted it."""
    origin = [(p.start, p.end) for p in text.segments]
    return (origin[0][0], origin[-1][1]) if origin else (0, 0)
