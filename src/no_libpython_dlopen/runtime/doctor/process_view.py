"""A process as it is seen from outside: its files, its environment, its executable.

The paths of ``/proc/PID/maps`` are the reader's for a process in a chroot, and the
process's own in another mount namespace (a container). A file that was replaced since it
was mapped is still there under ``map_files`` (privileged) and ``exe``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from no_libpython_dlopen.runtime import binary_info, loader_search, mapped_files

if TYPE_CHECKING:
    from no_libpython_dlopen.runtime.binary_info import BinaryInfo
    from no_libpython_dlopen.runtime.mapped_files import MappedFile


class ProcessView:
    """One process, by its number or ``self``. Raises ``OSError`` where it cannot be read."""

    def __init__(self, process: int | str) -> None:
        self._folder = f"/proc/{process}"
        self.files = mapped_files.parse(mapped_files.read_maps(process))
        self.executable = mapped_files.executable_of(process)
        self.variables = loader_search.environment(process)
        #: Paths of libraries that were mapped and could not be read.
        self.unreadable: list[str] = []

    def readable_path(self, file: MappedFile) -> str:
        """Return a path that leads to the very file that is mapped, ``""`` if none does."""
        inner = f"{self._folder}/root{file.path}"
        paths = [] if file.is_deleted else [inner, file.path]
        there = [path for path in paths if os.path.isfile(path)]
        for path in there:  # the inode tells a path of ours from one of the process's own
            if os.stat(path).st_ino == file.identity[1]:
                return path
        if there:  # pragma: no cover - btrfs and overlays show another inode to the kernel
            return there[0]
        if file.path == self.executable:
            return f"{self._folder}/exe"
        path = f"{self._folder}/map_files/{file.addresses}"
        return path if os.access(path, os.R_OK) else ""

    def read(self, file: MappedFile) -> BinaryInfo | None:
        """Return the facts of a mapped file; note it where it cannot be read."""
        path = self.readable_path(file)
        if not path and ".so" in file.name:
            self.unreadable.append(file.path)
        return binary_info.read(path) if path else None

    def find_preloader(self, path: str) -> str:
        """Return the cause of a file's first mapping: ``LD_PRELOAD`` or a file, else ``""``."""
        listed = {"LD_PRELOAD": self.variables.get("LD_PRELOAD", "")}
        try:
            with open(f"{self._folder}/root/etc/ld.so.preload", encoding="utf-8") as file:
                listed["/etc/ld.so.preload"] = file.read()
        except (OSError, ValueError):  # it is rare
            pass
        root = os.path.realpath(f"{self._folder}/root")
        for name, text in listed.items():
            inside = [
                os.path.join(root, entry.lstrip("/")) for entry in text.replace(":", " ").split()
            ]
            if path in inside or loader_search.preloads(text, path):
                return name
        return ""

    def search_variable(self, path: str) -> str:
        """Return the variable by which the loader came to a library, ``""`` if none is known."""
        folder = os.path.realpath(os.path.dirname(path))
        entries = loader_search.library_path(self.variables)
        by_path = any(os.path.realpath(entry) == folder for entry in entries)
        return self.find_preloader(path) or ("LD_LIBRARY_PATH" if by_path else "")
