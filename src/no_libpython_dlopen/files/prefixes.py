"""Where Python's packages are installed, as told by a path alone.

A prefix has them in ``lib/python3.x/site-packages`` (``sysconfig``'s schemes; Debian's has no minor
version, and calls it ``dist-packages``); the standard library lies above that, and an old layout, or
that of another system, in ``Lib``. Packages in other directories of these names have no prefix.
"""

from __future__ import annotations

import re

#: The names of the directories into which packages are installed.
SITES = ("site-packages", "dist-packages")
_FOLDER = (
    r"(?:(.*)/(?:lib(?:32|64)?/python3[^/]*(?:/(?:site|dist)-packages)?|Lib/(?:site|dist)-packages)"
    r"|.*/(?:site|dist)-packages)"
)
_PACKAGES, _IN_PACKAGES = re.compile(_FOLDER + r"\Z"), re.compile(_FOLDER + "/")
_SITE = re.compile(r".*?/(?:site|dist)-packages/")


def has_packages(folder: str) -> bool:
    """Return whether a directory is one in which packages are installed."""
    return bool(_PACKAGES.match(folder))


def is_installed(path: str) -> bool:
    """Return whether a path is in such a directory."""
    return bool(_IN_PACKAGES.match(path))


def prefix_above(path: str) -> str:
    """Return the prefix that a path in such a directory belongs to, empty if there is none."""
    found = _IN_PACKAGES.match(path)
    return (found and found[1]) or ""


def site_above(path: str) -> str:
    """Return the outermost site-packages directory above a path, with a slash behind, or ``""``."""
    found = _SITE.match(path)
    return found[0] if found else ""
