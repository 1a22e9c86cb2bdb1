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

from no_libpython_dlopen.runtime import mapped_files
from no_libpython_dlopen.runtime.guard import source_location
from no_libpython_dlopen.runtime.guard.detection import Detection
from no_libpython_dlopen.runtime.guard.own_imports import OWN_IMPORTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from no_libpython_dlopen.runtime.guard.source_location import SourceLocation

#: What compilers link to by themselves (the base of PEP 600's list): none needs libpython.
_COMPILERS = ("libstdc++.so.6", "libgcc_s.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1")
#: Before them the mapped files are looked at in any case: what comes after forgets, or inherits.
_LOOKS = frozenset({"os.exec", "os.fork", "os.forkpty"})
#: Before them, too, if they concern a library, or the link by which it was opened: it is gone then.
_REMOVALS = frozenset({"os.remove", "os.rename"})
#: Events that are looked at; after one that may map something, any other is as well.
EVENTS = (
    _LOOKS
    | _REMOVALS
    | {*("import", "ctypes.dlopen"), *("os.posix_spawn", "os.system", "subprocess.Popen")}
)
#: Events after which a program has more files than before, or may.
OPENINGS = frozenset({"open", "socket.__new__", "resource.setrlimit", "resource.prlimit"})


class _Pending:
    """What may bring libraries in: ``names`` are those that it is known to ask the loader for."""

    __slots__ = ("location", "names", "thread", "what")

    def __init__(self, what: str, location: SourceLocation, names: set[str]) -> None:
        self.thread = get_ident()
        self.what = what
        self.location = location
        self.names = names


