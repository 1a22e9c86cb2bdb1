"""One shared object, judged: is it an extension module, and does it need libpython?

An *extension module* is named like one, or defines ``PyInit_*``. Programs, libraries
that embed Python and everything made for Android, iOS, Windows or Cygwin, where the
link is needed, are none of ours. libpython itself defines ``PyInit_*`` for its built-in
modules and is told apart by its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.formats.dynamic_section import repair_blocker
from no_libpython_dlopen.binary.formats.elf import ET_DYN, ET_EXEC, MAGIC, Elf, read_elf
from no_libpython_dlopen.binary.formats.macho import MAGICS, MH_BUNDLE, MH_DYLIB, read_macho
from no_libpython_dlopen.binary.host_clues import LONG_NAME, STARTING, function_named_in
from no_libpython_dlopen.binary.search_paths import counted_entries
from no_libpython_dlopen.knowledge.extension_names import is_extension_module
from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.knowledge.runtime_functions import STARTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from no_libpython_dlopen.binary.formats.random_access import Read
    from no_libpython_dlopen.binary.search_paths import Machine

_ANDROID_NAME = re.compile(r"-linux-android(?:eabi)?\.so$")

#: What only the runtime itself defines.
_CORE = ("_PyRuntime", "Py_Initialize", "Py_InitializeEx")
#: What a file must hold to be asked for these names, and for those that start Python: one that
#: is named like a module need not show that it is one.
_MARKS = (b"_PyRuntime\0", *STARTING)
_INIT = b"PyInit_"
#: The beginnings of what nearly every module calls, to be found quickly, and of all that Python's
#: API has. A module that calls nothing of it has a Python inside, or leaves it to another library.
_CALLS = (b"PyModule", b"PyObject_", b"PyErr_", b"PyCapsule_", b"PyImport_", b"_Py_")
_API = (b"Py", b"_Py")
#: What the runtime says and every build of it holds, also where its symbols are hidden.
_SAID = (b"PYTHONHASHSEED", b"Fatal Python error")
_ASKED = (_INIT, *(mark.rstrip(b"\0") for mark in _MARKS))


class SharedObject:
    """What one binary needs and is.

    ``needed`` is all it asks the loader for and ``libpython`` the part of it that is libpython.
    ``module`` tells that it is an extension module, ``runtime`` that it is a libpython itself,
    ``program`` that it is an executable; a library is none of them. ``starts`` tells that it calls
    what starts an interpreter; ``start_name`` is such a function that a module in need of libpython
    only names, as an argument of ``dlsym``, and ``doubt`` what else makes its repair unsafe. ``core``
    are the runtime's symbols that a module defines itself;
    ``hidden`` tells that it has them without showing it, as the linker's ``--exclude-libs`` makes
    it. ``search`` are its RPATH or RUNPATH entries; ``hands_on`` tells that they also count for the
    libraries that it needs, as an RPATH does. ``machine`` is what it is made for. ``no_repair`` says why libpython must not be
    removed from what it needs, if there is a reason. ``inits`` are the modules that it defines.
    """

    __slots__ = (
        "core",
        "doubt",
        "hands_on",
        "hidden",
        "inits",
        "libpython",
        "machine",
        "module",
        "needed",
        "no_repair",
        "program",
        "runtime",
        "search",
        "soname",
        "start_name",
        "starts",
    )

    def __init__(
        self,
        needed: tuple[str, ...],
        soname: str,
        search: tuple[str, ...],
        *,
        module: bool = False,
        runtime: bool = False,
        program: bool = False,
        starts: bool = False,
        start_name: str = "",
        core: tuple[str, ...] = (),
        hidden: bool = False,
        no_repair: str = "",
        inits: tuple[str, ...] = (),
        machine: Machine = (),
        hands_on: bool = True,
    ) -> None:
        self.inits = inits
        self.machine = machine
        self.hands_on = hands_on
        self.needed = needed
        self.soname = soname
        self.search = search
        self.module = module
        self.runtime = runtime
        self.program = program
        self.starts = starts
        self.start_name = start_name
        self.doubt = ""
        self.core = core
        self.hidden = hidden
        self.no_repair = no_repair
        self.libpython = tuple(filter(is_libpython, dict.fromkeys(needed)))

    @property
    def borrows_libpython(self) -> bool:
        """Whether this may start Python and leaves the need of libpython to other libraries."""
        return (self.program or self.starts) and not self.libpython

    @property
    def is_library(self) -> bool:
        """Whether this is none of the other kinds, and has no libpython of its own."""
        return not (self.module or self.runtime or self.program or self.libpython)

    def module_at_link(self, name: str, no_repair: str) -> SharedObject | None:
        """Return the file as the module that a link of this name makes it, else ``None``.

        ``name`` is the link's, ``no_repair`` the reason why nothing is repaired through it, if the
        file has none itself.
        """
        if self.module or self.runtime or self.program:
            return None
        if not is_extension_module(name) and _importable(name) not in self.inits:
            return None
        return SharedObject(
            self.needed,
            self.soname,
            self.search,
            module=True,
            starts=self.starts,
            no_repair=self.no_repair or no_repair,
            machine=self.machine,
            hands_on=self.hands_on,
        )

    def forget_libpython(self, is_loaded: Callable[[str], bool]) -> None:
        """Leave out of ``libpython`` what the program around the file has loaded before."""
        self.libpython = tuple([name for name in self.libpython if not is_loaded(name)])


def file_names(path: str, found: SharedObject) -> set[str]:
    """Return the names by which the object at ``path`` may be loaded: the file's and its own."""
    return {path.rpartition("/")[2], found.soname.rpartition("/")[2]} - {""}


