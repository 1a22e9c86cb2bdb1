"""Splits the bytes of a Python file into code and string literals, without parsing it.

``ast`` takes a hundred times as long. Most files that hold a loader's word and spell libpython
do one of both in prose: in a comment, a docstring, a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate

from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.limits import PYTHON_QUOTES

#: Comments, and literals without their prefixes ("String and Bytes literals" of the Python
#: language reference); one in single quotes ends in its line.
_WHOLE = (
    rb"#[^\r\n]*"
    rb'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|\'\'\'[^\'\\]*(?:(?:\\.|\'(?!\'\'))[^\'\\]*)*\'\'\''
    rb'|"(?!"")[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"|\'(?!\'\')[^\'\\\r\n]*(?:\\.[^\'\\\r\n]*)*\''
)
#: A literal that does not end takes all that follows, or each quote there would be tried anew.
_PIECES = re.compile(rb"(" + _WHOLE + rb"|[\"'].*)", re.DOTALL)
_PIECE = re.compile(_WHOLE, re.DOTALL)
_BRACES = re.compile(rb"\{\{|\}\}")
#: What names something in the code of a template: a text, or a call's parameter.
_NAMED = re.compile(rb"[\"']([^\"']*)|(\w+)\s*=(?!=)")
#: What a name is never without, cut in two or with one letter escaped.
_REMAINS = rb"LIBRARY|SONAME|(?i:pyt|hon|embed)"
#: Escapes: for a character by its number or name, for nothing, and for what is no letter.
_CHARACTER = re.compile(
    rb"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3]?[0-7]{1,2}|N\{[\w -]+\})"
)
_NOTHING = re.compile(rb"\\\r?\n")
_NO_LETTER = re.compile(rb"\\[\\'\"abfnrtv]")
_LINE_ENDS = re.compile(rb"[ \t\f]*(?:[#;\r\n]|\Z)")
_OPENING, _CLOSING = (b"(", b"[", b"{"), (b")", b"]", b"}")
#: What is between literals that are one text, beside the prefix of the second.
_GLUE = b" \t\f\r\n\\+()"
_TEMPLATE = re.compile(rb"(?i)(?:^|\W)(?:[ft]r?|r[ft])\Z")


class Strings:
    """The string literals of one file; ``code`` has a space where a literal or a comment is."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self.code = b" ".join(parts[::2])

    def arguments(self, pattern: bytes) -> Iterator[bytes]:
        """Yield the literals in which a pattern matches, but for statements without examples."""
        compiled = re.compile(pattern)
        for at in range(1, len(self._parts), 2):
            piece = self._parts[at]
            if not compiled.search(piece) or piece[:1] == b"#":
                continue
            if b">>>" in piece or not self._is_docstring(at):
                yield _inside(piece)

    def _is_docstring(self, at: int) -> bool:
        """Return whether a literal is a statement by itself."""
        before = self._parts[at - 1]
        newline = before.rfind(b"\n")
        if before[newline + 1 :].strip() or (newline < 0 and at > 1):
            return False
        if before[: max(newline, 0)].rstrip(b"\r").endswith(b"\\") or self._depths[at // 2]:
            return False
        return _LINE_ENDS.match(b"".join(self._parts[at + 1 : at + 3])) is not None

    @cached_property
    def _depths(self) -> list[int]:
        """How many brackets are open before each literal."""
        return list(accumulate(map(_count_brackets, self._parts[:-1:2])))

    @cached_property
    def texts(self) -> frozenset[bytes]:
        """What literals say together, several that are one text, or by escapes for letters."""
        return frozenset(_texts(self._parts))

    def may_name_libpython(self, *, linked: bool) -> bool:
        """Return whether a literal may be a part of libpython's name. ``False`` is certain.

        Docstrings are none but for their examples. In code a name is spelled by a parameter, as in
        ``dict(libpython3=...)``, or by a module. ``linked`` as in ``may_be_part``.
        """
        if any(_may_be_part(one, linked) for one in self.arguments(_REMAINS)):
            return True
        names = () if linked else set(re.findall(rb"\b(\w+)\s*=(?!=)", self.code))
        return any(_may_be_part(one, linked) for one in (*self.texts, *names))


def scan_strings(data: bytes) -> Strings | None:
    """Return the string literals of Python source.

    Return ``None`` where a literal does not end, or where code in a template holds literals
    with the template's own quotes (PEP 701): it takes a parser to tell what is what. So it does
    where there are more pieces and escapes than memory should hold.
    """
    marks = (b'"', b"'", b"#", b"\\")  # with which literals, comments and escapes begin
    if len(data) > PYTHON_QUOTES and sum(map(data.count, marks)) > PYTHON_QUOTES:
        return None
    parts = _PIECES.split(data)
    if len(parts) > 1 and not parts[-1] and not _PIECE.fullmatch(parts[-2]):
        return None
    strings = Strings(parts)
    for before, piece in zip(parts[::2], parts[1::2], strict=False):
        if b"{" in piece and piece[:1] != b"#" and _TEMPLATE.search(before[-3:]):
            text = _BRACES.sub(b"", piece)
            if text.count(b"{") != text.count(b"}"):  # it ends in the middle of a hole
                return None
    return strings


def _texts(parts: list[bytes]) -> Iterator[bytes]:
    run: list[bytes] = []
    for before, piece in zip(parts[::2], parts[1::2], strict=False):
        if run:
            prefix = before.strip(_GLUE)
            is_prefix = not prefix or (len(prefix) <= 2 and prefix.isalpha())
            if not is_prefix or (b"+" not in before and (b"(" in before or b")" in before)):
                yield from _readings(run)
                run = []
        if piece[:1] != b"#":
            run.append(piece)
    yield from _readings(run)


def _readings(run: list[bytes]) -> Iterator[bytes]:
    """Yield the text of literals that are one, as it is spelled and as its escapes say."""
    if len(run) < 2 and b"\\" not in b"".join(run):
        return
    text = b"".join(map(_inside, run))
    if len(run) > 1:
        yield text
    if b"\\" in text:
        yield _CHARACTER.sub(_decode, _NOTHING.sub(b"", text))


def _decode(escape: re.Match[bytes]) -> bytes:
    return escape[0].decode("unicode_escape", "replace").encode("latin-1", "replace")


def _inside(literal: bytes) -> bytes:
    """Return the text between a literal's quotes."""
    width = 3 if literal.startswith((b'"""', b"'''")) and len(literal) > 5 else 1
    return literal[width:-width]


def _count_brackets(code: bytes) -> int:
    return sum(map(code.count, _OPENING)) - sum(map(code.count, _CLOSING))


def _may_be_part(text: bytes, linked: bool) -> bool:
    readings = {text}
    if b"\\" in text:  # which in a raw text escapes nothing
        readings.add(_NO_LETTER.sub(b"\n", _NOTHING.sub(b"", text)))
    for hole in re.split(rb"[{}]", text)[1:-1]:  # of a template, perhaps
        readings.update(named[1] or named[2] or b"" for named in _NAMED.finditer(hole))
    return any(may_be_part(one.decode("latin-1"), linked=linked) for one in readings)
