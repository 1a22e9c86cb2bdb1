"""Patterns as names with unknown parts: of ``glob`` and ``fnmatch``, and regular expressions."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

#: One thing that a regular expression matches, and how often.
_TOKEN = re.compile(
    r"(?P<anchor>\\[AbBZ]|[\^$])"
    r"|(?:(?P<open>\((?:\?(?:P<\w+>|:))?)|(?P<close>\))"
    r"|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDwWsS]|\.)|\\(?P<escaped>\W)|(?P<letter>[^\\(|*+?{]))"
    r"(?P<often>[*+?]\??|\{[\d,]+\}\??)?",
    re.DOTALL,
)


def glob_text(pattern: str) -> str:
    """Return a pattern of ``glob`` as a name with unknown parts.

    >>> glob_text("lib[!x]*.so").split(UNKNOWN_PART)
    ['lib', '', '.so']
    """
    out: list[str] = []
    inside = False
    for letter in pattern:
        if letter == "[":
            inside = True
        if inside or letter in "*?":
            out.append(UNKNOWN_PART)
            inside = inside and letter != "]"
        else:
            out.append(letter)
    return "".join(out)


def regex_text(pattern: str, function: str) -> str:
    """Return the match of ``re.match``, ``fullmatch`` or ``search``: a name with unknown parts.

    Of alternatives in a group nothing is known, of others or what looks around nothing at all.

    >>> regex_text(r"^lib(\\w+)\\.so$", "search").split(UNKNOWN_PART)
    ['lib', '.so']
    """
    out: list[str] = []
    starts: list[int] = []
    either: set[int] = set()
    position, is_open_start, is_open_end = 0, function == "search", function != "fullmatch"
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            if pattern[position] != "|" or not starts:
                return UNKNOWN_PART
            either.add(starts[-1])
            position += 1
            continue
        if token["anchor"]:
            is_open_start = is_open_start and position > 0
            is_open_end = is_open_end and token.end() < len(pattern)
        elif token["open"]:
            starts.append(len(out))
        elif token["close"]:
            if not starts:
                return UNKNOWN_PART
            start = starts.pop()
            if token["often"] or start in either:
                either.discard(start)
                out[start:] = [UNKNOWN_PART]
        else:
            found = token["escaped"] or token["letter"]
            out.append(UNKNOWN_PART if token["often"] or not found else found)
        position = token.end()
    text = UNKNOWN_PART * is_open_start + "".join(out) + UNKNOWN_PART * is_open_end
    return UNKNOWN_PART if starts else text


def replace_literal(pattern: str, new: str, text: str) -> str:
    """Return the value of ``re.sub`` if its pattern is a text with or without ``$``.

    >>> replace_literal(r"\\.a$", ".so", "libspam.a")
    'libspam.so'
    """
    old = regex_text(pattern, "fullmatch")
    if not old or UNKNOWN_PART in old or "\\" in new or pattern.startswith("^"):
        return UNKNOWN_PART
    if not pattern.endswith("$"):
        return text.replace(old, new)
    return text.removesuffix(old) + new if text.endswith(old) else text
