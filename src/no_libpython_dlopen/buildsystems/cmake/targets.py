"""What the walk records of targets, of what is linked to them, and of calls of ``find_package``.

Every record has the place where it is written.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile
from no_libpython_dlopen.knowledge.target_platforms import Platform


class Maker(Enum):
    """Who made a target, which decides what the target links by itself."""

    LIBRARY = "add_library"
    EXECUTABLE = "add_executable"
    PYBIND11 = "pybind11_add_module"
    NANOBIND = "nanobind_add_module"
    FINDPYTHON = "Python_add_library"
    FINDPYTHONLIBS = "python_add_module"
    SWIG = "swig_add_library"
    CYTHON = "cython_add_module"
    SIP = "add_sip_module"


#: The commands that make targets, in lower case, and who they are.
MAKERS = {
    "add_library": Maker.LIBRARY,
    "add_executable": Maker.EXECUTABLE,
    "rosbuild_add_library": Maker.LIBRARY,
    "rosbuild_add_executable": Maker.EXECUTABLE,
    "pybind11_add_module": Maker.PYBIND11,
    "nanobind_add_module": Maker.NANOBIND,
    "python_add_library": Maker.FINDPYTHON,
    "python3_add_library": Maker.FINDPYTHON,
    "python_add_module": Maker.FINDPYTHONLIBS,
    "swig_add_library": Maker.SWIG,
    "swig_add_module": Maker.SWIG,
    "cython_add_module": Maker.CYTHON,
    "add_sip_module": Maker.SIP,
}
#: These link what an extension module needs, on macOS too, whatever else is linked.
COMPLETE = frozenset({Maker.PYBIND11, Maker.NANOBIND, Maker.FINDPYTHON})


class Definition(NamedTuple):
    """One definition of a target.

    ``type`` is ``MODULE``, ``SHARED``, ``EXECUTABLE``, ``ALIAS`` (of ``aliased``), …
    ``raw`` is its name as written, which tells what is meant inside a function.
    """

    name: str
    raw: str
    type: str
    maker: Maker
    command: Command
    file: Listfile
    aliased: str = ""
    #: Whether a source is one that only a binding generator for Python reads or writes.
    has_binding_source: bool = False
    #: Paths of its first sources in C or C++.
    sources: tuple[str, ...] = ()

    @property
    def is_findpython_library(self) -> bool:
        """Whether FindPython makes a library that links libpython, as programs do."""
        return self.maker is Maker.FINDPYTHON and self.type != "MODULE"


class Via(Enum):
    """How an item gets to a target's link line."""

    COMMAND = "a command for the target"
    FLAGS = "a variable or property with linker flags"
    DIRECTORY = "link_libraries, for all later targets"
    TYPE = "the target's type"


class LinkedWord(NamedTuple):
    """A word that gets linked to a target, on a platform, by a command.

    ``fallback`` tells that another branch of the same ``if``, which nothing decides,
    links the counterpart for extension modules.
    """

    target: str
    word: Word
    command: Command
    file: Listfile
    via: Via
    platform: Platform
    fallback: bool
    #: Whether the target itself links it; only what links the target does, for ``INTERFACE``.
    own: bool = True
    #: Whether it is handed on to what links the target.
    passes: bool = False


class User(NamedTuple):
    """A target that links another one, on a platform; ``passes`` and ``fallback`` as of a word."""

    target: str
    platform: Platform
    passes: bool
    fallback: bool = False


#: Begins the name of a directory's list of libraries, which no target's name does.
DIRECTORY_LIST = "\0link_libraries "


def is_directory_list(name: str) -> bool:
    """Return whether a name is that of a directory's list of libraries."""
    return name.startswith(DIRECTORY_LIST)


class Find(NamedTuple):
    """``find_package`` for a prefix of FindPython's, with its components."""

    prefix: str
    components: tuple[Word, ...]
    command: Command
    file: Listfile

    @property
    def names(self) -> set[str]:
        """The components' names."""
        return {word.text for word in self.components}

    @property
    def embeds(self) -> bool:
        """Whether the libraries of an embedding program are found."""
        names = self.names
        return bool(names & {"Development", "Development.Embed"}) or "$" in "".join(names)
