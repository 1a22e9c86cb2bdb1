"""What the readers see: a load, a link, a need. Rules judge these facts.

Readers make facts and know nothing of rules; rules turn facts into findings and
know nothing of syntax trees. A fact carries the edit that its reader can make,
since only the reader knows the text around it; the rule decides what it is called.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from no_libpython_dlopen.model.finding import START, Fix, Location, Related

if TYPE_CHECKING:
    from collections.abc import Callable


def file_name(path: str, member: str) -> str:
    """Return the last part of the path of a ``member``, or of a file where there is none.

    >>> file_name("a.zip", "b.whl!x.so")
    'x.so'
    """
    return member.rpartition("/")[2].rpartition("!")[2] or path.rpartition("/")[2]


def path_with_member(path: str, member: str) -> str:
    """Return the path of a ``member`` of an archive, or of a file where there is none.

    >>> path_with_member("a.whl", "x.so"), path_with_member("x.so", "")
    ('a.whl!x.so', 'x.so')
    """
    return f"{path}!{member}" if member else path


@dataclass(frozen=True, slots=True)
class Load:
    """Python code opens a shared library whose name resolves to libpython.

    ``loader`` is the qualified name of what opens it (``ctypes.PyDLL``).
    ``foreign`` is true for loaders other than ctypes' classes. ``used`` is false
    where the result is thrown away or never read. ``library`` is the name it
    resolves to, unknown parts as ``*``.
    """

    loader: str
    library: str
    used: bool
    foreign: bool
    start: Location
    end: Location
    fix: Fix | None = None
    no_fix_reason: str = ""
    related: tuple[Related, ...] = ()

    def in_program(self, place: Callable[[Location], Location], no_fix_reason: str) -> Load:
        """Return the load of a program as one of the file that holds it, which is not rewritten."""
        related = (Related(one.message, place(one.start), place(one.end)) for one in self.related)
        return replace(
            self,
            start=place(self.start),
            end=place(self.end),
            fix=None,
            no_fix_reason=no_fix_reason,
            related=tuple(related),
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A build file links an extension module to libpython.

    ``spelled`` is the flag, item, target or variable as written (``-lpython3.11``,
    ``Python3::Python``). ``embedding`` is true where it is a setting made for embedding programs
    (NLP202), false where libpython is named outright (NLP201), or ``preloaded`` into Python itself.
    ``target`` is the extension module's name where it is known, ``instead`` what is written in its
    place for one (``Python3::Module``), empty where nothing is.
    """

    spelled: str
    embedding: bool
    start: Location
    end: Location
    target: str = ""
    instead: str = ""
    fix: Fix | None = None
    no_fix_reason: str = ""
    related: tuple[Related, ...] = ()
    preloaded: bool = False


@dataclass(frozen=True, slots=True)
class Needed:
    """A built extension module asks the loader for libpython (NLP301).

    ``member`` is the path inside an archive, empty for a file on its own.
    ``libraries`` are the names as the binary spells them. ``fails_on`` says in
    one clause on which interpreters the module fails. ``through`` is the library
    whose need it is, where the module needs that library and not libpython itself.
    ``library``: it is no module but a library that Python opens at run time.
    """

    member: str
    libraries: tuple[str, ...]
    fails_on: str
    fix: Fix | None = None
    no_fix_reason: str = ""
    through: str = ""
    library: bool = False


@dataclass(frozen=True, slots=True)
class Bundled:
    """An archive ships its own libpython for an extension module (NLP302).

    ``member`` is the copy, ``libraries`` are the names that the modules know it by,
    ``modules`` the extension modules that need it.
    """

    member: str
    libraries: tuple[str, ...]
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Embedded:
    """An extension module has a runtime inside (NLP303).

    ``symbols`` are the runtime's that it defines, none where these are hidden.
    """

    member: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a member of an archive, that could not be read (NLP900).

    ``is_whole`` says that an archive was read as a whole, and contains nothing that is checked.
    """

    reason: str
    start: Location = START
    member: str = ""
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class UnusedSuppression:
    """A suppression comment or entry that suppresses nothing (NLP901).

    ``meant`` is the rule that one of its codes is probably a misspelling of.
    """

    spelled: str
    codes: tuple[str, ...]
    start: Location
    end: Location
    fix: Fix | None = None
    meant: str = ""


Fact = Load | Link | Needed | Bundled | Embedded | Unread | UnusedSuppression
