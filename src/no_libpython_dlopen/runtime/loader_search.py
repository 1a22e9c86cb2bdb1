"""Where the dynamic loader would find a library, without opening it.

A guard has to say before a library is mapped whether it will be this interpreter's
own or a second copy, and a doctor lists every libpython that a name could lead to.
The order is glibc's (``ld.so(8)``): what is already loaded under that name, RPATH,
``LD_LIBRARY_PATH``, RUNPATH, the cache, the default directories. On macOS it is dyld's
(``dyld(1)``), as far as Python needs it.

The cache is read here and not by ``ldconfig -p``: the guard cannot start a process
inside somebody's ``dlopen``, and on Debian ``/sbin`` is not on a user's PATH.
"""

from __future__ import annotations

import os
import sys
from struct import Struct, error

from no_libpython_dlopen.binary import search_paths
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, descriptor_reader
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.runtime import mapped_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.binary.formats.elf import Elf

_CACHE = "/etc/ld.so.cache"
_MUSL_DEFAULT = ("/lib", "/usr/local/lib", "/usr/lib")
#: glibc's built-in directories, without Debian's multiarch ones.
_DEFAULT = ("/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")
_DYLD_DEFAULT = ("/usr/local/lib", "/usr/lib")

_CACHE_MAGIC = b"glibc-ld.so.cache1.1"
_CACHE_HEADER = Struct("=20sII20x")  # magic, entries, size of the strings
_CACHE_ENTRY = Struct("=iIIIQ")  # flags, key, value, OS version, hardware capabilities


def environment(process: int | str = "self") -> dict[str, str]:
    """Return the environment that a process was started with, which is what its loader read.

    Changing ``LD_LIBRARY_PATH`` in ``os.environ`` changes nothing for a running process.
    Without ``/proc`` the present environment has to do.
    """
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            items = file.read().split(b"\0")
    except OSError:
        return dict(os.environ) if process == "self" else {}
    pairs = [os.fsdecode(item).partition("=") for item in items if b"=" in item]
    return {name: value for name, _, value in pairs}


def library_path(variables: dict[str, str]) -> list[str]:
    """Return the directories of ``LD_LIBRARY_PATH`` (on macOS ``DYLD_LIBRARY_PATH``).

    An empty entry is the current directory (``ld.so(8)``).
    """
    name = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    value = variables.get(name, "")
    return [entry or "." for entry in value.replace(";", ":").split(":")] if value else []


def preloads(entries: str, path: str) -> bool:
    """Return whether the text of ``LD_PRELOAD`` has a file's plain name, or a path of it."""
    return any(
        os.path.realpath(entry) == os.path.realpath(path)
        if "/" in entry
        else entry == os.path.basename(path)
        for entry in entries.replace(":", " ").split()
    )


