"""What one path through a makefile or a script has assumed of its undecided conditions.

``ifdef EMBED`` and a later ``ifndef EMBED`` are never both true, and a variable that equals
one text equals no other, until it is assigned again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_NAME = re.compile(r"\w+")


class Question(NamedTuple):
    """What a condition asks: whether a subject has a value, or, ``inverted``, another one.

    A subject is a text of the file, such as ``$(EMBED)``; its value is known to be fixed.
    """

    subject: str
    value: str
    inverted: bool = False


@dataclass(slots=True)
class Assumptions:
    """The values of subjects on one path."""

    _values: dict[str, str] = field(default_factory=dict)
    _other_values: dict[str, set[str]] = field(default_factory=dict)
    _subjects: dict[str, set[str]] = field(default_factory=dict)

    def truth(self, question: Question) -> bool | None:
        """Return the answer to a question, ``None`` if nothing that was assumed decides it."""
        known = self._values.get(question.subject)
        if known is not None:
            return (known == question.value) is not question.inverted
        if question.value in self._other_values.get(question.subject, ()):
            return question.inverted
        return None

    def assume(self, question: Question, *, is_true: bool) -> None:
        """Note an answer."""
        subject, value, inverted = question
        if is_true is inverted:
            self._other_values.setdefault(subject, set()).add(value)
        else:
            self._values[subject] = value
        for name in _NAME.findall(subject):
            self._subjects.setdefault(name, set()).add(subject)

    def forget(self, name: str) -> None:
        """Forget what was assumed of a variable, which is assigned."""
        for subject in self._subjects.pop(name, ()):
            self._values.pop(subject, None)
            self._other_values.pop(subject, None)

    def forget_all(self) -> None:
        """Forget everything: a command may have assigned any variable."""
        self._values.clear()
        self._other_values.clear()
