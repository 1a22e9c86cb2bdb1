"""NLP900: a file that could not be read, so nothing can be said about it."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Unread, path_with_member
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class Unreadable(FactRule[Unread]):
    """A file could not be read or parsed.

    ## What it does
    Reports a file, a directory or a member of an archive that could not be checked, with
    the reason: it cannot be opened, is not text, declares an unknown encoding, cannot be
    parsed, or is corrupt. The exit status is then 2. All other files are still checked.

    It also reports a file in which a limit of the analysis (time, steps, sizes) cut off
    something in which there could be a finding, and names the limit. What was found before
    is reported as well. If `nolibpy fix` cannot write a file, the reason is reported here, too.

    In a directory Python is parsed only if the prefilter finds a word that a load or a link
    needs, so a syntax error in an irrelevant file is not reported there, however many files
    are checked; Python itself or any other linter reports it. A file that you name, as
    pre-commit does, is parsed in any case, and so is standard input. An error that concerns
    a whole Python file (a NUL byte, an unknown encoding, bytes that its encoding does not
    allow) is always reported.

    ## Why is this bad?
    "No findings" would be wrong: the file was not checked.

    ## Example
    ```python
    import ctypes

    api = ctypes.PyDLL("libpython3.11.so"
    ```

    ## Use instead
    ```python
    import ctypes

    api = ctypes.pythonapi
    ```

    ## Fix safety
    There is no fix. Exclude a file that is broken on purpose, such as test data, with
    `exclude`, `per-file-ignores` or a comment `# nolibpy: ignore-file`.

    ## References
    - [PEP 263: source code encodings](https://peps.python.org/pep-0263/)
    """

    code: ClassVar[str] = "NLP900"
    name: ClassVar[str] = "unreadable"
    fact: ClassVar[type] = Unread
    fixable: ClassVar[str] = "none"

    def judge(self, fact: Unread, path: str) -> Finding | None:
        return Finding(
            code=self.code,
            message=fact.reason,
            path=path_with_member(path, fact.member),
            start=fact.start,
            end=fact.start,
            noqa_row=fact.start.row,
        )
