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
    "extend-fixable": "fixable",
    "extend-unfixable": "unfixable",
    "disable": "ignore",
    "unselect": "ignore",
    "enable": "select",
    "format": "output-format",
    "json": "output-format",
    "sarif": "output-format",
    "full": "text",
    "plain": "text",
    "gitignore": "respect-gitignore",
    "use-gitignore": "respect-gitignore",
    "dry-run": "diff",
    "no-exit-codes": "exit-zero",
    "show-source": "output-format",
    "lint": "check",
    "analyze": "check",
    "scan": "check",
    "audit": "check",
    "list": "rules",
    "linter": "rules",
    "generate-shell-completion": "completion",
    "lsp": "server",
    "include": "",
    "fix": "",
}
#: Options of ruff, uv and zizmor that have no counterpart, and what to do in place of them.
_WITHOUT_COUNTERPART = {
    "--add-ignore": "use --add-noqa, which writes the form of comment that suits the file type",
    "--no-cache": "nolibpy keeps no cache",
    "--cache-dir": "nolibpy keeps no cache",
    "--show-settings": "`nolibpy config` shows the settings",
    "--no-fix": "`nolibpy check` fixes nothing unless --fix is given",
    "--fix-only": "`nolibpy fix --exit-zero` fixes, and ignores what is left",
    "--exit-non-zero-on-fix": "`nolibpy fix --diff` exits with 1 if it would fix something",
    "--color": "use --no-color, or set NO_COLOR=1 or FORCE_COLOR=1",
    "--silent": "redirect the output of `nolibpy check --quiet`, and use its exit status",
    "--no-progress": "progress is shown on terminals only, and --quiet hides it",
    "--preview": "nolibpy has no preview rules",
    "--target-version": "all versions of Python are considered",
    "--version": "it comes without a command: `nolibpy --version`",
    "-n": "nolibpy keeps no cache",
    "-s": "redirect the output of `nolibpy check --quiet`, and use its exit status",
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


def advise(option: str) -> str:
    """Return the advice on an option that only other tools have, empty for others."""
    return _WITHOUT_COUNTERPART.get(option, "")


def resembles(name: str, known: str) -> bool:
    """Return whether ``name`` is ``known``, or probably a misspelling of it."""
    return suggest(name, (known,)) == known
