"""Which files are mapped into a process, and which of them its Python runs from.

On Linux ``/proc/PID/maps`` says it: a lock-free read, 42 microseconds, while
``ctypes.util.dllist`` deadlocks on 3.14 (cpython#157573) and needs ctypes. On macOS
dyld has a list of its images.

The running runtime is found by the address of one of its objects. ``sysconfig`` says
how Python was configured, not which of the two builds that a distributor makes of it
is running.
"""

from __future__ import annotations

import os
import sys
from _io import open as open_file  # a program may replace the built-in function (pyfakefs does)
from os import readlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DELETED = " (deleted)"


class MappedFile:
    """One mapped file.

    ``identity`` is the same for two paths of one file. The kernel's idea of a device
    differs from ``stat``'s on some file systems (btrfs, overlays): identities of one
    source may be compared, never of two. ``addresses`` are those of its first segment, as
    ``/proc/PID/map_files`` has them. A file that ``is_deleted`` was removed or replaced.
    """

    __slots__ = ("addresses", "identity", "is_deleted", "path")

    def __init__(
        self, path: str, identity: tuple[str, int], addresses: str = "", *, is_deleted: bool = False
    ) -> None:
        self.path = path
        self.identity = identity
        self.addresses = addresses
        self.is_deleted = is_deleted

    @property
    def name(self) -> str:
        """The base name."""
        return self.path.rpartition("/")[2]


def parse(maps: bytes) -> list[MappedFile]:
    """Return the loaded files in the text of ``/proc/PID/maps``, each once, by address.

    The loader maps a file in segments, one of them executable. What a program maps to read it
    has one kind of access and no code: it is left out.
    """
    found: dict[tuple[str, int], MappedFile] = {}
    code: set[tuple[str, int]] = set()
    data: dict[tuple[str, int], list[bytes]] = {}
    last, identity = b"", ("", 0)
    for line in maps.split(b"\n"):
        head, _, path = line.partition(b"/")
        if not path or (path == last and identity in code):
            continue
        if path != last:  # a file has a line for each of its segments
            file = _parse_line(line)
            if file is None:
                continue
            last, identity = path, file.identity
            found.setdefault(identity, file)
        if b"x" in head:  # no number has this letter
            code.add(identity)
        else:
            data.setdefault(identity, []).append(head)
    return [
        file for one, file in found.items() if one in code or _is_loaded_without_code(data[one])
    ]


def _is_loaded_without_code(heads: list[bytes]) -> bool:
    """Return whether segments with such starts of their lines are the loader's.

    Large pages may stand in for the code: private segments of several kinds are left then.
    """
    access = {head.split(None, 2)[1] for head in heads}
    return len(access) > 1 and all(word.endswith(b"p") for word in access)


def _parse_line(line: bytes) -> MappedFile | None:
    """Return the file that a line of ``/proc/PID/maps`` names, if any."""
    fields = line.split(None, 5)
    if len(fields) < 6 or not fields[5].startswith(b"/"):
        return None
    return MappedFile(
        _path(fields[5]),
        (fields[3].decode(), int(fields[4])),
        fields[0].decode(),
        is_deleted=fields[5].endswith(_DELETED.encode()),
    )


def _path(field: bytes) -> str:
    """Return the path in the last field: a newline is escaped, a deleted file marked."""
    field = field.removesuffix(_DELETED.encode())
    return os.fsdecode(field.replace(b"\\012", b"\n"))


def file_at_address(maps: bytes, address: int) -> MappedFile | None:
    """Return the file that is mapped at ``address`` in the text of ``/proc/PID/maps``."""
    for line in maps.splitlines():
        start, _, end = line.partition(b" ")[0].partition(b"-")
        if int(start, 16) <= address < int(end, 16):
            return _parse_line(line)
    return None


