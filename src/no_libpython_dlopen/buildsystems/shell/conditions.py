"""The truth of the shell's ``[ … ]``, ``[[ … ]]`` and ``test`` on one platform: three values."""

from __future__ import annotations

import re

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.buildsystems.commands.assumptions import Question
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.platforms import names_foreign
from no_libpython_dlopen.knowledge.target_platforms import Platform, truth_by_name
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
#: A command that only asks: ``is_windows``, ``on_mingw``, ``running_in_msys``.
_PREDICATE = re.compile(r"(?:is|on|in|running)_\w+\Z", re.IGNORECASE)
#: A regular expression of some words, which begin or end what they match: ``^(msys|cygwin)``.
_WORDS = re.compile(r"(?P<begin>\^?)\((?P<words>[\w|-]+)\)(?P<end>(?:\.\*)?\$?)")
_WORD = re.compile(r"(?P<begin>\^?)(?P<word>[\w-]+)(?P<end>(?:\.\*)?\$?)")
_NOT_LITERAL = re.compile(r"[$`*?\[\\]")


def _tested_words(words: list[str]) -> list[str] | None:
    """Return the words in the brackets of a test, or behind ``test``; ``None`` of other commands."""
    if words[0] in ("[", "[[") and words[-1] in ("]", "]]"):
        return words[1:-1]
    return words[1:] if words[0] == "test" else None


def truth(words: list[str], platform: Platform) -> bool | None:
    """Return the truth of a test, of ``true`` or ``false``; ``None`` if it is open.

    A function with a telling name, ``is_windows`` say, asks what its name says.
    """
    if words[0] in ("true", ":"):
        return True
    if words[0] == "false":
        return False
    tested = _tested_words(words)
    if tested is None:
        return truth_by_name(words[0], platform) if _PREDICATE.match(words[0]) else None
    inverted, words = False, tested
    while words[:1] == ["!"]:
        inverted, words = not inverted, words[1:]
    compared = _comparison(words, platform)
    return negation(compared) if inverted else compared


def question_of(words: list[str]) -> Question | None:
    """Return the question that a test asks of a variable; ``words`` are as the file spells them.

    >>> question_of(["[", '"x$embed"', "!=", "xyes", "]"])
    Question(subject='$embed', value='yes', inverted=True)
    """
    tested = _tested_words(words)
    if tested is None:
        return None
    inverted = tested[:1] == ["!"]
    words = tested[inverted:]
    if len(words) == 2 and words[0] in ("-n", "-z"):
        words, inverted = [words[1], "=", ""], inverted is not (words[0] == "-n")
    if len(words) != 3 or words[1] not in ("=", "==", "!="):
        return None
    left, right = (re.sub(r"[\"']", "", word) for word in (words[0], words[2]))
    if left.startswith("x") and right.startswith("x"):
        left, right = left[1:], right[1:]
    return equality(left, right, is_inverted=inverted is not (words[1] == "!="))


def equality(word: str, value: str, *, is_inverted: bool = False) -> Question | None:
    """Return the question whether a word is a literal text; ``None`` if it is no variable alone."""
    name = _VARIABLE.fullmatch(word.strip("\"'"))
    if name is None or _NOT_LITERAL.search(value):
        return None
    return Question(f"${name[1]}", value, is_inverted)


def _comparison(words: list[str], platform: Platform) -> bool | None:
    for joint, combined in (("-o", any_of), ("||", any_of), ("-a", all_of), ("&&", all_of)):
        if joint in words:
            at = words.index(joint)
            return combined(
                [_comparison(words[:at], platform), _comparison(words[at + 1 :], platform)]
            )
    if len(words) == 3 and words[1] in ("=", "==", "!="):
        left = words[0].removeprefix("x")
        right = words[2].removeprefix("x")
        truth = (
            platform_conditions.matches(left, right, platform)
            if "*" in right
            else platform_conditions.equal(left, right, platform)
        )
        return negation(truth) if words[1] == "!=" else truth
    if len(words) > 2 and words[1] == "=~":
        return _regex_matches(words[0], "".join(words[2:]), platform)
    if len(words) == 2 and words[0] in ("-n", "-z") and UNKNOWN_PART not in words[1]:
        return bool(words[1]) is (words[0] == "-n")
    return None


def _regex_matches(text: str, regex: str, platform: Platform) -> bool | None:
    """Return whether a text matches a regular expression, where that lists words."""
    several = _WORDS.fullmatch(regex)
    if several:
        parts = [several["begin"] + word + several["end"] for word in several["words"].split("|")]
    else:
        parts = regex.split("|")
    found = [_WORD.fullmatch(part) for part in parts]
    words = [one for one in found if one is not None]
    if len(words) < len(found):
        return False if names_foreign(regex) and platform.systems else None
    patterns = [
        f"{'' if one['begin'] else '*'}{one['word']}{'' if one['end'] == '$' else '*'}"
        for one in words
    ]
    return any_of([platform_conditions.matches(text, each, platform) for each in patterns])
