"""The members of squashfs images: snaps, AppImages, and the images alone.

``unsquashfs`` of squashfs-tools reads them, which the format's author maintains: it knows
every compression. As a *pseudo file* it writes a list of the members and then the data of all
to a pipe; nothing gets on disk, and what it writes is counted as it comes. An AppImage is
a program with such an image behind its ELF file.

Sources: unsquashfs(1), mksquashfs's README on pseudo files; the AppImage specification, type 2.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from struct import unpack_from
from typing import IO, TYPE_CHECKING

from no_libpython_dlopen.binary.archives.members import LONGEST_PATH, Member, MemberNames
from no_libpython_dlopen.binary.archives.tars import Stream, link_target, reader_of
from no_libpython_dlopen.binary.archives.texts import names_content
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.model.content_kind import APPIMAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.archives.seekable_stream import Budget

SQUASHFS_MAGIC = b"hsqs"
#: The queues of ``unsquashfs`` in MiB, and the seconds of a processor that it may take.
_QUEUE, _SECONDS = "64", 1800
_DATA = b"# START OF DATA - DO NOT MODIFY\n"
#: A path with escaped spaces, ``R``, five numbers, the size and where the data begins.
_REGULAR = re.compile(rb"(.*) R(?: \d+){4} (\d+) (\d+)(?: \d+)?\n")
#: The same of a symbolic link, with ``S``, four numbers, and what it leads to; and of another name
#: of a file (``L``).
_LINK = re.compile(rb"(.*) S(?: \d+){4} (.+)\n")
_NAME = re.compile(rb"(.*) L (.+)\n")
#: And of a directory, a device, a pipe or a socket. Any other line is the beginning of a path.
#: The words are counted, so that a line of many letters ``D`` takes no square of its length.
_OTHER = re.compile(rb".* [DBCI](?: \S+){4,8}\n|#.*\n")
#: Characters of one line of the list, and of all of them.
_LONGEST_LINE, _MOST_LIST = 1 << 16, 256 << 20
#: Where a program finds open files by their numbers: Windows has no such directory.
_OPEN_FILES = "/dev/fd"
_NO_OPEN_FILES = (
    "squashfs images are read on Unix only: unpack it with `unsquashfs`, and check the directory"
)
_MISSING = (
    "reading squashfs images needs the program `unsquashfs`, version 4.5 or newer: "
    "install squashfs-tools"
)


def is_appimage(head: bytes) -> bool:
    """Return whether the first bytes are those of an AppImage."""
    return head.startswith(b"\x7fELF") and head[8:11] in APPIMAGES


def squashfs_members(file: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the files of an image, or of that behind an ELF file, in the data's order, and links.

    A member can be read until the next one is asked for. Raises ``MalformedBinary``.
    """
    with _pseudo_file(file, _offset(file)) as source:
        entries, links = _read_list(source)
        stream = Stream(source, budget)
        names = MemberNames()
        for path, target in links:
            if target and names_content(path) and not names.problem_of(path):
                yield Member(path, None, link=target)
        for offset, size, path in sorted(entries):
            problem = names.problem_of(path)
            if offset < stream.position:
                problem = problem or "overlaps another member of the archive"
            else:
                stream.skip_to(offset)
            yield Member(path, None if problem else reader_of(stream, size), problem, size)
        stream.skip_to(max((offset + size for offset, size, _ in entries), default=0))


def _offset(file: IO[bytes]) -> int:
    """Return the beginning of an image: the end of an ELF file's section headers, or 0."""
    file.seek(0)
    header = file.read(64)
    offset = 0
    if header[8:11] == APPIMAGES[0]:
        raise MalformedBinary(
            "an AppImage of type 1, which is not read: run it with `--appimage-extract`, and check "
            "the directory"
        )
    if header.startswith(b"\x7fELF") and len(header) == 64:
        order = "<" if header[5] == 1 else ">"
        wide = header[4] == 2
        start = unpack_from(f"{order}Q" if wide else f"{order}I", header, 40 if wide else 32)[0]
        size, number = unpack_from(f"{order}HH", header, 58 if wide else 46)
        offset = start + size * number
    if offset < 1 << 62:
        file.seek(offset)
        if file.read(4) == SQUASHFS_MAGIC:
            return int(offset)
    raise MalformedBinary("contains no squashfs image, or is truncated")


@contextmanager
def _pseudo_file(file: IO[bytes], offset: int) -> Iterator[IO[bytes]]:
    """Yield the output of ``unsquashfs`` for an image. Raises ``MalformedBinary``."""
    if not os.path.isdir(_OPEN_FILES):
        raise MalformedBinary(_NO_OPEN_FILES)
    file.flush()  # a temporary file that was just written
    number = file.fileno()
    command = ["unsquashfs", "-n", "-q", "-no-xattrs", "-p", "1", "-da", _QUEUE, "-fr", _QUEUE]
    command += ["-o", str(offset), "-pf", f"{_OPEN_FILES}/1", f"{_OPEN_FILES}/{number}"]
    try:
        process = subprocess.Popen(
            command,
            pass_fds=[number],
            cwd="/",
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        raise MalformedBinary(_MISSING) from None
    _limit(process.pid)
    assert process.stdout is not None
    done = False
    try:
        yield process.stdout
        done = True
    finally:
        process.stdout.close()
        if not done:
            process.kill()
        status = process.wait()
    if status > 0:
        raise MalformedBinary("`unsquashfs` could not read all of the image")


def _limit(process: int) -> None:
    """Bound the time of another process, where the system can."""
    try:
        import resource

        resource.prlimit(process, resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    except (ImportError, AttributeError, OSError, ValueError):
        pass


def _last(lines: list[bytes], match: re.Match[bytes]) -> bytes:
    """Return the path whose last line matches."""
    return b"".join([*lines[:-1], match[1]])


def _read_list(source: IO[bytes]) -> tuple[list[tuple[int, int, str]], list[tuple[str, str]]]:
    """Return the offset, size and path of each file, and the path and target of each link."""
    entries, links = [], []
    left = _MOST_LIST
    begun: list[bytes] = []  # the lines of a path so far
    while (line := source.readline(_LONGEST_LINE)) != _DATA:
        left -= len(line)
        if not line.endswith(b"\n") or left < 0:
            raise MalformedBinary(
                "not a readable squashfs image, perhaps truncated, or `unsquashfs` is too old"
            )
        begun.append(line)
        if match := _REGULAR.fullmatch(line):
            entries.append((int(match[3]), int(match[2]), _path(_last(begun, match))))
        elif match := _LINK.fullmatch(line):
            path = _path(_last(begun, match))
            links.append((path, link_target(path, match[2].decode("utf-8", "surrogateescape"))))
        elif match := _NAME.fullmatch(line):
            links.append((_path(_last(begun, match)), _path(match[2])))
        elif not _OTHER.fullmatch(line) and len(begun) <= LONGEST_PATH:
            continue
        begun.clear()
    source.readline(_LONGEST_LINE)
    return entries, links


def _path(escaped: bytes) -> str:
    """Return a path as the list has it, without its escapes."""
    return re.sub(rb"\\(.)", rb"\1", escaped).decode("utf-8", "surrogateescape").removeprefix("/")
