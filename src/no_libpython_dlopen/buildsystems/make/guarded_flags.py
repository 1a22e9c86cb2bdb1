"""Keeps a flag of a hand-written makefile on the platforms that need it.

A link line that is written by hand does not distinguish platforms. Where the makefile tests for
the platform elsewhere, the fix uses the same test: GNU make's ``$(if ...)`` expands to the flag on
Windows and Cygwin, to ``-undefined dynamic_lookup`` on macOS, and to nothing elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
from no_libpython_dlopen.buildsystems.common.link_fact import MACOS, UNTRIED, make_fix
from no_libpython_dlopen.buildsystems.common.link_graph import Reference, ReferenceKind
from no_libpython_dlopen.buildsystems.make.conditions import KEYWORD, sides
from no_libpython_dlopen.buildsystems.make.lexer import Line
from no_libpython_dlopen.knowledge.platforms import System, names_foreign, system_called
from no_libpython_dlopen.model.finding import Edit, Fix

LOOKUP = "-undefined dynamic_lookup"
#: The systems that are told apart here.
_WORDS: dict[System | None, str] = {System.LINUX: "linux", System.DARWIN: "macos"}
_SEARCH = re.compile(r"\$[({](?:findstring|filter)[ \t]+(?P<value>[^,$]+),")
_VALUE = re.compile(r"[^\s%$,#]+")
_VARIABLE = re.compile(r"\$[({]([\w.]+)[)}]")
#: What ends an argument of a function, or is not the same in all places of a makefile.
_SPECIAL = re.compile(r"[,#\"'\\\r\n]")


class PlatformTest(NamedTuple):
    """A conditional's test: the system, and an expression that is not empty on it."""

    system: str
    expression: str


class GuardedFlags:
    """The edits that put flags of one makefile under the platform tests that it contains."""

    def __init__(self, links: CommandLinks, lines: Sequence[Line]) -> None:
        self.links = links
        self.text = links.source.text
        self.lines = lines

    @cached_property
    def _first_set(self) -> dict[str, int]:
        """Where each variable is set first."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line.kind == "assignment":
                found.setdefault(line.name, line.start)
        return found

    @cached_property
    def _conditionals(self) -> list[tuple[Line, tuple[PlatformTest, bool] | None]]:
        """The lines of conditionals, each with its test, if that is for a platform."""
        kinds = ("if", "else", "endif")
        return [(line, self._test_of(line)) for line in self.lines if line.kind in kinds]

    def edit(self, reference: Reference[None]) -> Fix | None:
        """Return the fix that guards a flag; ``None`` if the file tests for no platform."""
        span = reference.first.span
        word = self.text[slice(*span)]
        plain = reference.first.kind not in (ReferenceKind.PACKAGE, ReferenceKind.CONFIGURE)
        if not plain or _SPECIAL.search(word) or self.links.deletion(*span) is None:
            return None
        around = dict(self._around(span[0]))
        pieces, caveats = [], [UNTRIED]
        windows = self._guard("windows", span[0])
        if windows and _may_hold("windows", around):
            pieces.append(f"$(if {windows},{word})")
        if reference.needs_dynamic_lookup and _may_hold("macos", around):
            macos = self._guard("macos", span[0])
            if reference.first.kind is ReferenceKind.CONFIG:  # it is no word of the linker's
                caveats.append(MACOS)
            elif around.get("macos"):
                pieces.append(LOOKUP)
            elif macos:
                pieces.append(f"$(if {macos},{LOOKUP})")
            else:
                caveats.append(MACOS)
        if not pieces:
            return None
        edit = Edit(*span, word, " ".join(pieces))
        return make_fix(f"link `{word}` only where the platform needs it", (edit,), caveats)

    def _guard(self, system: str, place: int) -> str:
        """Return the expression for a system that the file tests for; empty if it does not."""
        found = dict.fromkeys(
            one[0].expression
            for _, one in self._conditionals
            if one and one[0].system == system and self._is_known(one[0].expression, place)
        )
        return f"$(or {','.join(found)})" if len(found) > 1 else "".join(found)

    def _is_known(self, expression: str, place: int) -> bool:
        """Return whether the variables of an expression have their values at a place."""
        return all(
            name in platform_conditions.WINDOWS_ONLY or self._first_set.get(name, place) < place
            for name in _VARIABLE.findall(expression)
        )

    def _test_of(self, line: Line) -> tuple[PlatformTest, bool] | None:
        """Return the platform test of a conditional's line, and whether its branch is for a yes."""
        text = self.text[line.start : line.end].strip()
        text = re.sub(r"else\b[ \t]*", "", text, count=1) if line.kind == "else" else text
        keyword = KEYWORD.match(text)
        if keyword is None or keyword[1] not in ("ifeq", "ifneq"):
            return None
        rest = text[keyword.end() :]
        found = sides(rest)
        if found is None:
            return None
        values = [rest[slice(*each)].strip() for each in found]
        is_equal = keyword[1] == "ifeq"
        if "" in values:
            searched = "".join(values)
            match = _SEARCH.match(searched)
            system = _system(match["value"]) if match else ""
            return (PlatformTest(system, searched), not is_equal) if system else None
        for value, asked in (values, values[::-1]):
            if "$" in asked and _VALUE.fullmatch(value) and _system(value):
                return PlatformTest(_system(value), f"$(filter {value},{asked})"), is_equal
        return None

    def _around(self, place: int) -> Iterator[tuple[str, bool]]:
        """Yield the systems that conditionals around a place select (true) or exclude (false)."""
        blocks: list[tuple[list[tuple[str, bool]], list[tuple[str, bool]]]] = []
        for line, asked in self._conditionals:
            if line.start > place:
                break
            said = [(asked[0].system, asked[1])] if asked else []
            if line.kind == "if":
                blocks.append(([], said))
            elif line.kind == "else" and blocks:
                before, branch = blocks[-1]
                blocks[-1] = [*before, *((system, not holds) for system, holds in branch)], said
            elif line.kind == "endif" and blocks:
                blocks.pop()
        for before, branch in blocks:
            yield from before
            yield from branch


def _system(value: str) -> str:
    """Return the system that a value of ``uname`` or ``$(OS)`` means; perhaps empty."""
    return "windows" if names_foreign(value) else _WORDS.get(system_called(value), "")


def _may_hold(system: str, around: dict[str, bool]) -> bool:
    """Return whether the conditionals around a place allow a system."""
    others = (holds for other, holds in around.items() if other != system)
    return around.get(system, True) and not any(others)
