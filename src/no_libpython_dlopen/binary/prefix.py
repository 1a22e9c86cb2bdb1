"""Where the prefix of a module in site-packages has hosts of it, outside of its package.

Distributions keep programs in private directories that are called like the package
(``lib/spam``, ``libexec/spam``), and in ``bin``. Any other program of the prefix may name
the module's file.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.folders import (
    NOT_SEARCHED,
    clue_at,
    files_in,
    folders_below,
    with_times,
)
from no_libpython_dlopen.binary.host_clues import NAMES_IT, TOO_MANY, Clue, name_in_clues
from no_libpython_dlopen.binary.needed_libraries import read_object_at
from no_libpython_dlopen.binary.shared_object import is_named_like_library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from no_libpython_dlopen.binary.folders import Folder

IN_PACKAGES = re.compile(r"(.*)/lib(?:32|64)?/python3[^/]*/|.*/(?:site|dist)-packages/")
_SITE = re.compile(r".*?/(?:site|dist)-packages/")
#: The tree of a system that is not this one, above its prefix.
_TREE = re.compile(r"(.+)/usr(?:/local)?\Z")
#: Where a prefix has programs, and where directories of packages.
PROGRAMS = ("bin", "sbin", "games", "libexec")
_PRIVATE = ("lib", "lib64", "libexec", "share")
_MULTIARCH = re.compile(r"\w+-linux-\w+")
#: What may stand before a package's name in the name of its directory; names of Python's own.
_BEFORE = re.compile(r"(?:_+|lib|python3?-|py(?=[a-z]))?(.*)")
_PYTHON = re.compile(r"python[\d.]*t?\Z", re.IGNORECASE)
_SEPARATORS, _WORD = re.compile(r"[-_.]+"), re.compile(r"[^-\d]*")
#: A shorter name is too common.
_SHORTEST = 2
#: Entries of a prefix's directories that are looked at, bytes of its programs that are searched, and
#: of the largest one.
_MOST_ENTRIES, _MOST_BYTES, _LARGEST = 1 << 16, 128 << 20, 16 << 20


def prefix_above(path: str) -> str:
    """Return the prefix that the module at ``path`` is installed in, empty if there is none."""
    found = IN_PACKAGES.match(path)
    return (found and found[1]) or ""


def private_places(path: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the directories and the programs that are called like a module or its package.

    They are looked for in the module's prefix; the directories below the found ones are among them.
    """
    folders: list[str] = []
    programs: list[str] = []
    prefix = prefix_above(path)
    by_word = _paths_by_word(with_times(_places(prefix))) if prefix else {}
    for name in _names_of(path) if prefix else ():
        for key, place in by_word.get(_word_of(name), ()):
            rest = key.removeprefix(name)
            if not key.startswith(name) or not (rest[:1] in ("", "-") or rest[0].isdigit()):
                continue
            if not os.path.isdir(place):
                programs += [place] if os.path.dirname(place).endswith(PROGRAMS) else []
            elif place not in folders:
                folders += [place, *folders_below(place)]
    return folders, programs


def _names_of(path: str) -> Sequence[str]:
    """Return the names of a module, of its package and of the namespaces above that."""
    inside = _SITE.match(path)
    if inside is None:
        return ()
    *packages, module = path[inside.end() :].split("/")
    names = [module.partition(".")[0]]
    folder = inside[0]
    for package in packages:
        names.append(package)
        folder = os.path.join(folder, package)
        if os.path.isfile(os.path.join(folder, "__init__.py")):
            break
    return [key for name in dict.fromkeys(names) if len(key := _key_of(name)) >= _SHORTEST]


def _key_of(name: str) -> str:
    plain = _SEPARATORS.sub("-", name.lower()).strip("-")
    found = _BEFORE.fullmatch(plain)
    return found[1] if found and len(found[1]) >= _SHORTEST else plain