class Detector:
    """What one interpreter has shown so far.

    ``pending`` is what may have mapped files since the last look.
    """

    def __init__(self) -> None:
        self.pending: _Pending | None = None
        #: The file of the dynamic loader's log, under ``nolibpy run``.
        self.log = ""
        #: Libpythons that were reported and are mapped, by the identities of their files.
        self._seen: set[tuple[str, int]] = set()
        #: Real paths that were reported before they were mapped, by the thread that maps them.
        self._announced: dict[str, int] = {}
        files, self._own = mapped_files.files_and_runtime()
        #: Whether mapped files can be seen at all: not without ``/proc``.
        self.sees_mapped_files = bool(files)
        #: Names of libraries that are mapped already: asking for them brings nothing new. That of
        #: the interpreter's own libpython is not among them: the need of it is a finding.
        names = [file.name for file in files]
        preloaded = [file for file in files if file.name in _preloaded_names()]
        #: Whether another libpython was mapped before the guard came (``LD_PRELOAD``).
        self.starts_with_copy = any(
            is_libpython(file.name) or (file in preloaded and is_libpython(_needs(file.path)[0]))
            for file in files
            if not self._is_own(file)
        )
        self._needed = {*_COMPILERS, *(name for name in names if "libpython" not in name)}
        #: Files whose own needs have been looked at. What was mapped before the guard is
        #: the host's business (a web server's module needs libpython), modules apart.
        self._examined = {file.path for file in files if file not in preloaded} - _module_files()
        #: Python's own extension modules are not linked to libpython since 3.8 (bpo-21536).
        self._standard = os.path.join(os.path.dirname(os.__file__), "lib-dynload", "")

    def detect(self, event: str, args: tuple[Any, ...]) -> list[Detection]:
        """Return the detections of one of the ``EVENTS``, or of an event that follows them."""
        looks = event in _LOOKS or (self.pending is not None and self.pending.thread == get_ident())
        looks = looks or (event in _REMOVALS and ".so" in os.fsdecode(args[0]))
        found = self.look() if looks else []
        if event == "ctypes.dlopen":
            found += self._check_open(args[0], is_current=looks)
        elif event == "import" and args[1] is not None:
            found += self._check_import(args[0], args[1], is_current=looks)
        return found

    def refuse(self) -> None:
        """Forget what this thread was about to map: an exception stops it."""
        self._forget_announced()
        self.pending = None

    def _forget_announced(self) -> None:
        thread = get_ident()
        self._announced = {
            path: owner for path, owner in self._announced.items() if owner != thread
        }

    def _check_open(self, argument: Any, *, is_current: bool) -> list[Detection]:
        """Return the detections of ctypes opening ``argument`` (text, bytes, a path, None)."""
        name = "" if argument is None else os.fsdecode(argument)
        if not name or (name in self._needed and not is_libpython(name)):
            return []
        found = self._look_before(is_current=is_current)
        here = source_location.caller_location()
        path = name if "/" in name else _locate(name, _loader_file())
        real = os.path.realpath(path) if path else ""
        soname, needed = _needs(path) if path else ("", ())
        what = f"`{name}`, opened by ctypes"
        if any(map(is_libpython, (name, real, soname))):
            self._announce([path], what, here)
            describe = lambda: _load_message(name)  # noqa: E731
            return [*found, Detection("NLP401", name, name, here, describe, file=real)]
        if real in self._examined and not any(map(is_libpython, needed)):
            self._needed.add(name)  # it is mapped: the next time it is not looked for
            return found
        return found + self._needs_of_all(what, name, path, needed, here)

    def _check_import(self, module: str, path: str, *, is_current: bool) -> list[Detection]:
        """Return the detections of importing the extension module in the file ``path``."""
        if path.startswith(self._standard):
            return []
        _, needed = _needs(path)
        if self._needed.issuperset(needed):
            self._examined.add(path)  # if a symbolic link leads to it, it is read once more
            return []
        found = self._look_before(is_current=is_current)
        what = f"extension module `{module}`"
        here = source_location.caller_location()
        return found + self._needs_of_all(what, module, path, needed, here)

    def _look_before(self, *, is_current: bool) -> list[Detection]:
        """Return detections of before the present attempt, which is not to be blamed for them.

        What another thread is about to map stays its own.
        """
        return self.look() if self.pending is None and not is_current else []

    def _needs_of_all(
        self, what: str, name: str, path: str, needed: tuple[str, ...], here: SourceLocation
    ) -> list[Detection]:
        """Return the needs of what is about to be mapped, and of the libraries it brings."""
        found = self._needs_of_file(what, name, path, needed, here)
        names = {path.rpartition("/")[2], *needed}
        announced = [path] * bool(found)
        waiting = [(path, library) for library in needed if not is_libpython(library)]
        for caller, library in waiting:  # it grows while it is gone through
            if library in self._needed:
                continue
            brought = _locate(library, caller)
            _, deeper = _needs(brought) if brought else ("", ())
            more = self._needs_of_file(
                f"`{library}`, needed by {what},", library, brought, deeper, here
            )
            announced += [brought] * bool(more)
            found += more
            fresh = [need for need in deeper if need not in names]
            names.update(fresh)
            waiting += [(brought, need) for need in fresh if not is_libpython(need)]
        self._announce([*announced, *(item.file for item in found)], what, here, names)
        if not found:
            self._needed.update(names - {path.rpartition("/")[2]})
        return found

    def _announce(
        self, paths: list[str], what: str, here: SourceLocation, names: Iterable[str] = ()
    ) -> None:
        """Remember what is reported and about to be mapped, and what to blame for the rest."""
        thread = get_ident()
        for path in paths:
            if "/" in path:
                self._announced[os.path.realpath(path)] = thread
        self.pending = _Pending(what, here, set(names))

    def _needs_of_file(
        self, what: str, name: str, path: str, needed: tuple[str, ...], here: SourceLocation
    ) -> list[Detection]:
        return [
            Detection(
                *("NLP402", library, name, here, _NeedMessage(what, path, library)),
                file=os.path.realpath(file) if (file := _locate(library, path)) else "",
            )
            for library in needed
            if is_libpython(library)
        ]

    def look(self) -> list[Detection]:
        """Return the detections of mapped files that are new.

        All of it is late: whatever brought it has returned by now.
        """
        pending, self.pending = self.pending, None
        found: list[Detection] = []
        files = [file for file in mapped_files.files() if not self._is_own(file)]
        copies = [file for file in files if is_libpython(file.name)]
        brought = pending.names if pending else set()
        fresh = []
        for file in files:
            if file.path not in self._examined and file not in copies:
                self._examined.add(file.path)
                if file.path.startswith(self._standard):
                    continue
                soname, needed = _needs(file.path)
                if not any(map(is_libpython, (soname, *needed))):
                    self._needed.update((file.name, file.path, soname))
                fresh.append((file, needed))
                if file.name in brought or soname in brought:
                    brought.update(needed)
                if is_libpython(soname):
                    copies.append(file)
        for file, needed in fresh:
            if file.path not in self._announced:
                here, after = _blame(pending, file.name in brought)
                what = f"`{file.name}`, mapped{after},"
                found += self._needs_of_file(what, file.name, file.path, needed, here)
            self._see_needed(filter(is_libpython, needed), file.path, copies)
        for file in copies:  # those that something just seen needs are reported already
            found += self._copy(file, *_blame(pending, file.name in brought))
        self._forget_announced()
        for detection in found:
            detection.late = True
        return found

    def _is_own(self, file: mapped_files.MappedFile) -> bool:
        return self._own is not None and file.identity == self._own.identity

    def _copy(
        self, file: mapped_files.MappedFile, here: SourceLocation, after: str
    ) -> list[Detection]:
        if self._own is None or file.identity in self._seen:
            return []  # what is a copy cannot be told without the original
        self._seen.add(file.identity)
        if file.path in self._announced:
            return []
        describe = lambda: _mapped_message(file, after, self.log)  # noqa: E731
        return [Detection("NLP401", file.name, file.name, here, describe, file=file.path)]

    def _see_needed(
        self, names: Iterable[str], caller: str, copies: list[mapped_files.MappedFile]
    ) -> None:
        """Take the copies that were mapped for the needs of ``caller`` as reported.

        A plain name that is needed leads to a file of that name that was there before: where
        there is one, a new file of the name was not mapped for the need.
        """
        for name in names:
            base = name.rpartition("/")[2]
            known = [file for file in copies if file.identity in self._seen]
            if base == name and name in {file.name for file in (*known, self._own) if file}:
                continue
            brought = [file for file in copies if file not in known and file.name == base]
            if len(brought) > 1:
                path = os.path.realpath(_locate(name, caller, is_loaded=False))
                brought.sort(key=lambda file: file.path not in {path, *self._announced})
            self._seen.update(file.identity for file in brought[:1])


