"""Where the link to libpython is needed, and how code asks which platform it is on.

Windows and Cygwin need the import library, Android links every extension to
libpython (PEP 738), and ctypes itself opens it by name there. CPython's ``configure`` links
extensions for iOS with ``-framework Python``. Code that runs only
there is not reported. Guards are therefore evaluated for the other Unix systems, in
three-valued logic. The platforms that a build file is read for are ``target_platforms``.
"""

from __future__ import annotations

#: ``sys.platform`` where the link is not needed: not ``cygwin``, ``win32``, ``msys``,
#: ``android`` and ``ios``.
SYS_PLATFORM = (
    "linux",
    "linux2",
    "darwin",
    "freebsd14",
    "openbsd7",
    "netbsd10",
    "sunos5",
    "aix",
    "gnu0",
    "emscripten",
)
#: ``platform.system()`` and the first item of ``platform.uname()`` or ``os.uname()`` there.
PLATFORM_SYSTEM = (
    "Linux",
    "Darwin",
    "FreeBSD",
    "OpenBSD",
    "NetBSD",
    "SunOS",
    "AIX",
    "GNU",
    "Emscripten",
)
#: What ``sysconfig.get_platform()`` looks like there.
PLATFORM_TAGS = ("linux-x86_64", "linux-aarch64", "macosx-11.0-arm64", "freebsd-14.0-amd64")
#: ``os.name`` there.
OS_NAME = ("posix",)
#: ``kivy.utils.platform`` there.
KIVY_PLATFORM = ("linux", "macosx", "unknown")
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
        *(("sys", "getwindowsversion"), ("sys", "getandroidapilevel")),
        *(("ctypes", "windll"), ("ctypes", "WinDLL"), ("ctypes", "oledll"), ("os", "startfile")),
    }
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


def needs_link(system: str) -> bool:
    """Return whether a system of this name needs extension modules linked to libpython.

    Version suffixes are ignored: ``CYGWIN_NT-10.0``, ``MINGW64_NT-10.0``.

    >>> needs_link("Windows"), needs_link("Darwin")
    (True, False)
    """
    name = system.lower()
    return name in LINK_NEEDED or name.startswith(("cygwin", "msys", "mingw"))


def is_foreign_tag(tag: str) -> bool:
    """Return whether wheels with this platform tag hold nothing that could be reported.

    >>> is_foreign_tag("pyodide_2024_0_wasm32"), is_foreign_tag("manylinux_2_28_x86_64")
    (True, False)
    """
    return tag.startswith(_FOREIGN_TAGS)


def is_foreign_path(path: str) -> bool:
    """Return whether a path is one of Android's, where Termux lives, or a part of such.

    >>> is_foreign_path("/data/data/com.termux/files/usr"), is_foreign_path("/usr/lib")
    (True, False)
    """
    return "com.termux" in path or path.startswith(_FOREIGN_FOLDERS)


def is_foreign_variable(name: str) -> bool:
    """Return whether an environment variable is set on Windows or Android only."""
    return name == "OS" or name.startswith(FOREIGN_ENVIRONMENT)