def parse_cache(data: bytes) -> list[tuple[str, str]]:
    """Return name and path of each entry of ``ld.so.cache``, in order.

    Empty where the file is not what glibc 2.2 and later write. A file made to be read
    by older ones too starts with their table.
    """
    start = data.find(_CACHE_MAGIC)
    if start < 0:
        return []
    found = []
    try:
        _, count, _ = _CACHE_HEADER.unpack_from(data, start)
        for index in range(min(count, len(data) // _CACHE_ENTRY.size)):
            at = start + _CACHE_HEADER.size + index * _CACHE_ENTRY.size
            _, key, value, _, _ = _CACHE_ENTRY.unpack_from(data, at)
            found.append((_string(data, start + key), _string(data, start + value)))
    except error:
        return found
    return found


def _string(data: bytes, start: int) -> str:
    return os.fsdecode(data[start : data.find(b"\0", start)])


def read_cache() -> list[tuple[str, str]]:
    """Return the loader cache's names and paths, none where there is no readable cache."""
    try:
        with open(_CACHE, "rb") as file:
            return parse_cache(file.read())
    except OSError:
        return []


def fits_process(path: str) -> bool:
    """Return whether the loader of this process would take the file: class, order, machine.

    The loader passes over libraries of other machines, as on a multiarch system.
    """
    if sys.platform == "darwin":
        return os.path.exists(path)
    own, other = _identification(mapped_files.executable()), _identification(path)
    return bool(other) and (not own or own == other)


def _identification(path: str) -> bytes:
    try:
        descriptor, _ = safe_open(path)
        with open(descriptor, "rb") as file:
            head = file.read(20)
    except OSError:
        return b""
    return head[4:6] + head[18:20] if head.startswith(b"\x7fELF") and len(head) == 20 else b""


def run_paths(path: str) -> tuple[list[str], list[str]]:
    """Return the RPATH and the RUNPATH of an ELF file, its tokens replaced.

    A RUNPATH disables the RPATH beside it. Both are empty for what cannot be read.
    """
    elf = _read_elf(path)
    if elf is None:
        return [], []
    entries = search_paths.counted_entries(elf.runpath or elf.rpath, elf.needed)
    origin = os.path.dirname(os.path.realpath(path))
    machine = (elf.machine, elf.bits, elf.order)
    found = [
        place for entry in entries for place in search_paths.expand_tokens(entry, origin, machine)
    ]
    return ([], found) if elf.runpath else (found, [])


def uses_musl(path: str) -> bool:
    """Return whether an ELF file is linked to musl, Alpine's C library."""
    elf = _read_elf(path)
    return elf is not None and search_paths.uses_musl(elf.needed)


def _read_elf(path: str) -> Elf | None:
    from no_libpython_dlopen.binary.formats.elf import read_elf

    try:
        descriptor, _ = safe_open(path)
    except OSError:
        return None
    try:
        return read_elf(descriptor_reader(descriptor))
    except (MalformedBinary, OSError):
        return None
    finally:
        os.close(descriptor)


def expand_origin(entry: str, path: str, *, linked: bool = False) -> str:
    """Return a search path's entry with ``$ORIGIN`` replaced by the folder of the file ``path``.

    That is the real file's, or with ``linked`` the folder of the link that leads to it.
    """
    origin = os.path.dirname(os.path.abspath(path) if linked else os.path.realpath(path))
    return entry.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)


def locate(
    name: str,
    loaded: Iterable[mapped_files.MappedFile],
    *,
    caller: str = "",
    variables: dict[str, str] | None = None,
) -> str:
    """Return the file that opening ``name`` would give, or ``""``.

    ``loaded`` are the files mapped now; a plain name that is loaded is not looked for
    again. ``caller`` is the file whose RPATH or RUNPATH counts: the extension module
    itself, or what implements the loader.
    """
    if "/" in name:
        path = expand_origin(name, caller) if caller else name
        return path if os.path.exists(path) else ""
    for file in loaded:
        if file.name == name:
            return file.path
    variables = environment() if variables is None else variables
    is_musl = bool(caller) and uses_musl(caller)
    candidates = _musl_candidates if is_musl else _candidates
    for path in candidates(name, caller, variables):
        if fits_process(path) and (not is_musl or uses_musl(path)):
            return path
    return ""


def _musl_candidates(name: str, caller: str, variables: dict[str, str]) -> Iterator[str]:
    """Yield paths in the order of musl (``ldso/dynlink.c``), which has no cache."""
    rpath, runpath = run_paths(caller)
    folders = [*library_path(variables), *rpath, *runpath]
    for folder in (*folders, *(_musl_folders() or _MUSL_DEFAULT)):
        yield os.path.join(folder, name)


def _musl_folders() -> list[str]:
    """Return the folders of ``/etc/ld-musl-ARCH.path``, which stand in for the default ones."""
    found = []
    for name in sorted(os.listdir("/etc")):
        if name.startswith("ld-musl-") and name.endswith(".path"):
            try:
                with open(os.path.join("/etc", name), encoding="utf-8") as file:
                    found += file.read().replace(":", "\n").split("\n")
            except (OSError, ValueError):
                continue
    return [folder for folder in found if folder]


def _candidates(name: str, caller: str, variables: dict[str, str]) -> Iterator[str]:
    rpath, runpath = run_paths(caller) if caller else ([], [])
    if not runpath:
        rpath = [*rpath, *run_paths(mapped_files.executable())[0]]
    for directory in (*rpath, *library_path(variables), *runpath):
        yield os.path.join(directory, name)
    for key, path in read_cache():
        if key == name:
            yield path
    for directory in default_folders():
        yield os.path.join(directory, name)


def default_folders() -> tuple[str, ...]:
    """Return the folders that the loader looks into last.

    The first is that of the C library: glibc looks there whatever its distributor has made of
    the others (Debian's are named after the machine), and the cache has sonames only. Where
    the mapped files are not told, the cache has the C library.
    """
    if sys.platform == "darwin":
        return _DYLD_DEFAULT
    name = "libc.so.6"
    own = [file.path for file in mapped_files.files() if file.name == name] or [
        path for key, path in read_cache() if key == name and fits_process(path)
    ]
    return tuple(dict.fromkeys([*map(os.path.dirname, own), *_DEFAULT]))
