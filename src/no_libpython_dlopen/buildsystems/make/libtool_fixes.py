"""What undoes the link of a module that libtool makes, by what its project's conditions offer.

Without ``-no-undefined`` libtool makes no shared library on Windows or Cygwin, and passes
``-undefined dynamic_lookup`` to macOS' linker itself (libtool's manual, *Link mode*; the tests
of ``libtool.m4``), so the link is needed nowhere. With it, what a module's symbols come from
has to be linked on all three: there the link and the flag move under the conditional that
``configure.ac`` has for the platform. ELF linkers get nothing of that flag from libtool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_fact import MACOS, UNTRIED, deletion, make_fix
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker, Reference, ReferenceKind
from no_libpython_dlopen.buildsystems.make.autoconf import Configured
from no_libpython_dlopen.buildsystems.make.lexer import Line
from no_libpython_dlopen.model.finding import Edit, Fix

#: Why a reference to what configure finds out must be asked for.
FOUND_OUT = "configure may set it to more than libpython"
#: Why `-no-undefined` goes where no condition for Windows is known.
WINDOWS = "without `-no-undefined` libtool makes no module on Windows and Cygwin"
#: AM_CONDITIONALs that say by their names that they hold on a platform which needs the link.
_PLATFORM = re.compile(
    r"(?:(?:HAVE|HOST|TARGET|PLATFORM|SYSTEM|OS|ON|IS|BUILD|WITH|NATIVE)_)*"
    r"(?:(?P<windows>WIN|WIN32|WINDOWS|W32|MINGW(?:32|64)?)|CYGWIN|ANDROID)"
    r"(?:_(?:HOST|TARGET|PLATFORM|SYSTEM|OS|BUILD))?"
)
_NAME = re.compile(r"\w+")
_CONDITION = re.compile(r"\s*(?:if|else|endif)\b[ \t]*(?P<not>!?)[ \t]*(?P<name>\w*)")

#: A conditional's name, and whether it holds.
Condition = tuple[str, bool]


class Assignment(NamedTuple):
    """An assignment of a ``Makefile.am``, and the conditionals around it."""

    line: Line
    conditions: tuple[Condition, ...]


class LibtoolFixes:
    """The edits for the references of a ``Makefile.am``, or of a template for a makefile."""

    def __init__(
        self, links: CommandLinks, configured: Configured, lines: Sequence[Line] = ()
    ) -> None:
        self.links = links
        self.text = links.source.text
        self.configured = configured
        self.assignments = list(_assignments(lines, self.text))

    def edit(self, reference: Reference[None]) -> Fix | str:
        """Return the fix of a reference, or why there is none."""
        span = reference.first.span
        if self.configured.forbids_undefined(self.text):
            return Blocker.STRICT
        if reference.first.kind is ReferenceKind.PACKAGE or not self.links.is_of_libtool(span):
            return self.links.edit(reference)
        name = _NAME.search(self.text, *span)
        caveats = [FOUND_OUT] if reference.first.kind is ReferenceKind.CONFIGURE else []
        if caveats and name and name[0] in self.configured.mixed:
            return (
                f"configure may set it to other libraries, too: take libpython out of `{name[0]}` "
                "where `configure.ac` sets it"
            )
        found = self.links.deletion(*span)
        if found is None:
            return Blocker.NO_EDIT
        flags = self.links.libtool_flags(span)
        if not flags:
            return deletion(self.text[slice(*span)], found, caveats)
        own = sorted(flag for flag in flags if self.links.is_own(flag))
        cuts = [self.links.deletion(*flag) for flag in own]
        edits = [found, *(cut for cut in cuts if cut)]
        caveats += [MACOS] if len(own) < len(flags) or None in cuts else []
        moved = [(self._assignment(each), each) for each in [span, *own]]
        blocks = self._blocks([(home, each) for home, each in moved if home])
        caveats.append(UNTRIED if blocks else WINDOWS)
        return make_fix(_message(self.text, span), _join_insertions(edits, blocks), caveats)

    def _assignment(self, span: Span) -> Assignment | None:
        return next(
            (each for each in self.assignments if each.line.start <= span[0] < each.line.end), None
        )

    def _platforms(self) -> list[str]:
        """Return the conditionals for platforms that need the link, Windows' first."""
        found = [(name, _PLATFORM.fullmatch(name.upper())) for name in self.configured.conditionals]
        names = [(match["windows"] is None, name) for name, match in found if match]
        return [name for _, name in sorted(names, key=lambda each: each[0])]

    def _reachable_names(self, home: Assignment) -> list[str]:
        """Return those of them that may hold at an assignment; all is said if one holds there."""
        platforms = self._platforms()
        if any((name, True) in home.conditions for name in platforms):
            return []
        return [name for name in platforms if (name, False) not in home.conditions]

    def _blocks(self, moved: list[tuple[Assignment, Span]]) -> list[Edit]:
        """Return the insertion of a guarded block behind the assignments that words are in."""
        by_conditions: dict[tuple[Condition, ...], list[tuple[Assignment, Span]]] = {}
        for home, span in moved:
            by_conditions.setdefault(home.conditions, []).append((home, span))
        edits = []
        for group in by_conditions.values():
            last = max((home for home, _ in group), key=lambda home: home.line.end)
            names = self._reachable_names(last)
            words: dict[str, list[str]] = {}
            for home, span in group:
                words.setdefault(home.line.name, []).append(self.text[slice(*span)])
            body = [f"{name} += {' '.join(each)}" for name, each in words.items()]
            lines = _conditional_block(names, body)
            if not lines:
                continue
            end = "\r\n" if "\r\n" in self.text else "\n"
            at = last.line.end
            lead = "" if self.text[at - 1] in "\r\n" else end
            edits.append(Edit(at, at, "", lead + "".join(line + end for line in lines)))
        return edits


def _conditional_block(names: list[str], body: list[str]) -> list[str]:
    """Return the lines of a conditional that holds where one of some names does."""
    if not names:
        return []
    first, *others = names
    rest = _conditional_block(others, body)
    return [f"if {first}", *body, *(["else", *rest] if rest else []), "endif"]


def _join_insertions(edits: list[Edit], blocks: list[Edit]) -> tuple[Edit, ...]:
    """Return edits in order, an insertion that one ends at joined to it."""
    result: list[Edit] = []
    for edit in sorted({*edits, *blocks}, key=lambda each: (each.start, each.end)):
        last = result[-1] if result else None
        if last and last.end == edit.start:
            result[-1] = Edit(last.start, edit.end, last.old + edit.old, last.new + edit.new)
        else:
            result.append(edit)
    return tuple(result)


def _message(text: str, span: Span) -> str:
    return f"link `{text[slice(*span)]}` only where the platform needs it"


def _assignments(lines: Sequence[Line], text: str) -> Iterator[Assignment]:
    """Yield the assignments of a ``Makefile.am``, each with the conditionals around it."""
    around: list[Condition] = []
    for line in lines:
        if line.kind == "assignment":
            yield Assignment(line, tuple(around))
        elif line.kind == "if":
            match = _CONDITION.match(text, line.start)
            around.append((match["name"], not match["not"]) if match else ("", True))
        elif line.kind == "else" and around:
            name, holds = around[-1]
            around[-1] = (name, not holds)
        elif line.kind == "endif" and around:
            around.pop()
