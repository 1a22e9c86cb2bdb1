"""Whether a version meets a specifier such as ``>=0.1,<2`` or ``==1.*``.

Of PEP 440's comparisons those of release numbers; ``packaging`` is no dependency of a check.
"""

from __future__ import annotations

import re

from no_libpython_dlopen.config.table import one_line

_CLAUSE = re.compile(
    r"(?P<operator>===?|~=|!=|<=|>=|<|>|)\s*v?(?P<release>\d+(?:\.\d+)*)(?P<rest>\.\*)?"
)
#: What follows the release in a version that is not final, or is local.
_SUFFIX = re.compile(
    r"[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)(?![a-z])[\w.+-]*|\+[\w.-]+",
    re.IGNORECASE,
)


def is_met(specifier: str, version: str) -> bool:
    """Return whether ``version`` meets all clauses; raises ``ValueError`` for no specifier."""
    return False not in [_meets(clause, version) for clause in specifier.split(",")]


def _meets(clause: str, version: str) -> bool:
    clause = clause.strip()
    match = _CLAUSE.match(clause)
    operator = match["operator"] or "==" if match else ""
    if (
        match is None
        or (match["rest"] and operator not in ("==", "!="))
        or (operator == "~=" and "." not in match["release"])
    ):
        raise ValueError(f"not a version specifier: {one_line(clause)}")
    if match.end() < len(clause):
        if match["rest"] or not _SUFFIX.fullmatch(clause, match.end()):
            raise ValueError(f"not a version specifier: {one_line(clause)}")
        raise ValueError(
            f"{one_line(clause)}: only release numbers are compared; write `{one_line(match[0])}`"
        )
    asked = _numbers(match["release"])
    found = re.match(r"\d+(?:\.\d+)*", version)
    release = _numbers(found[0]) if found else ()
    if operator == "~=":
        return release >= asked and release[: len(asked) - 1] == asked[:-1]
    if match["rest"]:
        return (release[: len(asked)] == asked) == (operator == "==")
    width = max(len(asked), len(release))
    one, other = (part + (0,) * (width - len(part)) for part in (release, asked))
    return {
        "==": one == other,
        "===": one == other,
        "!=": one != other,
        "<=": one <= other,
        ">=": one >= other,
        "<": one < other,
        ">": one > other,
    }[operator]


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))