def read_maps(process: int | str = "self") -> bytes:
    """Return ``/proc/PID/maps``, empty where there is none. Raises other ``OSError``s."""
    try:
        with open_file(f"/proc/{process}/maps", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def files() -> list[MappedFile]:
    """Return the files mapped into this process, none where the system does not tell."""
    if sys.platform == "darwin":
        return read_dyld_images(*_dyld())  # pragma: no cover - dyld is macOS's
    return parse(read_maps())


def executable() -> str:
    """Return the file of the running program, which an embedding one is not ``sys.executable``."""
    try:
        return executable_of("self")
    except OSError:  # pragma: no cover - no /proc, as on macOS
        return os.path.realpath(sys.executable) if sys.executable else ""


def executable_of(process: int | str) -> str:
    """Return the path of a process's executable, where it was if it is deleted.

    Raises ``OSError``.
    """
    return readlink(f"/proc/{process}/exe").removesuffix(_DELETED)


def runtime_address() -> int:
    """Return an address inside the running Python runtime.

    A static type is data of the runtime. An embedding program that is linked to
    libpython may hold a relocated copy of types that it names itself, so this is one
    that no program names: the type of list iterators.
    """
    return id(type(iter([])))


def runtime() -> MappedFile | None:
    """Return the file that the running runtime lies in: an executable or libpython."""
    return file_of_process_at(runtime_address())


def files_and_runtime() -> tuple[list[MappedFile], MappedFile | None]:
    """Return ``files()`` and ``runtime()`` by one look at the process."""
    maps = b"" if sys.platform == "darwin" else read_maps()
    return (parse(maps), file_at_address(maps, runtime_address())) if maps else (files(), runtime())


def file_of_process_at(address: int) -> MappedFile | None:
    """Return the file of this process that is mapped at ``address``, if that can be told."""
    maps = b"" if sys.platform == "darwin" else read_maps()
    if maps:
        return file_at_address(maps, address)
    path = _dladdr(address)
    return MappedFile(path, _identity(path)) if path else None


def _dladdr(address: int) -> str:
    """Return the path of what lies at ``address`` as the dynamic loader spells it, or ``""``.

    ELF loaders know the executable by its ``argv[0]`` only, which may be no path.
    """
    import ctypes

    class Information(ctypes.Structure):
        _fields_ = (
            ("file", ctypes.c_char_p),
            ("base", ctypes.c_void_p),
            ("symbol", ctypes.c_char_p),
            ("address", ctypes.c_void_p),
        )

    try:
        dladdr = ctypes.CDLL(None).dladdr
    except (AttributeError, OSError, TypeError):  # pragma: no cover - as Windows's loader
        return ""
    dladdr.argtypes = (ctypes.c_void_p, ctypes.POINTER(Information))
    information = Information()
    if not dladdr(address, ctypes.byref(information)) or not information.file:
        return ""
    path = os.fsdecode(information.file)
    return path if os.path.isabs(path) else executable()


def _dyld() -> tuple[  # pragma: no cover - dyld is macOS's
    Callable[[], int], Callable[[int], bytes | None]
]:
    """Return dyld's two functions: how many images there are, and the name of one."""
    import ctypes

    process = ctypes.CDLL(None)
    count = process._dyld_image_count
    count.restype = ctypes.c_uint32
    name = process._dyld_get_image_name
    name.restype = ctypes.c_char_p
    name.argtypes = (ctypes.c_uint32,)
    return count, name


def read_dyld_images(
    count: Callable[[], int], name: Callable[[int], bytes | None]
) -> list[MappedFile]:
    """Return the images that dyld lists, each file once.

    An image may go away while they are counted: its name is ``None`` then.
    """
    found: dict[tuple[str, int], MappedFile] = {}
    for index in range(count()):
        raw = name(index)
        if raw:
            path = os.fsdecode(raw)
            found.setdefault(_identity(path), MappedFile(path, _identity(path)))
    return list(found.values())


def _identity(path: str) -> tuple[str, int]:
    """Return the identity of a file; a name in dyld's shared cache has no file."""
    try:
        status = os.stat(path)
    except OSError:
        return (path, 0)
    return (str(status.st_dev), status.st_ino)
