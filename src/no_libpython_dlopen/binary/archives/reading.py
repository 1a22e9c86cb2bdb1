"""Reads an archive once: its binaries are judged, its texts kept, inner archives read as well.

The archives in an archive are read as deep as real ones are nested, and all together
inflate to no more than one of the outer one's size may.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING, cast

from no_libpython_dlopen.binary.archives import archive
from no_libpython_dlopen.binary.archives.formats import holds_archive, members_of, needs_seeking
from no_libpython_dlopen.binary.archives.members import LONGEST_PATH
from no_libpython_dlopen.binary.archives.seekable_stream import (
    Budget,
    Forward,
    InflatesTooMuch,
    SpooledFile,
)
from no_libpython_dlopen.binary.archives.texts import text_kind_of
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.binary.frozen_programs import PROGRAM_MARK
from no_libpython_dlopen.binary.loading_texts import is_document
from no_libpython_dlopen.binary.shared_object import is_named_like_library
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.content_kind import (
    HEAD_SIZE,
    NOT_FETCHED,
    OTHER_FORMATS,
    is_archive_head,
    is_pointer,
    kind_of_head,
    reason_not_read,
    says_nothing,
)
from no_libpython_dlopen.model.facts import Bundled, Embedded, Fact, Needed, Unread
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.archives.members import Member
    from no_libpython_dlopen.binary.archives.texts import TextMembers
    from no_libpython_dlopen.binary.formats.random_access import Read

#: An image of a container, a package in it, a zipapp in that, and a wheel in this.
MOST_DEPTH = 5
_MOST_INNER = 5_000
#: Nobody reads more findings. A few megabytes, packed, may have millions of members of one name.
_MOST_UNREAD = 10_000
_PIECE, _MOST_IN_MEMORY = 1 << 18, 16 << 20
#: A program of one file brings a libpython along; smaller ones are not read to their end.
_LEAST_PROGRAM = 3 << 20
#: Characters that are shown of a path that is too long to be read.
_SHOWN = 200
_NO_REPAIR = "archives in archives are not rewritten: build the inner one again"


def read(path: str, texts: TextMembers | None = None) -> Iterator[Fact]:
    """Yield the facts of the members of the archive at ``path``.

    ``texts`` is filled with the texts in it, which are not judged here. Raises
    ``source.Unreadable`` where it cannot be opened, or is no regular file.
    """
    if os.path.isdir(path):  # an image's layout
        yield from _facts_of_layout(path, texts)
        return
    try:
        descriptor, status = safe_open(path)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    with open(descriptor, "rb") as file:
        if is_pointer(file.peek(HEAD_SIZE)):
            yield Unread(NOT_FETCHED)
        elif status.st_size:
            yield from facts(path, file, status.st_size, texts=texts, repairs=True)
        else:
            yield Unread("the file is empty")


def facts(
    name: str,
    file: IO[bytes],
    size: int,
    wanted: Callable[[str], bool] = archive.may_hold_binary,
    texts: TextMembers | None = None,
    *,
    repairs: bool = False,
) -> Iterator[Fact]:
    """Yield the facts of an archive of ``size`` bytes in ``file``.

    ``name`` says what it is; a zip archive's file must be seekable, a tar archive is read
    once from start to end. Members that are not ``wanted`` by their path are not opened. With
    ``repairs`` one that may be repaired is read again, to see whether that is safe; and any that can
    be is where only a link tells what a text is.
    """

    def start_again() -> Iterator[Member]:
        file.seek(0)
        return members_of(name, file, Budget(size))

    reader = ArchiveReader(Budget(size), wanted, texts, repairs=repairs)
    return reader.facts(name, file, again=start_again if file.seekable() else None)


def _facts_of_layout(folder: str, texts: TextMembers | None) -> Iterator[Fact]:
    from no_libpython_dlopen.binary.archives.container_images import files_in_folder, image_members

    try:
        images = files_in_folder(folder)
        places = filter(os.path.isdir, (folder, folder + "/blobs/sha256"))
        size = sum(one.stat().st_size for place in places for one in os.scandir(place))
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    reader = ArchiveReader(Budget(size), archive.may_hold_binary, texts)
    yield from reader.facts_of_members(
        image_members(images, Budget(size)),
        archive.Contents(folder),
        again=lambda: image_members(images, Budget(size)),
    )


class ArchiveReader:
    """Reads one archive and those inside of it, within one ``budget``."""

    def __init__(
        self,
        budget: Budget,
        wanted: Callable[[str], bool],
        texts: TextMembers | None,
        *,
        repairs: bool = False,
    ) -> None:
        self._budget = budget
        self._wanted = wanted
        self._texts = texts
        self._repairs = repairs
        self._inner = 0
        self._unread = 0
        #: Whether any member was read, and why others were not that may contain Python.
        self._is_read = False
        self._not_read: dict[str, None] = {}
        #: Whether it has a member that is none of these, no archive and no document.
        self._has_data = False
        #: Links that have names of texts, by the paths that they lead to.
        self._aliases: dict[str, str] = {}

    def facts(
        self,
        name: str,
        file: IO[bytes],
        place: str = "",
        again: Callable[[], Iterator[Member]] | None = None,
    ) -> Iterator[Fact]:
        """Yield the facts of the archive in ``file``, which is at ``place`` in the outer one.

        ``again`` yields its members once more, if that is possible.
        """
        contents = archive.Contents(name)
        members = members_of(name, file, self._budget)
        archive_file = file if self._repairs and not place else None
        yield from self.facts_of_members(members, contents, place, again, archive_file)

    def facts_of_members(
        self,
        members: Iterator[Member],
        contents: archive.Contents,
        place: str = "",
        again: Callable[[], Iterator[Member]] | None = None,
        archive_file: IO[bytes] | None = None,
    ) -> Iterator[Fact]:
        """Yield the facts of ``members``, which are judged together as ``contents``.

        ``archive_file`` is the file that contains them, if it may be rewritten.
        """
        told = ""
        try:
            for member in members:
                for fact in self.add(member, contents, place):
                    if isinstance(fact, Unread):
                        told = fact.reason
                    yield fact
        except MalformedBinary as malformed:
            if str(malformed) != told:  # a stream that ends in a member ends for the archive, too
                yield Unread(str(malformed), member=place.removesuffix("!"))
        if again is not None and not place:
            yield from self._add_by_links(again, contents)
            if self._repairs:
                contents.look_for_hosts(again)
        if archive_file is not None:
            contents.look_for_problem(archive_file)
        self._is_read = self._is_read or bool(contents.objects) or contents.foreign
        if self._has_data:  # then the archives of other formats are data as well
            self._not_read.pop(OTHER_FORMATS, None)
        if self._not_read and not (place or self._is_read or self._unread or self._texts is None):
            yield Unread(
                f"nothing in it was checked: {' and '.join(self._not_read)}", is_whole=True
            )
        for fact in contents.facts():
            yield _inside(fact, place) if place else fact

    def add(self, member: Member, contents: archive.Contents, place: str = "") -> Iterator[Fact]:
        """Look at one member; yields what is known at once. Raises ``InflatesTooMuch``."""
        for fact in self._add(member, contents, place):
            self._unread += isinstance(fact, Unread)
            if self._unread > _MOST_UNREAD:
                raise InflatesTooMuch(f"has more than {_MOST_UNREAD:,} members that cannot be read")
            yield fact

    def _add(self, member: Member, contents: archive.Contents, place: str) -> Iterator[Fact]:
        path = member.path
        if member.link:
            if is_named_like_library(path):
                contents.links[path] = member.link
            elif not (place or text_kind_of(member.link)):
                self._aliases.setdefault(member.link, path)
            return
        if member.read is None:
            shown = path if len(path) <= LONGEST_PATH else f"{path[:_SHOWN]}…"
            yield Unread(member.problem, member=place + shown)
            return
        if reason := reason_not_read(path):
            self._not_read[reason] = None
        elif kind_of(path) is not Kind.ARCHIVE and not is_document(path):
            self._has_data = True
        kind = kind_of(path)
        folder, _, base = path.rpartition("/")
        if base == PROGRAM_MARK:
            contents.programs.add(folder)
        if kind is Kind.ARCHIVE:
            if self._wanted(path):
                yield from self._read_inner(path, member.read, place)
        elif self._texts is not None and self._texts.wants(path):
            yield from self._add_text(path, text_kind_of(path), member.read, place)
        elif self._wanted(path):
            for unread in contents.add(member):
                yield replace(unread, member=place + path)
            if self._texts is not None and says_nothing(base):
                yield from self._add_by_content(path, member.read, member.size, place)

    def _add_by_links(
        self, again: Callable[[], Iterator[Member]], contents: archive.Contents
    ) -> Iterator[Fact]:
        """Look at files that only the names of links to them tell to be texts."""
        texts = self._texts
        aliases = {t: a for t, a in self._aliases.items() if texts and not texts.hold(t)}
        if not aliases:
            return
        try:
            for member in again():
                if member.read is not None and member.path in aliases:
                    member.path = aliases.pop(member.path)
                    yield from self.add(member, contents)
        except MalformedBinary:  # what it is, the first reading has said
            return

    def _add_by_content(self, path: str, read: Read, size: int, place: str) -> Iterator[Fact]:
        """Look at what only its first bytes tell to be a script or an archive."""
        try:
            kind = kind_of_head(read(0, HEAD_SIZE))
            is_small = kind is Kind.BINARY and size <= _LEAST_PROGRAM
            if not is_small and holds_archive(kind, read, size):
                kind = Kind.ARCHIVE
        except InflatesTooMuch:
            raise
        except MalformedBinary:
            return
        if kind is Kind.ARCHIVE:
            yield from self._read_inner(path, read, place)
        elif kind is not None and kind is not Kind.BINARY:
            yield from self._add_text(path, kind, read, place)

    def _add_text(self, path: str, kind: Kind | None, read: Read, place: str) -> Iterator[Unread]:
        assert self._texts is not None
        self._is_read = True
        try:
            problem = self._texts.add(place.replace("!", "!/") + path, kind, read)
        except InflatesTooMuch:
            raise
        except MalformedBinary as malformed:
            problem = str(malformed)
        if problem:
            yield Unread(problem, member=place + path)

    def _read_inner(self, path: str, read: Read, place: str) -> Iterator[Fact]:
        self._inner += 1
        if self._inner > _MOST_INNER:
            raise InflatesTooMuch(f"holds more than {_MOST_INNER:,} archives")
        if place.count("!") + 1 >= MOST_DEPTH:
            yield Unread(f"archives are nested more than {MOST_DEPTH} deep", member=place + path)
            return
        stream = cast("IO[bytes]", io.BufferedReader(_MemberFile(read), _PIECE))
        with SpooledFile(max_size=_MOST_IN_MEMORY) as spooled:
            try:
                if not (path.endswith(".tar") or is_archive_head(read(0, HEAD_SIZE))):
                    return  # test data, or another format of the same suffix
                if needs_seeking(path):
                    while piece := stream.read(_PIECE):
                        spooled.write(piece)
                    spooled.seek(0)
                    stream = cast("IO[bytes]", spooled)
            except InflatesTooMuch:
                raise
            except MalformedBinary as malformed:
                yield Unread(str(malformed), member=place + path)
                return
            yield from self.facts(path, stream, f"{place}{path}!")


def _inside(fact: Fact, place: str) -> Fact:
    """Return a fact of an inner archive as one of the outer."""
    if isinstance(fact, Needed) and fact.fix:
        fact = replace(fact, fix=None, no_fix_reason=_NO_REPAIR)
    if isinstance(fact, Needed | Bundled | Embedded | Unread):
        return replace(fact, member=place + fact.member)
    return fact


class _MemberFile(io.RawIOBase):
    """A member as a file that is read from its start to its end."""

    def __init__(self, read: Read) -> None:
        super().__init__()
        forward = getattr(read, "__self__", None)
        if isinstance(forward, Forward):
            forward.stop_keeping()
        self._read = read
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._read(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