def is_named_like_library(name: str) -> bool:
    """Return whether a file's name is that of a shared library or module of any kind.

    >>> is_named_like_library("lib/libx.so.1.0"), is_named_like_library("tests/data/elf_header")
    (True, False)
    """
    base = name.rpartition("/")[2]
    return base.endswith((".so", ".dylib")) or ".so." in base or is_libpython(name)


def read_shared_object(name: str, read: Read, *, strings: bool = True) -> SharedObject | None:
    """Return the shared object ``name``; ``None`` for a binary that has nothing to do with us.

    That is what is no ELF or Mach-O file, a Mach-O program, or made for a platform that
    needs the link. Without ``strings``, these are not searched for ``start_name`` and ``hidden``.
    Raises ``MalformedBinary``.
    """
    magic = read(0, 4)
    if magic == MAGIC:
        return _read_elf(name, read, strings=strings)
    if magic in MAGICS:
        return _read_macho(name, read)
    return None


def _read_elf(name: str, read: Read, *, strings: bool) -> SharedObject | None:
    elf = read_elf(read)
    if elf.type not in (ET_DYN, ET_EXEC):
        return None  # an object file or a core dump
    if elf.android or _ANDROID_NAME.search(name):
        return None
    search = counted_entries(elf.runpath or elf.rpath, elf.needed)
    machine = (elf.machine, elf.bits, elf.order)
    if is_libpython(elf.soname) or is_libpython(name):
        return SharedObject(elf.needed, elf.soname, search, runtime=True, machine=machine)
    named = is_extension_module(name)
    if elf.executable and not named:
        return SharedObject(elf.needed, elf.soname, search, program=True, machine=machine)
    symbols: dict[str, bool] = {}
    if elf.holds(_MARKS if named else (_INIT, *_MARKS)):
        symbols = elf.symbols(_ASKED)
    module = named or _defines_module(name, symbols)
    in_host = _blocker_in_host(symbols)
    no_repair = ""
    if any(map(is_libpython, elf.needed)):
        no_repair = in_host or repair_blocker(elf)
    core = _core(symbols) if module else ()
    repaired = strings and module and not no_repair and any(map(is_libpython, elf.needed))
    may_hide = strings and module and not core and _may_hide_runtime(elf)
    start_name, speaks = _search_strings(elf) if repaired or may_hide else ("", False)
    return SharedObject(
        elf.needed,
        elf.soname,
        search,
        module=module,
        starts=bool(in_host),
        start_name=start_name if repaired else "",
        core=core,
        hidden=may_hide and speaks,
        no_repair=no_repair,
        inits=_inits(symbols),
        machine=machine,
        hands_on=not elf.runpath,
    )


