"""Who reads a makefile's variable besides the rules that were run: conditions and other makefiles.

A fix takes libpython out of a variable. What tests whether the variable has a value may then
choose another branch, and a makefile that is included, or that includes this one, may link a
program with it; those are not run, so the fix tells which of them names the variable.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_fact import make_fix
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.make.lexer import Line
from no_libpython_dlopen.buildsystems.shell.variable_uses import WRITES
from no_libpython_dlopen.model.finding import Fix
from no_libpython_dlopen.model.source import Source

_NAME = re.compile(r"[\w.-]+")
_REFERENCE = re.compile(r"\$[({](?P<name>[\w.-]+)")
_OF_TARGET = re.compile(r":\s*(?:(?:override|export|private)\s+)*(?P<name>[\w.-]+)\s*[:+?]*=")
#: Conditions of make, and the function whose first argument is one.
_CONDITION = re.compile(r"[ \t]*(?:else[ \t]+)?if(?:n?eq|n?def)\b")
_IF = re.compile(r"\$[({](?:if|and|or)[ \t](?P<condition>[^,\r\n]*)")
_BY_POSITION = re.compile(
    r"\$[({](?:word|words|wordlist|firstword|lastword)[ \t](?P<list>[^\r\n]*)"
)
#: Functions that take the name of a variable, and references that take parts of its words.
_BY_NAME = re.compile(r"\$[({](?:value|origin|flavor)[ \t]+(?P<name>[\w.-]+)")
_PARTS = re.compile(r"\$[({](?P<name>[\w.-]+):(?!\.(?:c\w*|o|so)=)")
#: What makes every variable one of the environment.
_EXPORTS_ALL = re.compile(r"^(?:[ \t]*export|\.EXPORT_ALL_VARIABLES[ \t]*:.*)[ \t]*$", re.MULTILINE)
_EXPORT = re.compile(r"[ \t]*export[ \t]+(?P<names>.+)", re.DOTALL)
_EVAL = re.compile(r"\$[({]eval\b")
_INCLUDE = re.compile(r"[ \t]*[-s]?include[ \t]+(?P<names>[^#\r\n]+)")
#: What compilers write, which holds no links.
_DEPENDENCIES = re.compile(r"\.d\b|dep|\$[({][^)}]*:[^)}]*=[^)}]*\.d[)}]", re.IGNORECASE)
_OWN_FOLDER = re.compile(r"(?:\$[({](?:srcdir|CURDIR)[)}]|\.)/")
_MAKEFILES = ("Makefile", "GNUmakefile", "makefile", "Makefile.am", "Makefile.in")
#: Folders above a fragment in which the makefile that includes it is looked for.
_LEVELS = 3


class VariableUses:
    """The uses of one makefile's variables that are not seen by running its rules."""

    def __init__(self, source: Source, lines: Sequence[Line]) -> None:
        self.text = source.text
        self.path = source.path
        self.lines = lines

    def with_caveats(self, fix: Fix | str, span: Span) -> Fix | str:
        """Return a fix that tells who else reads the variable whose value holds a place."""
        if isinstance(fix, str):
            return fix
        names = self._names_holding(span)
        caveats = [*self._caveats(names)] if names else []
        return make_fix(fix.message, fix.edits, (*fix.caveats, *caveats)) if caveats else fix

    def _names_holding(self, span: Span) -> list[str]:
        """Return the variable that is set at a place, and those that are made of it."""
        index = bisect_right(self._starts, span[0]) - 1
        line = self.lines[index] if index >= 0 else None
        found: list[str] = []
        if line is not None and line.kind == "assignment":
            found = [line.name]
        elif line is not None and line.kind == "rule":
            match = _OF_TARGET.search(self.text, line.start, line.end)
            found = [match["name"]] if match else []
        known = set(found)
        for name in found:
            new = [user for user in self._made_of.get(name, ()) if user not in known]
            known.update(new)
            found += dict.fromkeys(new)
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [line.start for line in self.lines]

    @cached_property
    def _made_of(self) -> dict[str, list[str]]:
        """The variables whose values refer to each variable."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line.kind == "assignment":
                for match in _REFERENCE.finditer(self.text, line.value, line.end):
                    found.setdefault(match["name"], []).append(line.name)
        return found

    def _caveats(self, names: list[str]) -> Iterator[str]:
        if _EXPORTS_ALL.search(self.text):
            yield f"`{names[0]}` is exported to everything that the recipes run"
        for words, says in self._readers:
            yield from (says.format(name) for name in names if name in words)
        for shown, others in self._other_makefiles:
            if others is None:
                yield f"`{shown}` may use `{names[0]}`, too"
            else:
                yield from (f"`{shown}` uses `{name}`, too" for name in names if name in others)

    @cached_property
    def _readers(self) -> list[tuple[set[str], str]]:
        """What reads variables: its words, and what is said of a variable among them."""
        conditions = [match["condition"] for match in _IF.finditer(self.text)]
        picked = [match["list"] for match in _BY_POSITION.finditer(self.text)]
        evaluates = _EVAL.search(self.text) is not None
        exported: list[str] = []
        written: list[str] = []
        evaluated: list[str] = []
        for line in self.lines:
            words = self.text[line.start : line.end]
            if line.kind in ("if", "else") and _CONDITION.match(words):
                conditions.append(words)
            elif line.kind in ("assignment", "other") and (match := _EXPORT.match(words)):
                exported.append(line.name or match["names"])
            elif line.kind in ("recipe", "text") and WRITES.search(words):
                written.append(words)
            if evaluates and (line.kind == "text" or _EVAL.search(words)):
                evaluated.append(words)
        return [
            (_words(conditions), "a condition of the makefile reads `{}`"),
            (_words(picked), "the makefile selects words of `{}` by position"),
            ({*_PARTS.findall(self.text)}, "the makefile takes parts of the words of `{}`"),
            ({*_BY_NAME.findall(self.text)}, "the makefile reads `{}` by its name"),
            (_words(exported), "`{}` is exported to everything that the recipes run"),
            (_words(written), "a recipe writes `{}` into a text"),
            ({"AM_MAKEFLAGS", "MAKEFLAGS"}, "`{}` passes the variable to other makefiles"),
            (_words(evaluated), "what `$(eval)` reads may use `{}`, too"),
        ]

    @cached_property
    def _other_makefiles(self) -> list[tuple[str, set[str] | None]]:
        """The words of makefiles that read this one's variables; ``None`` if not found."""
        return [
            (shown, None if text is None else _words([text]))
            for shown, text in self._related_makefiles()
        ]

    def _related_makefiles(self) -> Iterator[tuple[str, str | None]]:
        """Yield the makefiles that are included, and those that include this one."""
        folder, name = os.path.split(os.path.abspath(self.path))
        for line in self.lines:
            match = _INCLUDE.match(self.text, line.start, line.end)
            names = match["names"].split() if match and line.kind in ("other", "rule") else []
            for each in names:
                relative = _OWN_FOLDER.sub("", each)
                if "$" not in relative and "*" not in relative:
                    text = text_of(os.path.join(folder, relative), errors="replace")
                    if text is not None:
                        yield relative, text
                elif not _DEPENDENCIES.search(each):
                    yield each, None
        for _ in range(0 if name in _MAKEFILES or not os.path.isfile(self.path) else _LEVELS):
            for each in _MAKEFILES:
                text = text_of(os.path.join(folder, each), errors="replace")
                if text is not None and name in text:
                    yield each, text
            folder = os.path.dirname(folder)


def _words(texts: Iterable[str]) -> set[str]:
    """Return the words of some texts that may be names of variables."""
    return {word for text in texts for word in _NAME.findall(text)}
