"""Changes the grammar's patterns, a piece at a time: some test must notice each change.

Mutation testing changes functions only, and what a libpython name is stands in patterns.
Run as a program, this prints each change that the tests in this folder let pass, and exits
with 1 if there is one. No file is written.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.knowledge import libpython_names

SOURCE = Path(libpython_names.__file__).read_text(encoding="utf-8")
_TEXT = re.compile(r'rf?("""|")(.*?)\1', re.DOTALL)
#: What is taken out of a pattern as one piece: another pattern, an escape, a letter. Of `{0,3}`
#: the 0 says nothing.
_PIECE = re.compile(r"#.*|\{+0,|\{_[A-Z]+\}|\(\?[:-]?[a-z-]*:?|\\.|\{\{|\}\}|\S")


def changes() -> Iterator[tuple[int, int, str]]:
    """Yield the start and the end of each piece of a pattern, and what replaces it."""
    first, last = SOURCE.index("\n_DIGITS"), SOURCE.index("\ndef ")
    for text in _TEXT.finditer(SOURCE, first, last):
        for piece in _PIECE.finditer(SOURCE, *text.span(2)):
            if piece[0].startswith("#"):
                continue
            yield *piece.span(), ""
            if piece[0] == r"\.":
                yield *piece.span(), "."
            elif piece[0] in "?*+":
                yield *piece.span(), "{2}"


def is_noticed(source: str) -> bool:
    """Tell whether the tests fail with another source of ``names``."""
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            exec(compile(source, libpython_names.__file__, "exec"), vars(libpython_names))
            options = ["-n0", "-x", "-q", "-p", "no:cacheprovider", "--assert=plain"]
            os._exit(pytest.main([*options, str(Path(__file__).parent)]))
    return os.waitpid(child, 0)[1] != 0


def main() -> int:
    if is_noticed(SOURCE):
        sys.exit("the tests fail without any change")
    tried = 0
    passed: list[str] = []
    for start, end, new in changes():
        source = SOURCE[:start] + new + SOURCE[end:]
        try:
            with contextlib.redirect_stderr(None):
                exec(compile(source, libpython_names.__file__, "exec"), {"__name__": "changed"})
        except (re.error, SyntaxError, KeyError, NameError, IndexError):
            continue
        tried += 1
        if not is_noticed(source):
            row = SOURCE.count("\n", 0, start) + 1
            line = SOURCE.splitlines()[row - 1]
            column = start - SOURCE.rfind("\n", 0, start) - 1
            passed.append(f"{row}:{column}: {SOURCE[start:end]!r} -> {new!r} in {line.strip()}")
            print(passed[-1], flush=True)
    print(f"{tried} changes, {len(passed)} not noticed")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
