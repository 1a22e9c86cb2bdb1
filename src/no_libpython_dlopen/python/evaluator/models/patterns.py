"""Patterns as names with unknown parts: of ``glob`` and ``fnmatch``, and regular expressions."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

#: One thing that a regular expression matches, and how often.
_TOKEN = re.compile(
    r"(?P<anchor>\\[AbBZ]|[\^$])|(?P<flags>\(\?[aimsux]+\))"
    r"|(?:(?P<open>\((?:\?(?:P<(?P<name>\w+)>|[aimsux]*:))?)|(?P<close>\))"
    r"|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDwWsS]|\.)|\\(?P<escaped>\W)|(?P<letter>[^\\(|*+?{]))"
    r"(?P<often>[*+?]\??|\{[\d,]+\}\??)?",
    re.DOTALL,
)
#: What stands for several texts in a pattern of ``glob``: one letter, any, or one of a class.
_GLOB_PART = re.compile(r"[*?]|\[!?\]?[^\]]*\]?")
#: A name of libpython that ends in an unknown part, before which the dot of its suffix may be.
_INCOMPLETE = re.compile(rf"(libpython3(?P<minor>\.\d+)?){UNKNOWN_PART}+(?P<ending>so)?\Z")


def glob_text(pattern: str) -> str:
    """Return a pattern of ``glob`` as a name with unknown parts.

    >>> glob_text("lib[!x]*.so").split(UNKNOWN_PART)
    ['lib', '', '.so']
    >>> glob_text("lib[]!x]a?").split(UNKNOWN_PART)
    ['lib', 'a', '']
    """
    return complete(_GLOB_PART.sub(UNKNOWN_PART, pattern))


def complete(text: str) -> str:
    r"""Return a file's name with a dot behind ``libpython3``, or its version: no other can be opened.

    >>> complete("libpython3\0").split(UNKNOWN_PART), complete("libpython3.1\0").split(UNKNOWN_PART)
    (['libpython3.', ''], ['libpython3.1', '.', ''])
    """
    return _INCOMPLETE.sub(_with_dot, text)


def _with_dot(found: re.Match[str]) -> str:
    unknown = UNKNOWN_PART if found["minor"] or found["ending"] else ""
    return f"{found[1]}{unknown}." + (found["ending"] or UNKNOWN_PART)


def regex_of_glob(pattern: str) -> str:
    """Return the value of ``fnmatch.translate``, up to what the unknown parts are."""
    return ".*".join(map(re.escape, glob_text(pattern).split(UNKNOWN_PART))) + r"\Z"


def regex_text(pattern: str, function: str) -> str:
    """Return the texts that ``re.match``, ``fullmatch`` or ``search`` accept, as a name.

    Of alternatives in a group nothing is known, of others or what looks around nothing at all.

    >>> regex_text(r"^lib(\\w+)\\.so$", "search").split(UNKNOWN_PART)
    ['lib', '.so']
    """
    groups, is_open_start, is_open_end = _match(pattern)
    before = UNKNOWN_PART * (is_open_start and function == "search")
    return before + groups[0] + UNKNOWN_PART * (is_open_end and function != "fullmatch")


def regex_groups(pattern: str) -> dict[int | str, str]:
    """Return the whole match of a pattern as number 0, and its groups by number and by name.

    >>> regex_groups(r"=> (?P<path>/lib\\.so)")["path"]
    '/lib.so'
    """
    return _match(pattern)[0]


def _match(pattern: str) -> tuple[dict[int | str, str], bool, bool]:
    """Return the groups of a match, and whether something may stand before and behind it."""
    out: list[str] = []
    starts: list[tuple[int, int, str]] = []
    groups: dict[int | str, str] = {}
    either: set[int] = set()
    position, count, is_open_start, is_open_end = 0, 0, True, True
    nothing: tuple[dict[int | str, str], bool, bool] = ({0: UNKNOWN_PART}, True, True)
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            if pattern[position] != "|" or not starts:
                return nothing
            either.add(starts[-1][0])
            position += 1
            continue
        if token["anchor"]:
            is_open_start = is_open_start and bool(out)
            is_open_end = is_open_end and token.end() < len(pattern)
        elif token["open"]:
            is_group = token["open"] == "(" or bool(token["name"])
            count += is_group
            starts.append((len(out), count * is_group, token["name"] or ""))
        elif token["close"]:
            if not starts:
                return nothing
            start, number, name = starts.pop()
            if start in either:
                either.discard(start)
                out[start:] = [UNKNOWN_PART]
            groups |= {key: "".join(out[start:]) for key in (number, name) if key}
            if token["often"]:
                out[start:] = [UNKNOWN_PART]
        elif not token["flags"]:
            found = token["escaped"] or token["letter"]
            out.append(UNKNOWN_PART if token["often"] or not found else found)
        position = token.end()
    return nothing if starts else ({**groups, 0: "".join(out)}, is_open_start, is_open_end)


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
