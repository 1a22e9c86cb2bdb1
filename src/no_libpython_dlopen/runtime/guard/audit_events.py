"""What audit events, and the mapped files afterwards, show of libpython.

CPython announces two things to audit hooks (PEP 578): ``ctypes.dlopen`` with the name as
it was passed, and ``import`` with the path of an extension module, both before anything
is mapped. What announces nothing, cffi's ``dlopen`` and the dependencies of an extension
module, shows among the mapped files: looked at after whatever may have brought a new
library in, and at exit.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident

from no_libpython_dlopen.binary.formats.elf import MAGIC, read_elf
from no_libpython_dlopen.binary.formats.random_access import descriptor_reader
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.runtime import mapped_files
from no_libpython_dlopen.runtime.guard import source_location
from no_libpython_dlopen.runtime.guard.detection import Detection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from no_libpython_dlopen.binary.formats.random_access import Read
    from no_libpython_dlopen.runtime.guard.source_location import SourceLocation

_PAGE = 4096
#: What compilers link to by themselves (the base of PEP 600's list): none needs libpython.
_COMPILERS = ("libstdc++.so.6", "libgcc_s.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1")
#: Events that are looked at; after one that may map something, any other is as well.
EVENTS = frozenset({"import", "ctypes.dlopen", "os.exec"})


class Detector:
    """What one interpreter has shown so far.

    ``pending`` is what to blame for what is mapped next: a thread, a description and
    the place.
    """

    def __init__(self) -> None:
        self.pending: tuple[int, str, SourceLocation] | None = None
        #: Base names and paths of libpythons that have been seen.
        self._seen: set[str] = set()
        files = mapped_files.files()
        #: Names of libraries that are mapped already: asking for them brings nothing new.
        self._needed = {*_COMPILERS, *(file.name for file in files)}
        #: Files whose own needs have been looked at. What was mapped before the guard is
        #: the host's business (a web server's module needs libpython), modules apart.
        self._examined = {file.path for file in files} - _module_files()
        self._own = mapped_files.runtime()
        #: Python's own extension modules are not linked to libpython since 3.8 (bpo-21536).
        self._standard = os.path.join(os.path.dirname(os.__file__), "lib-dynload", "")

    def detect(self, event: str, args: tuple[Any, ...]) -> list[Detection]:
        """Return what one of the ``EVENTS`` shows, or another one that follows them."""
        found: list[Detection] = []
        if event == "os.exec" or (self.pending is not None and self.pending[0] == get_ident()):
            found = self.look()
        if event == "ctypes.dlopen":
            found += self._opening(args[0])
        elif event == "import" and args[1] is not None:
            found += self._importing(args[0], args[1])
        return found

    def _opening(self, argument: Any) -> list[Detection]:
        """Return what ctypes opening ``argument`` (text, bytes, a path, None) amounts to."""
        name = "" if argument is None else os.fsdecode(argument)
        if not name:
            return []
        here = source_location.caller_location()
        is_path = "/" in name
        real = os.path.realpath(name) if is_path else name
        soname, needed = _needs(name) if is_path else ("", ())
        if any(map(is_libpython, (name, real, soname))):
            self._seen.update((name.rpartition("/")[2], real.rpartition("/")[2], real))
            return [Detection("NLP401", name, name, here, lambda: _load_message(name))]
        what = f"`{name}`, opened by ctypes,"
        found = self._needing(what, name, name, needed, here)
        if not found:
            self.pending = (get_ident(), what.rstrip(","), here)
        return found

    def _importing(self, module: str, path: str) -> list[Detection]:
        """Return what importing the extension module in the file ``path`` amounts to."""
        if path.startswith(self._standard):
            return []
        _, needed = _needs(path)
        self._examined.add(path)  # if a symbolic link leads to it, it is read once more
        what = f"extension module `{module}`"
        if any(map(is_libpython, needed)):
            return self._needing(what, module, path, needed, source_location.caller_location())
        if not self._needed.issuperset(needed):
            self._needed.update(needed)
            self.pending = (get_ident(), what, source_location.caller_location())
        return []

    def _needing(
        self, what: str, name: str, path: str, needed: tuple[str, ...], here: SourceLocation
    ) -> list[Detection]:
        found = []
        for library in filter(is_libpython, needed):
            self._examined.add(os.path.realpath(path))
            self._seen.add(library.rpartition("/")[2])
            found.append(
                Detection("NLP402", library, name, here, _NeedMessage(what, path, library))
            )
        return found

    def look(self) -> list[Detection]:
        """Return what the mapped files show that has not been seen yet."""
        pending, self.pending = self.pending, None
        here = pending[2] if pending else source_location.program_location()
        after = f" with {pending[1]}" if pending else ""
        found: list[Detection] = []
        files = [file for file in mapped_files.files() if not self._is_own(file)]
        copies = [file for file in files if is_libpython(file.name)]
        for file in files:
            if file.path not in self._examined and file not in copies:
                self._examined.add(file.path)
                soname, needed = _needs(file.path)
                what = f"`{file.name}`, mapped{after},"
                found += self._needing(what, file.name, file.path, needed, here)
                if is_libpython(soname):
                    copies.append(file)
        for file in copies:  # those that something just seen needs are told of already
            found += self._copy(file, after, here)
        return found

    def _is_own(self, file: mapped_files.MappedFile) -> bool:
        return self._own is not None and file.identity == self._own.identity

    def _copy(
        self, file: mapped_files.MappedFile, after: str, here: SourceLocation
    ) -> list[Detection]:
        if self._own is None or not self._seen.isdisjoint((file.name, file.path)):
            return []  # what is a copy cannot be told without the original
        self._seen.update((file.name, file.path))
        return [
            Detection("NLP401", file.name, file.name, here, lambda: _mapped_message(file, after))
        ]


def is_libpython(name: str) -> bool:
    """Ask the grammar, which imports ``re``, only where a name may be one at all."""
    if "libpython" not in name and "Python" not in name:
        return False
    from no_libpython_dlopen.knowledge import libpython_names

    return libpython_names.is_libpython(name)


def _module_files() -> set[str]:
    """Return the real paths of the extension modules that are imported already."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {os.path.realpath(file) for file in files if type(file) is str and file.endswith(".so")}


