"""The truth of the shell's ``[ … ]``, ``[[ … ]]`` and ``test`` on one platform: three values."""

from __future__ import annotations

import re

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation


def truth(words: list[str], platform: Platform) -> bool | None:
    """Return the truth of a test, of ``true`` or ``false``; ``None`` if it is open."""
    if words[0] in ("true", ":"):
        return True
    if words[0] == "false":
        return False
    if words[0] in ("[", "[[") and words[-1] in ("]", "]]"):
        words = words[1:-1]
    elif words[0] == "test":
        words = words[1:]
    else:
        return None
    inverted = False
    while words[:1] == ["!"]:
        inverted, words = not inverted, words[1:]
    compared = _comparison(words, platform)
    return negation(compared) if inverted else compared


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
    if len(words) == 3 and words[1] == "=~":
        known = UNKNOWN_PART not in words[0] and re.escape(words[2]) == words[2].replace("-", r"\-")
        if known:
            return words[2] in words[0]
        return False if platform_conditions.is_foreign(words[2]) and platform.systems else None
    if len(words) == 2 and words[0] in ("-n", "-z") and UNKNOWN_PART not in words[1]:
        return bool(words[1]) is (words[0] == "-n")
    return None
