"""Which rules of a makefile have to be run, decided before any path is explored.

Expanding recipes is nearly all of the work, and in most makefiles no recipe, with all
the variables that it refers to, could name libpython. Branches make no difference here:
a variable counts with everything that it is given anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from no_libpython_dlopen.buildsystems.commands import text_prefilter
from no_libpython_dlopen.buildsystems.make.lexer import Line

#: What may be a variable's name behind a dollar sign, as a function's argument too.
_REFERRED = re.compile(r"(?<=[({, \t$])[\w.@%^+<*-]+")
_SPECIFIC = re.compile(
    r"::?[ \t]*(?:(?:override|export|private)[ \t]+)*(?P<name>[\w.-]+)[ \t]*[:+?]*="
)
_EXPORT = re.compile(r"[ \t]*export\b(?P<names>[^=]*)")
#: What make's own rule for programs is made of.
_BUILT_IN = ("LDFLAGS", "LDLIBS", "LOADLIBES")


class Relevance:
    """What matters in some lines of a makefile; ``any`` says whether anything does."""

    def __init__(self, text: str, lines: Sequence[Line]) -> None:
        self.texts: dict[str, list[str]] = {}
        self.known: dict[str, bool] = {}
        self.composed = text_prefilter.composes_flags(text)
        rules: dict[int, list[str]] = {}
        exported: set[str] = set()
        patterns: set[int] = set()
        specific = False
        rule: list[str] | None = None
        defined = ""
        for line in lines:
            written = text[line.start : line.end]
            if line.kind == "assignment":
                self.texts.setdefault(line.name, []).append(text[line.value : line.end])
                if "export" in text[line.start : line.value].split():
                    exported.add(line.name)
            elif line.kind == "define":
                defined = line.name
            elif line.kind == "text":
                self.texts.setdefault(defined, []).append(written)
            elif line.kind == "rule":
                rule = rules[line.start] = [written]
                found = _SPECIFIC.search(written)
                if found:
                    self.texts.setdefault(found["name"], []).append(written)
                    specific = True
                if "%" in written:
                    patterns.add(line.start)
            elif line.kind == "recipe" and rule is not None:
                rule.append(written)
            elif line.kind == "other" and (export := _EXPORT.match(written)):
                exported.update(export["names"].split())
        named = {start: self.may_name_libpython(" ".join(each)) for start, each in rules.items()}
        environment = any(self.variable(name) for name in exported)
        built_in = any(self.variable(name) for name in _BUILT_IN)
        self.any = environment or any(named.values()) or (built_in and bool(rules))
        self._all = environment or built_in or specific or any(named[start] for start in patterns)
        self._starts = {
            start
            for start, each in rules.items()
            if named[start] or text_prefilter.may_mark_module(" ".join(each))
        }

    def matters(self, line: Line) -> bool:
        """Return whether a rule has to be run."""
        return self._all or line.start in self._starts

    def may_name_libpython(self, text: str) -> bool:
        """Return whether a text could name libpython, with the variables that it refers to."""
        return text_prefilter.may_name_libpython(text, composed=self.composed) or any(
            self.variable(match[0]) for match in _REFERRED.finditer(text)
        )

    def variable(self, name: str) -> bool:
        """Return whether a variable could hold part of what names libpython."""
        if name not in self.known:
            self.known[name] = False  # until it is known, and where it refers to itself
            self.known[name] = any(
                self.may_name_libpython(text) for text in self.texts.get(name, ())
            )
        return self.known[name]
