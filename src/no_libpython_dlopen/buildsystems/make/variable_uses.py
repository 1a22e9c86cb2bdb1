"""Who reads a makefile's variable besides the rules that were run: conditions and other makefiles.

A fix takes libpython out of a variable. What tests whether the variable has a value may then
choose another branch, and a makefile that is included, or that includes this one, may link a
program with it; those are not run, so the fix tells which of them names the variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

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
        found: list[str] = []
        for line in self.lines:
            if line.start <= span[0] < line.end:
                match = _OF_TARGET.search(self.text, line.start, line.end)
                of_target = [match["name"]] if match and line.kind == "rule" else []
                found = [line.name] if line.kind == "assignment" else of_target
        for name in found:
            for line in self.lines:
                if line.kind == "assignment" and line.name not in found:
                    value = self.text[line.value : line.end]
                    if any(match["name"] == name for match in _REFERENCE.finditer(value)):
                        found.append(line.name)
        return found

    def _caveats(self, names: list[str]) -> Iterator[str]:
        conditions = [match["condition"] for match in _IF.finditer(self.text)]
        for line in self.lines:
            words = self.text[line.start : line.end]
            if line.kind in ("if", "else") and _CONDITION.match(words):
                conditions.append(words)
        for name in _named(names, conditions):
            yield f"a condition of the makefile reads `{name}`"
        picked = [match["list"] for match in _BY_POSITION.finditer(self.text)]
        for name in _named(names, picked):
            yield f"the makefile selects words of `{name}` by position"
        for name in names[:1] if _EXPORTS_ALL.search(self.text) else _named(names, self._exports()):
            yield f"`{name}` is exported to all that the recipes run"
        for name in _named(names, self._written()):
            yield f"a recipe writes `{name}` into a text"
        for name in _named(names, ["AM_MAKEFLAGS MAKEFLAGS"]):
            yield f"`{name}` hands it to other makefiles"
        for name in _named(names, self._evaluated()):
            yield f"what `$(eval)` reads may use `{name}`, too"
        for shown, text in self._other_makefiles():
            if text is None:
                yield f"`{shown}` may use `{names[0]}`, too"
            else:
                yield from (f"`{shown}` uses `{name}`, too" for name in _named(names, [text]))

    def _exports(self) -> Iterator[str]:
        """Yield the names that the makefile exports."""
        for line in self.lines:
            words = self.text[line.start : line.end]
            match = _EXPORT.match(words) if line.kind in ("assignment", "other") else None
            if match:
                yield line.name or match["names"]

    def _written(self) -> Iterator[str]:
        """Yield the lines of recipes that write a text."""
        for line in self.lines:
            words = self.text[line.start : line.end]
            if line.kind in ("recipe", "text") and WRITES.search(words):
                yield words

    def _evaluated(self) -> Iterator[str]:
        """Yield the text that make may read as a part of the makefile, by ``$(eval)``."""
        if _EVAL.search(self.text):
            for line in self.lines:
                words = self.text[line.start : line.end]
                if line.kind == "text" or _EVAL.search(words):
                    yield words

    def _other_makefiles(self) -> Iterator[tuple[str, str | None]]:
        """Yield makefiles that read this one's variables; without text where it is not found."""
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


def _named(names: list[str], texts: Iterable[str]) -> list[str]:
    """Return those names that some texts contain."""
    words = {word for text in texts for word in _NAME.findall(text)}
    return [name for name in names if name in words]
