"""Where the comments of a shell script are, and what the script is without them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.shell.lexer import first_tokens, tokens

#: A comment starts a word, and no quotation that began on its line is open. Very long lines are
#: left out: for a line of millions of quotations the pattern would need a gigabyte of memory.
_COMMENT_IN_LINE = re.compile(
    r"""
    ^ (?![^\r\n]{100000}) [^"'\\\r\n\#]*
    (?: (?: \\. | (?<=\S)\# | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*" | '[^'\r\n]*') [^"'\\\r\n\#]* )*
    (?<!\S)(\#[^\r\n]*)
    """,
    re.VERBOSE | re.MULTILINE,
)
#: What follows is perhaps no shell: so end self-extracting scripts, and those that are
#: Python as well.
_EXIT = re.compile(r"^['\"]*ex(?:it|ec)\b", re.MULTILINE)
#: A pattern of ksh, and of bash with ``extglob``, over several lines: a ``#`` in it is no comment.
_PATTERN = re.compile(r"[?*+@!]\((?=[^()\r\n]{0,1000}\s#)")


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the comments, up to what does not lex, or may be data.

    That is what stands behind ``exit``, or in a pattern.
    """
    ends = (found.start() for found in (_EXIT.search(text), _PATTERN.search(text)) if found)
    end = min(ends, default=len(text))
    for token in first_tokens(text):
        if token.kind == "comment" and token.start < end:
            yield token.start, token.end


def embedded_comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of what is a comment if its line is code by itself.

    So a line of a here-document, of a quotation or of a ``define`` of make may be; but it may
    be data as well.
    """
    return (match.span(1) for match in _COMMENT_IN_LINE.finditer(text))


def code_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of what is not layout or a comment. Raises ``LexError``."""
    last = "newline"
    for token in tokens(text):
        if token.kind in ("blank", "comment") or (token.kind == last == "newline"):
            continue
        last = "newline" if token.kind == "here" else token.kind
        yield token.kind, "" if token.kind == "newline" else text[token.start : token.end]
