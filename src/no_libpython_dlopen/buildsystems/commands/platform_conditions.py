"""Decides, for a platform, what Make's and the shell's conditions compare.

``uname``, ``$(OS)``, ``$OSTYPE`` and variables with telling names say on which platform
a branch runs. What a comparison cannot decide is ``None``; ``path_exploration`` says what then.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.platforms import names_foreign
from no_libpython_dlopen.knowledge.target_platforms import (
    ANY_PLATFORM,
    DARWIN,
    Platform,
    truth_by_name,
)

_TRUE = re.compile(r"(?:1|y|yes|true|on|t)", re.IGNORECASE)
_FALSE = re.compile(r"(?:|0|n|no|false|off|f)", re.IGNORECASE)
#: Variables that Windows' or Cygwin's environments set, and Unix does not.
WINDOWS_ONLY = frozenset({"OS", "MSYSTEM", "WINDIR", "windir", "COMSPEC", "ComSpec", "SystemRoot"})
_OSTYPE = {"linux": "linux-gnu", "darwin": "darwin23"}
_FIRST_PROGRAM = re.compile(r"(?:.*/)?(?:python|pypy)[\w.]*|.*py.*", re.IGNORECASE)
_SYSTEM_CODE = re.compile(r"platform\.system\(\)|sys\.platform|os\.uname\(\)|platform\.uname\(\)")


def environment(name: str, platform: Platform) -> str | None:
    """Return the value of a platform's variable that the file does not set; ``None`` if unknown.

    >>> from no_libpython_dlopen.knowledge.target_platforms import LINUX
    >>> environment("OS", LINUX), environment("HOME", LINUX)
    ('', None)
    """
    if platform is ANY_PLATFORM:
        return None
    if name in WINDOWS_ONLY:
        return ""
    return _OSTYPE[platform.name] if name == "OSTYPE" else None


def system(words: list[str], platform: Platform) -> str | None:
    """Return the output of a command that asks for the system; ``None`` for other commands."""
    if platform is ANY_PLATFORM or not words:
        return None
    program = words[0].rpartition("/")[2]
    if program == "uname":
        options = set("".join(word.lstrip("-") for word in words[1:])) or {"s"}
        if options == {"s"} or words[1:] in (["--kernel-name"], ["-o"]):
            linux_o = words[1:] == ["-o"] and platform is not DARWIN
            return "GNU/Linux" if linux_o else platform.systems[0]
        return None
    if _FIRST_PROGRAM.fullmatch(program) and any(_SYSTEM_CODE.search(word) for word in words):
        plain = any("sys.platform" in word for word in words)
        return platform.systems[0].lower() if plain else platform.systems[0]
    return None


def filter_system(system: str, filters: tuple[tuple[TrackedText, ...], ...]) -> str:
    """Return a system's name after the later commands of a pipe, such as ``tr``, changed it."""
    for words in filters:
        if [word.text for word in words[:1]] == ["tr"]:
            system = system.lower()
        elif words:
            return UNKNOWN_PART
    return system


def equal(left: str, right: str, platform: Platform) -> bool | None:
    """Return whether two texts are equal, where unknown parts of either are ``UNKNOWN_PART``."""
    if UNKNOWN_PART not in left and UNKNOWN_PART not in right:
        if left == right:
            return True
        if platform is ANY_PLATFORM:
            return False
        # Linux represents the other Unix systems, too.
        both = {left, right}
        return None if both <= set(platform.systems) else False
    known = right if UNKNOWN_PART in left else left
    if platform is not ANY_PLATFORM and UNKNOWN_PART not in known and names_foreign(known):
        return False
    return None


def matches(text: str, pattern: str, platform: Platform) -> bool | None:
    """Return whether a text matches a shell's pattern, ``UNKNOWN_PART`` being unknown in either."""
    if pattern == "*":
        return True
    if UNKNOWN_PART in text or UNKNOWN_PART in pattern:
        if platform is not ANY_PLATFORM and UNKNOWN_PART not in pattern and names_foreign(pattern):
            return False
        return None
    if fnmatchcase(text, pattern):
        return True
    if platform is not ANY_PLATFORM and text in platform.systems:
        return None if any(fnmatchcase(name, pattern) for name in platform.systems) else False
    return False


def flag(name: str, value: str, platform: Platform) -> bool | None:
    """Return whether an unset variable with a telling name, ``WINDOWS`` say, has a value."""
    if truth_by_name(name, platform) is not False:
        return None
    if _TRUE.fullmatch(value):
        return False
    return True if _FALSE.fullmatch(value) else None