def _search_strings(elf: Elf) -> tuple[str, bool]:
    """Return a name of what starts Python among a file's strings, and if it says what runtimes say.

    The name, ``""`` for none, may be an argument of ``dlsym``.
    """
    name, missing = "", set(_SAID)
    parts = bool(elf.symbols((b"dlsym", b"dlvsym")))
    for piece in elf.loaded_pieces(LONG_NAME):
        missing = {word for word in missing if word not in piece}
        name = name or function_named_in(piece, parts=parts)
    return name, not missing


def _may_hide_runtime(elf: Elf) -> bool:
    """Return whether a module's symbols allow that a runtime is inside whose own are hidden."""
    if elf.holds(_CALLS):
        return False
    names = elf.symbols(_API)
    return any(name.startswith("PyInit_") for name, defined in names.items() if defined) and all(
        names.values()
    )


def _read_macho(name: str, read: Read) -> SharedObject | None:
    needed: dict[str, None] = {}
    search: dict[str, None] = {}
    symbols: dict[str, bool] = {}
    images = read_macho(read)
    for image in images:
        if image.type not in (MH_DYLIB, MH_BUNDLE) or image.mobile:
            return None
        needed.update(dict.fromkeys(image.needed))
        search.update(dict.fromkeys(image.rpaths))
        for symbol, defined in image.symbols(_ASKED).items():
            symbols[symbol] = symbols.get(symbol, False) or defined
    soname = images[0].soname
    if is_libpython(soname) or is_libpython(name):
        return SharedObject(tuple(needed), soname, tuple(search), runtime=True)
    module = is_extension_module(name) or _defines_module(name, symbols)
    return SharedObject(
        tuple(needed),
        soname,
        tuple(search),
        module=module,
        starts=bool(_blocker_in_host(symbols)),
        core=_core(symbols) if module else (),
        no_repair="removing a Mach-O load command renumbers the libraries of all symbols",
    )


def _defines_module(name: str, symbols: dict[str, bool]) -> bool:
    """Return whether ``symbols`` make the file ``name`` an extension module.

    A library that starts Python itself may define modules for ``PyImport_AppendInittab``:
    it is one only if a module goes by the file's own name, by which Python could import it.
    """
    inits = _inits(symbols)
    return bool(inits) and (not _embeds(symbols) or _importable(name) in inits)


def _inits(symbols: dict[str, bool]) -> tuple[str, ...]:
    """Return the names of the modules that a file defines."""
    return tuple([s[7:] for s, defined in symbols.items() if defined and s[:7] == "PyInit_"])


def _importable(path: str) -> str:
    """Return the name by which Python could import a file, empty for ``libx.so.1``."""
    stem, _, suffix = path.rpartition("/")[2].partition(".")
    return stem if suffix.endswith("so") else ""


def _embeds(symbols: dict[str, bool]) -> bool:
    """Return whether the file calls what starts a Python."""
    return any(not defined and call.startswith(STARTS) for call, defined in symbols.items())


def _blocker_in_host(symbols: dict[str, bool]) -> str:
    """Return the reason why a repair could break the program that loads a file, empty for none.

    Some are modules and part of a host alike: an Apache module, a plug-in of a debugger, a
    library that brings its own module along. The interpreter that they start comes from
    the entry.
    """
    for call, defined in symbols.items():
        if not defined and call.encode().startswith(STARTING):
            return f"it starts Python itself (it calls `{call}`), for which it needs the entry"
    return ""


def _core(symbols: dict[str, bool]) -> tuple[str, ...]:
    return tuple([core for core in _CORE if symbols.get(core)])
