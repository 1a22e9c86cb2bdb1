"""Which names are libpython's: the one grammar of the whole package.

Python, build-file, binary and runtime checks all ask here, so this module
imports nothing but ``re`` and is cheap enough for the runtime guard.

A name may hold unknown parts, such as an f-string's placeholders: each is one
``UNKNOWN_PART``, a character that no file name can hold. It replaces what a person would
put there (a version, flags, a directory, a suffix); the fixed parts around it have to
settle that the name is libpython.

Names of the shared library, by source:

* ``libpython3.11.so.1.0``, ``libpython3.13t.so``: CPython's ``configure.ac``
  (``INSTSONAME``, ``LDLIBRARY``; ABI flags ``d m u t``), ``libpython3.so`` of PEP 384.
* ``libpython3.8.so.rh-python38-1.0``: Red Hat's software collections.
* ``libpython3-4f2b1c9e.11.so.1.0``: auditwheel grafts a copy under a name with a
  hash before the first dot; other tools put it after the flags.
* ``Python.framework/Versions/3.11/Python`` and ``PythonT``: macOS framework builds;
  ``.dylibs/Python`` is delocate's copy of one, ``.Python`` virtualenv's.
* ``libpython3.9.a(libpython3.9.so)``: a shared object in an AIX archive.

Not libpython: static archives, Windows and Cygwin DLLs, pkg-config modules,
look-alikes such as ``libpythonqt.so`` or ``libboost_python311.so``.
"""

from __future__ import annotations

import re

#: Replaces an unknown part of a name. NUL cannot occur in a file name (POSIX).
UNKNOWN_PART = "\0"

#: No path is longer (PATH_MAX), nor a word that a linker takes for one.
_LONGEST_NAME = 4_096
_DIGITS = r"[\d\0]+"
_FLAGS = r"[dmut]{0,3}"
_HASH = r"(?:-(?:[0-9a-f]{6,64}|\0))?"
_SHARED = rf"(?:\.so(?:\.(?:rh-python\d+-)?{_DIGITS}){{0,3}}\0?|\.dylib)"
_SUFFIX = rf"(?:{_SHARED}|\.\0)"

_BASE = re.compile(
    rf"""
    \0?libpython
    (?:
        3{_HASH}t?d?{_SUFFIX}                             # the stable ABI's stub
      | [23]{_HASH}\.{_DIGITS}{_FLAGS}\0?{_HASH}{_SUFFIX}  # a versioned library
      | 2\.\0                                             # nothing else is opened by such a name
      | 3?\0(?:\.{_DIGITS})?{_FLAGS}\0?{_SHARED}
    )
    """,
    re.VERBOSE,
)
_FRAMEWORK = re.compile(
    r"""
    (?:^|[/\0])
    (?:
        (?P<name>Python[T3]?)\.framework/(?:Versions/[^/]+/)?(?P=name)
      | \.dylibs/Python
      | \.Python
    )\Z
    """,
    re.VERBOSE,
)
#: Names of macOS' framework, for free-threaded builds too.
FRAMEWORKS = frozenset({"Python", "Python3", "PythonT"})
_UNKNOWN_PARTS = re.compile(f"{UNKNOWN_PART}{{2,}}")
_AIX_MEMBER = re.compile(r"\.a\((.+)\)\Z")

#: Words of a linker's command line or of a list of libraries: a dot makes them Unix, and so does
#: nothing behind the 3.
_LINK_WORD = re.compile(rf"python(?:[3\0]\.{_DIGITS}{_FLAGS}\0?|3t?d?)")
#: Options that hand the linker what follows, between commas: of compilers, and of CMake.
_HANDING = ("-Wl,", "LINKER:")
_HANDED = re.compile(r"[^,]+")
#: Options whose value, the next word, is the name of a library.
LIBRARY_OPTIONS = ("-l", "--library")
#: Options of linkers that take no value: a path after them is a library that is linked.
_ALONE = re.compile(
    r"(?:-l.+|[^-].*|--?(?:no-)?(?:as-needed|whole-archive)|--?(?:push|pop)-state|-B\w+"
    r"|--?(?:start|end)-group|-[()]|-(?:needed|weak|reexport|upward)[-_]library|-force_load)"
)
#: Options of compilers whose value, the next word, is no library that is linked (gcc(1), ld(1)).
_WITH_VALUE = frozenset(
    {"-o", "-I", "-L", "-F", "-T", "-u", "-z", "-h", "-e", "-R", "-x", "-arch", "-isystem"}
    | {"-include", "-iquote", "-idirafter", "-rpath", "-soname", "-install_name", "-dylib_file"}
    | {"-undefined", "-bundle_loader", "-exported_symbols_list", "-current_version", "-MF", "-MT"}
)
_STATIC = re.compile(rf"libpython(?:3(?:\.{_DIGITS})?|\0\.{_DIGITS}){_FLAGS}\0?\.(?:a|tbd|\0)")

#: A fragment that can be part of a libpython name: complete, cut at a placeholder, or one half
#: of a split word.
_PART = r"""
    libpython|(?:^(?:i?b)?|%\w|[\0}/.])python(?:[23\0{%$*?\[<-]|$|T?3?\.framework)
    |(?:^|%\w|\})(?:ython|thon|hon)|pytho?(?:$|[\0{%$])
    |(?-i:LIBRARY|SONAME)                                # configuration variables
    """
