"""Finds hosts of a module, files that may load it without Python, outside of its package.

Distributions keep programs in private directories that are called like the package
(``lib/spam``, ``libexec/spam``), and in ``bin``. Any other program or library of the prefix, above
it, or in a directory that is given to the run, may name the module's file.
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
    MOST_FOLDERS,
    NOT_SEARCHED,
    clue_at,
    clue_of_opener_at,
    files_in,
    folders_above,
    folders_below,
    with_times,
)
from no_libpython_dlopen.binary.host_clues import NAMES_IT, TOO_MANY, Clue, name_in_clues
from no_libpython_dlopen.binary.loading_texts import PYTHON
from no_libpython_dlopen.binary.needed_libraries import read_object_at
from no_libpython_dlopen.binary.plug_ins import find_plug_ins
from no_libpython_dlopen.binary.shared_object import is_named_like_library
from no_libpython_dlopen.files.installed_lists import is_listed_apart
from no_libpython_dlopen.files.prefixes import is_installed, prefix_above, site_above
from no_libpython_dlopen.files.safe_open import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from no_libpython_dlopen.binary.folders import Folder
    from no_libpython_dlopen.binary.search_paths import Machine

#: The prefix of a system, above a module in a private directory; the tree above such a prefix.
_SYSTEM = re.compile(r"(.*/usr(?:/local)?)/(?:lib(?:32|64|exec)?|share)/")
_TREE = re.compile(r"(.*)/usr(?:/local)?\Z")
#: Where a prefix has programs, and where directories of packages.
PROGRAMS = ("bin", "sbin", "games", "libexec")
_PRIVATE = ("lib", "lib64", "libexec", "opt", "share")
_MULTIARCH = re.compile(r"\w+-linux-\w+")
#: What may stand before a package's name in the name of its directory; names of Python's own.
_BEFORE = re.compile(r"(?:_+|lib|python3?-|py(?=[a-z]))?(.*)")
_PYTHON = re.compile(r"python[\d.]*t?\Z", re.IGNORECASE)
#: What may stand behind a package's name: a version, more words, or the ``d`` of a daemon.
_BEHIND = re.compile(r"d?(?:[-\d].*)?\Z")
_SEPARATORS, _WORD = re.compile(r"[-_.]+"), re.compile(r"[^-\d]*")
#: Scripts and settings that need not be executable.
_TEXTS = (
    *(".sh", ".pl", ".pm", ".lua", ".rb", ".tcl", ".php"),
    *(".cfg", ".conf", ".ini", ".load", ".service"),
)
#: Suffixes that scripts and settings share with data; bytes of the largest such file that is read.
_SMALL_TEXTS = (
    *(".R", ".el", ".jl", ".js", ".scm", ".sql", ".vim"),
    *(".desktop", ".plugin", ".properties", ".rules", ".socket"),
    *(".json", ".toml", ".xml", ".yaml", ".yml"),
)
_SMALL = 1 << 16
#: The kinds of files that name libraries, and the functions that return their clues.
_PROGRAM, _TEXT, _SETTINGS, _LIBRARY = "program", "text", "settings", "library"
_CLUES = {_PROGRAM: clue_at, _TEXT: clue_at, _SETTINGS: clue_at, _LIBRARY: clue_of_opener_at}
#: A shorter name is too common.
_SHORTEST = 2
#: Entries of a prefix's directories that are looked at, bytes of its programs that are searched, and
#: of the largest one.
_MOST_ENTRIES, _MOST_BYTES, _LARGEST = 1 << 16, 128 << 20, 16 << 20


def _prefix_of(path: str) -> str:
    """Return the prefix that the module at ``path`` is installed in, empty if there is none."""
    if is_installed(path):
        return prefix_above(path)
    found = _SYSTEM.match(path)
    return found[1] if found else ""


def private_places(path: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the directories and the programs that are called like a module or its package.

    They are looked for in the module's prefix; the directories below the found ones are among them.
    """
    folders: list[str] = []
    programs: list[str] = []
    prefix = _prefix_of(path)
    tree = _TREE.match(prefix)
    places = [*_places(prefix), *(_places(tree[1] or os.sep) if tree else ())]
    site = site_above(path) or path
    by_word = _paths_by_word(with_times([*places, site])) if prefix else {}
    for name in _keys_of(_names_of(path)) if prefix else ():
        word = _word_of(name)
        for key, place in (*by_word.get(word, ()), *by_word.get(f"{word}d", ())):
            if not (key.startswith(name) and _BEHIND.match(key, len(name))):
                continue
            if place.startswith(site) and path.startswith(f"{place}/"):
                continue  # its own package, which is searched otherwise
            if not os.path.isdir(place):
                programs += [place] if os.path.dirname(place).endswith(PROGRAMS) else []
            elif place not in folders:
                folders += [place, *folders_below(place)]
    return folders, programs


