"""Where the link to libpython is needed, and how code asks which platform it is on.

Windows and Cygwin need the import library, Android links every extension to
libpython (PEP 738), and ctypes itself opens it by name there. CPython's ``configure`` links
extensions for iOS with ``-framework Python``. Code that runs only
there is not reported. Guards are therefore evaluated for the other Unix systems, in
three-valued logic. The platforms that a build file is read for are ``target_platforms``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from enum import Enum, auto
from functools import lru_cache


class System(Enum):
    """Systems on which a test is decided, a Unix that no test names among them.

    ``NAMED`` are those that are neither Linux nor macOS, each of which follows it.
    """

    LINUX = auto()
    DARWIN = auto()
    UNNAMED = auto()
    NAMED = auto()
    FREEBSD = auto()
    OPENBSD = auto()
    NETBSD = auto()
    DRAGONFLY = auto()
    SUNOS = auto()
    AIX = auto()
    HURD = auto()


#: ``platform.system()`` and ``sys.platform`` of each of the others.
_OTHERS: dict[System, tuple[str, tuple[str, ...]]] = {
    System.FREEBSD: ("FreeBSD", ("freebsd12", "freebsd13", "freebsd14", "freebsd15")),
    System.OPENBSD: ("OpenBSD", ("openbsd7",)),
    System.NETBSD: ("NetBSD", ("netbsd9", "netbsd10")),
    System.DRAGONFLY: ("DragonFly", ("dragonfly6",)),
    System.SUNOS: ("SunOS", ("sunos5",)),
    System.AIX: ("AIX", ("aix",)),
    System.HURD: ("GNU", ("gnu0",)),
}
#: ``sys.platform`` where the link is not needed: not ``cygwin``, ``win32``, ``msys``,
#: ``android`` and ``ios``, nor WebAssembly's, where there is nothing to open.
SYS_PLATFORM = (
    *("linux", "linux2", "darwin"),
    *(name for _, names in _OTHERS.values() for name in names),
)
#: ``platform.system()`` and the first item of ``platform.uname()`` or ``os.uname()`` there.
PLATFORM_SYSTEM = ("Linux", "Darwin", *(name for name, _ in _OTHERS.values()))
#: What ``sysconfig.get_platform()`` looks like there.
PLATFORM_TAGS = ("linux-x86_64", "linux-aarch64", "macosx-11.0-arm64", "freebsd-14.0-amd64")
#: ``os.name`` there.
OS_NAME = ("posix",)
#: ``kivy.utils.platform`` there.
KIVY_PLATFORM = ("linux", "macosx", "unknown")
#: Names by which libraries say whether they run on Windows; ``windows`` may be anything.
_WINDOWS_FLAG = re.compile(
    r"_*(?:(?:IS|ON|MS|RUNNING_ON)_?)?WINDOWS|_*(?:IS|ON)_?WIN(?:32|64|NT)?"
    r"|_*(?:is|on|running_on)_(?:ms_?|platform_)?win(?:dows|32|64)?(?:_os|_platform)?"
    r"|is(?:MS)?Windows|isWin(?:32)?"
)
#: Environment variables that only Android's Python distributions or Windows set.
FOREIGN_ENVIRONMENT = ("ANDROID_", "P4A_", "WINDIR", "SYSTEMROOT", "MSYSTEM", "TERMUX_VERSION")
#: Beginnings of folders that Android has, and of names that Termux gives.
_FOREIGN_FOLDERS = (
    *("/data/data/", "/data/app/", "/system/bin/", "/system/lib", "/system/build."),
    "termux",  # without more of its path, as in ``"termux" in sys.prefix``, and its programs
)
#: What Python's modules have on Windows or Android only.
ABSENT = frozenset(
    {
        *(("sys", "getwindowsversion"), ("sys", "getandroidapilevel"), ("sys", "winver")),
        *(("ctypes", "windll"), ("ctypes", "WinDLL"), ("ctypes", "oledll"), ("os", "startfile")),
        *(("os", "add_dll_directory"), ("ctypes", "WinError"), ("ctypes", "FormatError")),
    }
)

#: What ``os`` has on every Unix, and not on Windows.
PRESENT = frozenset(
    ("os", name)
    for name in (
        *("fork", "forkpty", "openpty", "wait", "killpg", "setsid", "uname", "statvfs", "sysconf"),
        *("getuid", "geteuid", "getgid", "getegid", "getpgid", "getgroups", "chown", "mkfifo"),
    )
)

#: CMake variables that are true, and those that are false, there. ``APPLE`` is either.
CMAKE_TRUE = frozenset({"UNIX"})
CMAKE_FALSE = frozenset(
    {"WIN32", "MSVC", "MINGW", "CYGWIN", "MSYS", "ANDROID", "WINDOWS_STORE", "IOS"}
)

#: Names of systems that need the link, in lower case: Meson's ``host_machine.system()``,
#: CMake's ``CMAKE_SYSTEM_NAME``, ``uname -s``, setuptools markers.
LINK_NEEDED = frozenset(
    {
        "windows",
        "win32",
        "win_amd64",
        "cygwin",
        "msys",
        "mingw",
        "android",
        "ios",
        "nt",
        "windows_nt",
    }
)

#: Beginnings of wheels' platform tags for such systems, and for WebAssembly (PEP 783 and before),
#: whose modules are neither ELF nor Mach-O files.
_FOREIGN_TAGS = (
    *("win", "android", "ios", "cygwin", "mingw", "msys"),
    *("emscripten", "pyemscripten", "pyodide", "wasi"),
)

_FOREIGN = re.compile(
    r"(?:^|[^a-z])(?:mingw|msys|cygwin|windows|win32|win64|win_amd64|android|termux|msvc|nt$)"
    r"|windows|mingw|(?:^|[^a-z])(?:ios|iphoneos|iphonesimulator)(?:[^a-z]|$)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
#: Words for Linux and for macOS, and for all of Unix, in names and in values.
_LINUX = re.compile(r"linux", re.IGNORECASE)
_DARWIN = re.compile(r"darwin|osx|macos|apple|(?<![a-z])mac(?![a-z])", re.IGNORECASE)
_ANY_UNIX = re.compile(r"posix|(?<![a-z])unix", re.IGNORECASE)
#: A part of each word by which a file may ask which system it is on.
_ANY_NAME = re.compile(
    rf"{_LINUX.pattern}|darwin|osx|mac|apple|posix|unix|win|cygwin|msys|mingw|android|ios\b|\bnt\b",
    re.IGNORECASE,
)
#: A text in quotes that is the name of another Unix, or begins one.
_OTHER_NAME = re.compile(
    r"[\"'](?:((?:free|open|net)?bsd|dragonfly|sunos|aix)[\w.-]*|(gnu)0?)[\"']", re.IGNORECASE
)
#: Names of systems that are a Unix.
_UNIX = re.compile(r"darwin|bsd|sunos|solaris|aix|linux|dragonfly|hp-?ux|gnu", re.IGNORECASE)


#: Whole names, in lower case, as ``uname`` and makefiles have them.
_CALLED = {
    **dict.fromkeys(("linux", "gnu/linux"), System.LINUX),
    **dict.fromkeys(("darwin", "macos", "macosx", "osx"), System.DARWIN),
}
#: What each system is called, by the names that it has on any.
_NAMES_ON: dict[tuple[str, ...], dict[System, tuple[str, ...]]] = {
    SYS_PLATFORM: {
        System.LINUX: ("linux",),
        System.DARWIN: ("darwin",),
        System.UNNAMED: ("unnamed1",),
        System.NAMED: SYS_PLATFORM[3:],
        **{system: names for system, (_, names) in _OTHERS.items()},
    },
    PLATFORM_SYSTEM: {
        System.LINUX: ("Linux",),
        System.DARWIN: ("Darwin",),
        System.UNNAMED: ("Unnamed",),
        System.NAMED: PLATFORM_SYSTEM[2:],
        **{system: (name,) for system, (name, _) in _OTHERS.items()},
    },
    KIVY_PLATFORM: {
        System.LINUX: ("linux",),
        System.DARWIN: ("macosx",),
        **dict.fromkeys((System.UNNAMED, System.NAMED, *_OTHERS), ("unknown",)),
    },
    PLATFORM_TAGS: {
        System.LINUX: ("linux-x86_64", "linux-aarch64"),
        System.DARWIN: ("macosx-11.0-arm64",),
        System.UNNAMED: ("unnamed-1-amd64",),
        System.NAMED: PLATFORM_TAGS[3:],
        **{system: (f"{name.lower()}-1-amd64",) for system, (name, _) in _OTHERS.items()},
    },
}


def names_on(system: System | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the names that a value may have on Unix it has on one system.

    >>> names_on(System.DARWIN, PLATFORM_SYSTEM), names_on(System.DARWIN, OS_NAME)
    (('Darwin',), ('posix',))
    """
    return names if system is None else _NAMES_ON.get(names, {}).get(system, names)


