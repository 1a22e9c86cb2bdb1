"""The truth of a makefile's conditions in one platform, in three values."""

from __future__ import annotations

import re

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.buildsystems.commands.assumptions import Question
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.make.expansion import Expander
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import Platform, truth_by_name
from no_libpython_dlopen.knowledge.three_valued import negation

#: What a condition's line begins with; Automake has `if` alone.
KEYWORD = re.compile(r"\s*(ifeq|ifneq|ifdef|ifndef|else|if)\b[ \t]*")
_NAME = re.compile(r"\$[({]([\w.]+)[)}]")


def truth(condition: TrackedText, expander: Expander, platform: Platform) -> bool | None:
    """Return the truth of ``ifeq (a,b)`` and its like, ``None`` for what stays open."""
    keyword = KEYWORD.match(condition.text)
    if keyword is None:
        return None
    rest = condition.part(keyword.end(), len(condition)).strip()
    word = keyword[1]
    if word == "if":
        name = rest.text.strip()
        named = truth_by_name(name.lstrip("! "), platform)
        return negation(named) if name.startswith("!") else named
    if word in ("ifdef", "ifndef"):
        defined = _is_defined(expander.expand(rest).text.strip(), expander, platform)
        return defined if word == "ifdef" else negation(defined)
    sides = _sides(rest)
    if sides is None:
        return None
    equal = _equal(*sides, expander, platform)
    return equal if word == "ifeq" else negation(equal)


def question_of(condition: str) -> Question | None:
    """Return the question of a condition, whose text means the same until a variable is assigned.

    >>> question_of("ifneq ($(EMBED),yes)")
    Question(subject='$(EMBED)', value='yes', inverted=True)
    """
    keyword = KEYWORD.match(condition)
    if keyword is None:
        return None
    word, rest = keyword[1], condition[keyword.end() :].strip()
    if word == "if":
        return Question(f"if {rest.lstrip('! ')}", "", rest.startswith("!"))
    if word in ("ifdef", "ifndef"):
        return Question(f"ifdef {rest}", "", word == "ifndef")
    found = sides(rest)
    if word not in ("ifeq", "ifneq") or found is None:
        return None
    left, right = (rest[slice(*span)].strip() for span in found)
    if "$" not in left:
        left, right = right, left
    return Question(left, right, word == "ifneq") if "$" not in right else None


def _is_defined(name: str, expander: Expander, platform: Platform) -> bool | None:
    found = expander.variables.get(name)
    if found is not None:
        return bool(found.value.text)
    known = platform_conditions.environment(name, platform)
    return truth_by_name(name, platform) if known is None else bool(known)


def _equal(
    left: TrackedText, right: TrackedText, expander: Expander, platform: Platform
) -> bool | None:
    """Return whether two sides are equal, an unset variable with a telling name too."""
    values = [expander.expand(side).text.strip() for side in (left, right)]
    for side, other in ((left, values[1]), (right, values[0])):
        name = _NAME.fullmatch(side.text.strip())
        if name and name[1] not in expander.variables and UNKNOWN_PART not in other:
            decided = platform_conditions.flag(name[1], other, platform)
            if decided is not None:
                return decided
    return platform_conditions.equal(values[0], values[1], platform)


def _sides(text: TrackedText) -> tuple[TrackedText, TrackedText] | None:
    found = sides(text.text)
    return (text.part(*found[0]), text.part(*found[1])) if found else None


def sides(string: str) -> tuple[Span, Span] | None:
    """Return the offsets of the two sides of a comparison, in either of make's spellings."""
    if string.startswith("("):
        depth = 0
        comma = None
        for match in re.compile(r"[(){},]").finditer(string):
            if match[0] in "({":
                depth += 1
            elif match[0] in ")}":
                depth -= 1
                if depth == 0 and comma is not None:
                    return (1, comma), (comma + 1, match.start())
            elif depth == 1 and comma is None:
                comma = match.start()
        return None
    found = re.match(r"""(?:"([^"]*)"|'([^']*)')\s*(?:"([^"]*)"|'([^']*)')""", string)
    if found is None:
        return None
    left, right = (index for index in range(1, 5) if found[index] is not None)
    return found.span(left), found.span(right)