_FILE_PART = re.compile(_PART, re.VERBOSE | re.IGNORECASE)
#: What follows a hyphen in prose, but not in the name of a library or program.
_PROSE = r"(?!(?:based|level|like|only|side|specific)\b)"
#: The same among a linker's words, or in a command that asks for them.
_LINK_PART = re.compile(
    rf"{_PART}|(?:-l|[^a-z0-9_-])python(?:[23\0{{%$*?\[<]|-{_PROSE}|$)|-embed",
    re.VERBOSE | re.IGNORECASE,
)


def may_be_part(text: str, *, linked: bool = False) -> bool:
    """Return whether a fragment of text may be part of a libpython name.

    Code that builds names from fragments (concatenation, templates, ``join``, a change of
    case) needs such a fragment, or a configuration variable's name. ``False`` is certain but
    for a word that is split in more than two. ``linked`` asks for a linker's words instead
    of the name of a file.

    >>> may_be_part("lib%s/libpython%d.%d.so"), may_be_part("a Python that is not CPython")
    (True, False)
    """
    lowered = text.lower()  # most texts have none of these, which take a tenth of the time
    if "pyt" in lowered or "hon" in lowered or "LIBRARY" in text or "SONAME" in text:
        return (_LINK_PART if linked else _FILE_PART).search(text) is not None
    return linked and "-embed" in lowered


def is_libpython(name: str) -> bool:
    """Return whether a file name or path names the shared libpython.

    ``name`` may hold a directory (the base name decides) and ``UNKNOWN_PART`` characters.

    >>> is_libpython("/usr/lib/libpython3.11.so.1.0"), is_libpython("libpythonqt.so")
    (True, False)
    """
    name = _without_repeated_unknowns(name)
    if len(name) > _LONGEST_NAME:
        return False
    member = _AIX_MEMBER.search(name)
    if member:
        name = member[1]
    base = name.rpartition("/")[2]
    return bool(_BASE.fullmatch(base) or _FRAMEWORK.search(name))


def is_link_library(word: str) -> bool:
    """Return whether a word in a *library position* links libpython on Unix.

    A library position is an item of ``libraries=``, an argument of ``-l`` or of
    ``target_link_libraries``, or what ``ctypes.util.find_library`` is given:
    ``python3.11``, ``python3``, ``python3.13t``. Without a dot a version is the
    Windows import library (``python311``), and Python 2 is out of support; neither
    is meant.

    >>> is_link_library("python3.11"), is_link_library("python311")
    (True, False)
    """
    return _LINK_WORD.fullmatch(_without_repeated_unknowns(word)) is not None


def is_link_flag(word: str) -> bool:
    """Return whether one word of a linker's command line links libpython on Unix.

    Such a word is ``-lpython3.11``, ``-l:libpython3.11.so``, or a path to the shared
    or static library. A compiler passes it on from ``-Wl,-lpython3.11``.

    >>> is_link_flag("-lpython3.11"), is_link_flag("/usr/lib/libpython3.11.a")
    (True, True)
    """
    return linked_part(word) is not None


def linked_part(word: str) -> tuple[int, int] | None:
    """Return which part of a word links libpython: all of it, or an item of ``-Wl,…``.

    CMake's ``LINKER:…`` is the same. A path after an option with a value is that value.

    >>> linked_part("-Wl,--no-as-needed,-lpython3.11"), linked_part("-Wl,-soname,libpython3.so")
    ((19, 31), None)
    """
    handing = next(filter(word.startswith, _HANDING), "")
    if not handing:
        return (0, len(word)) if _is_link_word(word) else None
    option, start = "", 0
    for match in _HANDED.finditer(word, len(handing)):
        text, is_linked = match[0], False
        if option == "-framework":
            is_linked = text in FRAMEWORKS
        elif option in LIBRARY_OPTIONS:
            is_linked = is_link_library(text)
        elif _is_link_word(text):
            is_linked = text[0] == "-" or not option or bool(_ALONE.fullmatch(option))
            start = match.start()
        if is_linked:
            whole = start == len(handing) and match.end() == len(word)
            return (0 if whole else start), match.end()
        option, start = text, match.start()
    return None


def is_value(option: str, word: str) -> bool:
    """Return whether a word that names libpython is the value of the option before it, not linked.

    >>> is_value("-Wl,-rpath", "-Wl,/opt/libpython3.so"), is_value("-Wl,-O1", "-lpython3")
    (True, False)
    """
    handing = next(filter(option.startswith, _HANDING), "")
    if not handing:
        return option in _WITH_VALUE
    given = word.removeprefix(next(filter(word.startswith, _HANDING), ""))
    return linked_part(f"-Wl,{option.rpartition(',')[2]},{given}") is None


def _is_link_word(word: str) -> bool:
    word = _without_repeated_unknowns(word)
    if len(word) > _LONGEST_NAME:
        return False
    if word.startswith("-l:"):
        return is_library_file(word[3:])
    if word.startswith("-l"):
        return is_link_library(word[2:])
    if word.startswith("--library="):
        return is_link_library(word.partition("=")[2])
    return is_library_file(word)


def is_library_file(path: str) -> bool:
    """Return whether a path names a libpython that a linker takes: shared, static or framework.

    >>> is_library_file("libpython3.11.a"), is_library_file("libpython3.11-pic.a")
    (True, False)
    """
    base = _without_repeated_unknowns(path).rpartition("/")[2]
    return bool(_STATIC.fullmatch(base)) or is_libpython(path)


def _without_repeated_unknowns(name: str) -> str:
    """Return a name with one unknown part for several side by side, which say no more."""
    return _UNKNOWN_PARTS.sub(UNKNOWN_PART, name) if UNKNOWN_PART in name else name


def display_name(name: str) -> str:
    """Return a name as it is shown to users: unknown parts as ``*``."""
    return _without_repeated_unknowns(name).replace(UNKNOWN_PART, "*")