def is_unrelated(place: str, path: str) -> bool:
    """Return whether a program of a system has nothing to do with a private directory's module.

    The program at ``place`` is in no directory of the package, and neither it nor its name contains
    the name of the module at ``path``, or of the directory.
    """
    tree = _TREE.match(_prefix_of(path))
    tops = (tree[0], tree[1]) if tree and not is_installed(path) else ()
    folder = os.path.dirname(place)
    is_program = folder in [f"{top}/{name}" for top in tops for name in PROGRAMS]
    return is_program and _names_no_part(place, path)


def is_of_another_package(place: str, path: str) -> bool:
    """Return whether a library is of another package than the module at ``path``.

    That is so if an installer's list has the library at ``place`` and not the module, or if both are
    in a system's prefix and the library names neither the module nor its package.
    """
    return is_listed_apart(place, path) or _names_no_part(place, path)


def _names_no_part(place: str, path: str) -> bool:
    """Return whether a file of a system names neither the module at ``path`` nor its package."""
    tree, names = _TREE.match(_prefix_of(path)), _names_of(path)
    if not tree or len(names) < 2 or not place.startswith(f"{tree[1]}/"):
        return False
    try:
        text = os.fsencode(place[len(tree[1]) :]) + read_file(place, _LARGEST)
    except OSError:
        return False
    return not any(one.lower().encode() in text.lower() for one in (*names, *_keys_of(names)))


def _names_of(path: str) -> Sequence[str]:
    """Return the names of a module, of its package and of the namespaces above that."""
    folder = site_above(path)
    if not folder:  # a private directory, or one in the directory of an architecture
        inside = path.removeprefix(_prefix_of(path)).split("/")[2:-1]
        names = [os.path.basename(path).partition(".")[0]]
        return [*names, *[one for one in inside if not _MULTIARCH.fullmatch(one)][:1]]
    *packages, module = path[len(folder) :].split("/")
    names = [module.partition(".")[0]]
    for package in packages:
        names.append(package)
        folder = os.path.join(folder, package)
        if os.path.isfile(os.path.join(folder, "__init__.py")):
            break
    return names


def _keys_of(names: Iterable[str]) -> Sequence[str]:
    keys = map(_key_of, dict.fromkeys(names))
    return [key for key in keys if len(key) >= _SHORTEST and not _PYTHON.match(key)]


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


def find_naming_files(
    path: str, given: Iterable[str], root: str
) -> Iterator[Mapping[bytes, tuple[str, Clue]]]:
    """Yield the clues of programs and libraries, by the libraries that they name.

    The prefix of the module at ``path``, ``etc`` of the ``root`` and the directories ``given`` to
    the run are searched; in those above the prefix or the module's directory only programs are. A
    clue for any library is under an empty name: a program names what starts Python, or not all of
    the prefix was searched.
    """
    for folders, is_whole in _searched_folders(path, given):
        yield _clues_below(folders, is_whole=is_whole)
    prefix = _prefix_of(path)
    settings = os.path.join(root, "etc")
    if prefix and not settings.startswith(f"{_top_of(prefix)}/"):
        yield from (_clues_below((folder,)) for folder in with_times([settings]))
    above = folders_above(prefix or os.path.dirname(path))
    around = [os.path.join(folder, name) for folder in above for name in ("", *PROGRAMS)]
    yield from map(_clues_in, with_times(around))


def _top_of(prefix: str) -> str:
    """Return the directory above a system's prefix, or the prefix itself.

    An unpacked package has programs in ``bin`` and ``opt`` beside ``usr``, too.
    """
    tree = _TREE.match(prefix)
    return (tree and tree[1]) or prefix


def _searched_folders(path: str, given: Iterable[str]) -> Iterator[tuple[Sequence[Folder], bool]]:
    """Yield the directories to be searched, and whether each is a whole prefix.

    These are that of a module's prefix, and those ``given``. Each comes first among directories
    whose times say whether it has changed.
    """
    prefix = _prefix_of(path)
    top = _top_of(prefix)
    if prefix:
        times = [os.path.join(top, name) for name in (*PROGRAMS, *_PRIVATE)]
        yield with_times([top, *times, site_above(path) or top]), True
    for folder in with_times(given):
        if not (prefix and f"{folder[0]}/".startswith(f"{top}/")):
            yield (folder,), False


def plug_ins_around(path: str, given: Iterable[str], machine: Machine) -> Iterator[str]:
    """Yield the plug-ins that start Python, and that may be of the package of a module.

    They are below the prefix of the module at ``path`` or the directories ``given`` to the run, and
    in no installer's list that lacks the module.
    """
    for folders, _ in _searched_folders(path, given):
        for place in _plug_ins_below(folders, machine):
            if not is_of_another_package(place, path):
                yield place


@lru_cache(maxsize=8)
def _plug_ins_below(folders: Sequence[Folder], machine: Machine) -> Sequence[str]:
    files = _files_by_kind(folders)
    places = [place for kind in (_PROGRAM, _LIBRARY) for _, place in files.get(kind, ())]
    objects = ((place, read_object_at(place)) for place in places)
    return find_plug_ins({place: one for place, one in objects if one}, machine)


