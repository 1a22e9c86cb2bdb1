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


class Guards:
    """The conditions of a file's statements; ``closing`` has the end of each of its brackets."""

    def __init__(self, text: str, found: list[Token], closing: dict[int, int]) -> None:
        self._text = text
        self._found = found
        self._closing = closing
        self._openings = {end: start for start, end in closing.items()}
        #: Whether Linux and macOS are named before a block, of the blocks that were asked for.
        self._named: dict[int, tuple[bool, bool]] = {}

    def is_guarded(self, index: int) -> bool:
        """Return whether a statement runs only where the link is needed."""
        text, found = self._text, self._found
        if index and found[index - 1].text == "]" and _is_needed(_attribute(text, found, index)):
            return True
        if _follows_arrow(found, index) and _is_needed(_head(text, found, index)):
            return True
        for opening, end in self._closing.items():
            if not opening < index < end or found[opening].text != "{":
                continue
            head = _head(text, found, opening)
            if self._is_left_over(opening, index):
                return True
            if head.rstrip().endswith("else"):
                head = self._head_of_if(opening)
                if (
                    head
                    and _TELLING.search(head)
                    and names_foreign(head)
                    and _NEGATIVE.search(head)
                ):
                    return True
            elif _is_needed(head):
                return True
        return False

    def _head_of_if(self, opening: int) -> str:
        """Return the head of the block that an ``else`` block follows."""
        before = self._openings.get(opening - 2)
        return _head(self._text, self._found, before) if before is not None else ""

    def _is_left_over(self, opening: int, index: int) -> bool:
        """Return whether a statement of a block is for other systems than Linux and macOS.

        So it is in the ``else`` of tests for both, and in the last arm of a ``match``.
        """
        if not re.search(r"\bmatch\b", _head(self._text, self._found, opening)):
            return all(self._systems_before(opening))
        patterns = _patterns_before(self._text, self._found, self._closing, opening, index)
        named = [_names_wholly(each) for each in patterns]
        return any(linux for linux, _ in named) and any(macos for _, macos in named)

    def _systems_before(self, opening: int) -> tuple[bool, bool]:
        """Return whether the tests before the ``else`` of a block name Linux, and whether macOS."""
        chain: list[tuple[int, int | None]] = []
        block: int | None = opening
        while block is not None and block not in self._named:
            chain.append((block, self._block_before(block)))
            block = chain[-1][1]
        linux, macos = (False, False) if block is None else self._named[block]
        for each, before in reversed(chain):
            if before is not None:
                on_linux, on_macos = _names_wholly(self._whole_head(before))
                linux, macos = linux or on_linux, macos or on_macos
            self._named[each] = linux, macos
        return linux, macos

    def _block_before(self, opening: int) -> int | None:
        """Return the block that the ``else`` of a block follows."""
        if not _head(self._text, self._found, opening).startswith("else"):
            return None
        at = opening
        while self._found[at].text != "else":
            at -= 1
        return self._openings.get(at - 1)

    def _whole_head(self, opening: int) -> str:
        """Return the text before a block, with the brackets in it."""
        at = opening
        while at and self._found[at - 1].text not in (";", "{", "}", ","):
            at = self._openings.get(at - 1, at - 1)
        return self._text[self._found[at].start : self._found[opening].start]


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


def _follows_arrow(found: list[Token], index: int) -> bool:
    return index > 1 and found[index - 1].text == ">" and found[index - 2].text == "="


def _names_wholly(condition: str) -> tuple[bool, bool]:
    """Return whether a condition, or a pattern, holds on Linux, and whether on macOS."""
    if _NARROWER.search(_plain(condition)):
        return False, False
    return _LINUX.search(condition) is not None, _MACOS.search(condition) is not None


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
