"""Who reads a script's variable besides the commands that were seen to link with it.

A fix takes libpython out of a variable. Other scripts get it by the environment or because they are
read into this one, a text that is written may be given to a linker later, and a test may find the
variable empty; those are not followed, so the fix tells of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
#: Parts of a command line, of a length that people write.
_PART = r"[^\r\n;&|]{0,400}"


def with_caveats(fix: Fix | str, text: str, span: Span) -> Fix | str:
    """Return a fix that tells who else reads the variable whose value holds a place."""
    match = _ASSIGNED.search(text[max(0, span[0] - _BEFORE) : span[0]])
    if isinstance(fix, str) or match is None:
        return fix
    caveats = tuple(dict.fromkeys(_caveats(text, _names_made_of(text, match["name"]))))
    return make_fix(fix.message, fix.edits, (*fix.caveats, *caveats)) if caveats else fix


def _names_made_of(text: str, name: str) -> list[str]:
    """Return a variable, and those whose values contain it."""
    found = [name]
    for each in found:
        made = re.finditer(rf"(?<![\w$])([A-Za-z_]\w*)\+?={_PART}\$\{{?{each}\b", text)
        found += [new for new in dict.fromkeys(one[1] for one in made) if new not in found]
    return found


def _caveats(text: str, names: list[str]) -> Iterator[str]:
    texts = [match[0] for match in _HERE.finditer(text)]
    texts += [line for line in text.splitlines() if WRITES.search(line)]
    written = "\n".join(texts)
    others = "\n".join(line for line in text.splitlines() if not _SHOWS.search(line))
    shares, reads = _SHARES.search(text), _READS_SCRIPT.search(text)
    for name in names:
        of_name = rf"\$\{{?{name}\b"
        if shares or re.search(rf"\b(?:export|declare[ \t]+-\w*x){_PART}\b{name}\b", text):
            yield f"`{name}` is exported to all that the script runs"
        if reads:
            yield f"a script that is read into this one may use `{name}`, too"
        if re.search(of_name, written):
            yield f"`{name}` is written into a text"
        if re.search(rf"\$\{{{name}:?[?+]|\bcase[ \t]+\"?{of_name}", text):
            yield f"a condition of the script reads `{name}`"
        if re.search(rf"\$\{{{name}(?:\[\d+\]|:\d)", text):
            yield f"the script selects words of `{name}` by position"
        if re.search(rf"[\s(]\"\$(?:{name}|\{{{name}\}})\"(?=[\s)]|\Z)", others):
            yield f"an empty `{name}` in quotation marks is an argument of its own"
