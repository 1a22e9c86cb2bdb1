"""Words to which Python and its conventions give a meaning. Tables, free of libcst."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.python.dataflow.import_tables import WINDOWS_ONLY, is_foreign_class
from no_libpython_dlopen.python.loader_tables import CFFI, COLLECTIONS, FOREIGN, LOADERS

#: Methods that change a list, a set or a dictionary in place.
MUTATORS = frozenset(
    {"append", "extend", "insert", "add", "update", "appendleft", "setdefault"}
    | {"read_string", "read_dict"}
)
#: Methods that take an item out of a collection, by its value or its key.
REMOVERS = frozenset({"remove", "discard", "pop"})
#: Methods that add options to what others return, by their names: ``parser.parse_args()``.
OPTION_MAKERS = dict.fromkeys(
    ("add_argument", "add_option", "set_defaults"), frozenset({"parse_args", "parse_known_args"})
)
#: Words of which a load needs one.
LOADER_WORDS = frozenset(
    name.rpartition(".")[2].removesuffix("()") for name in (*LOADERS, *COLLECTIONS, *FOREIGN, *CFFI)
) - {"__getitem__", "__getattr__"}
#: Words with which an attribute is asked for by a name that need not be a word of the file.
BY_NAME = frozenset(
    {"getattr", "vars", "__dict__", "attrgetter", "methodcaller", "__getattribute__"}
    | {"globals", "locals", "eval", "exec", "resolve_name"}
)
#: What strings are about that name something of Windows or Android.
FOREIGN_NAME = "(foreign)"
#: The word noted for a text that may be a program with a load.
PROGRAM_PIECE = "(program)"
#: What such a text contains; the words are searched for first, a hundred times as fast.
_LOAD_WORDS = ("DLL", "dll", "LoadLibrary", "dlopen", "load_library")
_LOAD_IN_PROGRAM = re.compile(
    r"\wDLL\b|\b(?:c|py)dll\b|\.LoadLibrary\b|[.\"'](?:dlopen|load_library)\b"
    r"|\b(?:dlopen|load_library)\s*\(|\bimport\b[\w\s,()\\]{0,200}\b(?:dlopen|load_library)\b"
)
#: Words of which a test needs one that the platform alone decides.
PLATFORM_WORDS = frozenset(
    {"platform", "uname", "system", "get_platform", "TYPE_CHECKING", "PY2", "PY3", "os.name"}
    | {"sep", "altsep", "pathsep", "linesep", "win32_ver", "get_default_compiler"}
    | {"ntpath", "posixpath", FOREIGN_NAME}
)
#: Ends of the names of Windows' programs and modules.
_FOREIGN_SUFFIXES = (".exe", ".pyd")
#: What Python's modules have on other platforms only, or on Unix only.
_NOT_EVERYWHERE = frozenset(name for _, name in platforms.ABSENT | platforms.PRESENT)
_NAMES = LOADER_WORDS | PLATFORM_WORDS
#: The words by their beginnings and ends that are not shorter than three letters. ``_dlltype`` is
#: left out: nobody puts it together from parts, and ``"type"`` is frequent.
_BY_PART: dict[str, set[str]] = {}
for _word in _NAMES - {"_dlltype"}:
    for _length in range(3, len(_word) + 1):
        _BY_PART.setdefault(_word[:_length], set()).add(_word)
        _BY_PART.setdefault(_word[-_length:], set()).add(_word)


def may_hold_load(text: str) -> bool:
    """Return whether a text, if it is a program, may load a library."""
    return any(word in text for word in _LOAD_WORDS) and bool(_LOAD_IN_PROGRAM.search(text))


def words_in(text: str) -> set[str]:
    """Return the words that a string means: ``getattr(ctypes, "CDLL")``, ``"ctypes.CDLL"``."""
    last = text.rpartition(".")[2]  # attrgetter("cdll.LoadLibrary")
    found = {text} & _NAMES | {last} & LOADER_WORDS
    if (
        text in _NOT_EVERYWHERE
        or text in WINDOWS_ONLY
        or is_foreign_class(text)
        or platforms.is_foreign_variable(text)
        or platforms.is_foreign_path(text)
        or text.endswith(_FOREIGN_SUFFIXES)
    ):
        found.add(FOREIGN_NAME)
    return found


def words_of_part(text: str) -> set[str]:
    """Return the words of which a string is a part: ``getattr(ctypes, f"{kind}DLL")``.

    The beginning or the end of a name is enough, if it is not shorter than three letters.
    """
    return _BY_PART.get(text, set())
