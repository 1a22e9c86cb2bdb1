"""What a rule is: a code, a name, a page of documentation, and perhaps a judgement of facts.

A rule lives in one file of ``rules/``; its class docstring *is* its page. The first
line is the summary; the sections are, in this order, ``## What it does``,
``## Why is this bad?``, ``## Example``, ``## Use instead``, ``## Fix safety`` and
``## References``. The fenced blocks of *Example* and *Use instead* are run by the
test-suite: the first must be reported under the rule's code, the second must be clean.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Literal, TypeVar

from no_libpython_dlopen.model.facts import Fact, Link, Load
from no_libpython_dlopen.model.finding import Finding

FactT = TypeVar("FactT", bound=Fact)

#: Where a rule's page is published; ``explain`` prints the same text offline.
DOCUMENTATION = "https://no-libpython-dlopen.readthedocs.io/rules/"


class Rule:
    """A rule: its code and name, its page, and what formats and suppressions ask of it."""

    code: ClassVar[str]
    name: ClassVar[str]
    #: "always", "sometimes" or "none": what the table of rules says of its fix.
    fixable: ClassVar[str]
    #: What a finding is in formats that distinguish errors from remarks.
    severity: ClassVar[Literal["error", "warning"]] = "error"
    #: Whether a comment that suppresses this code can be found unused by reading the file.
    suppressions_are_checked: ClassVar[bool] = True

    @classmethod
    def page(cls) -> str:
        """Return the rule's documentation (Markdown), with links that work outside of the site."""
        return re.sub(
            r"\]\(([\w-]+)\.md\)", rf"]({DOCUMENTATION}\1/)", inspect.cleandoc(cls.__doc__ or "")
        )

    @classmethod
    def summary(cls) -> str:
        """Return the rule's one-line summary, without the full stop."""
        return cls.page().partition("\n")[0].rstrip(".")

    @classmethod
    def url(cls) -> str:
        """Return the URL of the rule's page."""
        return f"{DOCUMENTATION}{cls.name}/"


class FactRule(Rule, ABC, Generic[FactT]):
    """A rule that turns facts of one type into findings of its code."""

    #: The type of facts this rule judges; others never reach it.
    fact: ClassVar[type]

    @abstractmethod
    def judge(self, fact: FactT, path: str) -> Finding | None:
        """Return the finding that ``fact``, read from ``path``, amounts to, or ``None``."""

    def finding(self, fact: Load | Link, path: str, message: str, resolved: str = "") -> Finding:
        """Return the finding about a place in a text, with the fix that the reader has made."""
        return Finding(
            code=self.code,
            message=message,
            path=path,
            start=fact.start,
            end=fact.end,
            fix=fact.fix,
            noqa_row=fact.start.row,
            resolved=resolved,
            no_fix_reason=fact.no_fix_reason,
            related=fact.related,
        )
