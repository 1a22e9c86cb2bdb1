"""What a survey hands to a worker, and what comes back: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from no_libpython_dlopen.package_index.pip_settings import Settings
    from no_libpython_dlopen.package_index.simple_api import File


@dataclass(frozen=True, slots=True)
class Item:
    """One package to count.

    ``name`` is its canonical name, by which it is counted once. It is looked up as
    ``requirement``, on the indexes that pip is configured to use or on ``index``, unless its
    ``files`` are known. ``rank`` is its place in a ranking, 0 where there is none.
    """

    name: str
    requirement: str
    rank: int = 0
    files: tuple[File, ...] = ()
    index: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How each package is looked at."""

    settings: Settings
    every: bool = False
    platform: str = ""


class Status(str, Enum):
    """How far a package got."""

    PENDING = "pending"
    EXAMINED = "examined"
    #: Its release has no wheel, or only ones for platforms that need the link.
    NO_WHEEL = "no wheel"
    FAILED = "failed"


class Cause(str, Enum):
    """Why a module needs libpython, or holds it. A package's cause is the first that is there."""

    COPY = "ships a copy of libpython"
    STATIC = "contains libpython's static library"
    VERSIONED = "linked to libpython3.x"
    STABLE = "linked to libpython3.so"
    FIXED = "linked to libpython by absolute path"
    INDIRECT = "needs a library that is linked to libpython"
    LOADED = "opens libpython from its code"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in a wheel, or in the source distribution that it was built from.

    ``cause`` is ``None`` for what affects nobody who installs the wheel: what could not be
    read (NLP900), and links in build files. ``member`` is the path in the archive, of a text
    with row and column.
    """

    code: str
    member: str
    library: str
    cause: Cause | None
    message: str
    fixable: bool = False


#: The platform of a source distribution.
SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file that was looked at, or that could not be: then ``problem`` says why.

    A source distribution is one whose ``platform`` is ``SOURCE``.
    """

    filename: str
    platform: str
    python: str
    abi: str
    size: int
    traffic: int
    problem: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one package."""

    status: Status
    version: str = ""
    reason: str = ""
    seconds: float = 0.0
    wheels: tuple[Wheel, ...] = field(default=())
