"""The platforms that a build file is read for.

A build file is interpreted once for each: Linux (which represents the other Unix systems
too), macOS, and ``ANY_PLATFORM``, where no platform is decided and every branch is entered.
Links on the first two are reported; the third shows what else uses the same setting. So
``if(APPLE) … elseif(UNIX) … else()`` leaves nothing for the ``else``, which three-valued
logic alone could not see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from no_libpython_dlopen.knowledge.platforms import CMAKE_FALSE, CMAKE_TRUE


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: CMake's variables that are true or false on it, and the system's names.

    ``systems`` are names that ``CMAKE_SYSTEM_NAME`` may have there; the first is the usual one.
    ``links_python`` says that extension modules have to be linked to libpython there.
    """

    name: str
    true: frozenset[str]
    false: frozenset[str]
    systems: tuple[str, ...]
    links_python: bool = False


LINUX = Platform(
    "linux",
    CMAKE_TRUE | {"LINUX"},
    CMAKE_FALSE | {"APPLE", "IOS"},
    ("Linux", "FreeBSD", "OpenBSD", "NetBSD", "DragonFly", "SunOS", "AIX", "GNU", "HP-UX"),
)
DARWIN = Platform("darwin", CMAKE_TRUE | {"APPLE"}, CMAKE_FALSE | {"LINUX"}, ("Darwin",))
ANY_PLATFORM = Platform("anywhere", frozenset(), frozenset(), ())
PLATFORMS = (LINUX, DARWIN, ANY_PLATFORM)

_OTHERS = frozenset({"APPLE", "IOS", "LINUX"})
#: The platforms on which a link has to stay. No file is read for them: a fix asks whether the
#: conditions around it may hold there. Each is named like CMake's variable for it.
LINKING_PLATFORMS = (
    Platform(
        "win32",
        frozenset({"WIN32"}),
        _OTHERS | {"UNIX", "CYGWIN", "ANDROID", "MSYS"},
        ("Windows",),
        links_python=True,
    ),
    Platform(
        "cygwin",
        frozenset({"CYGWIN", "UNIX"}),
        _OTHERS | {"WIN32", "MSVC", "MINGW", "ANDROID", "MSYS"},
        ("CYGWIN",),
        links_python=True,
    ),
    Platform(
        "android",
        frozenset({"ANDROID", "UNIX"}),
        _OTHERS | {"WIN32", "MSVC", "MINGW", "CYGWIN", "MSYS"},
        ("Android",),
        links_python=True,
    ),
)

#: ``BUILD_WINDOWS``, ``VCPKG_TARGET_IS_MINGW``, ``MSVC14``: names for what needs the link.
_FOREIGN_WORD = re.compile(
    r"(?:^|_)(?:WIN|WIN32|WIN64|WINDOWS|MSVC\d*|MINGW\d*|MSYS2?|CYGWIN|ANDROID|BORLAND)(?:_|$)"
)
_NEGATIVE_WORD = re.compile(r"(?:^|_)(?:NOT|NO|NON|WITHOUT|DISABLE|EXCEPT)(?:_|$)")


def truth_by_name(name: str, platform: Platform) -> bool | None:
    """Return the truth of a variable that nothing sets, as far as its name implies it.

    >>> truth_by_name("is_windows", LINUX), truth_by_name("with_python", LINUX)
    (False, None)
    """
    upper = name.upper()
    open_ = platform is ANY_PLATFORM or platform.links_python
    if open_ or not _FOREIGN_WORD.search(upper):
        return None
    return None if is_negative(upper) else False


def is_negative(name: str) -> bool:
    """Return whether a variable is for all systems but those that its name names."""
    return _NEGATIVE_WORD.search(name.upper()) is not None
