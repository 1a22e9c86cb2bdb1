"""A makefile's rules and the variables of single targets, with the patterns in both."""

from __future__ import annotations

from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText, concatenate


@dataclass(slots=True)
class Rule:
    """A rule: its targets and prerequisites, and its recipe's lines."""

    targets: list[TrackedText]
    needed: list[TrackedText]
    recipe: list[TrackedText] = field(default_factory=list)

    def stem(self, target: TrackedText) -> str | None:
        """Return the text that ``%`` matches in a target; ``None`` if the rule does not make it."""
        for pattern in self.targets:
            head, percent, tail = pattern.text.partition("%")
            name = target.text
            long_enough = percent and len(name) > len(head) + len(tail)
            if long_enough and name.startswith(head) and name.endswith(tail):
                return name[len(head) : len(name) - len(tail)]
        return None


@dataclass(frozen=True, slots=True)
class Specific:
    """A variable for one target, or for those that a pattern covers."""

    target: str
    name: str
    operator: str
    value: TrackedText

    def covers(self, target: str) -> bool:
        """Return whether the variable is set for a target."""
        head, percent, tail = self.target.partition("%")
        if not percent:
            return self.target == target
        return target.startswith(head) and target.endswith(tail)


def fill_pattern(text: TrackedText, stem: str) -> TrackedText:
    """Return a pattern with its ``%`` fill_pattern in."""
    at = text.text.find("%")
    if at < 0:
        return text
    percent = text.part(at, at + 1)
    middle = TrackedText.generated(stem, (percent.segments[0].start, percent.segments[0].end))
    return concatenate((text.part(0, at), middle, text.part(at + 1, len(text))))
