"""Who reads a script's variable besides the commands that were seen to link with it.

A fix takes libpython out of a variable. Other scripts get it by the environment or because they are
read into this one, a text that is written may be given to a linker later, and a test may find the
variable empty; those are not followed, so the fix tells of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_fact import make_fix
from no_libpython_dlopen.model.finding import Fix

#: Commands that write what they are given into a file, or hand it to another program.
WRITES = re.compile(
    r"\b(?:echo|printf|sed|awk|perl|cat|tee)\b[^\r\n]{0,400}?(?:>(?!&)|\|)"
    r"|\bsed\b[^\r\n]{0,400}\s-i|\$[({]file[ \t]"
)
_SHOWS = re.compile(r"\b(?:echo|printf)\b")
_ASSIGNED = re.compile(r"(?:^|[\s;&|(])(?P<name>[A-Za-z_]\w*)\+?=(?:\([^)]*|[^;\r\n]*)\Z")
#: So much before a place may belong to the assignment that it is in.
_BEFORE = 2000
_SHARES = re.compile(r"^[ \t]*set[ \t]+(?:-\w*a\b|-o[ \t]+allexport)", re.MULTILINE)
_READS_SCRIPT = re.compile(r"^[ \t]*(?:\.|source)[ \t]+\S", re.MULTILINE)
#: The text of a here-document, as far as it is short.
_HERE = re.compile(
    r"<<-?[ \t]*[\"']?(?P<end>\w+)[\"']?.{0,4000}?^[ \t]*(?P=end)[ \t]*\r?$",
    re.MULTILINE | re.DOTALL,
)
_SET = re.compile(r"(?<![\w$])(?P<name>[A-Za-z_]\w*)\+?=(?P<value>[^\r\n;&|]*)")
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_EXPORTED = re.compile(r"\b(?:export|(?:declare|local|typeset)[ \t]+-\w*x)(?P<names>[^\r\n;&|]*)")
_TESTED = re.compile(r"\$\{(\w+):?[?+]")
_CASE = re.compile(r"\bcase[ \t]+\"?\$\{?(\w+)")
_PICKED = re.compile(r"\$\{(\w+)(?:\[\d+\]|:\d)")
#: What runs a text as commands later, and what reads variables whose names are values.
_RUNS_TEXT = re.compile(r"^.*(?:\btrap|\b(?:ba|da|z|k)?sh[ \t]+-\w*c)\b.*$", re.MULTILINE)
_BY_NAME = re.compile(r"(?<![\w/.-])eval\b(?!\.)|\$\{!|\b(?:declare|local|typeset)[ \t]+-\w*n\b")
_QUOTED = re.compile(r"[\s(]\"\$\{?(\w+)\}?\"(?=[\s)]|\Z)")


class ScriptVariables:
    """The readers of the variables of one script, to which some were ``exported``."""

    def __init__(self, text: str, exported: frozenset[str] = frozenset()) -> None:
        self.text = text
        self._exported = exported
        self._known: dict[str, tuple[str, ...]] = {}

    def with_caveats(self, fix: Fix | str, span: Span) -> Fix | str:
        """Return a fix that tells who else reads the variable whose value holds a place."""
        match = _ASSIGNED.search(self.text[max(0, span[0] - _BEFORE) : span[0]])
        if isinstance(fix, str) or match is None:
            return fix
        name = match["name"]
        if name not in self._known:
            found = (each for made in self._names_made_of(name) for each in self._caveats(made))
            self._known[name] = tuple(dict.fromkeys(found))
        caveats = self._known[name]
        return make_fix(fix.message, fix.edits, (*fix.caveats, *caveats)) if caveats else fix

    def _names_made_of(self, name: str) -> list[str]:
        """Return a variable, and those whose values contain it."""
        found = [name]
        for each in found:
            found += [user for user in self._made_of.get(each, ()) if user not in found]
        return found

    @cached_property
    def _made_of(self) -> dict[str, list[str]]:
        """The variables whose values refer to each variable."""
        found: dict[str, list[str]] = {}
        for match in _SET.finditer(self.text):
            for name in _REFERENCE.findall(match["value"]):
                found.setdefault(name, []).append(match["name"])
        return found

    @cached_property
    def _readers(self) -> list[tuple[Collection[str], str]]:
        """What reads variables: which ones, and what is said of them."""
        lines = self.text.splitlines()
        written = [match[0] for match in _HERE.finditer(self.text)]
        written += [line for line in lines if WRITES.search(line)]
        commands = "\n".join(line for line in lines if not _SHOWS.search(line))
        exported = (name for part in _EXPORTED.findall(self.text) for name in _NAME.findall(part))
        return [
            (self._exported.union(exported), "`{}` is exported to everything that the script runs"),
            (set(_REFERENCE.findall("\n".join(written))), "`{}` is written into a text"),
            (set(_TESTED.findall(self.text)), "a condition of the script reads `{}`"),
            (set(_CASE.findall(self.text)), "a condition of the script reads `{}`"),
            (
                set(_REFERENCE.findall("\n".join(_RUNS_TEXT.findall(self.text)))),
                "a text that is run later uses `{}`",
            ),
            (set(_PICKED.findall(self.text)), "the script selects words of `{}` by position"),
            (
                set(_QUOTED.findall(commands)),
                "an empty `{}` in quotation marks is an argument of its own",
            ),
        ]

    @cached_property
    def _said_of_all(self) -> list[str]:
        said = [
            (_SHARES, "`{}` is exported to everything that the script runs"),
            (_BY_NAME, "what `eval` or a name in a variable reads may be `{}`"),
            (_READS_SCRIPT, "a script that is read into this one may use `{}`, too"),
        ]
        return [says for pattern, says in said if pattern.search(self.text)]

    def _caveats(self, name: str) -> Iterator[str]:
        yield from (says.format(name) for says in self._said_of_all)
        yield from (says.format(name) for names, says in self._readers if name in names)