def _blame(pending: _Pending | None, is_certain: bool) -> tuple[SourceLocation, str]:
    """Return the place of a file that is mapped without notice, and what to say of it.

    What is ``pending`` is to blame for the libraries that it asked the loader for. Any
    other may have come by it or later: then it only says when.
    """
    if pending is None:
        return source_location.program_location(), ""
    if is_certain:
        return pending.location, f" with {pending.what}"
    where = f"{pending.location.filename}:{pending.location.row}"
    return source_location.program_location(), f" after {pending.what} ({where})"


def _locate(name: str, caller: str, *, is_loaded: bool = True) -> str:
    """Return the file that the loader would map for ``name``, ``""`` where that is not known.

    Unless ``is_loaded``, what is mapped by now does not count.
    """
    try:
        with OWN_IMPORTS:
            from no_libpython_dlopen.runtime import loader_search

        loaded = mapped_files.files() if is_loaded else ()
        return loader_search.locate(name, loaded, caller=caller)
    except Exception:  # noqa: BLE001 - the mapped files will show it
        return ""


def _loader_file() -> str:
    """Return the file whose run path counts for what ctypes opens."""
    return getattr(sys.modules.get("_ctypes"), "__file__", None) or ""


def is_libpython(name: str) -> bool:
    """Ask the grammar, which imports ``re``, only where a name may be one at all."""
    if "libpython" not in name and "Python" not in name:
        return False
    with OWN_IMPORTS:
        from no_libpython_dlopen.knowledge import libpython_names

    return libpython_names.is_libpython(name)


def _preloaded_names() -> set[str]:
    """Return the base names of the files that the environment has the loader map first."""
    words = os.environ.get("LD_PRELOAD", "").replace(":", " ").split()
    return {os.path.basename(os.path.realpath(word)) for word in words}


def _module_files() -> set[str]:
    """Return the real paths of the extension modules that are imported already."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {os.path.realpath(file) for file in files if type(file) is str and file.endswith(".so")}


def _needs(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the soname of a binary and the names it asks the loader for; none if unreadable.

    Many programs import no extension modules but Python's own: the readers of binaries are
    imported when the first other one is.
    """
    with OWN_IMPORTS:
        from no_libpython_dlopen.runtime.guard import needed_libraries

    return needed_libraries.read(path)


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

    return messages.load_message(name, _loader_file())


def _mapped_message(file: mapped_files.MappedFile, after: str, log: str) -> str:
    from no_libpython_dlopen.runtime import messages

    if not log:
        return messages.mapped_message(file, after)
    from no_libpython_dlopen.runtime.guard.supervisor import loader_log

    return messages.mapped_message(file, after, loader_log.reason(log, file.path))
