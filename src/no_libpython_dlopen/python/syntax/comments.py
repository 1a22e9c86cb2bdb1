"""Where the comments and the logical lines of Python are, in text that need not parse.

Cython, SCons and Bazel write them alike, and a notebook's cell too before its magics are
hidden. ``tokenize`` would stop at the first of those.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from no_libpython_dlopen.model import analysis

_PIECE = re.compile(
    r"""
      (?P<comment>\#[^\r\n]*)
    | (?<!\w)(?P<formatted>[ft]r?|r[ft])(?P<opening>\"{3}|'{3}|["'])
    | (?P<quote>\"{3}|'{3})[^\\"']*(?:(?:\\.?|(?!(?P=quote))["'])[^\\"']*)*(?:(?P=quote)|\Z)
    | "[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"? | '[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'?
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | \\(?:\r\n|\r|\n)
    | (?P<line>\r\n|\r|\n)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
#: Formatted strings that are longer, nest deeper or do not end, and all that follow so many
#: of these, are read as strings were before they could nest (PEP 701).
_MAX_FORMATTED = 10_000
_MAX_DEPTH = 10
_MAX_FAILURES = 100


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the comments. Raises ``LimitReached`` where the time is over."""
    for match in analysis.watch(_pieces(text, 0)):
        if match["comment"]:
            yield match.span()


def code_tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield the type and the text of the tokens of Python but for comments and empty lines.

    Raises ``ValueError`` for what this Python's tokenizer does not take.
    """
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type == tokenize.ERRORTOKEN:
                raise ValueError("not a token of Python")
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                yield token.type, "" if token.type == tokenize.NEWLINE else token.string
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(str(error)) from None


def line_ends(text: str, start: int = 0) -> Iterator[int]:
    """Yield the offsets at which a logical line ends, its line ending included."""
    depth = 0
    for match in _pieces(text, start):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(depth - 1, 0)
        elif match["line"] and depth == 0:
            yield match.end()


def _pieces(text: str, at: int) -> Iterator[re.Match[str]]:
    """Yield the tokens outside of formatted strings."""
    failures = 0
    while match := _PIECE.search(text, at):
        at = match.end()
        if not match["formatted"]:
            yield match
            continue
        end = None
        if failures < _MAX_FAILURES:
            limit = min(len(text), at + _MAX_FORMATTED)
            end = _formatted_end(text, at, match["opening"], limit, 0)
        if end is None:
            failures += 1
            simple = _PIECE.match(text, match.start("opening"))
            assert simple is not None
            end = simple.end()
        at = end


def _formatted_end(text: str, at: int, quote: str, limit: int, depth: int) -> int | None:
    """Return the end of a formatted string that is open; ``None`` if it does not end."""
    while at < limit:
        if text.startswith(quote, at):
            return at + len(quote)
        if text.startswith(("{{", "}}", "\\"), at):
            at += 2
        elif text[at] == "{":
            end = _field_end(text, at + 1, limit, depth + 1)
            if end is None:
                return None
            at = end
        elif text[at] in "\r\n" and len(quote) == 1:
            return None
        else:
            at += 1
    return None


def _field_end(text: str, at: int, limit: int, depth: int) -> int | None:
    """Return the end of a replacement field, its expression and format."""
    brackets = 0
    in_format = False
    while at < limit and depth <= _MAX_DEPTH:
        letter = text[at]
        match = None if in_format else _PIECE.match(text, at)
        end: int | None = at + 1
        if letter == "}" and brackets == 0:
            return end
        if letter == ":" and brackets == 0:
            in_format = True
        elif in_format and letter == "{":
            end = _field_end(text, at + 1, limit, depth + 1)
        elif match is not None and match["formatted"]:
            end = _formatted_end(text, match.end(), match["opening"], limit, depth + 1)
        elif match is not None:
            brackets += bool(match["open"]) - bool(match["close"])
            end = match.end()
        if end is None:
            return None
        at = end
    return None
