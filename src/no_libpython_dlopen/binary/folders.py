"""Directories around a module, and what their files say of hosts.

A directory is read once, and again when it has changed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.formats.elf import MAGIC, read_elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.binary.host_clues import TOO_MANY, Clue, clue_in, may_open_libraries
from no_libpython_dlopen.binary.needed_libraries import read_object_at
from no_libpython_dlopen.files.safe_open import safe_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    #: A directory that exists, with the time of its last change.
    Folder = tuple[str, int]
    #: The files with a clue for any module, and those that name libraries, by the names.
    Clues = tuple[Sequence[tuple[str, Clue]], Mapping[bytes, str]]

#: Files that are looked at in one directory.
MOST_FILES = 4096
#: Directories of a package, at all depths, without those of tools.
MOST_FOLDERS, NOT_SEARCHED = 1024, {"__pycache__", ".git", "node_modules"}
#: Programs of an application; where a system has all of its own, there are more.
MOST_PROGRAMS = 256
#: So many directories above a package or a prefix are searched.
_ABOVE = 4
#: Bytes of a directory's files that are searched for names.
_MOST_BYTES = 256 << 20


def with_times(folders: Iterable[str]) -> tuple[Folder, ...]:
    """Return the directories that exist, each with the time of its last change."""
    found = []
    for folder in dict.fromkeys(folders):
        with suppress(OSError, ValueError):
            found.append((folder, os.stat(folder).st_mtime_ns))
    return tuple(found)


@lru_cache(maxsize=MOST_FOLDERS)
def files_in(folder: str, _changed: int) -> Sequence[str]:
    """Return the paths in a directory, in order; the first ones where there are too many."""
    try:
        return [os.path.join(folder, n) for n in sorted(os.listdir(folder))[: MOST_FILES + 1]]
    except OSError:
        return ()


def folders_above(folder: str) -> Iterator[str]:
    """Yield the directories above ``folder``, up to an application's (``app/lib/app/plugins``)."""
    for _ in range(_ABOVE):
        folder = os.path.dirname(folder)
        if folder == os.path.dirname(folder):
            break
        yield folder


@lru_cache(maxsize=16)
def folders_below(top: str) -> Sequence[str]:
    """Return the directories below a directory: if they are too many, one more than are searched."""
    found: list[str] = []
    queue = [top]
    for folder in queue:  # before Python 3.12 ``os.walk`` calls itself for each level
        with suppress(OSError), os.scandir(folder) as entries:
            below = [one for one in entries if one.is_dir() and one.name not in NOT_SEARCHED]
            found += sorted(one.path for one in below)
            queue += sorted(one.path for one in below if not one.is_symlink())
        if len(found) > MOST_FOLDERS:
            return found[: MOST_FOLDERS + 1]
    return found


@lru_cache(maxsize=MOST_FOLDERS)
def clues_in(folder: Folder, files: Sequence[str] | None = None, *, is_near: bool = True) -> Clues:
    """Return the clues of a directory's ``files``, all of them if none are given.

    In a directory that is not near the module only names of it count, and where that has the
    programs of a whole system, only names in texts.
    """
    files = files_in(*folder) if files is None else files
    is_small = is_near or len(files) <= MOST_PROGRAMS
    if is_near and len(files) > MOST_FILES:
        return [(folder[0], Clue(doubt=TOO_MANY))], {}
    left, clues = _MOST_BYTES, []
    named: dict[bytes, str] = {}
    for place in files:
        binary = read_object_at(place)
        if binary and (not is_small or binary.runtime or binary.libpython):
            continue
        is_program, is_module = (binary.program, binary.module) if binary else (False, False)
        clue = clue_at(place, program=is_program, module=is_module)
        for name in clue.names:
            named.setdefault(name, place)
        if clue.function and not is_near:
            clues.append((place, Clue(doubt=f"names `{clue.function}`")))
        elif is_near and (clue.function or clue.doubt):
            clues.append((place, clue))
        left -= os.stat(place).st_size if binary and is_near else 0
        if left < 0:
            clues.append((folder[0], Clue(doubt=TOO_MANY)))
            break
    return clues, named


def clue_at(place: str, *, program: bool = False, module: bool = False) -> Clue:
    """Return the clue that a file on disk gives, an empty one where it cannot be read."""
    with suppress(MalformedBinary, OSError, ValueError), open(safe_open(place)[0], "rb") as file:
        size = os.fstat(file.fileno()).st_size
        read = descriptor_reader(file.fileno())
        return clue_in(place, read, size, program=program, module=module)
    return Clue()


def clue_of_opener_at(place: str) -> Clue:
    """Return the clue of a library on disk that opens others, an empty clue for another file."""
    with suppress(MalformedBinary, OSError, ValueError), open(safe_open(place)[0], "rb") as file:
        read = descriptor_reader(file.fileno())
        if read(0, len(MAGIC)) == MAGIC and may_open_libraries(read_elf(read)):
            return clue_at(place)
    return Clue()