@lru_cache(maxsize=4)
def _files_by_kind(folders: Sequence[Folder]) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Return the files below the first of ``folders`` with their sizes, the smallest ones first."""
    files: dict[str, list[tuple[int, str]]] = {}
    for kind, size, place in _files_below(folders[0][0]):
        files.setdefault(kind, []).append((size, place))
    return {kind: sorted(found) for kind, found in files.items()}


@lru_cache(maxsize=8)
def _clues_below(
    folders: Sequence[Folder], *, is_whole: bool = False
) -> Mapping[bytes, tuple[str, Clue]]:
    """Return the clues of programs and libraries below the first of ``folders``.

    The others are given for their times: when one has changed, all files are read again. The
    smallest files come first. If the first directory ``is_whole`` and its programs have too many
    bytes to be searched, a clue says so for all modules; other libraries are then passed over.
    """
    top = folders[0][0]
    files = _files_by_kind(folders)
    named: dict[bytes, tuple[str, Clue]] = {}
    for kind, clue_of in _CLUES.items():
        is_obeyed = is_whole or kind is _SETTINGS
        found = _clues_by_name(files.get(kind, ()), clue_of, is_whole=is_obeyed)
        named = {**found, **named}
    programs = (size for size, _ in files.get(_PROGRAM, ()) if size <= _LARGEST)
    if is_whole and sum(programs) > _MOST_BYTES:
        named.setdefault(b"", (top, Clue(doubt=TOO_MANY)))
    return named


@lru_cache(maxsize=MOST_FOLDERS)
def _clues_in(folder: Folder) -> Mapping[bytes, tuple[str, Clue]]:
    """Return the clues of a directory's programs."""
    files = _files_below(folder[0], is_deep=False)
    programs = [(size, place) for kind, size, place in files if kind is _PROGRAM]
    return _clues_by_name(sorted(programs), clue_at)


def _clues_by_name(
    files: Iterable[tuple[int, str]], clue_of: Callable[[str], Clue], *, is_whole: bool = False
) -> dict[bytes, tuple[str, Clue]]:
    """Return the clues of files of these sizes, up to a limit, by the libraries that they name.

    A script counts if the directory ``is_whole``, if it is in ``etc``, or if it also opens or
    preloads libraries: others may build, test or copy the library.
    """
    named: dict[bytes, tuple[str, Clue]] = {}
    left = _MOST_BYTES
    for size, place in files:
        if size > _LARGEST:
            break
        left -= size
        if left < 0:
            break
        binary = read_object_at(place)
        if binary and (binary.runtime or binary.libpython or binary.module):
            continue
        clue = clue_of(place)  # what it may do with any module says nothing of this one
        names = [name_in_clues(os.path.basename(one)) for one in binary.needed] if binary else []
        if binary and binary.is_library:
            names = []  # the graph of libraries follows these
        if binary or is_whole or clue.doubt:
            names += clue.names
        for name in names:
            named.setdefault(name, (place, Clue(doubt=NAMES_IT)))
        if clue.function and binary and binary.program:
            named.setdefault(b"", (place, Clue(doubt=f"names `{clue.function}`")))
    return named


def _files_below(top: str, *, is_deep: bool = True) -> Iterator[tuple[str, int, str]]:
    """Yield the kind, size and path of each file below a directory that may name a library.

    In ``etc`` links to files count, too, except links to programs: these are in other directories.
    """
    settings = top if top.endswith("/etc") else os.path.join(top, "etc")
    for entry in _entries_below(top, is_deep=is_deep):
        with suppress(OSError):
            is_obeyed = entry.path.startswith(f"{settings}/")
            status = entry.stat(follow_symlinks=is_obeyed)
            if is_obeyed and status.st_mode & 0o111 and entry.is_symlink():
                continue
            kind = _kind_of(entry.path, status, is_obeyed=is_obeyed)
            if kind and status.st_size:
                yield kind, status.st_size, entry.path


def _kind_of(path: str, status: os.stat_result, *, is_obeyed: bool) -> str:
    if not stat.S_ISREG(status.st_mode):
        return ""
    if is_obeyed:  # `ld.so.preload`, too
        return _SETTINGS
    if is_named_like_library(path):
        return _LIBRARY
    if status.st_mode & 0o111:
        return _PROGRAM
    if path.endswith(_TEXTS) or (status.st_size <= _SMALL and path.endswith(_SMALL_TEXTS)):
        return _TEXT
    if path.endswith((*PYTHON, *_TEXTS, *_SMALL_TEXTS)):
        return ""
    found = read_object_at(path)  # a plug-in may have any name, and need not be executable
    return _LIBRARY if found and not found.program else ""


def _entries_below(top: str, *, is_deep: bool) -> Iterator[os.DirEntry[str]]:
    """Yield the entries below a directory, or only in it, without directories, up to a limit."""
    left = _MOST_ENTRIES
    queue = [top]
    for folder in queue:
        entries: list[os.DirEntry[str]] = []
        with suppress(OSError), os.scandir(folder) as opened:
            entries += islice(opened, left)
        left -= len(entries)
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif is_deep and entry.name not in NOT_SEARCHED:
                queue.append(entry.path)