def _needs(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the soname of a binary and the names it asks the loader for; none if unreadable.

    What is wrong with such a file the loader itself will say.
    """
    try:
        descriptor, _ = safe_open(path)
    except (OSError, ValueError):
        return "", ()
    try:
        read = _read_pages(descriptor)
        if read(0, 4) == MAGIC:
            elf = read_elf(read)
            return elf.soname, elf.needed
        if sys.platform == "darwin":
            from no_libpython_dlopen.binary.formats.macho import read_macho

            images = read_macho(read)
            return images[0].soname, tuple([name for image in images for name in image.needed])
    except Exception:  # noqa: BLE001 - malformed in whatever way, or a FIFO
        return "", ()
    finally:
        os.close(descriptor)
    return "", ()


def _read_pages(descriptor: int) -> Read:
    """Return the reader of a file that asks the system for a page where a few bytes are wanted."""
    read_at = descriptor_reader(descriptor)
    start, data = 0, read_at(0, _PAGE)

    def read(offset: int, size: int) -> bytes:
        nonlocal start, data
        at = offset - start
        if at < 0 or at + size > len(data):
            start, data = offset, read_at(offset, max(size, _PAGE))
            at = 0
        return data[at : at + size]

    return read


# The wording needs to know where the loader would look, which most programs never do.


class _NeedMessage:
    """The message about a need, made when it is asked for."""

    __slots__ = ("library", "path", "what")

    def __init__(self, what: str, path: str, library: str) -> None:
        self.what = what
        self.path = path
        self.library = library

    def __call__(self) -> str:
        from no_libpython_dlopen.runtime import messages

        return messages.need_message(self.what, self.path, self.library)


def _load_message(name: str) -> str:
    from no_libpython_dlopen.runtime import messages

    return messages.load_message(name, getattr(sys.modules.get("_ctypes"), "__file__", None) or "")


def _mapped_message(file: mapped_files.MappedFile, after: str) -> str:
    from no_libpython_dlopen.runtime import messages

    return messages.mapped_message(file, after)
