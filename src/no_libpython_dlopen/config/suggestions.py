"""The key, option, command or table that was probably meant by a name that does not exist.

``difflib`` alone takes ``file`` for ``fixable``: a suggestion that is far off costs more time
than none.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: What other tools call a key, an option or a command; empty where nothing here does the same.
_CALLED_ELSEWHERE = {
    "extend-ignore": "ignore",
    "disable": "ignore",
    "unselect": "ignore",
    "enable": "select",
    "format": "output-format",
    "json": "output-format",
    "sarif": "output-format",
    "gitignore": "respect-gitignore",
    "use-gitignore": "respect-gitignore",
    "dry-run": "diff",
    "lint": "check",
    "scan": "check",
    "audit": "check",
    "list": "rules",
    "lsp": "server",
    "include": "",
    "fix": "",
}
#: Below this share of common letters, two names are not taken for one.
_LIKENESS = 0.75


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the one of ``known`` that was probably meant by ``name``, empty where none is near."""
    from difflib import get_close_matches

    every = [*known]
    name = name.lower().replace("_", "-")
    elsewhere = _CALLED_ELSEWHERE.get(name)
    if elsewhere is not None and (not elsewhere or elsewhere in every):
        return elsewhere
    longer = [one for one in every if len(name) > 2 and one.startswith(f"{name}-")]
    close = longer if len(longer) == 1 else get_close_matches(name, every, 1, _LIKENESS)
    return close[0] if close else ""


def is_nearly(name: str, known: str) -> bool:
    """Return whether ``name`` is ``known``, or probably a misspelling of it."""
    return suggest(name, (known,)) == known
