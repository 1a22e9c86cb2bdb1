"""One shared object, judged: is it an extension module, and does it need libpython?

An *extension module* is named like one, or defines ``PyInit_*``. Programs, libraries
that embed Python and everything made for Android, iOS, Windows or Cygwin, where the
link is needed, are none of ours. libpython itself defines ``PyInit_*`` for its built-in
modules and is told apart by its name.
"""

from __future__ import annotations

import re

from no_libpython_dlopen.binary.elf import MAGIC, read_elf
from no_libpython_dlopen.binary.macho import MAGICS, read_macho
from no_libpython_dlopen.names import is_libpython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.binary.access import Read

#: ``EXT_SUFFIX`` of CPython (PEP 3149; Debian's tags; PEP 384 and 803) and its kin.
_MODULE_NAME = re.compile(r"\.(?:cpython-[23]\d+[a-z]*(?:-[\w.-]+)?|abi3t?)\.so$")
_ANDROID_NAME = re.compile(r"-linux-android(?:eabi)?\.so$")

_INIT = b"PyInit_"
#: What only the runtime itself defines. A copy has them all; a release lacks the one or other.
_CORE = ("_PyRuntime", "Py_Initialize", "Py_InitializeEx")
#: Called by those who embed Python, not by those who are imported.
_EMBEDS = ("Py_Initialize", "Py_InitializeEx", "Py_InitializeFromConfig", "Py_BytesMain")


class SharedObject:
    """What one binary needs and is.

    ``format`` is ``elf`` or ``macho``; ``needed`` all it asks the loader for and
    ``libpython`` the part of it that is libpython; ``versioned`` are the libpythons on
    which its symbols carry a version need. ``module`` tells whether it is an extension
    module, ``core`` are the runtime's symbols that it defines itself. ``search`` are its
    RPATH or RUNPATH entries.
    """

    __slots__ = ("core", "format", "libpython", "module", "needed", "search", "soname", "versioned")

    def __init__(
        self,
        kind: str,
        *,
        needed: tuple[str, ...],
        soname: str,
        search: tuple[str, ...],
        module: bool,
        core: tuple[str, ...],
        versioned: tuple[str, ...],
    ) -> None:
        self.format = kind
        self.needed = needed
        self.soname = soname
        self.search = search
        self.module = module
        self.core = core
        self.versioned = versioned
        self.libpython = tuple([name for name in needed if is_libpython(name)])


def named_like_module(name: str) -> bool:
    """Tell whether a file's name is that of an extension module.

    >>> named_like_module("pkg/_x.cpython-312-x86_64-linux-gnu.so"), named_like_module("libx.so")
    (True, False)
    """
    return bool(_MODULE_NAME.search(name))


def read_shared_object(name: str, read: Read) -> SharedObject | None:
    """Return what the binary ``name`` is, ``None`` where it is nobody's business.

    That is what is no ELF or Mach-O file, a program, libpython itself, or made for a
    platform that needs the link. Raises ``Malformed``.
    """
    magic = read(0, 4)
    if magic == MAGIC:
        return _read_elf(name, read)
    if magic in MAGICS:
        return _read_macho(name, read)
    return None


def _read_elf(name: str, read: Read) -> SharedObject | None:
    elf = read_elf(read)
    if elf.android or _ANDROID_NAME.search(name) or is_libpython(elf.soname or name):
        return None
    named = named_like_module(name)
    if elf.executable and not named:
        return None
    symbols: dict[str, bool] = {}
    if elf.holds((_INIT, *(core.encode() + b"\0" for core in _CORE))):
        symbols = elf.symbols((_INIT, *(core.encode() for core in (*_CORE, *_EMBEDS))))
    module = named or _defines_module(name, symbols)
    versioned: tuple[str, ...] = ()
    libpython = [needed for needed in elf.needed if is_libpython(needed)]
    if module and libpython:
        versioned = tuple([library for library in elf.version_needs() if is_libpython(library)])
    return SharedObject(
        "elf",
        needed=elf.needed,
        soname=elf.soname,
        search=tuple([entry for entry in (elf.runpath or elf.rpath).split(":") if entry]),
        module=module,
        core=tuple([core for core in _CORE if symbols.get(core)]) if module else (),
        versioned=versioned,
    )


def _defines_module(name: str, symbols: dict[str, bool]) -> bool:
    """Tell whether ``symbols`` make the file ``name`` an extension module.

    A library that starts Python itself may define modules for ``PyImport_AppendInittab``:
    it is one only if a module goes by the file's own name.
    """
    inits = [
        symbol[len(_INIT) :]
        for symbol in symbols
        if symbol.startswith("PyInit_") and symbols[symbol]
    ]
    if not inits:
        return False
    stem = name.rpartition("/")[2].partition(".")[0]
    embeds = any(symbols.get(call) is False for call in _EMBEDS)
    return not embeds or stem in inits


def _read_macho(name: str, read: Read) -> SharedObject | None:
    images = read_macho(read)
    first = images[0]
    names = (_INIT, *(name.encode() for name in (*_CORE, *_EMBEDS)))
    if first.executable or first.mobile or is_libpython(first.soname or name):
        return None
    needed: dict[str, None] = {}
    search: dict[str, None] = {}
    symbols: dict[str, bool] = {}
    for image in images:
        needed.update(dict.fromkeys(image.needed))
        search.update(dict.fromkeys(image.rpaths))
        for symbol, defined in image.symbols(names).items():
            symbols[symbol] = symbols.get(symbol, False) or defined
    module = named_like_module(name) or _defines_module(name, symbols)
    core = tuple([core for core in _CORE if symbols.get(core)]) if module else ()
    return SharedObject(
        "macho",
        needed=tuple(needed),
        soname=first.soname,
        search=tuple(search),
        module=module,
        core=core,
        versioned=(),
    )