def _places(prefix: str) -> Iterator[str]:
    for name in dict.fromkeys((*PROGRAMS, *_PRIVATE)):
        yield os.path.join(prefix, name)
    with suppress(OSError):
        for name in sorted(os.listdir(os.path.join(prefix, "lib"))):
            if _MULTIARCH.fullmatch(name):
                yield os.path.join(prefix, "lib", name)


def _word_of(key: str) -> str:
    return _WORD.match(key)[0]  # type: ignore[index]


@lru_cache(maxsize=4)
def _paths_by_word(folders: Sequence[Folder]) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return the paths in directories with the forms of their names, by the first word of these."""
    found: dict[str, list[tuple[str, str]]] = {}
    for place in (place for folder in folders for place in files_in(*folder)):
        name = os.path.basename(place)
        if not _PYTHON.match(name):
            key = _key_of(name)
            found.setdefault(_word_of(key), []).append((key, place))
    return found


def find_naming_programs(path: str) -> Mapping[bytes, tuple[str, Clue]]:
    """Return the clues of programs in a module's prefix, by the libraries that they name.

    A clue for any library is under an empty name: a program names what starts Python, or not all
    programs were searched.
    """
    prefix = prefix_above(path)
    site = _SITE.match(path)
    if not (prefix and site):
        return {}
    around = os.path.dirname(prefix)
    if found := _TREE.match(prefix):  # programs of an unpacked package lie in bin and opt, too
        around = found[1]
    top = around if found else prefix
    beside = [os.path.join(around, name) for name in PROGRAMS] if around != "/" else []
    tops = [os.path.join(top, name) for name in ("", *PROGRAMS, *_PRIVATE)]
    return _programs_by_name(tuple(beside), with_times([*tops, site[0]]))


@lru_cache(maxsize=4)
def _programs_by_name(
    beside: Sequence[str], folders: Sequence[Folder]
) -> Mapping[bytes, tuple[str, Clue]]:
    """Return the clues of programs below the first of ``folders``, by the libraries they name.

    The others are there for their times: when one has changed, all is read again.

    Programs ``beside`` it count as well. The smallest come first; where there are too many bytes to
    be searched, that is said of all modules.
    """
    named: dict[bytes, tuple[str, Clue]] = {}
    left = _MOST_BYTES
    programs = {*_programs_below(folders[0][0])}
    programs.update(one for folder in beside for one in _programs_below(folder, is_deep=False))
    for size, place in sorted((size, place) for place, size in programs if size <= _LARGEST):
        left -= size
        if left < 0:
            named.setdefault(b"", (folders[0][0], Clue(doubt=TOO_MANY)))
            break
        binary = read_object_at(place)
        if binary and (binary.runtime or binary.libpython or not binary.program):
            continue
        clue = clue_at(place)  # what it may do with any module says nothing of this one
        needed = [name_in_clues(os.path.basename(one)) for one in binary.needed] if binary else ()
        for name in (*clue.names, *needed):
            named.setdefault(name, (place, Clue(doubt=NAMES_IT)))
        if clue.function:
            named.setdefault(b"", (place, Clue(doubt=f"names `{clue.function}`")))
    return named


def _programs_below(top: str, *, is_deep: bool = True) -> Iterator[tuple[str, int]]:
    """Yield the executable files below a directory with their sizes, up to a limit."""
    left = _MOST_ENTRIES
    queue = [top]
    for folder in queue:
        entries: list[os.DirEntry[str]] = []
        with suppress(OSError), os.scandir(folder) as opened:
            entries += islice(opened, left)
        left -= len(entries)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                queue += [entry.path] if is_deep and entry.name not in NOT_SEARCHED else []
            elif not is_named_like_library(entry.name) and (size := _size_of_program(entry)):
                yield entry.path, size


def _size_of_program(entry: os.DirEntry[str]) -> int:
    """Return the size of an executable file, 0 for anything else."""
    with suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and status.st_mode & 0o111:
            return status.st_size
    return 0
