"""Splits the bytes of a Python file into code and texts, without parsing it.

``ast`` takes a hundred times as long. Most files that hold a loader's word and spell libpython
do one of both in prose: in a comment, a docstring, a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from no_libpython_dlopen.knowledge.libpython_names import may_be_part

#: Comments, and texts without their prefixes ("String and Bytes literals" of the Python
#: language reference); a text in single quotes ends in its line.
_PIECES = re.compile(
    rb"(#[^\r\n]*"
    rb'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|\'\'\'[^\'\\]*(?:(?:\\.|\'(?!\'\'))[^\'\\]*)*\'\'\''
    rb'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"|\'[^\'\\\r\n]*(?:\\.[^\'\\\r\n]*)*\')',
    re.DOTALL,
)
_BRACES = re.compile(rb"\{\{|\}\}")
#: What names something in the code of a template: a text, or a call's parameter.
_NAMED = re.compile(rb"[\"']([^\"']*)|(\w+)\s*=(?!=)")
_BRACE = re.compile(rb"[{}]")
#: Escapes that stand for a letter, for nothing, and for what is no letter.
_LETTER = re.compile(rb"\\(?:x[4-7]|1[0-7]|u00[4-7]|U000000[4-7]|N\{)")
_NOTHING = re.compile(rb"\\\r?\n")
_NO_LETTER = re.compile(rb"\\[\\'\"abfnrtv]")
_LINE_ENDS = re.compile(rb"[ \t\f]*(?:[#;\r\n]|\Z)")
_TEMPLATE = re.compile(rb"(?i)(?:^|\W)(?:[ft]r?|r[ft])\Z")


class Split:
    """The code and the texts of one file. ``code`` has a space where a text or a comment is."""

    def __init__(self, data: bytes, code: bytes, texts: frozenset[bytes]) -> None:
        self._data = data
        self.code = code
        self.texts = texts

    def spells(self, *, linked: bool) -> bool:
        """Tell whether a text may be a part of libpython's name. ``False`` is certain.

        Docstrings are none. ``linked`` as in ``names.may_be_part``.
        """
        parts = {
            text
            for text in self.texts
            if _holds_what_remains(text) and _may_be_part(text, linked=linked)
        }
        return bool(parts) and any(text in parts for text in _without_docstrings(self._data))


@lru_cache(maxsize=1)  # loads and links are looked for in the same file
def split(data: bytes) -> Split | None:
    """Return the code and the texts of Python source.

    Return ``None`` where a text does not end, or where code in a template holds texts with
    the template's own quotes (PEP 701): it takes a parser to tell what is what.
    """
    parts = _PIECES.split(data)
    code = b" ".join(parts[::2])
    if b'"' in code or b"'" in code:
        return None
    pieces = set(parts[1::2])
    texts = frozenset(_inside(piece) for piece in pieces if not piece.startswith(b"#"))
    if any(b"{" in text and _is_open(text) for text in texts) and _cuts_templates(data):
        return None
    return Split(data, code, texts)


def _inside(piece: bytes) -> bytes:
    """Return what stands between a text's quotes."""
    width = 3 if piece.startswith((b'"""', b"'''")) and len(piece) > 5 else 1
    return piece[width:-width]


def _is_open(text: bytes) -> bool:
    """Tell whether a text, if it is a template, ends in the middle of a hole."""
    text = _BRACES.sub(b"", text)
    return text.count(b"{") != text.count(b"}")


def _cuts_templates(data: bytes) -> bool:
    return any(
        _TEMPLATE.search(data[max(match.start() - 3, 0) : match.start()]) is not None
        for match in _PIECES.finditer(data)
        if b"{" in match[0] and not match[0].startswith(b"#") and _is_open(match[0])
    )


def _without_docstrings(data: bytes) -> Iterator[bytes]:
    """Yield the texts that are not statements by themselves."""
    end = depth = 0
    begins = True  # whether nothing but blanks stands between the statement's beginning and here
    for match in _PIECES.finditer(data):
        between = data[end : match.start()]
        end = match.end()
        depth += sum(map(between.count, (b"(", b"[", b"{")))
        depth -= sum(map(between.count, (b")", b"]", b"}")))
        newline = between.rfind(b"\n")
        if newline >= 0:
            begins = not between[:newline].rstrip(b"\r").endswith(b"\\")
        begins = begins and not between[newline + 1 :].strip()
        if not match[0].startswith(b"#"):
            if not (begins and depth == 0 and _LINE_ENDS.match(data, end)):
                yield _inside(match[0])
            begins = False


def _holds_what_remains(text: bytes) -> bool:
    """Tell whether a text holds what is left of a name, cut in two or with one letter escaped."""
    if b"LIBRARY" in text or b"SONAME" in text:
        return True
    lowered = text.lower()
    return b"pyt" in lowered or b"hon" in lowered or b"embed" in lowered


def _may_be_part(text: bytes, *, linked: bool) -> bool:
    if _LETTER.search(text):
        return True
    readings = {text}
    if b"\\" in text:  # which in a raw text escapes nothing
        readings.add(_NO_LETTER.sub(b"\n", _NOTHING.sub(b"", text)))
    for hole in _BRACE.split(text)[1:-1]:  # of a template, perhaps
        readings.update(named[1] or named[2] or b"" for named in _NAMED.finditer(hole))
    return any(may_be_part(one.decode("latin-1"), linked=linked) for one in readings)