def usual_outcome(decide: Callable[[System | None], bool | None]) -> bool | None:
    """Return a test's outcome on all of Unix, or that on Linux and macOS if it names no other.

    ``sys.platform not in ("linux", "darwin")`` holds on FreeBSD, and nobody means FreeBSD by
    it: what leaves out Linux and macOS, and names no other Unix for itself, is about other
    platforms. ``decide`` returns the outcome on a system, ``None`` of which is any. On each one
    ``"win" in name and "darwin" not in name`` is false, which on any is not known.
    """
    outcome = decide(None)
    if outcome is not None:
        return outcome
    first = decide(System.LINUX)
    if first is None or decide(System.DARWIN) is not first:
        return None
    names_no_other = decide(System.UNNAMED) is not first
    return first if names_no_other or decide(System.NAMED) is first else None


def is_among(
    names: Sequence[str], words: Collection[str], fits: Callable[[str, str], bool]
) -> bool | None:
    """Return whether the name of a system fits one of some words; ``None`` if it differs.

    >>> is_among(SYS_PLATFORM, ["win32", "cygwin"], str.startswith)
    False
    >>> is_among(SYS_PLATFORM, ["freebsd13"], str.__eq__) is None
    True
    """
    outcomes = {any(fits(name, word) for word in words) for name in names}
    if len(outcomes) > 1:
        return None
    (outcome,) = outcomes
    unknown = not outcome and len(names) > 1 and any(map(_UNIX.search, words))
    return None if unknown else outcome


