"""The platforms that a build file is read for, in three values.

A build file is walked once for each *world*: Linux (which stands for the other Unix
systems too), macOS, and ``ANYWHERE``, where no platform is decided and every branch is
looked into. What is linked in one of the first two is judged; the third shows who else
uses the same setting. So ``if(APPLE) … elseif(UNIX) … else()`` leaves nothing for the
``else``, which three-valued logic alone could not see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from no_libpython_dlopen.knowledge.platforms import CMAKE_FALSE, CMAKE_TRUE


@dataclass(frozen=True, slots=True)
class World:
    """A platform: CMake's variables that are true or false on it, and what the system is called.

    ``systems`` are names that ``CMAKE_SYSTEM_NAME`` may have there; the first is the usual one.
    """

    name: str
    true: frozenset[str]
    false: frozenset[str]
    systems: tuple[str, ...]


LINUX = World(
    "linux",
    CMAKE_TRUE | {"LINUX"},
    CMAKE_FALSE | {"APPLE", "IOS"},
    ("Linux", "FreeBSD", "OpenBSD", "NetBSD", "DragonFly", "SunOS", "AIX", "GNU", "HP-UX"),
)
DARWIN = World("darwin", CMAKE_TRUE | {"APPLE"}, CMAKE_FALSE | {"LINUX"}, ("Darwin",))
ANYWHERE = World("anywhere", frozenset(), frozenset(), ())
WORLDS = (LINUX, DARWIN, ANYWHERE)

#: ``BUILD_WINDOWS``, ``VCPKG_TARGET_IS_MINGW``, ``MSVC14``: names for what needs the link.
_FOREIGN_WORD = re.compile(
    r"(?:^|_)(?:WIN|WIN32|WIN64|WINDOWS|MSVC\d*|MINGW\d*|MSYS2?|CYGWIN|ANDROID|BORLAND)(?:_|$)"
)
_NEGATIVE_WORD = re.compile(r"(?:^|_)(?:NOT|NO|NON|WITHOUT|DISABLE|EXCEPT)(?:_|$)")


def named_truth(name: str, world: World) -> bool | None:
    """Return the truth of a variable that nothing sets, as its name tells it.

    >>> named_truth("is_windows", LINUX), named_truth("with_python", LINUX)
    (False, None)
    """
    upper = name.upper()
    if world is ANYWHERE or not _FOREIGN_WORD.search(upper):
        return None
    return None if _NEGATIVE_WORD.search(upper) else False
