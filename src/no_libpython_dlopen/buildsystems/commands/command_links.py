"""Collects what the commands of a file do with each word that names libpython.

A word is reported where it gets to the link line of an extension module on plain Unix.
It may be used elsewhere too, by a program say, and then nothing is changed; that is why
all walks of a file are collected before anything is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.commands import linker_command, packaging_command
from no_libpython_dlopen.buildsystems.commands.linker_command import Evidence, Naming, Role, Way
from no_libpython_dlopen.buildsystems.commands.provenance import Origin, Traced
from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.link_fact import MACOS, changed, deletion, link
from no_libpython_dlopen.buildsystems.shell.interpreter import Command
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, DARWIN, Platform
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Fix, Related
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

#: A file in which Android's terminal is meant: the link is needed there.
_TERMUX = re.compile(r"com\.termux|\bpkg install|\bMATHLIB=\"?m\b|PREFIX=\S*/data/data|TERMUX_")
_STRICT = re.compile(
    r"(?:-Wl,)?(?:--no-undefined|-no-undefined|-z,?defs|-z,defs)|-Wl,-undefined,error"
)
_LINUX_NAME = re.compile(r"linux|manylinux|musl")
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_EMBED = "-embed"
_BEFORE = re.compile(r"[\s\"'=(,\[`]|\A")
_AFTER = re.compile(r"[\s\"'\\)\]},;|&`#]|\Z")
_CONTINUATION = frozenset(" \t")


@dataclass(frozen=True, slots=True)
class Use:
    """A word that a command is given, and what the command makes.

    ``ready`` tells that on macOS it links what symbols come later without that word.
    """

    naming: Naming
    role: Role
    target: str
    platform: Platform
    command: Command
    ready: bool = False
    strict: bool = False


@dataclass(slots=True)
class Links:
    """The uses seen so far in one file."""

    source: Source
    uses: dict[deletions.Span, list[Use]] = field(default_factory=dict)
    origins: dict[deletions.Span, Origin] = field(default_factory=dict)
    #: Places that must not be changed, with the reason.
    kept: dict[deletions.Span, str] = field(default_factory=dict)

    #: Items of lists in brackets: all of the list's, which one it is, and the brackets' inside.
    items: dict[deletions.Span, tuple[list[deletions.Span], int, deletions.Span]] = field(
        default_factory=dict
    )

    #: Places that come to something else than libpython as well, in a loop say.
    others: set[deletions.Span] = field(default_factory=set)

    #: Whether not everything could be looked at that may use a word.
    incomplete: bool = False

    @property
    def silent(self) -> bool:
        """Whether the whole file is for a platform that needs the link."""
        return bool(_TERMUX.search(self.source.text))

    def judge(self, seen: list[tuple[Command, Traced | None]], platform: Platform) -> None:
        """Judge the commands of one walk; each comes with what its rule makes, in Make."""
        evidence = Evidence(self.source.text)
        for command, target in seen:
            evidence.learn(command, target)
        for command, target in seen:
            self.command(command, target, evidence, platform)

    def command(
        self, command: Command, target: Traced | None, evidence: Evidence, platform: Platform
    ) -> None:
        """Judge one command."""
        role, name = linker_command.role(command, target, evidence)
        text = self.source.text
        if role is not Role.NOTHING:
            ready = _ready(command, name)
            strict = any(_STRICT.fullmatch(word.text) for word in command.words)
            found = list(linker_command.namings(command.words, text))
            for naming in found:
                self.note(Use(naming, role, name, platform, command, ready, strict))
            self.learn(command, {naming.word.text for naming in found})
            return
        for naming, other in packaging_command.namings(command, text):
            self.note(Use(naming, other, "", platform, command, ready=True))

    def learn(self, command: Command, named: set[str]) -> None:
        """Note where the words are put together that do not name libpython."""
        for word in command.words:
            if (
                len(word.pieces) > 1
                and word.text not in named
                and libpython_names.UNKNOWN_PART not in word.text
            ):
                origin = word.origin(self.source.text)
                if origin is not None:
                    self.others.add((origin.start, origin.end))

    def module(
        self, target: str, words: Iterable[Traced], platform: Platform, *, ready: bool
    ) -> None:
        """Note what a build system is told to link an extension module with."""
        words = tuple(words)
        for naming in linker_command.namings(words, self.source.text):
            self.note(Use(naming, Role.MODULE, target, platform, Command(words), ready))

    def other(self, words: Iterable[Traced], platform: Platform) -> None:
        """Note what a build system is told to link something else with."""
        words = tuple(words)
        for naming in linker_command.namings(words, self.source.text):
            self.note(Use(naming, Role.OTHER, "", platform, Command(words)))

    def note(self, use: Use) -> None:
        """Note a use at the place where its word is written."""
        origin = use.naming.word.origin(self.source.text)
        if origin is None or use.role is Role.NOTHING:
            return
        key = (origin.start, origin.end)
        self.origins[key] = origin
        uses = self.uses.setdefault(key, [])
        if len(uses) < 200:
            uses.append(use)

    def links(self) -> Iterator[Link]:
        """Yield the links of extension modules, in the order of the file."""
        if self.silent:
            return
        for key in sorted(self.uses):
            uses = self.uses[key]
            guilty = [u for u in uses if u.role is Role.MODULE and u.platform is not ANY_PLATFORM]
            if guilty:
                yield self.link(self.origins[key], guilty, uses)

    def link(self, origin: Origin, guilty: list[Use], uses: list[Use]) -> Link:
        """Return the link that stands at a place."""
        way = guilty[0].naming.way
        fix, reason = None, self.obstacle(origin, guilty, uses)
        if not reason:
            fix = self.fix(origin, guilty)
            reason = "where it would have to be cut out is not plain"
        targets = {use.target for use in guilty}
        return link(
            self.source,
            origin.start,
            origin.end,
            fix,
            embedding=way not in (Way.FLAG, Way.PRELOAD),
            target=targets.pop() if len(targets) == 1 else "",
            no_fix_reason=reason,
            related=self.related(origin, guilty[0]),
            preloaded=way is Way.PRELOAD,
        )

    def related(self, origin: Origin, use: Use) -> tuple[Related, ...]:
        """Return where a word is linked that stands somewhere else."""
        written = use.command.written
        if written is None or (written[0] <= origin.start and origin.end <= written[1]):
            return ()
        place = self.source.locate(written[0]), self.source.locate(written[1])
        return (Related("it is linked here", *place),)

    def obstacle(self, origin: Origin, guilty: list[Use], uses: list[Use]) -> str:
        """Return why nothing may be changed at a place."""
        if guilty[0].naming.way is Way.PRELOAD:
            return "an extension module may rely on it, and has to be built without the link"
        if guilty[0].naming.way is Way.VARIABLE:
            return "what configure puts there on other platforms is not known"
        if any(use.role is Role.OTHER for use in uses):
            return "something that is no extension module uses it as well"
        if reason := self.kept.get((origin.start, origin.end)):
            return reason
        if (origin.start, origin.end) in self.others:
            return "it may be another library as well"
        if self.incomplete:
            return "not all that may use it could be followed"
        if not origin.whole:
            return "it is put together from several places"
        if any(use.strict for use in guilty):
            return "the link line forbids undefined symbols, which must be changed with it"
        return ""

    def fix(self, origin: Origin, guilty: list[Use]) -> Fix | None:
        """Return the edit that undoes a use, ``None`` where there is no plain one."""
        text = self.source.text
        naming = guilty[0].naming
        caveats = [] if self.is_safe(guilty) else [MACOS]
        if naming.way is Way.PACKAGE:
            spelled = text[origin.start : origin.end]
            at = spelled.rfind(_EMBED)
            if at < 0:
                return None
            edit = deletions.span(text, origin.start + at, origin.start + at + len(_EMBED))
            return changed("ask for the package of extension modules", (edit,), caveats)
        found = self.without(origin)
        return deletion(text[origin.start : origin.end], found, caveats) if found else None

    def is_safe(self, guilty: list[Use]) -> bool:
        """Tell whether macOS needs nothing in the word's place."""
        if self.source.kind is Kind.DOCKERFILE:
            return True
        return all(use.ready for use in guilty) or all(use.platform is not DARWIN for use in guilty)

    def without(self, origin: Origin) -> Edit | None:
        """Return the deletion of a word with the quotation marks around it."""
        text = self.source.text
        if (origin.start, origin.end) in self.items:
            return deletions.item(text, *self.items[origin.start, origin.end]).edit
        span = _balanced(text, origin.start, origin.end)
        if span is None:
            return None
        start, end = span
        before = text[start - 1] if start else ""
        if before in ("'", '"') and text[end : end + 1] == before:
            outside = text[start - 2 : start - 1]
            if outside in (" ", "\t", "\n", "("):  # an empty argument is one more file to link
                start, end = start - 1, end + 1
            else:
                return deletions.span(text, start, end)
        if not _BEFORE.match(text[start - 1 : start]) or not _AFTER.match(text[end : end + 1]):
            return None
        shell = self.source.kind in (Kind.SHELL, Kind.DOCKERFILE, Kind.AUTOCONF)
        if text[start - 1 : start] == "=" and (shell or _in_recipe(text, start)):
            return deletions.span(text, start, end)
        return _line(text, start, end) or deletions.word(text, start, end)


