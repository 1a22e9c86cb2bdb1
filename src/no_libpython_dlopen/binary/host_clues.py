"""What a file says of a host: of something other than Python that loads a module.

A host without a libpython opens a plug-in and looks up by name what starts Python; a script preloads
a module for a program that calls Python, or names it to whatever opens it. They get libpython by
the module's ``DT_NEEDED`` entry, which a repair removes. Where nobody can tell, a repair is not safe.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.binary.formats.elf import MAGIC, read_elf
from no_libpython_dlopen.binary.loading_texts import (
    LONGEST_NAME,
    PYTHON,
    is_written_list,
    loaded_names,
    may_load,
    name_up_to_suffix,
    names_in,
    obeyed_part,
    opens_libraries,
    preloads,
)
from no_libpython_dlopen.knowledge.runtime_functions import NEW_INTERPRETERS, REGISTERS, STARTS

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.elf import Elf
    from no_libpython_dlopen.binary.formats.random_access import Read

#: The beginnings of what starts an interpreter, or belongs to the start.
STARTING = tuple(name.encode() for name in (*STARTS, *REGISTERS, *NEW_INTERPRETERS))
#: No such name is longer.
LONG_NAME = 64
#: One of these names that is a string of its own.
_STRING = re.compile(rb"(?<![\w .:(])((?:%s)\w{0,32})\0" % b"|".join(STARTING))
#: What such a name is put together from, as an argument of ``dlsym``: ``Py_%s``, ``Py_``.
_PART = re.compile(rb"(?<![\w .:(%])(_?Py_|_?Py_?%[!-~]{1,16})\0")
_PART_WITHOUT = re.compile(rb"(?<![\w .:(%])(%s_(?:Initialize|RunMain|Main)\w*)\0")
#: How these names and parts begin, from ``Py`` on.
_STRING_MARKS = tuple({name.removeprefix(b"_") for name in STARTING})
_PART_MARKS = (b"Py_\0", b"Py_%", b"Py%")
_MAKES_NAMES = (b"dlsym", b"dlvsym")
#: The beginnings of what opens libraries, in C's library and in those that wrap it.
_OPENS = (
    *(b"dlopen", b"dlmopen", b"g_module_open", b"lt_dlopen", b"apr_dso_load", b"uv_dlopen"),
    *(b"SDL_LoadObject", b"PR_LoadLibrary", b"_ZN8QLibrary", b"_ZN13QPluginLoader"),
    *(b"_ZN4Poco13SharedLibrary", b"_ZN16wxDynamicLibrary", b"_ZN4Glib6Module"),
    *(b"_ZN4llvm3sys14DynamicLibrary", b"LLVMLoadLibraryPermanently", b"__libc_dlopen_mode"),
)
#: A library that removes ``LD_PRELOAD`` for the programs that it starts (``SDL_OpenURL``).
_TAKES_AWAY = re.compile(r"libSDL[23]-")
#: A file name of libpython, or the part of it before a version; a sentence or a path says less.
_LIBPYTHON = re.compile(rb"(?<![^\0/])libpython(?:[23%{.][^\0 /]{0,64})?\0")
#: Variables of PyInstaller's programs, which open the libpython that is packed in or beside them.
_PACKED = (b"\0_PYI_ARCHIVE_FILE\0", b"\0_MEIPASS2\0")
#: Bytes of a text; behind a script there may be what it unpacks.
_LONGEST_TEXT, _HEAD = 4 << 20, 1024
#: How a script and a class of Java begin.
_SCRIPT, _CLASS = b"#!", b"\xca\xfe\xba\xbe"

NAMES_IT, LINKED, OPENING = "names it", "is linked to it", "opens libraries while it runs"
_PRELOADING = "makes the loader preload libraries"
#: Said of a plug-in with a libpython of its own.
PLUG_IN = "starts Python, and may be a plug-in"
#: Said of a directory.
TOO_MANY = "has too many files to be searched"
#: Said of a list of what was installed.
UNREAD = "may list files of the package, and cannot be read or is too large"


class Clue(NamedTuple):
    """What one file says of the modules around it.

    ``function`` is what it looks up to start Python, without a libpython of its own. ``doubt`` is
    what else it may do with any module, as the end of a sentence. ``names`` are the file names of
    the libraries that it may load, up to ``.so``.
    """

    function: str = ""
    doubt: str = ""
    names: frozenset[bytes] = frozenset()


def name_in_clues(name: str) -> bytes:
    """Return the form that a library of this file ``name`` has among the ``names`` of clues."""
    start = name.partition(".so")[0] + ".so"
    return name_up_to_suffix(start.encode("utf-8", "surrogateescape"))


def may_open_libraries(elf: Elf) -> bool:
    """Return whether a binary names a function that opens libraries; ``False`` is certain."""
    return elf.holds(_OPENS)


def clue_in(
    path: str, read: Read, size: int, *, program: bool = False, module: bool = False
) -> Clue:
    """Return the clue that the file at ``path`` gives of the modules around it.

    It needs no libpython. ``program`` tells that it is a program, or a library that a program loads;
    of a ``module`` only the name of what starts Python counts: the rest it does in Python. Raises
    ``MalformedBinary``.
    """
    head = read(0, _HEAD)
    if head.startswith(MAGIC):
        return _clue_in_binary(read_elf(read), program=program, module=module)
    if not head or not (head.startswith(_SCRIPT) or may_load(path)):
        return Clue()
    if b"\0" in head and not (path.endswith(PYTHON) or head.startswith(_CLASS)):
        return Clue()
    text = read(0, min(size, _LONGEST_TEXT))
    if is_written_list(path, text):
        return Clue()
    text = obeyed_part(path, text)
    doubt = OPENING if opens_libraries(path, text) else ""
    if preloads(text):
        doubt = _PRELOADING
    if path.endswith(PYTHON) and not doubt:
        return Clue()
    return _clue_of(doubt, loaded_names(path, text))


def _clue_of(doubt: str, names: frozenset[bytes] | None, function: str = "") -> Clue:
    if names is None:
        return Clue(function, doubt or NAMES_IT)
    return Clue(function, doubt, names)


def _clue_in_binary(elf: Elf, *, program: bool, module: bool) -> Clue:
    symbols = elf.symbols((*STARTING, *_MAKES_NAMES, *_OPENS))
    calls = {name.encode() for name, defined in symbols.items() if not defined}
    starting = [name for name in symbols if name.encode().startswith(STARTING)]
    if any(symbols[name] for name in starting):
        return Clue()  # a Python
    looks_up = not calls.isdisjoint(_MAKES_NAMES)
    opens = any(call.startswith(_OPENS) for call in calls)
    function, makes, preloading = "", False, False
    is_told = elf.executable or not _TAKES_AWAY.match(elf.soname)
    named: frozenset[bytes] | None = frozenset()
    for piece in elf.loaded_pieces(LONGEST_NAME + 2):
        if b"libpython" in piece and _LIBPYTHON.search(piece):
            return Clue()
        if elf.executable and any(name in piece for name in _PACKED):
            return Clue()
        preloading = preloading or (is_told and b"LD_PRELOAD" in piece)
        more = names_in(piece)
        named = None if named is None or more is None else named | more
        function = function or function_named_in(piece, parts=False)
        if program or looks_up:
            makes = makes or bool(function_named_in(piece, parts=True))
        opens = opens or (looks_up and b"dlopen\0" in piece)  # it may look that up
    function = function or next(iter(starting), "")
    doubt = _PRELOADING if preloading else ""
    if function and (module or not (program or looks_up or starting)):
        function, doubt = "", f"names `{function}`"  # another library may look it up for this one
    elif module:
        return Clue()
    elif makes:
        doubt = "makes names of functions that begin as Python's"
    elif program and opens:
        doubt = doubt or OPENING
    if named is not None:  # a graph follows what it is linked to
        named -= {name_in_clues(name.rpartition("/")[2]) for name in elf.needed}
    return _clue_of(doubt, named, function)


def function_named_in(piece: bytes, *, parts: bool) -> str:
    """Return a name of what starts Python that is a string in ``piece``, empty for none.

    With ``parts`` a string from which such a name is made is one, too. Sentences are passed over.
    """
    part = None
    at = piece.find(b"Py")
    if parts and at >= 0 and b"%s_" in piece:
        part = _PART_WITHOUT.search(piece)
    while at >= 0:  # a search for the patterns themselves takes ten times as long
        start = at - 1 if piece[at - 1 : at] == b"_" else at
        if piece.startswith(_STRING_MARKS, at):
            if found := _STRING.match(piece, start):
                return found[1].decode()
        elif parts and piece.startswith(_PART_MARKS, at):
            part = part or _PART.match(piece, start)
        at = piece.find(b"Py", at + 1)
    return part[1].decode() if part else ""