def needs_link(system: str) -> bool:
    """Return whether a system of this name needs extension modules linked to libpython.

    Version suffixes are ignored: ``CYGWIN_NT-10.0``, ``MINGW64_NT-10.0``.

    >>> needs_link("Windows"), needs_link("Darwin")
    (True, False)
    """
    name = system.lower()
    return name in LINK_NEEDED or name.startswith(("cygwin", "msys", "mingw"))


def systems_named(text: str) -> frozenset[System] | None:
    """Return which systems a word names, ``None`` for another word; Windows is none of them.

    >>> systems_named("is_posix") == frozenset(System)
    True
    >>> systems_named("win32"), systems_named("machine")
    (frozenset(), None)
    """
    if _ANY_UNIX.search(text):
        return frozenset(System)
    named = ((System.LINUX, _LINUX), (System.DARWIN, _DARWIN))
    found = frozenset(system for system, pattern in named if pattern.search(text))
    return found if found or names_foreign(text) or _UNIX.search(text) else None


def system_called(name: str) -> System | None:
    """Return Linux or macOS by the whole name, ``None`` for another.

    >>> system_called("Darwin"), system_called("apple-clang")
    (<System.DARWIN: 2>, None)
    """
    return _CALLED.get(name.lower())


def others_named(program: str) -> frozenset[System]:
    """Return which systems besides Linux and macOS a program has the names of, in its strings.

    >>> others_named("platform == 'sunos5' or platform == 'linux'")
    frozenset({<System.SUNOS: 9>})
    """
    words = {(one[0] or one[1]).lower() for one in _OTHER_NAME.findall(program)}
    called = {system: name.lower() for system, (name, _) in _OTHERS.items()}
    return frozenset(system for system, name in called.items() if any(map(name.endswith, words)))


def may_name_system(text: str) -> bool:
    """Return whether a file may ask which system it is on. ``False`` is certain."""
    return _ANY_NAME.search(text) is not None


@lru_cache(1024)
def asks_for_system(text: str) -> bool:
    """Return whether a test has the name of a system that people tell from Windows, or Windows.

    >>> asks_for_system("option == 'linux'"), asks_for_system("system == 'freebsd'")
    (True, False)
    """
    words = _WORD.findall(text)
    return any(systems_named(word) or names_foreign(word) for word in words)


def names_foreign(text: str) -> bool:
    """Return whether a text names a system that needs the link: ``MINGW*``, ``Windows_NT``."""
    return needs_link(text.strip("*\"' ")) or bool(_FOREIGN.search(text))


def is_foreign_tag(tag: str) -> bool:
    """Return whether wheels with this platform tag hold nothing that could be reported.

    >>> is_foreign_tag("pyodide_2024_0_wasm32"), is_foreign_tag("manylinux_2_28_x86_64")
    (True, False)
    """
    return tag.startswith(_FOREIGN_TAGS)


def is_foreign_wheel(name: str) -> bool:
    """Return whether a wheel's tags say that the link is needed wherever it is installed.

    >>> is_foreign_wheel("x-1-cp313-cp313-android_21_arm64_v8a.whl")
    True
    """
    if not name.endswith(".whl"):
        return False
    tags = name[:-4].rpartition("-")[2].split(".")
    return all(map(is_foreign_tag, tags))


def is_windows_flag(name: str) -> bool:
    """Return whether the last part of a library's name says that it is true on Windows alone."""
    return _WINDOWS_FLAG.fullmatch(name.rpartition(".")[2]) is not None


def is_foreign_path(path: str) -> bool:
    """Return whether a path is one of Android's, where Termux lives, or a part of such.

    >>> is_foreign_path("/data/data/com.termux/files/usr"), is_foreign_path("/usr/lib")
    (True, False)
    """
    return "com.termux" in path or path.startswith(_FOREIGN_FOLDERS)


def is_foreign_variable(name: str) -> bool:
    """Return whether an environment variable is set on Windows or Android only."""
    return name == "OS" or name.startswith(FOREIGN_ENVIRONMENT)
