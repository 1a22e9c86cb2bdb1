"""Splits Rust into the few tokens that delimit statements, without losing a character.

The *Rust Reference*'s comments (nested ones too), strings, raw strings and characters;
words, and punctuation one by one. Own because syn is Rust, and tree-sitter-rust would be
a compiled dependency for one file name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, Token
from no_libpython_dlopen.model import analysis

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\r\n]*)
    | (?P<block>/\*)
    | (?P<string>[bc]?"[^"\\]*(?:\\[\s\S][^"\\]*)*")
    | (?P<raw>[bc]?r(?P<hashes>\#*)")
    | (?P<char>b?'(?:\\(?:u\{[^}]*\}|x[0-9a-fA-F]{2}|.)|[^'\\\r\n])')
    | (?P<word>'?[A-Za-z_]\w*|[0-9]\w*)
    | (?P<mark>[^\s\w"])
    """,
    re.VERBOSE,
)
_BLOCK = re.compile(r"/\*|\*/")
_DOCUMENTATION = re.compile(r"///(?!/)|//!|/\*[*!]")


def tokens(text: str) -> Iterator[Token]:
    """Yield all tokens of a text; joined they are the text.

    Raises ``LexError`` where a string or a comment does not end.
    """
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise LexError("a string is not closed", at)
        kind, end = match.lastgroup or "", match.end()
        if match["hashes"] is not None:
            kind, end = "raw", _raw_end(text, end, match["hashes"])
        if kind == "block":
            kind, end = "comment", _block_end(text, at)
        yield Token(kind, text[at:end], at, end)
        at = end


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the line comments, up to what does not lex."""
    with suppress(LexError):
        for token in analysis.watch(tokens(text)):
            if token.kind == "comment" and token.text.startswith("//"):
                yield token.start, token.end


def code_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of what is not layout or a comment; documentation is code.

    Raises ``LexError`` as ``tokens`` does.
    """
    for token in tokens(text):
        if token.kind != "space" and (token.kind != "comment" or _DOCUMENTATION.match(token.text)):
            yield token.kind, token.text


def _raw_end(text: str, at: int, hashes: str) -> int:
    """Return the end of a raw string whose text begins at ``at``."""
    closing = f'"{hashes}'
    end = text.find(closing, at)
    if end < 0:
        raise LexError("a string is not closed", at)
    return end + len(closing)


def _block_end(text: str, at: int) -> int:
    depth = 0
    for match in _BLOCK.finditer(text, at):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    raise LexError("a comment is not closed", at)
