"""Where the comments and the logical lines of Python are, in text that need not parse.

Cython, SCons and Bazel write them alike, and a notebook's cell too before its magics are
hidden. ``tokenize`` would stop at the first of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECE = re.compile(
    r"""
      (?P<comment>\#[^\r\n]*)
    | (?P<quote>\"{3}|'{3})(?:\\.|(?!(?P=quote)).)*(?:(?P=quote)|\Z)
    | "(?:\\(?:\r\n|.)|[^"\\\r\n])*"? | '(?:\\(?:\r\n|.)|[^'\\\r\n])*'?
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | \\(?:\r\n|\r|\n)
    | (?P<line>\r\n|\r|\n)
    """,
    re.VERBOSE | re.DOTALL,
)


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the comments."""
    for match in _PIECE.finditer(text):
        if match["comment"]:
            yield match.span()


def line_ends(text: str, start: int = 0) -> Iterator[int]:
    """Yield the offsets at which a logical line ends, its line ending included."""
    depth = 0
    for match in _PIECE.finditer(text, start):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(depth - 1, 0)
        elif match["line"] and depth == 0:
            yield match.end()
