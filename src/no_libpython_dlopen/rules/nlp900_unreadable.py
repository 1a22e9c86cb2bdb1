"""NLP900: a file that could not be read, so nothing can be said about it."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Unread
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class Unreadable(FactRule[Unread]):
    """A file could not be read or parsed.

    ## What it does
    Names a file, a folder or a member of an archive that could not be checked, and why:
    it cannot be opened, is no text, declares an encoding that does not exist, does not
    parse, or is damaged. The command's exit status is then 2, and all other files are
    checked all the same.

    In a run over many files Python is parsed only where it holds a word that a load or a
    link needs, so a syntax error in a file that cannot matter is not reported; Python
    itself or any other linter tells about it. In a run over a few, as for a commit, and on
    standard input, every Python file is parsed. What makes a Python file unreadable as a whole (a NUL byte, an
    unknown encoding, bytes that are not of its encoding) is always reported.

    ## Why is this bad?
    "Nothing found" would be wrong: the file was not looked at.

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
    There is no fix. A file that is broken on purpose, as test data may be, is left out
    with `exclude`, `per-file-ignores` or a comment `# nolibpy: ignore-file`.

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
            path=f"{path}!{fact.member}" if fact.member else path,
            start=fact.start,
            end=fact.start,
            noqa_row=fact.start.row,
        )
