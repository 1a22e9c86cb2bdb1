"""What a file says of a host: of something other than Python that loads a module.

A host without a libpython opens a plug-in and looks up by name what starts Python; a script preloads
a module for a program that calls Python, or names it to whatever opens it. They get libpython by
the module's ``DT_NEEDED`` entry, which a repair removes. Where nobody can tell, a repair is not safe.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.binary.formats.elf import MAGIC, read_elf
from no_libpython_dlopen.knowledge.runtime_functions import NEW_INTERPRETERS, REGISTERS, STARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from no_libpython_dlopen.binary.formats.elf import Elf
    from no_libpython_dlopen.binary.formats.random_access import Read

#: The beginnings of what starts an interpreter, or belongs to the start.
STARTING = tuple(name.encode() for name in (*STARTS, *REGISTERS, *NEW_INTERPRETERS))
#: No such name is longer.
LONG_NAME = 64
#: One of these names that is a string of its own.
_STRING = re.compile(rb"(?<![\w .:(])((?:%s)\w{0,32})\0" % b"|".join(STARTING))
#: What such a name is put together from, as an argument of ``dlsym``: ``Py_%s``, ``Py_``.
_PART = re.compile(
    rb"(?<![\w .:(%])(_?Py_|_?Py_?%[^\0 ]{1,16}|%s_(?:Initialize|RunMain|Main)\w*)\0"
)
_MAKES_NAMES = (b"dlsym", b"dlvsym")
_OPENS = (b"dlopen", b"dlmopen")
#: A file name of libpython, or the part of it before a version; a sentence or a path says less.
_LIBPYTHON = re.compile(rb"(?<![^\0/])libpython(?:[23%{.][^\0 /]{0,64})?\0")
#: How the loader is told to load a library before others (``ld.so(8)``).
_VARIABLES, _OPTION = (b"LD_PRELOAD", b"ld.so.preload"), b"--preload"
#: What follows the loader's option, if it is no word of a sentence; and a call of the loader.
_VALUE = re.compile(rb"[ =][\"']?[$./{]")
_LOADER = re.compile(rb"\bld-[\w.-]{1,40}\.so\S*[ \t]")
#: Characters of a call before an option, options of a text, and steps of a search for names. Beyond
#: them a text is made to stall, and tells nothing good.
_LONGEST_CALL, _MOST_OPTIONS, _MOST_STEPS = 80, 1000, 200_000
#: Bytes of a text; behind a script there may be what it unpacks.
_LONGEST_TEXT, _HEAD = 4 << 20, 1024
_PYTHON = (".py", ".pyi", ".pyx")
#: Texts for people, which load nothing.
_DOCUMENTS = (".adoc", ".html", ".log", ".md", ".rst")
#: Lists of installed files name every module.
_LISTS = re.compile(r"(?:^|/)(?:[^/]*\.(?:dist|egg)-info|EGG-INFO|DEBIAN)/|\.py[co]\Z")


NAMES_IT, _PRELOADING = "names it", "makes the loader preload libraries"
_SUFFIX = b".so"
#: Bytes beside a name that make it a part of a longer one.
_LETTERS = frozenset(
    b"%c" % byte for byte in range(128) if chr(byte).isalnum() or chr(byte) in "_+-"
)


class Clue(NamedTuple):
    """What one file says of the modules around it.

    ``function`` is what it looks up to start Python, without a libpython of its own. ``doubt`` is
    what else it may do with any module, as the end of a sentence. ``names`` are the file names of
    modules that stand in it.
    """

    function: str = ""
    doubt: str = ""
    names: frozenset[str] = frozenset()


class ModuleNames:
    """The file names of modules, to be found in other files."""

    def __init__(self, names: Iterable[str]) -> None:
        #: By the part of them up to ``.so``, in bytes.
        self._names: dict[bytes, set[str]] = {}
        for name in names:
            start, suffix, _ = name.partition(_SUFFIX.decode())
            key = (start + suffix).encode("utf-8", "surrogateescape")
            self._names.setdefault(key, set()).add(name)
        self._lengths = sorted(set(map(len, self._names)))
        self.longest = max(self._lengths, default=0)

    def find_in(self, text: bytes) -> set[str]:
        """Return those that stand in ``text``, not as a part of a longer name.

        All may stand in one that would take too long to be searched.
        """
        found: set[str] = set()
        if text.count(_SUFFIX) * len(self._lengths) > _MOST_STEPS:
            return found.union(*self._names.values())
        at = text.find(_SUFFIX)
        while at >= 0:
            end = at + len(_SUFFIX)
            if text[end : end + 1] not in _LETTERS:
                for length in self._lengths:
                    start = end - length
                    names = self._names.get(text[max(start, 0) : end])
                    if names and text[max(start - 1, 0) : start] not in _LETTERS:
                        found |= names
            at = text.find(_SUFFIX, end)
        return found


def clue_in(path: str, read: Read, size: int, names: ModuleNames, *, program: bool) -> Clue:
    """Return the clue that the file at ``path`` gives of modules with these file ``names``.

    It is no module, and needs no libpython. Raises ``MalformedBinary``.
    """
    if _LISTS.search(path) or path.endswith(_DOCUMENTS):
        return Clue()
    head = read(0, _HEAD)
    if head.startswith(MAGIC):
        return _clue_in_binary(read_elf(read), names, program=program)
    if b"\0" in head or not head:
        return Clue()
    text = read(0, min(size, _LONGEST_TEXT))
    doubt = _PRELOADING if _preloads(text) else ""
    named = names.find_in(text) if doubt or not path.endswith(_PYTHON) else ()
    return Clue(doubt=doubt, names=frozenset(named))


def _preloads(text: bytes) -> bool:
    """Return whether a text has the loader load a library before others."""
    if any(variable in text for variable in _VARIABLES):
        return True
    at = text.find(_OPTION)
    for _ in range(_MOST_OPTIONS):
        if at < 0:
            return False
        end = at + len(_OPTION)
        before = text[max(0, at - _LONGEST_CALL) : at].rpartition(b"\n")[2]
        if _VALUE.match(text, end) or _LOADER.search(before):
            return True
        at = text.find(_OPTION, end)
    return True


def _clue_in_binary(elf: Elf, names: ModuleNames, *, program: bool) -> Clue:
    symbols = elf.symbols((*STARTING, *_MAKES_NAMES, *_OPENS))
    calls = {name.encode() for name, defined in symbols.items() if not defined}
    starting = [name for name in symbols if name.encode().startswith(STARTING)]
    if any(symbols[name] for name in starting):
        return Clue()  # a Python
    looks_up = not calls.isdisjoint(_MAKES_NAMES)
    function, makes, preloads = "", False, False
    named: set[str] = set()
    for piece in elf.loaded_pieces(min(max(LONG_NAME, names.longest + 2), _HEAD)):
        if b"libpython" in piece and _LIBPYTHON.search(piece):
            return Clue()
        preloads = preloads or b"LD_PRELOAD" in piece
        named |= names.find_in(piece)
        if program or looks_up:
            function = function or function_named_in(piece, parts=False)
        makes = makes or bool(looks_up and function_named_in(piece, parts=True))
    doubt = _PRELOADING if preloads else ""
    if makes:
        doubt = "makes names of functions that begin as Python's"
    elif program and not calls.isdisjoint(_OPENS):
        doubt = doubt or "opens libraries while it runs"
    linked = {name.rpartition("/")[2] for name in elf.needed}  # a graph follows these
    return Clue(function or next(iter(starting), ""), doubt, frozenset(named - linked))


def function_named_in(piece: bytes, *, parts: bool) -> str:
    """Return a name of what starts Python that is a string in ``piece``, empty for none.

    With ``parts`` a string from which such a name is made is one, too. Sentences are passed over.
    """
    if b"Py" not in piece:  # nearly all, told quickly
        return ""
    found = None
    if any(mark in piece for mark in STARTING):
        found = _STRING.search(piece)
    if found is None and parts:
        found = _PART.search(piece)
    return found[1].decode() if found else ""