def _line(text: str, start: int, end: int) -> Edit | None:
    """Return the deletion of a line that holds nothing but the word, in an array say."""
    line = deletions.line_start(text, start)
    following = _LINE_END.match(text, end)
    if following is None or not line or text[line:start].strip(" \t"):
        return None
    if (
        text[max(0, line - 3) : line].rstrip("\r\n").endswith("\\")
    ):  # which continues into the word's line
        return None
    return deletions.span(text, line, following.end())


def _ready(command: Command, name: str) -> bool:
    """Tell whether a link line for macOS says that symbols come later, or is for Linux only."""
    texts = {word.text for word in command.words}
    if any("dynamic_lookup" in text for text in texts):
        return True
    return bool(_LINUX_NAME.search(name)) or any(
        _LINUX_NAME.search(text)
        for text in texts
        if libpython_names.UNKNOWN_PART not in text and ".so" in text
    )


def _balanced(text: str, start: int, end: int) -> deletions.Span | None:
    """Return a word's span with the quotation marks that it has one half of."""
    for quote in "\"'":
        if text.count(quote, start, end) % 2:
            if text[end : end + 1] == quote:
                end += 1
            elif start and text[start - 1] == quote:
                start -= 1
            else:
                return None
    return start, end


def _in_recipe(text: str, at: int) -> bool:
    """Tell whether a place in a makefile is on a line of a recipe."""
    start = deletions.line_start(text, at)
    while start and text[: start - 1].rstrip("\r").endswith("\\"):
        start = deletions.line_start(text, start - 1)
    return text.startswith("\t", start)
