"""What a rule is: a code, a name, a page of documentation, and one judgement.

A rule lives in one file of ``rules/``; its class docstring *is* its page. The first
line is the summary; the sections are, in this order, ``## What it does``,
``## Why is this bad?``, ``## Example``, ``## Use instead``, ``## Fix safety`` and
``## References``. The fenced blocks of *Example* and *Use instead* are run by the
test-suite: the first must be reported under the rule's code, the second must be clean.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from no_libpython_dlopen.model.facts import Fact
from no_libpython_dlopen.model.finding import Finding

FactT = TypeVar("FactT", bound=Fact)

#: Where a rule's page is published; ``explain`` prints the same text offline.
DOCUMENTATION = "https://no-libpython-dlopen.readthedocs.io/rules/"


class Rule(ABC, Generic[FactT]):
    """Turns facts of one type into findings of one code."""

    code: ClassVar[str]
    name: ClassVar[str]
    #: The type of facts this rule judges; others never reach it.
    fact: ClassVar[type]
    #: "always", "sometimes" or "none": what the table of rules says of its fix.
    fixable: ClassVar[str]

    @classmethod
    def page(cls) -> str:
        """Return the rule's documentation (Markdown)."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        """Return the rule's one-line summary, without the full stop."""
        return cls.page().partition("\n")[0].rstrip(".")

    @classmethod
    def url(cls) -> str:
        """Return the address of the rule's page."""
        return f"{DOCUMENTATION}{cls.name}/"

    @abstractmethod
    def judge(self, fact: FactT, path: str) -> Finding | None:
        """Return the finding that ``fact``, read from ``path``, amounts to, or ``None``."""
