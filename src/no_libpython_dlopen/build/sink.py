"""What a build file in Python's syntax gives to the link of an extension module."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import libcst as cst

from no_libpython_dlopen import names
from no_libpython_dlopen.build.origins import Shape


class Role(Enum):
    """How the words of a list are read: as names of libraries, or as a linker's flags."""

    LIBRARIES = "libraries"
    FLAGS = "flags"

    def wants(self, word: str) -> bool:
        """Tell whether a word links libpython here.

        ``:libpython3.11.so`` among libraries becomes ``-l:libpython3.11.so``;
        ``-Wl,`` hands the linker what stands behind it.
        """
        if self is Role.LIBRARIES:
            return names.is_link_flag(f"-l{word}")
        if word.startswith("-Wl,"):
            return any(names.is_link_flag(part) for part in word.split(",")[1:])
        return names.is_link_flag(word)


@dataclass(frozen=True, slots=True)
class Sink:
    """An expression whose words reach the link line of an extension module.

    ``key`` is set where the expression is a dictionary that holds them under it.
    ``at`` is the call that links, ``reason`` says why nothing may be cut although it
    should go.
    """

    node: cst.BaseExpression
    role: Role
    target: str = ""
    shape: Shape = Shape.LIST
    key: str = ""
    at: cst.CSTNode | None = None
    reason: str = ""
