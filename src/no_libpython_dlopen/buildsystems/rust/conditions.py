"""Whether a statement of a ``build.rs`` runs only for systems that need the link.

By an attribute, an ``if`` or a ``match`` around it. What remains after Linux and macOS were named
is for Windows or Cygwin.
"""

from __future__ import annotations

import re

from no_libpython_dlopen.buildsystems.common.lexer_common import Token
from no_libpython_dlopen.knowledge.platforms import names_foreign

#: Rust's own test for the build of an extension module, turned round.
_WITHOUT_MODULE = re.compile(r"not\s*\(\s*feature\s*=\s*\"extension-module\"")
_NEGATIVE = re.compile(r"!=|(?<!\w)!\s*[\w(]|\bnot\s*\(")
_TELLING = re.compile(
    r"\bwindows\b|target_os|target_env|target_family|cfg!|TARGET|OS\b|env::", re.IGNORECASE
)
#: What a condition, or a pattern, has that does not hold on all of the systems that it names.
_NARROWER = re.compile(r"&&|!|\b(?:not|all)\s*\(|,|\bif\b")
_ASKING = re.compile(r"\b(?:cfg|matches)!|\A(?:else\s+)?if\b")
_LINUX = re.compile(r"\"linux\"|\bunix\b")
_MACOS = re.compile(r"\"(?:macos|darwin|apple-darwin)\"|\bunix\b")
#: Commas that stand between alternatives.
_LIST = re.compile(r"(?<=\"),(?=\s*(?:\"|[\])]))|\b(?:any|matches!)\s*\((?:(?!\bif\b)[^()!])*\)")


def is_guarded(text: str, found: list[Token], closing: dict[int, int], index: int) -> bool:
    """Return whether a statement runs only where the link is needed."""
    if index and found[index - 1].text == "]" and _is_needed(_attribute(text, found, index)):
        return True
    if _follows_arrow(found, index) and _is_needed(_head(text, found, index)):
        return True
    for opening, end in closing.items():
        if not opening < index < end or found[opening].text != "{":
            continue
        head = _head(text, found, opening)
        if _is_left_over(text, found, closing, opening, index):
            return True
        if head.rstrip().endswith("else"):
            head = _head_of_if(text, found, closing, opening)
            if head and _TELLING.search(head) and names_foreign(head) and _NEGATIVE.search(head):
                return True
        elif _is_needed(head):
            return True
    return False


def _is_needed(condition: str) -> bool:
    if _WITHOUT_MODULE.search(condition):
        return True
    return bool(
        names_foreign(condition) and re.search(r"\bif\b|=>|cfg", condition)
    ) and not _NEGATIVE.search(condition)


def _attribute(text: str, found: list[Token], index: int) -> str:
    at = index - 1
    while at and found[at].text != "#":
        at -= 1
    return text[found[at].start : found[index].start]


def _head(text: str, found: list[Token], opening: int) -> str:
    """Return the text before a block, back to the end of the statement before."""
    at = opening
    while at and found[at - 1].text not in (";", "{", "}", ","):
        at -= 1
    # `} else if …` belongs to the block's head as well.
    return text[found[at].start : found[opening].start]


def _head_of_if(text: str, found: list[Token], closing: dict[int, int], opening: int) -> str:
    """Return the head of the block that an ``else`` block follows."""
    end = opening - 2
    before = next((start for start, stop in closing.items() if stop == end), None)
    return _head(text, found, before) if before is not None else ""


def _follows_arrow(found: list[Token], index: int) -> bool:
    return index > 1 and found[index - 1].text == ">" and found[index - 2].text == "="


def _is_left_over(
    text: str, found: list[Token], closing: dict[int, int], opening: int, index: int
) -> bool:
    """Return whether Linux and macOS are named before a statement of a block, which is for others.

    So it is in the ``else`` of tests for both, and in the last arm of a ``match``.
    """
    if re.search(r"\bmatch\b", _head(text, found, opening)):
        before = _patterns_before(text, found, closing, opening, index)
    else:
        before = _conditions_before(text, found, closing, opening)
    whole = [each for each in before if not _NARROWER.search(_plain(each))]
    return any(map(_LINUX.search, whole)) and any(map(_MACOS.search, whole))


def _plain(condition: str) -> str:
    """Return a condition without the commas and marks that leave it as wide as it is."""
    return _ASKING.sub("", _LIST.sub("", condition))


def _patterns_before(
    text: str, found: list[Token], closing: dict[int, int], opening: int, index: int
) -> list[str]:
    """Return the patterns of a ``match`` before the arm that a statement is in."""
    patterns: list[str] = []
    start = at = opening + 1
    while at < index:
        if _follows_arrow(found, at):
            stop = at
            while stop < closing[opening] and found[stop].text != ",":
                stop = closing.get(stop, stop) + 1
                if found[at].text == "{":
                    break
            if index < stop:
                break
            patterns.append(text[found[start].start : found[at - 2].start])
            start = at = stop + (found[stop].text == ",")
        else:
            at = closing.get(at, at) + 1
    return patterns


def _conditions_before(
    text: str, found: list[Token], closing: dict[int, int], opening: int
) -> list[str]:
    """Return the heads of the blocks that the ``else`` before a block is about."""
    openings = {end: start for start, end in closing.items()}
    heads: list[str] = []
    block: int | None = opening
    while block is not None and _head(text, found, block).startswith("else"):
        before = block
        while found[before].text != "else":
            before -= 1
        block = openings.get(before - 1)
        if block is not None:
            first = block
            while first and found[first - 1].text not in (";", "{", "}", ","):
                first = openings.get(first - 1, first - 1)
            heads.append(text[found[first].start : found[block].start])
    return heads
