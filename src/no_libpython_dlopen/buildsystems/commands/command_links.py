"""Collects what the commands of a file do with each word that names libpython.

A word is reported where it gets to the link line of an extension module on plain Unix.
It may be used elsewhere too, by a program say, and then nothing is changed; that is why
all walks of a file are collected before anything is said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache

from no_libpython_dlopen.buildsystems.commands import (
    link_mentions,
    linker_command,
    packaging_command,
)
from no_libpython_dlopen.buildsystems.commands.link_mentions import Mention
from no_libpython_dlopen.buildsystems.commands.linker_command import Evidence
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.common import deletions, strict_flags
from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, may_host_project
from no_libpython_dlopen.buildsystems.common.link_fact import MACOS
from no_libpython_dlopen.buildsystems.common.link_fact import deletion as deletion_fix
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    LinkUse,
    Reference,
    ReferenceKind,
    Target,
    TargetKind,
    package_of_modules,
)
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.link_references import forbids_undefined
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, Platform
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Fix
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

#: A file in which Android's terminal is meant: the link is needed there.
_TERMUX = re.compile(r"com\.termux|\bpkg install|\bMATHLIB=\"?m\b|PREFIX=\S*/data/data|TERMUX_")
#: By it libtool refuses undefined symbols where the platform does, and nowhere else.
LIBTOOL_FLAG = "-no-undefined"
_LINUX_NAME = re.compile(r"linux|manylinux|musl")
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_BEFORE = re.compile(r"[\s\"'=(,\[`]|\A")
#: What hands the linker several words, some in quotation marks or filled in, up to one of them.
_HANDING = re.compile(
    r"-Wl,(?:[^\s\"'$(),]|'[^'\n]*'|\"[^\"\n]*\"|\$\([^()\n]*\)|\$(?!\()|,(?!\Z))+,\Z"
    r"|[\"']-Wl,[^\"'\n]+,\Z"
)
#: The option by which Rust's compiler hands the linker the one argument that follows.
_RUST_OPTION = re.compile(
    r"(?:-C|--codegen(?:=|(?=[ \t])))(?:[ \t]|\\\n){0,40}(?:pre-)?link-arg=\Z"
)
_FARTHEST = 400
_AFTER = re.compile(r"[\s\"'\\)\]},;|&`#]|\Z")


class CommandLinks:
    """What the commands of one file link."""

    def __init__(self, source: Source, *, embedded: bool = False) -> None:
        self.source = source
        #: Whether the commands stand in another language, in which they are not edited.
        self.embedded = embedded
        self.graph: LinkGraph[None] = LinkGraph(source)
        #: Items of lists in brackets: all of the list's, which one it is, and the brackets' inside.
        self.items: dict[Span, tuple[list[Span], int, Span]] = {}
        #: Places that must not become empty.
        self.required: set[Span] = set()
        #: Variables that configure fills with libpython, if it fills in the file.
        self.configured: frozenset[str] | None = None
        #: Links that libtool makes: each reference's `-no-undefined`, and who else gets that one.
        self.graph.edits_strict_lines = True
        #: What deletes the flags by which a reference's links refuse undefined symbols, if it can.
        self._strict: dict[Span, set[Edit | None]] = {}
        #: Shared objects that commands link.
        self._linked_files: set[str] = set()
        self._of_libtool: dict[Span, set[Span]] = {}
        self._flag_users: dict[Span, set[TargetKind]] = {}
        #: ``may_host_project`` by the folder in which a command runs.
        self._may_host = cache(may_host_project)

    def judge(
        self,
        seen: list[tuple[Command, TrackedText | None]],
        platform: Platform,
        folders: tuple[str, ...] = (),
    ) -> None:
        """Judge the commands of one walk; each comes with what its rule makes, in Make.

        ``folders`` are those in which make looks for files.
        """
        folder = os.path.dirname(os.path.abspath(self.source.path))
        evidence = Evidence(self.source.text, folder, folders)
        for command, made in seen:
            evidence.learn(command, made)
        for command, made in seen:
            self._command(command, made, platform, evidence)

    def _command(
        self, command: Command, made: TrackedText | None, platform: Platform, evidence: Evidence
    ) -> None:
        """Add what one command links."""
        target = linker_command.linked_target(command, made, evidence)
        text = self.source.text
        if target is None:
            self._linked_files.update(linker_command.copied_modules(command))
            for mention, built in packaging_command.mentions(command, text, self.configured):
                self.add(
                    [mention],
                    built,
                    platform,
                    command.words,
                    sets_dynamic_lookup=True,
                    may_host=self._may_host(os.path.join(evidence.folder, command.folder)),
                )
            return
        words = command.words
        if linker_command.runs_rustc(command):
            words = tuple(map(packaging_command.rust_flag, words))
        found = list(link_mentions.mentions(words, text, self.configured))
        self._linked_files.update(linker_command.linked_files(command))
        hosts = HostKind.NONE
        if found and target.kind is TargetKind.EXTENSION_MODULE:
            hosts = evidence.host_kind(command.words, command.folder)
            target = Target("", TargetKind.LIBRARY) if hosts is HostKind.CERTAIN else target
        named = {mention.word.text for mention in found}
        if linker_command.runs_libtool(command):
            words = self.note_libtool(found, target, platform, words)
        strict = self.note_strict(found, words, platform)
        self.add(
            found,
            target,
            platform,
            command.words,
            sets_dynamic_lookup=_sets_dynamic_lookup(command, target.name),
            may_host=hosts is HostKind.POSSIBLE,
            blockers=(Blocker.STRICT,) if strict else (),
        )
        for word in command.words:  # what is put together here may be other libraries as well
            if (
                len(word.segments) > 1
                and word.text not in named
                and libpython_names.UNKNOWN_PART not in word.text
            ):
                origin = word.origin(text)
                if origin is not None:
                    self.graph.other_libraries.add(origin.span)

    def add(
        self,
        mentions: Iterable[Mention],
        target: Target,
        platform: Platform,
        words: tuple[TrackedText, ...],
        *,
        sets_dynamic_lookup: bool = False,
        may_host: bool = False,
        blockers: tuple[Blocker, ...] = (),
    ) -> None:
        """Add that some of ``words`` link a target to libpython, each where it is written."""
        via = Command(words).written_span
        for mention in mentions:
            origin = mention.word.origin(self.source.text)
            if origin is None:
                continue
            # What configure puts into a command of a recipe gets nowhere else.
            alone = mention.kind is ReferenceKind.CONFIGURE and _in_recipe(
                self.source.text, origin.span[0]
            )
            found = [*blockers]
            found += [] if origin.whole else [Blocker.ASSEMBLED]
            found += [] if mention.is_whole else [Blocker.COMBINED_FLAG]
            found += [Blocker.NO_VALUE] if origin.span in self.required else []
            self.graph.add(
                LinkUse(
                    origin.span,
                    mention.kind,
                    target,
                    platform,
                    None,
                    via=via,
                    is_shared=not alone,
                    sets_dynamic_lookup=sets_dynamic_lookup,
                    may_host=may_host,
                    blockers=tuple(found),
                )
            )

    def note_libtool(
        self,
        mentions: Iterable[Mention],
        target: Target,
        platform: Platform,
        words: tuple[TrackedText, ...],
    ) -> tuple[TrackedText, ...]:
        """Note that libtool links a target; return its words without libtool's own flag."""
        flags = [word for word in words if word.text == LIBTOOL_FLAG]
        origins = {flag: flag.origin(self.source.text) for flag in flags}
        spans = {origin.span for origin in origins.values() if origin}
        for span in spans:
            self._flag_users.setdefault(span, set()).add(target.kind)
        for origin in origins.values():
            if origin and not origin.whole:
                self._flag_users[origin.span].add(TargetKind.UNKNOWN)
        for mention in mentions:
            found = mention.word.origin(self.source.text)
            if found is not None:
                flags_of_link = self._of_libtool.setdefault(found.span, set())
                flags_of_link.update(() if platform is ANY_PLATFORM else spans)
        return tuple(word for word in words if word not in flags)

    def note_strict(
        self, mentions: Iterable[Mention], words: Sequence[TrackedText], platform: Platform
    ) -> bool:
        """Return whether a link refuses undefined symbols; by which flags is noted."""
        texts = [word.text for word in words]
        if platform is ANY_PLATFORM or not forbids_undefined(" ".join(texts)):
            return False
        cuts = strict_flags.cuts(texts)
        edits: set[Edit | None] = {None} if cuts is None else set()
        for cut in cuts or ():
            for word in words[cut.first : cut.last + 1]:
                edits.add(self._deletion_of_flag(word, cut.part))
        for mention in mentions:
            found = mention.word.origin(self.source.text)
            if found is not None:
                self._strict.setdefault(found.span, set()).update(edits)
        return True

    def _deletion_of_flag(self, word: TrackedText, part: Span | None) -> Edit | None:
        """Return the deletion of a word, or a part of it, where it is written as it is."""
        text, origin = self.source.text, word.origin(self.source.text)
        start, end = origin.span if origin and origin.whole else (0, 0)
        if text[start:end] != word.text:
            return None
        if part is not None:
            return deletions.span(text, start + part[0], start + part[1])
        return self.deletion(start, end)

    def _without_strict_flags(self, fix: Fix | str, reference: Reference[None]) -> Fix | str:
        """Return a fix that deletes the flags by which links refuse undefined symbols, too."""
        if isinstance(fix, str) or not reference.is_strict:
            return fix
        edits = self._strict.get(reference.first.span, {None})
        known = [edit for edit in edits if edit is not None]
        return strict_flags.without(
            fix, self.source.text, known if len(known) == len(edits) else None
        )

    def is_of_libtool(self, span: Span) -> bool:
        """Return whether libtool links what a reference names."""
        return span in self._of_libtool

    def libtool_flags(self, span: Span) -> set[Span]:
        """Return the locations of `-no-undefined` in the links with a reference."""
        return self._of_libtool.get(span, set())

    def is_own(self, flag: Span) -> bool:
        """Return whether only extension modules are linked with a flag."""
        return self._flag_users.get(flag) == {TargetKind.EXTENSION_MODULE}

    def links(self, edit: Callable[[Reference[None]], Fix | str] | None = None) -> Iterator[Link]:
        """Yield the links of extension modules, in the order of the file."""
        make = edit or self.edit
        if not _TERMUX.search(self.source.text):
            yield from self.graph.links(lambda one: self._without_strict_flags(make(one), one))

    def edit(self, reference: Reference[None]) -> Fix | str:
        """Return the fix of a reference, or why there is none."""
        if self.embedded:
            return Blocker.EMBEDDED
        text, span = self.source.text, reference.first.span
        if reference.first.kind is ReferenceKind.CONFIGURE:
            return Blocker.CONFIGURED
        unsafe = reference.needs_dynamic_lookup and self.source.kind is not Kind.DOCKERFILE
        caveats = [MACOS] if unsafe else []
        names = {use.target.name for use in reference.uses}
        caveats += [Blocker.LINKED.value] if any(map(self._is_linked, names)) else []
        if reference.first.kind is ReferenceKind.PACKAGE:
            return package_of_modules(text, span, caveats)
        found = self.deletion(*span)
        return deletion_fix(text[slice(*span)], found, caveats) if found else Blocker.NO_EDIT

    def _is_linked(self, name: str) -> bool:
        """Return whether a command may link the module ``name``; without a name, any module."""
        return any(not name or fnmatchcase(name, pattern) for pattern in self._linked_files)

    def deletion(self, start: int, end: int) -> Edit | None:
        """Return the deletion of a word with the quotation marks around it."""
        text = self.source.text
        if (start, end) in self.items:
            return deletions.item(text, *self.items[start, end]).edit
        span = _balance_quotes(text, start, end)
        if span is None:
            return None
        start, end = span
        given = _RUST_OPTION.search(text, max(0, start - _FARTHEST), start)
        if given is not None:  # an empty argument is one more file to link
            start = given.start()
        line = max(deletions.line_start(text, start), start - _FARTHEST)
        if _HANDING.search(text, line, start):
            return deletions.span(text, start - 1, end)
        if text[start - 2 : start - 1] == "," and "-Wl," in text[line:start]:
            return None  # an empty word is one more file to link
        before = text[start - 1] if start else ""
        if before in ("'", '"') and text[end : end + 1] == before:
            outside = text[start - 2 : start - 1]
            if outside in (" ", "\t", "\n", "("):  # an empty argument is one more file to link
                start, end = start - 1, end + 1
            else:
                return deletions.span(text, start, end)
        part = deletions.part_of_flag(text, start, end)
        if part is not None:
            return part
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
    if text[max(0, line - 3) : line].rstrip("\r\n").endswith("\\"):
        return None  # the line before continues into the word's
    return deletions.span(text, line, following.end())


def _sets_dynamic_lookup(command: Command, name: str) -> bool:
    """Return whether a link line for macOS says that symbols come later, or is for Linux only."""
    texts = {word.text for word in command.words}
    if any("dynamic_lookup" in text for text in texts):
        return True
    return bool(_LINUX_NAME.search(name)) or any(
        _LINUX_NAME.search(text)
        for text in texts
        if libpython_names.UNKNOWN_PART not in text and ".so" in text
    )


def _balance_quotes(text: str, start: int, end: int) -> Span | None:
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
    """Return whether a place in a makefile is on a line of a recipe."""
    start = deletions.line_start(text, at)
    while start and text[: start - 1].rstrip("\r").endswith("\\"):
        start = deletions.line_start(text, start - 1)
    return text.startswith("\t", start)
