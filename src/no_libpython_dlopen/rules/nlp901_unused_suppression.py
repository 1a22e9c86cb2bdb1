"""NLP901: a comment that suppresses nothing hides the next finding on its line."""

from __future__ import annotations

from typing import ClassVar, Literal

from no_libpython_dlopen.model.facts import UnusedSuppression
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule

NO_FIX = "without the comment the file may mean something else"


class UnusedSuppressionComment(FactRule[UnusedSuppression]):
    """A suppression comment suppresses nothing.

    ## What it does
    Finds `# noqa: NLP…`, `# nolibpy: ignore` and `# nolibpy: ignore-file` comments that
    name a code of nolibpy which is not found there. A bare `# noqa`, and codes of other
    tools, are never reported, nor are codes that are not selected in this run.

    ## Why is this bad?
    The reason for the comment is gone, and the comment would suppress a later finding on
    its line.

    ## Example
    ```python
    import ctypes

    api = ctypes.pythonapi  # noqa: NLP101
    ```

    ## Use instead
    ```python
    import ctypes

    api = ctypes.pythonapi
    ```

    ## Fix safety
    Safe: a comment, or one code in it, is deleted. Other codes and other text of the
    comment stay. There is no fix if the file would mean something else without the
    comment, for example if a line before it ends in a backslash, or if the file cannot be
    parsed.

    ## References
    - [flake8: selecting and ignoring violations](https://flake8.pycqa.org/en/latest/user/violations.html)
    """

    code: ClassVar[str] = "NLP901"
    name: ClassVar[str] = "unused-suppression"
    fact: ClassVar[type] = UnusedSuppression
    fixable: ClassVar[str] = "sometimes"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    suppressions_are_checked: ClassVar[bool] = False

    def judge(self, fact: UnusedSuppression, path: str) -> Finding | None:
        named = f" ({', '.join(fact.codes)})" if fact.codes else ""
        hint = f"; did you mean `{fact.meant}`?" if fact.meant else ""
        return Finding(
            code=self.code,
            message=f"`{fact.spelled}` suppresses nothing{named}{hint}",
            path=path,
            start=fact.start,
            end=fact.end,
            fix=fact.fix,
            no_fix_reason="" if fact.fix else NO_FIX,
            noqa_row=fact.start.row,
        )
