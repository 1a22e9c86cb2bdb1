"""All members of an archive, judged together: wheels, eggs, sdists, conda packages.

A shared object in an archive is judged like one on its own, and then together with its
neighbours. An extension module that needs a library of the same archive which needs
libpython fails like one that asks for it outright: it is reported, and the library is
named, since that is what has to be linked again (NLP301; an unsafe repair removes the entry
from the library). The library alone is not reported, since programs that embed Python ship
such, but for one case: a wheel made for one CPython has it, no module or program of the wheel
needs it, and it starts no interpreter. Then Python opens it at run time, as TensorFlow and
ctypes do.
A copy of libpython is reported where a module of the archive needs it (NLP302), unless the
interpreter in the archive, or else a program or plug-in that embeds Python in the same prefix, is
linked to it: then it is the runtime that imports the module.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import IO

from no_libpython_dlopen.binary import binary_facts
from no_libpython_dlopen.binary.archives.hosts import find_lookup
from no_libpython_dlopen.binary.archives.library_graph import LibraryGraph, LibraryPlaces
from no_libpython_dlopen.binary.archives.members import Member, printable
from no_libpython_dlopen.binary.archives.seekable_stream import InflatesTooMuch
from no_libpython_dlopen.binary.archives.zips import open_zip, rewrite_problem
from no_libpython_dlopen.binary.formats.random_access import ENTRY_COST, MalformedBinary
from no_libpython_dlopen.binary.frozen_programs import is_version, version_of_module
from no_libpython_dlopen.binary.runtime_hosts import RuntimeHosts
from no_libpython_dlopen.binary.shared_object import (
    SharedObject,
    is_named_like_library,
    read_shared_object,
)
from no_libpython_dlopen.knowledge.platforms import is_foreign_wheel
from no_libpython_dlopen.model.facts import Bundled, Fact, Needed, Unread
from no_libpython_dlopen.model.finding import Applicability, Fix

#: Characters of all names that the binaries of one archive need, with the cost of each.
_MOST_TEXT = 32 << 20
#: Links that lead to links, as the kernel follows them (``path_resolution(7)``).
_MOST_LINKS = 40
#: Text: whatever is in there, no interpreter imports it as an extension module.
_TEXT = frozenset([
    "py", "pyi", "pyx", "pxd", "pxi", "pyc", "txt", "md", "rst", "json", "html", "htm", "css",
    "js", "mjs", "ts", "map", "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "cu", "cuh",
    "f", "f90", "for", "inc", "cmake", "in", "toml", "yaml", "yml", "cfg", "ini", "xml",
    "svg", "csv", "tsv", "npy", "npz", "pkl", "ipynb", "png", "jpg", "jpeg", "gif", "ico",
    "pdf", "ttf", "woff", "woff2", "mo", "po", "proto", "glsl", "sh", "bat", "ps1", "dll",
    "pyd", "exe", "lib",
])  # fmt: skip


def may_hold_binary(path: str) -> bool:
    """Return whether a member of this name is worth a look at its first bytes."""
    return path.rpartition(".")[2].lower() not in _TEXT


class Contents:
    """The shared objects of one archive, collected and then judged together."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.foreign = is_foreign_wheel(name)
        self.objects: dict[str, SharedObject] = {}
        #: Where links that are named like libraries lead to.
        self.links: dict[str, str] = {}
        #: The folders of programs that PyInstaller made, with their own libpython.
        self.programs: set[str] = set()
        #: Why a program or library of the archive, which opens plug-ins, keeps modules from being
        #: repaired.
        self._lookup = ""
        #: Why this wheel or egg cannot be rewritten; found by ``look_for_problem``.
        self._problem = ""
        self._places = LibraryPlaces()
        self._left = _MOST_TEXT

    def add(self, member: Member) -> Iterable[Unread]:
        """Look at one member; returns an ``Unread`` where that fails."""
        assert member.read is not None
        try:
            found = read_shared_object(member.path, member.read)
        except InflatesTooMuch:
            raise
        except MalformedBinary as malformed:
            # Test data may be damaged ELF files on purpose; what is named as a library is meant.
            if is_named_like_library(member.path):
                return [Unread(str(malformed), member=member.path)]
            return []
        if found is not None:
            # A host's plug-in of another suffix may define modules for the Python that it starts.
            found.module &= is_named_like_library(member.path)
            for text in (*found.needed, *found.search, found.soname):
                self._left -= len(text) + ENTRY_COST
            if self._left < 0:
                raise InflatesTooMuch("has binaries that name too many libraries")
            self.objects[member.path] = found
            if not found.program:
                self._places.add(member.path, found)
        return []

    def look_for_hosts(self, members: Callable[[], Iterator[Member]]) -> None:
        """Find among all ``members``, read once more, what something other than Python may load.

        They are read only if a repair may be offered.
        """
        if not (self.foreign or rewrite_blocker(self._name)):
            self._lookup = find_lookup(self.objects, members)

    def look_for_problem(self, archive: IO[bytes]) -> None:
        """Find out why a wheel or egg cannot be rewritten, if a repair may be offered."""
        paths = [path for path, found in self.objects.items() if found.libpython]
        if paths and not (self.foreign or rewrite_blocker(self._name)):
            try:
                self._problem = rewrite_problem(open_zip(archive), self._name, paths)
            except MalformedBinary as malformed:
                self._problem = str(malformed)

    def facts(self) -> Iterator[Fact]:
        """Yield the facts of the collected members, in the archive's order."""
        if self.foreign:
            return
        try:
            yield from self._facts()
        except InflatesTooMuch as error:
            yield Unread(str(error))

    def _add_links(self) -> None:
        """Take a link for a module if its name makes the file a module and the file's own does not.

        Debian's ``_lldb.so`` leads to a library that programs load. A file is one module, by
        its own name or the first link's: what Python would import by another is the same.
        """
        taken: set[str] = set()
        for path in sorted(self.links):
            target = self.links[path]
            for _ in range(_MOST_LINKS):
                target = self.links.get(target, target)
            found = self.objects.get(target)
            if found is None or path in self.objects:
                continue
            if not found.program:
                self._places.add(path, found, target)
            if target in taken:
                continue
            module = found.module_at_link(path, f"it is a link to `{printable(target)}`")
            if module is not None:
                self.objects[path] = module
                taken.add(target)

    def _keep_for_hosts(self) -> None:
        """Forbid the removal of entries by which what may start Python gets libpython.

        A program loads a module like a library, and its loader would miss the API that the module
        asks for. One that needs libpython itself has it in any case. A library that starts Python
        may also have it by the module that loads it.
        """
        loaded_by = {path: path for path, found in self.objects.items() if found.borrows_libpython}
        behind = {path: path for path in loaded_by if not self.objects[path].program}
        queue = list(loaded_by)
        for path in queue:
            for name in self.objects[path].needed:
                place = self._places.find(name, path, self.objects[path])
                if place and place not in loaded_by:
                    loaded_by[place] = loaded_by[path]
                    queue.append(place)
        users: dict[str, list[str]] = {}
        for path, found in self.objects.items() if behind else ():
            for name in found.needed:
                users.setdefault(self._places.find(name, path, found), []).append(path)
        queue = list(behind)
        for path in queue:
            for user in users.get(path, ()):
                if user not in behind:
                    behind[user] = behind[path]
                    queue.append(user)
        for path, host in {**behind, **loaded_by}.items():
            found = self.objects[path]
            if found.libpython and not found.no_repair:
                found.no_repair = binary_facts.host_blocker(self.objects[host], printable(host))
        for found in self.objects.values() if self._lookup else ():
            found.no_repair = found.no_repair or (found.libpython and self._lookup) or ""

    def _facts(self) -> Iterator[Fact]:
        self._add_links()
        for path, found in self.objects.items() if self.programs else ():
            if found.libpython:
                found.forget_libpython(partial(self._is_loaded_by_program, path))
        self._keep_for_hosts()
        repairable = rewrite_blocker(self._name) or self._problem
        is_wheel = self._name.endswith((".whl", ".egg"))  # what imports it is outside of it
        copies: dict[str, dict[str, str]] = {}
        for path, found in self.objects.items():
            if not found.module:
                continue
            libraries = self.graph.libraries_of(path)
            shipped = False
            for name, copy in self._copies_for(path):
                if is_wheel or not self._hosts.has_loaded(copy, path):
                    shipped = True
                    copies.setdefault(copy, {})[path] = name
            if libraries and not found.libpython:
                yield self._indirect_need(path, libraries, shipped, repairable)
            for fact in binary_facts.facts_of(
                path, found, member=path, shipped=shipped, no_repair=repairable
            ):
                if isinstance(fact, Needed) and libraries:
                    fact = self._with_joint_fix(fact, libraries)
                yield fact
        for path in self._opened_libraries:
            need = binary_facts.opened_need(path, self.objects[path], repairable)
            _, *libraries = self._with_libraries(path)
            yield self._with_joint_fix(need, libraries) if libraries else need
        for copy, modules in copies.items():
            yield Bundled(copy, tuple(dict.fromkeys(modules.values())), tuple(modules))

    @cached_property
    def _hosts(self) -> RuntimeHosts:
        return RuntimeHosts(self.objects, lambda path: [copy for _, copy in self._copies_for(path)])

    def _copies_for(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the names of the libpythons that a binary needs, however indirectly, and their members."""
        for user in (path, *self.graph.libraries_of(path)):
            for name in self.objects[user].libpython:
                if copy := self._copy(name, path):
                    yield name, copy

    @cached_property
    def _versions(self) -> dict[str, str]:
        """The minor versions of the programs that PyInstaller made, by their folders."""
        return {
            folder: version for folder, version in map(version_of_module, self.objects) if version
        }

    def _is_loaded_by_program(self, module: str, library: str) -> bool:
        """Return whether the program around a module has a library of its own."""
        while module:
            module = module.rpartition("/")[0]
            if module in self.programs:
                shipped = f"{module}/{library}".removeprefix("/") in self.objects
                return shipped and is_version(library, self._versions.get(module, ""))
        return False

    def _indirect_need(
        self, path: str, libraries: list[str], shipped: bool, no_repair: str
    ) -> Needed:
        """Return the need of a module whose ``libraries`` need libpython, though it does not."""
        first = self.objects[libraries[0]]
        need = binary_facts.indirect_need(path, libraries[0], first, member=path, shipped=shipped)
        return need if no_repair else self._with_joint_fix(need, libraries)

    def _with_joint_fix(self, need: Needed, libraries: list[str]) -> Needed:
        """Return a module's need with the fix that includes its ``libraries``.

        Without their entries its own would be removed to no effect.
        """
        if need.fix is None and not need.through:
            return need
        for library in libraries:
            if reason := self.objects[library].no_repair:
                return replace(need, fix=None, no_fix_reason=library_blocker(library, reason))
        own = [] if need.through else [need.member]
        places = ", ".join(f"`{place}`" for place in (*own, *libraries))
        fix = Fix(
            Applicability.UNSAFE,
            f"remove libpython from `DT_NEEDED` of {places}",
            caveats=(
                *(need.fix.caveats if need.fix else ()),
                "a program that embeds Python may load the library as well",
            ),
        )
        return replace(need, fix=fix, no_fix_reason="")

    @cached_property
    def graph(self) -> LibraryGraph:
        """Which libraries lead to libpython, once all members are collected."""
        return LibraryGraph(self.objects, self._places)

    @cached_property
    def _opened_libraries(self) -> list[str]:
        """The libraries with a need of libpython that only Python can mean to open."""
        if not is_wheel_of_one_cpython(self._name):
            return []
        users = [
            p for p, each in self.objects.items() if each.module or each.program or each.starts
        ]
        reached = {library for user in users for library in self.graph.libraries_of(user)}
        return [
            path
            for path, found in self.objects.items()
            if found.libpython
            and not (found.module or found.program or found.runtime or found.starts)
            and path not in reached
        ]

    def entries_to_remove(self, *, unsafe: bool) -> Iterator[tuple[str, list[str]]]:
        """Yield each module that needs libpython, and all members whose entries make it do so.

        Without ``unsafe`` those that also get it through a library, or whose own repair is
        unsafe, are left out. Libraries that Python opens follow, each by itself.
        """
        self._keep_for_hosts()
        for path, found in self.objects.items():
            if found.module:
                libraries = self.graph.libraries_of(path)
                own = [path] if found.libpython else []
                if (own or libraries) and (
                    unsafe or not (libraries or binary_facts.caveats_of(found))
                ):
                    yield path, [*own, *libraries]
        for path in self._opened_libraries if unsafe else ():
            yield path, self._with_libraries(path)

    def _with_libraries(self, path: str) -> list[str]:
        """Return an opened library and those by which it also needs libpython."""
        return list(dict.fromkeys([path, *self.graph.libraries_of(path)]))

    def users_of_copies(self) -> dict[str, set[str]]:
        """Return the members, modules or not, that need a libpython of the archive themselves."""
        users: dict[str, set[str]] = {}
        for path, found in self.objects.items():
            for library in found.libpython:
                if copy := self._copy(library, path):
                    users.setdefault(copy, set()).add(path)
        return users

    def _copy(self, library: str, path: str) -> str:
        """Return the member that is the libpython the binary at ``path`` means, or nothing."""
        place = self._places.find(library, path, self.objects[path])
        return place if place and self.objects[place].runtime else ""


def library_blocker(library: str, reason: str) -> str:
    """Return the reason why a module is not repaired if one of its libraries cannot be."""
    return f"`{library}`, which it loads, needs it too and cannot be repaired: {reason}"


_BLOCKER = "it is not rewritten, since {}: build it again from fixed sources"
#: Where hashes of the content are recorded, by the archive's suffix; they would no longer match.
_BLOCKERS = (
    ((".deb", ".udeb"), "`md5sums` and the index of its repository contain its hashes"),
    ((".rpm",), "its header contains hashes of its files, and a signature"),
    ((".conda",), "`info/paths.json` and the index of its channel contain its hashes"),
    ((".tar.bz2",), "`info/paths.json` of a conda package and indexes contain its hashes"),
    (
        (".apk", ".jar", ".war", ".ear", ".aar"),
        "its signature, or its manifest, contains hashes of its files",
    ),
    ((".zip",), "a manifest in it, or whoever downloads it, may rely on its hashes"),
    (
        (".snap", ".squashfs", ".sqsh", ".sfs", ".AppImage"),
        "a squashfs image can only be made anew, not changed",
    ),
)


def rewrite_blocker(name: str) -> str:
    """Return the reason why an archive is not rewritten, and what to do.

    It is empty for wheels and eggs, but not for wheels whose hashes ``PEX-INFO`` contains.

    >>> rewrite_blocker("spam_1_amd64.deb").partition(":")[0]
    'it is not rewritten, since `md5sums` and the index of its repository contain its hashes'
    """
    if name.endswith((".whl", ".egg")):
        folder, inside = os.path.split(os.path.dirname(os.path.abspath(name)))
        if inside != ".deps" or not os.path.isfile(os.path.join(folder, "PEX-INFO")):
            return ""
        return _BLOCKER.format("`PEX-INFO` contains its hash")
    reasons = (reason for suffixes, reason in _BLOCKERS if name.endswith(suffixes))
    reason = next(reasons, "hashes of what it contains may be kept in it or elsewhere")
    return _BLOCKER.format(reason)


def is_wheel_of_one_cpython(name: str) -> bool:
    """Return whether a wheel's tags say that one version of CPython imports it, and no other.

    >>> is_wheel_of_one_cpython("x-1-cp312-cp312-linux_x86_64.whl")
    True
    >>> is_wheel_of_one_cpython("x-1-cp38-abi3-linux_x86_64.whl")
    False
    """
    return re.search(r"-cp3\d+-cp3\d+[a-z]*-[^-]+\.whl$", name) is not None
