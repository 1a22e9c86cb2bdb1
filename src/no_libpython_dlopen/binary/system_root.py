"""The root of a system that is no running one: a chroot, an unpacked package or image.

A module of a distribution finds most of its libraries in the loader's default directories,
and its links are absolute. Both mean this root, whatever the machine has that checks it.
"""

from __future__ import annotations

import glob
import os
import re
from functools import cached_property, lru_cache

from no_libpython_dlopen.binary import search_paths
from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from no_libpython_dlopen.binary.search_paths import Machine

#: glibc's and musl's default directories, and Debian's multiarch ones (``ld.so(8)``).
_DEFAULT = ("lib64", "usr/lib64", "lib", "usr/lib", "usr/local/lib")
_MULTIARCH = ("lib/*-linux-*", "usr/lib/*-linux-*", "usr/local/lib/*-linux-*")
#: Links that one path may lead through, as the kernel counts them (``path_resolution(7)``).
_MOST_LINKS = 40
#: Files that ``ld.so.conf`` may include, at any depth.
_MOST_FILES = 100


class SystemRoot:
    """The directory ``folder`` as the root of a system."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)

    @cached_property
    def library_folders(self) -> tuple[str, ...]:
        """The directories in which the loader looks by itself: ``ld.so.conf``'s, then its own."""
        configured = [
            self.resolve(path) for path in self._configured_directories("etc/ld.so.conf", [])
        ]
        defaults = [self.resolve(path) for path in _DEFAULT]
        for pattern in _MULTIARCH:
            defaults += sorted(glob.glob(os.path.join(glob.escape(self.folder), pattern)))
        return tuple(dict.fromkeys(path for path in (*configured, *defaults) if path))

    def lib_folders(self, machine: Machine) -> tuple[str, ...]:
        """Return the directories that ``$LIB`` may stand for: those with the root's C library.

        They are all that the loader knows if the root has none, as in an unpacked package.
        """
        every = search_paths.lib_folders(machine)
        return tuple([name for name in every if self.resolve(f"{name}/libc.so.6")]) or every

    def _configured_directories(self, path: str, read: list[str]) -> list[str]:
        """Return the directories in a file like ``ld.so.conf`` (``ldconfig(8)``)."""
        file = self.resolve(path)
        if not file or file in read or len(read) >= _MOST_FILES:
            return []
        read.append(file)
        try:
            text = read_file(file, MAX_SETTINGS).decode("utf-8", "surrogateescape")
        except OSError:
            return []
        found: list[str] = []
        for line in text.splitlines():
            words = line.partition("#")[0].split()
            if words[:1] == ["include"]:
                for pattern in words[1:]:
                    absolute = pattern if pattern.startswith("/") else f"etc/{pattern}"
                    inside = os.path.join(glob.escape(self.folder), absolute.lstrip("/"))
                    for name in sorted(glob.glob(inside)):
                        found += self._configured_directories(
                            os.path.relpath(name, self.folder), read
                        )
            elif words and words[0].startswith("/"):
                found.append(words[0])
        return found

    def resolve(self, path: str) -> str:
        """Return the real path of ``path``, absolute or from the root; empty if it leads nowhere.

        Links are followed as a process would that has this root, so that none leads out.
        """
        waiting = path.split("/")[::-1]
        found: list[str] = []
        links = 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                del found[-1:]
                continue
            here = os.path.join(self.folder, *found, part)
            try:
                target = os.readlink(here)
            except OSError:
                found.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                return ""
            if target.startswith("/"):
                found.clear()
            waiting += target.split("/")[::-1]
        whole = os.path.join(self.folder, *found)
        return whole if os.path.exists(whole) else ""

    def path_of(self, path: str) -> str:
        """Return a file of this machine as the system with this root calls it; empty if outside."""
        absolute = os.path.abspath(path)
        prefix = self.folder.rstrip("/") + "/"
        return "/" + absolute[len(prefix) :] if absolute.startswith(prefix) else ""


@lru_cache(maxsize=4)
def root_at(folder: str) -> SystemRoot:
    """Return the root at ``folder``: its directories are looked up once for all modules."""
    return SystemRoot(folder)


def looks_like_root(folder: str) -> bool:
    """Return whether a directory is the root of an unpacked package or image, by its ``usr/lib``."""
    names = ("usr/lib", "usr/lib64", "usr/local/lib")
    inside = any(os.path.isdir(os.path.join(folder, name)) for name in names)
    return inside and os.path.realpath(folder) != "/"


def root_around(module: str, search: Iterable[str] = ()) -> SystemRoot | None:
    """Return the root of the system in whose directories a module is installed.

    It contains ``usr/lib`` or a similar directory above the module; or else the module's directory
    below it is named in the module's own ``search`` path. ``None`` for a module elsewhere.
    """
    path = os.path.abspath(module)
    found = re.match(r"(.*)/usr/(?:local/)?lib(?:32|64|exec)?/", path)
    if found:
        return root_at(found[1] or "/")
    folder = os.path.dirname(path)
    for entry in search:
        place = os.path.normpath(entry)
        if place.startswith("/") and place != "/" and folder.endswith(place):
            return root_at(folder.removesuffix(place) or "/")
    return None
